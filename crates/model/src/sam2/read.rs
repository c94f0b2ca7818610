//! Results on their way back to the host.

use std::sync::atomic::{AtomicU32, Ordering};

use burn_tensor::{Tensor, TensorData};

use crate::device::check_health;
use crate::{Kernels, ModelError};

/// Numbers that go to the device and come back behind a result.
///
/// A device that fails to run its last kernels may hand out what the buffer held before, and say nothing: the numbers of an earlier
/// result then stand where those of this one belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Canary([u8; 4]);

impl Canary {
    /// One that no other result of the last four milliards has.
    fn next() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        Self(COUNT.fetch_add(1, Ordering::Relaxed).to_le_bytes())
    }

    /// From 1 on, since buffers are zeros at first, and exact in every type of float that devices compute in.
    fn values(self) -> [f32; 4] {
        self.0.map(|byte| f32::from(byte) + 1.0)
    }
}

/// Reads a tensor back to the host.
///
/// # Errors
/// As [`read_all`].
pub fn read<B: Kernels, const D: usize>(tensor: Tensor<B, D>) -> Result<Vec<f32>, ModelError> {
    read_all([flat(tensor)]).map(|[values]| values)
}

/// Reads several tensors back at once, each flat.
///
/// # Errors
/// [`ModelError::Device`] where anything that the device was asked to do before failed, whether or not it says so: without this
/// check a GPU that ran out of memory hands out whatever was in the buffer.
pub fn read_all<B: Kernels, const N: usize>(tensors: [Tensor<B, 1>; N]) -> Result<[Vec<f32>; N], ModelError> {
    let lengths = tensors.each_ref().map(|tensor| tensor.dims()[0]);
    let Some(device) = tensors.first().map(Tensor::device) else { return Ok([const { Vec::new() }; N]) };
    let canary = Canary::next();
    let behind = Tensor::from_data(TensorData::new(canary.values().to_vec(), [4]), &device);
    let all = Tensor::cat(tensors.into_iter().chain([behind]).collect(), 0);
    let data = all.try_into_data().map_err(|source| failed(source.to_string()))?;
    check_health()?;
    let values = data.convert::<f32>().into_vec().map_err(|source| failed(format!("{source:?}")))?;
    split(&values, lengths, canary)
}

/// A tensor as a row of numbers.
fn flat<B: Kernels, const D: usize>(tensor: Tensor<B, D>) -> Tensor<B, 1> {
    let length = tensor.dims().iter().product::<usize>();
    tensor.reshape([length])
}

/// Takes a result apart that is this one, and no other's.
fn split<const N: usize>(values: &[f32], lengths: [usize; N], canary: Canary) -> Result<[Vec<f32>; N], ModelError> {
    let expected: usize = lengths.iter().sum();
    let Some((mut rest, behind)) = values.split_at_checked(expected) else {
        return Err(failed(format!("it gave {} numbers back in place of {expected}", values.len())));
    };
    if behind != canary.values() {
        return Err(failed("it gave an old result back in place of a new one".to_owned()));
    }
    Ok(lengths.map(|length| {
        let (part, others) = rest.split_at(length);
        rest = others;
        part.to_vec()
    }))
}

fn failed(message: String) -> ModelError {
    ModelError::Device { message }
}

#[cfg(test)]
mod tests {
    use burn_flex::{Flex, FlexDevice};

    use super::*;

    fn row(values: &[f32]) -> Tensor<Flex, 1> {
        Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), &FlexDevice)
    }

    #[test]
    fn several_tensors_come_back_in_their_order() {
        let [first, second, third] = read_all([row(&[1.0, -2.0]), row(&[]), row(&[3.5])]).unwrap();
        assert_eq!((first, second, third), (vec![1.0, -2.0], vec![], vec![3.5]));
        assert_eq!(read(row(&[1.0, 2.0, 3.0, 4.0]).reshape([2, 2])).unwrap(), [1.0, 2.0, 3.0, 4.0]);
    }

    /// What a device gives back that never ran the last kernel.
    #[test]
    fn an_old_result_is_no_result() {
        let (before, now) = (Canary::next(), Canary::next());
        let result = |canary: Canary| [&[0.25, 0.5][..], &canary.values()].concat();
        assert_eq!(split(&result(now), [1, 1], now).unwrap(), [[0.25], [0.5]]);
        for stale in [result(before), vec![0.0; 6], vec![f32::NAN; 6], result(now)[1..].to_vec(), vec![0.5]] {
            let error = split(&stale, [1, 1], now).unwrap_err();
            assert!(matches!(error, ModelError::Device { .. }), "{error}");
        }
    }

    #[test]
    fn canaries_differ_and_are_exact_in_half_precision() {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..1000 {
            let Canary(bytes) = Canary::next();
            assert!(seen.insert(bytes));
            // bf16 has eight bits.
            let exact = |value: &f32| value.to_bits() & 0xffff == 0 && (1.0..=256.0).contains(value);
            assert!(Canary(bytes).values().iter().all(exact));
        }
    }
}
