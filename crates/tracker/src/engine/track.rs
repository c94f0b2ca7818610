//! One tracked object.

use burn_tensor::Tensor;
use maskd_model::Kernels;

use crate::memories::TensorBank;
use crate::visibility::Visibility;

/// What is known of an object between two frames. Cloning is cheap: a bank has a fixed number of tensors, and clones share them.
#[derive(Clone)]
pub(super) struct Track<B: Kernels> {
    pub(super) bank: TensorBank<B>,
    pub(super) visibility: Visibility,
}

/// How large a track may become.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) slots: usize,
    pub(super) pointers: usize,
    pub(super) lost_after_frames: u32,
}

impl<B: Kernels> Track<B> {
    /// A track after the frame at time `clock`, which left `map` and `pointer` behind; it is the first where nothing was `before`.
    pub(super) fn after(
        before: Option<Self>,
        clock: u64,
        map: Tensor<B, 3>,
        pointer: Tensor<B, 2>,
        limits: Limits,
    ) -> Self {
        if let Some(mut track) = before {
            track.bank.push(clock, map, pointer);
            return track;
        }
        let bank = TensorBank::new(limits.slots, limits.pointers, clock, map, pointer);
        Self { bank, visibility: Visibility::new(limits.lost_after_frames) }
    }
}
