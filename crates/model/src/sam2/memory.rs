use burn_tensor::Tensor;

use super::image::distinct;
use super::{ImageFeatures, Sam2};
use crate::Kernels;
use crate::memory::MemoryTokens;

/// Probabilities become what the memory encoder was trained on: -10 outside, +10 inside.
const MASK_SCALE: f32 = 20.0;
const MASK_BIAS: f32 = -10.0;

/// What an object left behind on one frame.
#[derive(Clone, Debug)]
pub struct MemoryMap<B: Kernels> {
    /// `[1, grid * grid, mem_dim]`, rounded to bfloat16 as the reference stores it
    pub features: Tensor<B, 3>,
    /// Which learned age it gets: 0 for the frame before this one, then backwards; the last slot is for prompted frames
    pub slot: usize,
}

/// The pointer that an object left behind on one frame.
#[derive(Clone, Debug)]
pub struct Pointer<B: Kernels> {
    /// `[1, d_model]`
    pub vector: Tensor<B, 2>,
    /// Frames ago
    pub age: u64,
}

/// All that an object remembers, in the order in which the reference looks at it.
#[derive(Clone, Debug)]
pub struct ObjectMemory<B: Kernels> {
    /// Prompted frames first, then recent ones from the oldest on
    pub maps: Vec<MemoryMap<B>>,
    /// Prompted frames first, then recent ones from the youngest on
    pub pointers: Vec<Pointer<B>>,
}

impl<B: Kernels> ObjectMemory<B> {
    /// Objects can go through memory attention together where this is equal.
    pub fn shape(&self) -> (Vec<usize>, usize) {
        (self.maps.iter().map(|map| map.slot).collect(), self.pointers.len())
    }

    fn ages(&self) -> impl Iterator<Item = u64> {
        self.pointers.iter().map(|pointer| pointer.age)
    }
}

impl<B: Kernels> Sam2<B> {
    /// Conditions frames on the memories of objects that all have the same [`ObjectMemory::shape`]; gives
    /// `[objects, grid * grid, d_model]`. `views` names for each object the frame it is on: objects of several streams may go
    /// together. `pointer_span` is the age of the oldest pointer that can be in the bank (`max_obj_ptrs_in_encoder - 1`).
    ///
    /// # Panics
    /// Where `objects` is empty, there are not as many views, or the shapes differ.
    pub fn attend_memory(
        &self,
        views: &[&ImageFeatures<B>],
        objects: &[ObjectMemory<B>],
        pointer_span: f32,
    ) -> Tensor<B, 3> {
        let memory = MemoryTokens::new(
            self.memory_values(objects),
            self.memory_positions(objects, pointer_span),
            objects[0].pointers.len() * self.config.tokens_per_obj_ptr(),
        );
        let (frames, owners) = distinct(views);
        let maps = <B as Kernels>::stack(frames.iter().map(|frame| frame.map.clone()).collect());
        self.memory_attention.forward(maps, &owners, memory)
    }

    /// `[objects, tokens, mem_dim]`
    fn memory_values(&self, objects: &[ObjectMemory<B>]) -> Tensor<B, 3> {
        let (tokens, width) = (self.config.tokens_per_obj_ptr(), self.config.mem_dim);
        let parts = objects.iter().flat_map(|object| {
            let maps = object.maps.iter().map(|map| map.features.clone().squeeze_dim::<2>(0));
            maps.chain(object.pointers.iter().map(move |pointer| pointer.vector.clone().reshape([tokens, width])))
        });
        of_objects(parts.collect(), objects.len())
    }

    /// `[1, tokens, mem_dim]`, or one for each object where their pointers differ in age.
    fn memory_positions(&self, objects: &[ObjectMemory<B>], pointer_span: f32) -> Tensor<B, 3> {
        let alike = objects.windows(2).all(|pair| pair[0].ages().eq(pair[1].ages()));
        let different = if alike { &objects[..1] } else { objects };
        let parts = different.iter().flat_map(|object| {
            let maps = object.maps.iter().map(|map| self.slot_positions[map.slot].clone());
            let ages: Vec<u64> = object.ages().collect();
            let positions = |ages: &[u64]| self.pointer_encoder.positions(ages, pointer_span.max(1.0), &self.device);
            maps.chain((!ages.is_empty()).then(|| positions(&ages))).map(|part| part.squeeze_dim::<2>(0))
        });
        of_objects(parts.collect(), different.len())
    }

    /// Makes the memories of a batch of objects, all on one frame or each on its own ([`ImageFeatures::of_objects`]): `low_res` `[objects, side, side]`, `object_score` `[objects, 1]` to
    /// `[objects, grid * grid, mem_dim]` (`_encode_new_memory`). `prompted` says that a person spoke on this frame: then the mask
    /// goes in as they saw it, inside or outside, without shades (`binarize_mask_from_pts_for_mem_enc`).
    pub fn encode_memory(
        &self,
        image: &ImageFeatures<B>,
        low_res: Tensor<B, 3>,
        object_score: Tensor<B, 2>,
        prompted: bool,
    ) -> Tensor<B, 3> {
        <B as Kernels>::round_bf16(self.memory_features(image, low_res, object_score, prompted))
    }

    /// What [`Sam2::encode_memory`] makes, before it is rounded for keeping.
    pub(crate) fn memory_features(
        &self,
        image: &ImageFeatures<B>,
        low_res: Tensor<B, 3>,
        object_score: Tensor<B, 2>,
        prompted: bool,
    ) -> Tensor<B, 3> {
        let side = self.config.image_size;
        let logits = <B as Kernels>::upsample_bilinear(low_res, [side, side]);
        let inside = if prompted {
            logits.greater_elem(0).float() * MASK_SCALE + MASK_BIAS
        } else {
            <B as Kernels>::shade(logits, MASK_SCALE, MASK_BIAS)
        };
        let grid = self.config.feature_grid();
        let frames = image.map.dims()[0];
        let map = image.map.clone().reshape([frames, grid, grid, self.config.d_model]);
        let features = self.memory_encoder.forward(map, inside).flatten::<3>(1, 2);
        match &self.no_obj_embed_spatial {
            Some(embedding) => {
                let absent = object_score.lower_equal_elem(0).float().unsqueeze_dim::<3>(2);
                features + absent * embedding.clone()
            }
            None => features,
        }
    }
}

/// Rows `[rows, width]` of as many objects, one object after the other: `[objects, rows of each, width]`.
fn of_objects<B: Kernels>(parts: Vec<Tensor<B, 2>>, objects: usize) -> Tensor<B, 3> {
    let all = <B as Kernels>::stack(parts);
    let [rows, width] = all.dims();
    all.reshape([objects, rows / objects.max(1), width])
}
