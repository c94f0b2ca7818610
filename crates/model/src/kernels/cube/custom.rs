//! Operations that Burn does not know, as steps of its fused streams.
//!
//! The backends of GPUs record operations and run them later, merged where they can be. What is registered here runs as it is, in
//! its place in the recording.

use std::fmt;
use std::marker::PhantomData;

use burn_cubecl::tensor::CubeTensor;
use burn_cubecl::{CubeBackend, CubeRuntime};
use burn_fusion::stream::{Operation, OperationStreams};
use burn_fusion::{Fusion, FusionBackend, FusionRuntime, FusionTensor};
use burn_ir::{CustomOpIr, HandleContainer, OperationIr, TensorIr};
use burn_tensor::{DType, Shape, Tensor, TensorPrimitive};

/// A GPU backend that records.
pub(super) type Recorded<R> = Fusion<Direct<R>>;
/// The backend that runs what was recorded.
pub(super) type Direct<R> = CubeBackend<R, f32, i32, u8>;

type Runtime<R> = <Direct<R> as FusionBackend>::FusionRuntime;
type Handles<R> = HandleContainer<<Runtime<R> as FusionRuntime>::FusionHandle>;

/// What is recorded: the tensors by number, and what to do once they are there.
struct Step<R, F> {
    description: CustomOpIr,
    run: F,
    runtime: PhantomData<fn() -> R>,
}

impl<R, F> fmt::Debug for Step<R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.description.fmt(f)
    }
}

impl<R, F> Operation<Runtime<R>> for Step<R, F>
where
    R: CubeRuntime,
    F: Fn(Vec<CubeTensor<R>>) -> CubeTensor<R> + Send + Sync,
{
    fn execute(&self, handles: &mut Handles<R>) {
        let inputs = self.description.inputs.iter().map(|input| handles.get_float_tensor::<Direct<R>>(input));
        let output = (self.run)(inputs.collect());
        for described in &self.description.outputs {
            handles.register_float_tensor::<Direct<R>>(&described.id, output.clone());
        }
    }
}

/// A float tensor before it is unpacked.
pub(super) fn input<R: CubeRuntime, const D: usize>(tensor: Tensor<Recorded<R>, D>) -> FusionTensor<Runtime<R>> {
    tensor.into_primitive().tensor()
}

/// Records that `run` makes of `inputs` a tensor of that shape and type. There is at least one input.
pub(super) fn record<R, F, const D: usize>(
    name: &'static str,
    inputs: Vec<FusionTensor<Runtime<R>>>,
    shape: [usize; D],
    dtype: DType,
    run: F,
) -> Tensor<Recorded<R>, D>
where
    R: CubeRuntime,
    F: Fn(Vec<CubeTensor<R>>) -> CubeTensor<R> + Send + Sync + 'static,
{
    let client = inputs[0].client.clone();
    let streams = OperationStreams::with_inputs(&inputs);
    let output = TensorIr::uninit(client.create_empty_handle(), Shape::from(shape), dtype);
    let inputs: Vec<TensorIr> = inputs.into_iter().map(FusionTensor::into_ir).collect();
    let description = CustomOpIr::new(name, &inputs, &[output]);
    let step = Step { description: description.clone(), run, runtime: PhantomData };
    let mut outputs = client.register(streams, OperationIr::Custom(description), step);
    // One output was described, so one comes back.
    Tensor::from_primitive(TensorPrimitive::Float(outputs.remove(0)))
}
