//! The CPU versions of the network's operations against the portable ones, on the same backend.

mod edges;
mod fused;
mod single;

use burn_flex::{Flex, FlexDevice};
use burn_tensor::{Tensor, TensorData};
use maskd_model::kernels::{Kernels, portable};

/// Pseudo-random values in `[-scale, scale)`, the same on every machine.
fn random<const D: usize>(seed: u64, shape: [usize; D], scale: f32) -> Tensor<Flex, D> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let values = (0..shape.iter().product())
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 40) as f32 / (1 << 23) as f32 - 1.0) * scale
        })
        .collect::<Vec<f32>>();
    Tensor::from_data(TensorData::new(values, shape), &FlexDevice)
}

#[expect(clippy::unwrap_used, reason = "every tensor here holds f32")]
fn values<const D: usize>(tensor: Tensor<Flex, D>) -> Vec<f32> {
    tensor.into_data().to_vec().unwrap()
}

/// Fails unless shapes agree and values differ by less than `1e-5` of the largest.
#[track_caller]
fn assert_close<const D: usize>(actual: Tensor<Flex, D>, expected: Tensor<Flex, D>) {
    assert_eq!(actual.dims(), expected.dims());
    let (actual, expected) = (values(actual), values(expected));
    let largest = expected.iter().fold(1e-3_f32, |a, b| a.max(b.abs()));
    for (i, (a, e)) in actual.iter().zip(&expected).enumerate() {
        assert!((a - e).abs() <= 1e-5 * largest, "element {i}: {a} instead of {e}");
    }
}

#[track_caller]
fn assert_equal<const D: usize>(actual: Tensor<Flex, D>, expected: Tensor<Flex, D>) {
    assert_eq!(actual.dims(), expected.dims());
    assert_eq!(values(actual), values(expected));
}

fn check_attention(q: Tensor<Flex, 4>, k: Tensor<Flex, 4>, v: Tensor<Flex, 4>) {
    let expected = portable::attention(q.clone(), k.clone(), v.clone());
    assert_close(Flex::attention(q, k, v), expected);
}
