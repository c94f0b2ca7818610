use std::fmt;
use std::str::FromStr;

use burn_tensor::DType;

use crate::{Kernels, ModelError};

/// With how many bits the factors of the network's products are kept: `auto`, `f32` or `f16`.
///
/// Sums, norms, the weights of attention, what is handed from layer to layer and what is remembered are in f32 whatever is asked for. An
/// f16 keeps as many significant bits as the TF32 that PyTorch uses for f32 products when it is allowed to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Precision {
    /// What the device does without masks that move: f32 so far, on every device.
    #[default]
    Auto,
    /// 32 bits.
    F32,
    /// 16 bits, on GPUs only.
    F16,
}

impl Precision {
    /// The type of factors on a device.
    pub(crate) fn operand<B: Kernels>(self, device: &B::Device) -> Result<DType, ModelError> {
        match self {
            Self::Auto | Self::F32 => Ok(DType::F32),
            Self::F16 if B::HALF && B::supports_dtype(device, DType::F16) => Ok(DType::F16),
            Self::F16 => Err(ModelError::Precision { wanted: self.to_string() }),
        }
    }
}

impl fmt::Display for Precision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::F16 => "f16",
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
        for text in ["auto", "f32", "f16"] {
            assert_eq!(text.parse::<Precision>().unwrap().to_string(), text);
        }
        assert!("bf8".parse::<Precision>().unwrap_err().to_string().contains("`bf8`"));
    }

    #[test]
    fn the_processor_knows_f32_only() {
        assert_eq!(Precision::Auto.operand::<Flex>(&FlexDevice).unwrap(), DType::F32);
        assert!(Precision::F16.operand::<Flex>(&FlexDevice).unwrap_err().to_string().contains("f16"));
    }
}
