use std::sync::OnceLock;

use burn_wgpu::{RuntimeOptions, WgpuDevice, graphics, init_setup};
use wgpu::{Backends, DeviceType, Instance};

use super::Device;
use crate::ModelError;

/// An adapter as the driver lists it.
struct Adapter {
    name: String,
    driver: String,
    device: WgpuDevice,
}

/// The adapter of that number; software ones count too, for they were asked for by number.
pub(super) fn find(index: usize) -> Result<Device, ModelError> {
    let adapters = adapters();
    let Some(adapter) = adapters.get(index) else {
        let reason = if adapters.is_empty() {
            "Vulkan's loader found no adapter; install the driver of the GPU (or mesa-vulkan-drivers)".to_owned()
        } else {
            format!("Vulkan lists {} adapter(s), numbered from 0", adapters.len())
        };
        return Err(ModelError::NoDevice { wanted: format!("vulkan:{index}"), reason });
    };
    Ok(Device::Vulkan { index, name: adapter.name.clone() })
}

pub(super) fn first_gpu() -> Option<Device> {
    let index = adapters().iter().position(|adapter| adapter.device != WgpuDevice::Cpu)?;
    find(index).ok()
}

/// Whether an adapter is more than software.
pub(super) fn is_gpu(index: usize) -> bool {
    adapters().get(index).is_some_and(|adapter| adapter.device != WgpuDevice::Cpu)
}

/// Version of an adapter's driver, which kernels and measurements hold for.
pub(super) fn driver(index: usize) -> String {
    adapters().into_iter().nth(index).map(|adapter| adapter.driver).unwrap_or_default()
}

/// Burn's handle of an adapter that [`find`] found, set up for Vulkan once per process.
pub(super) fn device(index: usize) -> WgpuDevice {
    static READY: OnceLock<WgpuDevice> = OnceLock::new();
    READY
        .get_or_init(|| {
            let device = adapters().into_iter().nth(index).map(|adapter| adapter.device).unwrap_or_default();
            init_setup::<graphics::Vulkan>(&device, RuntimeOptions::default());
            device
        })
        .clone()
}

/// Burn numbers adapters by kind; people count them in the driver's order.
fn adapters() -> Vec<Adapter> {
    let instance = Instance::default();
    let found = pollster::block_on(instance.enumerate_adapters(Backends::VULKAN));
    let mut counts = [0; 3];
    found
        .into_iter()
        .filter_map(|adapter| {
            let info = adapter.get_info();
            let mut next = |kind: usize| {
                let number = counts[kind];
                counts[kind] += 1;
                number
            };
            let device = match info.device_type {
                DeviceType::DiscreteGpu => WgpuDevice::DiscreteGpu(next(0)),
                DeviceType::IntegratedGpu => WgpuDevice::IntegratedGpu(next(1)),
                DeviceType::VirtualGpu => WgpuDevice::VirtualGpu(next(2)),
                DeviceType::Cpu => WgpuDevice::Cpu,
                DeviceType::Other => return None,
            };
            Some(Adapter { name: info.name, driver: info.driver_info, device })
        })
        .collect()
}
