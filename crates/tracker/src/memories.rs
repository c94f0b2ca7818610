//! Between the banks of objects and the tensors that memory attention takes.

use burn_tensor::Tensor;
use maskd_model::{ImageFeatures, Kernels, MemoryMap, ObjectMemory, Pointer, Sam2};

use crate::bank::Bank;

/// A memory map `[1, cells, mem_dim]` and a pointer `[1, d_model]` per frame.
pub(crate) type TensorBank<B> = Bank<Tensor<B, 3>, Tensor<B, 2>>;

impl<B: Kernels> TensorBank<B> {
    fn seen_from(&self, frame: u64) -> ObjectMemory<B> {
        ObjectMemory {
            maps: self.maps(frame).map(|m| MemoryMap { features: m.map.clone(), slot: m.slot }).collect(),
            pointers: self.pointers(frame).map(|p| Pointer { vector: p.pointer.clone(), age: p.age }).collect(),
        }
    }

    /// Bytes of all maps and pointers, in f32.
    pub(crate) fn bytes(&self) -> u64 {
        let elements = |dims: &[usize]| dims.iter().product::<usize>();
        let held = self.held();
        let sizes = held.map(|(map, pointer)| map.map_or(0, |map| elements(&map.dims())) + elements(&pointer.dims()));
        (sizes.sum::<usize>() * size_of::<f32>()) as u64
    }
}

/// An object that looks back: the frame it is on, what it remembers, and the time.
pub(crate) struct View<'a, B: Kernels> {
    pub(crate) image: &'a ImageFeatures<B>,
    pub(crate) bank: &'a TensorBank<B>,
    pub(crate) now: u64,
}

/// Conditions each view's frame on its bank; `[views, cells, d_model]`, in the order of `views`. Banks of one shape go through together;
/// in the steady state all are full and there is one batch.
pub(crate) fn attend<B: Kernels>(model: &Sam2<B>, views: &[View<'_, B>], pointer_span: f32) -> Tensor<B, 3> {
    let memories: Vec<ObjectMemory<B>> = views.iter().map(|view| view.bank.seen_from(view.now)).collect();
    let mut maps: Vec<Option<Tensor<B, 3>>> = vec![None; memories.len()];
    for members in groups(&memories) {
        let batch: Vec<ObjectMemory<B>> = members.iter().map(|&index| memories[index].clone()).collect();
        let images: Vec<&ImageFeatures<B>> = members.iter().map(|&index| views[index].image).collect();
        let conditioned = model.attend_memory(&images, &batch, pointer_span);
        for (place, &index) in members.iter().enumerate() {
            maps[index] = Some(conditioned.clone().narrow(0, place, 1));
        }
    }
    // Every index is in exactly one group.
    <B as Kernels>::stack(maps.into_iter().flatten().collect())
}

/// Indices of memories of the same shape.
fn groups<B: Kernels>(memories: &[ObjectMemory<B>]) -> Vec<Vec<usize>> {
    let mut groups = std::collections::BTreeMap::<_, Vec<usize>>::new();
    for (index, memory) in memories.iter().enumerate() {
        groups.entry(memory.shape()).or_default().push(index);
    }
    groups.into_values().collect()
}
