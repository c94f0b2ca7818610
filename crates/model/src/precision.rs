use std::fmt;
use std::str::FromStr;

use burn_tensor::DType;

use crate::{Kernels, ModelError};

/// With how many bits the factors of the network's products are kept: `auto`, `f32`, `f16` or `bf16`.
///
/// Sums, norms, the weights of attention, what is handed from layer to layer and what is remembered are in f32 whatever is asked for. An
/// f16 keeps as many significant bits as the TF32 that PyTorch uses for f32 products when it is allowed to; a bfloat16 keeps three
/// fewer, as PyTorch does under `autocast(dtype=torch.bfloat16)`, where the official examples run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// What the device does without masks that move: f32 so far, on every device.
    #[default]
    Auto,
    /// 32 bits.
    F32,
    /// 16 bits, on GPUs only.
    F16,
    /// 16 bits of which eight are the exponent's, on processors with AVX512-BF16 only.
    Bf16,
}

impl Precision {
    /// The type of factors on a device.
    pub(crate) fn factors<B: Kernels>(self, device: &B::Device) -> Result<DType, ModelError> {
        match self {
            Self::Auto | Self::F32 => Ok(DType::F32),
            Self::F16 if B::multiplies(DType::F16) && B::supports_dtype(device, DType::F16) => Ok(DType::F16),
            Self::Bf16 if B::multiplies(DType::BF16) => Ok(DType::BF16),
            Self::F16 | Self::Bf16 => Err(ModelError::Precision { wanted: self.to_string() }),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        })
    }
}

impl FromStr for Precision {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "f32" => Ok(Self::F32),
            "f16" => Ok(Self::F16),
            "bf16" => Ok(Self::Bf16),
            _ => Err(ModelError::PrecisionName { found: text.to_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use burn_flex::{Flex, FlexDevice};

    use super::*;

    #[test]
    fn names_are_read_and_written() {
        for text in ["auto", "f32", "f16", "bf16"] {
            assert_eq!(text.parse::<Precision>().unwrap().to_string(), text);
        }
        assert!("bf8".parse::<Precision>().unwrap_err().to_string().contains("`bf8`"));
    }

    #[test]
    fn processors_know_f32_and_some_bf16() {
        assert_eq!(Precision::Auto.factors::<Flex>(&FlexDevice).unwrap(), DType::F32);
        assert!(Precision::F16.factors::<Flex>(&FlexDevice).unwrap_err().to_string().contains("f16"));
        match Precision::Bf16.factors::<Flex>(&FlexDevice) {
            Ok(dtype) => assert_eq!(dtype, DType::BF16),
            Err(error) => assert!(error.to_string().contains("bf16"), "{error}"),
        }
    }
}
