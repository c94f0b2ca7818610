use cudarc::{driver, nvrtc};

use super::Device;
use crate::ModelError;

/// The NVIDIA GPU of that number, if all that CUDA needs at run time is there.
pub(super) fn find(index: usize) -> Result<Device, ModelError> {
    let missing = |reason: String| ModelError::NoDevice { wanted: format!("cuda:{index}"), reason };
    // SAFETY: only opens the library by name and closes it; the process has no other thread that unloads libraries.
    if !unsafe { driver::sys::is_culib_present() } {
        return Err(missing("the NVIDIA driver's library (libcuda.so) was looked for and is not installed".to_owned()));
    }
    driver::result::init().map_err(|error| missing(format!("the NVIDIA driver did not start: {error}")))?;
    let count = driver::result::device::get_count()
        .map_err(|error| missing(format!("the NVIDIA driver lists no device: {error}")))?;
    // A negative count cannot come back with success.
    let count = usize::try_from(count).unwrap_or(0);
    if index >= count {
        return Err(missing(format!("the NVIDIA driver knows {count} device(s), numbered from 0")));
    }
    require_compiler().map_err(missing)?;
    Ok(Device::Cuda { index, name: name(index) })
}

/// Kernels are compiled on the machine, by NVRTC with the headers of the toolkit.
fn require_compiler() -> Result<(), String> {
    // SAFETY: as above.
    if !unsafe { nvrtc::sys::is_culib_present() } {
        return Err("NVRTC (libnvrtc.so of the CUDA toolkit) was looked for and is not installed".to_owned());
    }
    if cubecl_cuda::install::cuda_path().is_none() {
        return Err(
            "the CUDA toolkit's headers were looked for under $CUDA_PATH, /usr/local/cuda, /opt/cuda and /usr \
                    and are not there"
                .to_owned(),
        );
    }
    Ok(())
}

fn name(index: usize) -> String {
    let ordinal = i32::try_from(index).unwrap_or(i32::MAX);
    driver::result::device::get(ordinal)
        .and_then(driver::result::device::get_name)
        .unwrap_or_else(|_| "NVIDIA GPU".to_owned())
}

/// Architecture and driver, which kernels and measurements hold for.
pub(super) fn generation(index: usize) -> String {
    use driver::sys::CUdevice_attribute::{
        CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR,
    };
    let ordinal = i32::try_from(index).unwrap_or(i32::MAX);
    let attribute = |attribute| {
        let device = driver::result::device::get(ordinal).ok()?;
        // SAFETY: the device is one that the driver has just named.
        unsafe { driver::result::device::get_attribute(device, attribute) }.ok()
    };
    let major = attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR).unwrap_or(0);
    let minor = attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR).unwrap_or(0);
    let mut version = 0;
    // SAFETY: writes one number to where the pointer says.
    let known = unsafe { driver::sys::cuDriverGetVersion(&raw mut version) }.result().is_ok();
    format!("sm_{major}{minor} driver {}", if known { version } else { 0 })
}
