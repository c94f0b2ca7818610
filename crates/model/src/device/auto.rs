use super::Device;

/// The first GPU that can be used, else the processor. A software rasteriser behind Vulkan does not count as a GPU.
pub(super) fn best() -> Device {
    #[cfg(feature = "cuda")]
    if let Ok(device) = super::cuda::find(0) {
        return device;
    }
    #[cfg(feature = "vulkan")]
    if let Some(device) = super::vulkan::first_gpu() {
        return device;
    }
    Device::Cpu
}
