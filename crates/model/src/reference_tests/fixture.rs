//! Fixtures written by `tests/fixtures/generate.py`, in the layouts of this crate.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use burn_tensor::{Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};

use crate::checkpoint::HostTensor;
use crate::config::ModelConfig;
use crate::nn::{TensorSource, Weights};
use crate::{ModelError, Sam2};

/// With a GPU backend built in, the tests are about that one: the processor has them in every other build.
#[cfg(not(feature = "vulkan"))]
pub(super) type Backend = burn_flex::Flex;
#[cfg(feature = "vulkan")]
pub(super) type Backend = burn_wgpu::Vulkan;

type BackendDevice = <Backend as burn_tensor::backend::BackendTypes>::Device;

pub(super) fn device() -> BackendDevice {
    #[cfg(not(feature = "vulkan"))]
    return burn_flex::FlexDevice;
    #[cfg(feature = "vulkan")]
    crate::device::vulkan_for_tests()
}

/// The weights, inputs and results of a part of the network.
pub(super) struct Fixture {
    tensors: BTreeMap<String, HostTensor>,
    weights: BTreeMap<String, HostTensor>,
    device: BackendDevice,
}

impl Fixture {
    pub(super) fn open(name: &str) -> Self {
        let (metadata, tensors) = read_file(&format!("{name}.safetensors"));
        let weights = match metadata.get("weights_from") {
            Some(file) => below(&read_file(file).1, &metadata["weights_prefix"]),
            None => below(&tensors, "weights."),
        };
        Self { tensors, weights, device: device() }
    }

    /// The weights as if their module stood at `place` in the tree, such as `head.`.
    pub(super) fn placed_at(mut self, place: &str) -> Self {
        self.weights = self.weights.into_iter().map(|(name, tensor)| (format!("{place}{name}"), tensor)).collect();
        self
    }

    pub(super) fn weights(&self) -> Weights<'_, Backend> {
        Weights::new(self, &self.device)
    }

    /// The whole network, where the fixture has the weights of one.
    pub(super) fn model(&self, config: &ModelConfig) -> Sam2<Backend> {
        Sam2::load(config, self, &self.device).unwrap()
    }

    pub(super) fn host(&self, name: &str) -> &HostTensor {
        self.tensors.get(name).unwrap_or_else(|| panic!("the fixture has no `{name}`"))
    }

    /// A tensor in the layout it is stored in.
    pub(super) fn tensor<const D: usize>(&self, name: &str) -> Tensor<Backend, D> {
        let HostTensor { shape, data } = self.host(name);
        Tensor::from_data(TensorData::new(data.clone(), shape.clone()), &self.device)
    }

    /// A map `[batch, channels, height, width]` as `[batch, height, width, channels]`.
    pub(super) fn map(&self, name: &str) -> Tensor<Backend, 4> {
        channels_last(self.tensor(name))
    }

    /// A map `[batch, channels, height, width]` as `[batch, height * width, channels]`.
    pub(super) fn cells(&self, name: &str) -> Tensor<Backend, 3> {
        self.map(name).flatten(1, 2)
    }

    /// Maps of a single channel `[batch, 1, height, width]` as `[batch, height, width]`.
    pub(super) fn plane(&self, name: &str) -> Tensor<Backend, 3> {
        self.tensor::<4>(name).squeeze_dim(1)
    }

    /// The image that bytes stand for, channels last.
    pub(super) fn image(&self) -> Tensor<Backend, 4> {
        (self.map("input.image_u8") - 128.0) / 64.0
    }
}

impl TensorSource for Fixture {
    fn tensor(&self, name: &str) -> Result<&HostTensor, ModelError> {
        let missing = || ModelError::NoTensor { file: "fixture".to_owned(), tensor: name.to_owned() };
        self.weights.get(name).ok_or_else(missing)
    }
}

/// The configuration that fixtures of the whole network share, at another image size.
pub(super) fn model_config(image_size: usize) -> ModelConfig {
    config_of("config", image_size)
}

/// The same as a SAM 2.0.
pub(super) fn model_config_20(image_size: usize) -> ModelConfig {
    config_of("sam2_config", image_size)
}

fn config_of(key: &str, image_size: usize) -> ModelConfig {
    let (metadata, _) = read_file("model.safetensors");
    ModelConfig { image_size, ..serde_json::from_str(&metadata[key]).unwrap() }
}

pub(super) fn channels_last(x: Tensor<Backend, 4>) -> Tensor<Backend, 4> {
    x.permute([0, 2, 3, 1])
}

pub(super) fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Tensor<Backend, D> {
    Tensor::from_data(TensorData::new(values, shape), &device())
}

pub(super) fn values<const D: usize>(x: Tensor<Backend, D>) -> Vec<f32> {
    x.into_data().into_vec().unwrap()
}

/// Fails where the greatest difference is more than `tolerance` of the greatest value of the reference.
#[track_caller]
pub(super) fn assert_close<const D: usize>(
    name: &str,
    ours: Tensor<Backend, D>,
    theirs: Tensor<Backend, D>,
    tolerance: f32,
) {
    assert_eq!(ours.dims(), theirs.dims(), "shape of {name}");
    let error = relative_error(&values(ours), &values(theirs));
    println!("{name}: {error:.1e}");
    assert!(error <= tolerance, "{name} is off by {error:e} of its greatest value, more than {tolerance:e}");
}

/// Infinite where a value of `ours` is none.
fn relative_error(ours: &[f32], theirs: &[f32]) -> f32 {
    if !ours.iter().all(|value| value.is_finite()) {
        return f32::INFINITY;
    }
    let greatest = theirs.iter().fold(0.0f32, |most, value| most.max(value.abs()));
    let difference = ours.iter().zip(theirs).fold(0.0f32, |most, (a, b)| most.max((a - b).abs()));
    if difference == 0.0 { 0.0 } else { difference / greatest }
}

fn read_file(name: &str) -> (HashMap<String, String>, BTreeMap<String, HostTensor>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let bytes = std::fs::read(folder.join(name)).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let tensors = file.iter().map(|(name, view)| {
        let data = widen(view.dtype(), view.data());
        (name.to_owned(), HostTensor { shape: view.shape().to_vec(), data })
    });
    (header.metadata().clone().unwrap_or_default(), tensors.collect())
}

fn widen(dtype: Dtype, bytes: &[u8]) -> Vec<f32> {
    match dtype {
        Dtype::U8 => bytes.iter().map(|&byte| f32::from(byte)).collect(),
        Dtype::F16 => words(bytes).map(|word| half::f16::from_le_bytes(word).to_f32()).collect(),
        Dtype::F32 => words(bytes).map(f32::from_le_bytes).collect(),
        Dtype::I32 => words(bytes).map(|word| i32::from_le_bytes(word) as f32).collect(),
        other => panic!("no fixture holds {other:?}"),
    }
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> {
    bytes.chunks_exact(N).map(|word| word.try_into().unwrap())
}

/// Tensors whose names begin with `prefix`, under the rest of their names.
fn below(tensors: &BTreeMap<String, HostTensor>, prefix: &str) -> BTreeMap<String, HostTensor> {
    let strip = |(name, tensor): (&String, &HostTensor)| Some((name.strip_prefix(prefix)?.to_owned(), tensor.clone()));
    tensors.iter().filter_map(strip).collect()
}

mod tests {
    use super::super::TOLERANCE;
    use super::*;
    use crate::nn::Conv2d;

    fn patch_error(fixture: &Fixture) -> f32 {
        let layer = Conv2d::load(&fixture.weights().child("proj"), [3, 8], [7, 4, 3]).unwrap();
        let ours = layer.forward(fixture.map("input.image"));
        relative_error(&values(ours), &values(fixture.tensor::<4>("output.grid")))
    }

    #[test]
    fn a_weight_that_is_a_little_off_is_noticed() {
        let mut fixture = Fixture::open("patch_embed");
        assert!(patch_error(&fixture) <= TOLERANCE);
        fixture.weights.get_mut("proj.weight").unwrap().data[100] += 0.01;
        assert!(patch_error(&fixture) > 3.0 * TOLERANCE);
    }

    #[test]
    fn errors_are_fractions_of_the_greatest_reference_value() {
        assert_eq!(relative_error(&[1.0, -8.0], &[2.0, -8.0]), 0.125);
        assert_eq!(relative_error(&[0.0], &[0.0]), 0.0);
        assert_eq!(relative_error(&[1.0], &[0.0]), f32::INFINITY);
        assert_eq!(relative_error(&[f32::NAN, 1.0], &[1.0, 1.0]), f32::INFINITY);
    }

    #[test]
    #[should_panic(expected = "is off by 5e-1")]
    fn a_difference_fails_the_test() {
        assert_close("something", tensor(vec![1.0, 2.0], [2]), tensor(vec![2.0, 2.0], [2]), 0.4);
    }

    #[test]
    #[should_panic(expected = "shape of something")]
    fn another_shape_fails_the_test() {
        assert_close("something", tensor(vec![1.0, 2.0], [1, 2]), tensor(vec![1.0, 2.0], [2, 1]), 0.4);
    }
}
