//! How fast and how exact a device is: single operations of the network, and its stages.
//!
//! All this is about backends, which nobody outside knows, and what is made for each backend is much: a program that did this by itself
//! would have all of a backend's operations twice.

mod kernels;
mod stages;

use std::time::Instant;

use burn_tensor::DType;
use maskd_model::Kernels;

pub use kernels::{KernelOptions, measure_kernels};
pub use stages::{StageOptions, measure_stages};

/// What was measured of an operation or a stage.
#[derive(Clone, Debug, Default)]
pub struct Measurement {
    /// What was done.
    pub name: String,
    /// Milliseconds of the first time, with all that is compiled then.
    pub first_ms: f64,
    /// Milliseconds of the others, from an idle device to an idle device.
    pub ms: Vec<f64>,
    /// Of those, how many went by until all was asked for.
    pub asked_ms: Vec<f64>,
    /// The greatest difference from what the processor makes of it in f32, as a fraction of the greatest value there; infinite
    /// where a value is not finite.
    pub off_by: Option<Difference>,
    /// Floating-point operations of a product.
    pub flop: Option<f64>,
    /// Bytes that are read and written, each once.
    pub bytes: Option<f64>,
    /// Why it came to no end.
    pub failed: Option<String>,
}

/// How far a result is off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// As a fraction of the greatest value.
    pub found: f64,
    /// The most that rounding explains.
    pub allowed: f64,
}

impl Difference {
    fn new(expected: &[f32], found: &[f32], dtype: DType) -> Self {
        let greatest = expected.iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        let worst = expected.iter().zip(found).fold(0.0_f32, |most, (a, b)| {
            let difference = (a - b).abs();
            if difference.is_finite() { most.max(difference) } else { f32::INFINITY }
        });
        let found = if expected.len() == found.len() {
            f64::from(worst / greatest.max(f32::MIN_POSITIVE))
        } else {
            f64::INFINITY
        };
        // 11 and 24 significant bits, and sums of some thousand products.
        let allowed = if dtype == DType::F16 { 2e-3 } else { 2e-5 };
        Self { found, allowed }
    }

    /// Whether it is more than rounding.
    pub fn is_wrong(&self) -> bool {
        self.found > self.allowed
    }
}

impl Measurement {
    /// Whether there is no result, or a wrong one.
    pub fn is_wrong(&self) -> bool {
        self.failed.is_some() || self.off_by.is_some_and(|off| off.is_wrong())
    }
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1e3
}

/// Waits until the device has done all it was asked to.
fn sync<B: Kernels>(device: &B::Device) -> Result<(), String> {
    B::sync(device).map_err(|error| format!("the device failed: {error:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_finite_or_missing_is_wrong() {
        let off = |found: &[f32], dtype| Difference::new(&[1.0, -4.0], found, dtype);
        assert_eq!(off(&[1.0, -4.0], DType::F32).found, 0.0);
        assert_eq!(off(&[1.5, -4.0], DType::F32).found, 0.125);
        assert!(off(&[1.001, -4.0], DType::F32).is_wrong() && !off(&[1.001, -4.0], DType::F16).is_wrong());
        for broken in [&[f32::NAN, -4.0][..], &[1.0, f32::INFINITY], &[1.0]] {
            assert!(off(broken, DType::F16).is_wrong(), "{broken:?}");
        }
    }
}
