//! Intermediate tensors for whoever compares this network with the reference, block by block.
//!
//! Recording is off unless a thread asks for it with [`start`]; what is recorded carries the module path and the layout of the
//! official implementation, so that its forward hooks give the same names and shapes.

use std::cell::RefCell;
use std::collections::BTreeMap;

use burn_tensor::Tensor;

use crate::Kernels;
use crate::checkpoint::HostTensor;

thread_local! {
    static RECORDER: RefCell<Option<Recorder>> = const { RefCell::new(None) };
}

#[derive(Default)]
struct Recorder {
    prefix: String,
    tensors: BTreeMap<String, HostTensor>,
}

/// Starts recording on this thread, under names that begin with `prefix`.
pub fn start(prefix: &str) {
    RECORDER.with_borrow_mut(|recorder| recorder.get_or_insert_default().prefix = prefix.to_owned());
}

/// What was recorded on this thread so far, by name.
pub fn recorded() -> BTreeMap<String, HostTensor> {
    RECORDER.with_borrow(|recorder| recorder.as_ref().map(|r| r.tensors.clone()).unwrap_or_default())
}

/// Ends recording on this thread and hands out what was recorded, by name.
pub fn finish() -> BTreeMap<String, HostTensor> {
    RECORDER.with_borrow_mut(Option::take).map(|recorder| recorder.tensors).unwrap_or_default()
}

/// Records a tensor as it is. Reading from a device that failed records nothing: the failure surfaces where results are read.
pub(crate) fn record<B: Kernels, const D: usize>(name: &str, tensor: &Tensor<B, D>) {
    RECORDER.with_borrow_mut(|recorder| {
        let Some(recorder) = recorder else { return };
        let Ok(data) = tensor.clone().try_into_data() else { return };
        let Ok(values) = data.convert::<f32>().into_vec() else { return };
        let tensor = HostTensor { shape: tensor.dims().to_vec(), data: values };
        recorder.tensors.insert(format!("{}{name}", recorder.prefix), tensor);
    });
}

/// Records a channels-last map in the reference's layout `[batch, channels, height, width]`.
pub(crate) fn record_map<B: Kernels>(name: &str, map: &Tensor<B, 4>) {
    if RECORDER.with_borrow(Option::is_some) {
        record(name, &map.clone().permute([0, 3, 1, 2]));
    }
}
