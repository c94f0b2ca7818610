use std::fmt;
use std::str::FromStr;

use super::ValueError;

/// What the network is to run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceSpec {
    /// The best there is.
    Auto,
    /// The processor.
    Cpu,
    /// An NVIDIA device by its number.
    Cuda(u32),
    /// A Vulkan device by its number; `None` for the best.
    Vulkan(Option<u32>),
}

impl FromStr for DeviceSpec {
    type Err = ValueError;

    fn from_str(text: &str) -> Result<Self, ValueError> {
        let unknown = || ValueError::new("no such kind of device");
        let (kind, number) = match text.split_once(':') {
            Some((kind, number)) => (kind, Some(number.parse::<u32>().map_err(|_| unknown())?)),
            None => (text, None),
        };
        match (kind, number) {
            ("auto", None) => Ok(Self::Auto),
            ("cpu", None) => Ok(Self::Cpu),
            ("cuda", number) => Ok(Self::Cuda(number.unwrap_or(0))),
            ("vulkan", number) => Ok(Self::Vulkan(number)),
            _ => Err(unknown()),
        }
    }
}

impl fmt::Display for DeviceSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
            Self::Vulkan(None) => f.write_str("vulkan"),
            Self::Vulkan(Some(number)) => write!(f, "vulkan:{number}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_print_as_they_are_written() {
        for text in ["auto", "cpu", "cuda:0", "cuda:3", "vulkan", "vulkan:1"] {
            assert_eq!(text.parse::<DeviceSpec>().unwrap().to_string(), text);
        }
        assert_eq!("cuda".parse(), Ok(DeviceSpec::Cuda(0)));
        for text in ["", "gpu", "cpu:1", "auto:0", "cuda:", "cuda:-1", "vulkan:x", "CUDA"] {
            assert!(text.parse::<DeviceSpec>().is_err(), "{text}");
        }
    }
}
