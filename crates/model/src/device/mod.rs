//! Which device the network runs on: what users ask for, what there is, and how to get code onto it.

mod auto;
#[cfg(feature = "cuda")]
mod cuda;
mod health;
#[cfg(any(feature = "cuda", feature = "vulkan"))]
mod runtime;
mod spec;
#[cfg(feature = "vulkan")]
mod vulkan;

use std::fmt;

use burn_flex::{Flex, FlexDevice};

use crate::{Kernels, ModelError};

pub(crate) use health::check_health;
pub use spec::DeviceSpec;

/// A device that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Device {
    /// The processor.
    Cpu,
    /// An NVIDIA GPU through CUDA.
    #[cfg(feature = "cuda")]
    Cuda {
        /// Its number in the order of the driver.
        index: usize,
        /// What the driver calls it.
        name: String,
    },
    /// A GPU through Vulkan.
    #[cfg(feature = "vulkan")]
    Vulkan {
        /// Its number among the adapters found.
        index: usize,
        /// What the driver calls it.
        name: String,
    },
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => write!(f, "cpu ({} threads)", rayon::current_num_threads()),
            #[cfg(feature = "cuda")]
            Self::Cuda { index, name } => write!(f, "cuda:{index} ({name})"),
            #[cfg(feature = "vulkan")]
            Self::Vulkan { index, name } => write!(f, "vulkan:{index} ({name})"),
        }
    }
}

/// Code that runs on whichever backend a [`Device`] needs; see [`Device::run`].
pub trait OnBackend {
    /// What the code gives back.
    type Output;

    /// Runs on backend `B`.
    fn run<B: Kernels>(self, device: B::Device) -> Self::Output;
}

impl Device {
    /// The device that `spec` asks for.
    ///
    /// # Errors
    /// [`ModelError::NoDevice`] where it is not there, or this program was built without support for it. Only
    /// [`DeviceSpec::Auto`] chooses for itself.
    pub fn find(spec: &DeviceSpec) -> Result<Self, ModelError> {
        match spec {
            DeviceSpec::Auto => Ok(auto::best()),
            DeviceSpec::Cpu => Ok(Self::Cpu),
            #[cfg(feature = "cuda")]
            DeviceSpec::Cuda(index) => cuda::find(*index),
            #[cfg(feature = "vulkan")]
            DeviceSpec::Vulkan(index) => vulkan::find(*index),
            #[cfg(not(all(feature = "cuda", feature = "vulkan")))]
            absent => Err(not_built(absent)),
        }
    }

    /// Whether operations are compiled for it when they are first used, so that a first run ahead of time is worth it.
    pub fn compiles(&self) -> bool {
        match self {
            Self::Cpu => false,
            #[cfg(feature = "cuda")]
            Self::Cuda { .. } => true,
            // What has no GPU behind it is for tests, and too slow for work that nobody asked for.
            #[cfg(feature = "vulkan")]
            Self::Vulkan { index, .. } => vulkan::is_gpu(*index),
        }
    }

    /// Runs code on this device's backend. All work for a device belongs on one thread: on a GPU every thread has memory
    /// pools of its own.
    pub fn run<T: OnBackend>(&self, code: T) -> T::Output {
        match self {
            Self::Cpu => code.run::<Flex>(FlexDevice),
            #[cfg(feature = "cuda")]
            Self::Cuda { index, name } => {
                runtime::prepare(&format!("cuda {name} {}", cuda::generation(*index)));
                code.run::<burn_cuda::Cuda>(burn_cuda::CudaDevice::new(*index))
            }
            #[cfg(feature = "vulkan")]
            Self::Vulkan { index, name } => {
                runtime::prepare(&format!("vulkan {name} {}", vulkan::driver(*index)));
                code.run::<burn_wgpu::Vulkan>(vulkan::device(*index))
            }
        }
    }
}

/// The first Vulkan device, which may be a software one.
#[cfg(all(test, feature = "vulkan"))]
pub(crate) fn vulkan_for_tests() -> burn_wgpu::WgpuDevice {
    let device = Device::find(&DeviceSpec::Vulkan(0));
    #[expect(clippy::panic, reason = "tests that were built for Vulkan have nothing to run on")]
    let Ok(Device::Vulkan { index, name }) = device else {
        panic!("no Vulkan device; install the driver of the GPU, or mesa-vulkan-drivers")
    };
    runtime::prepare(&format!("vulkan {name}"));
    vulkan::device(index)
}

#[cfg(not(all(feature = "cuda", feature = "vulkan")))]
fn not_built(spec: &DeviceSpec) -> ModelError {
    let feature = match spec {
        DeviceSpec::Vulkan(_) => "vulkan",
        _ => "cuda",
    };
    ModelError::NoDevice {
        wanted: spec.to_string(),
        reason: format!("this program was built without it; build with `--features {feature}`"),
    }
}
