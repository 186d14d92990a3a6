//! Which of Burn's devices a [`DeviceKind`] is, and what to say where there is none.
//!
//! Burn's GPU devices start on first use and panic where there is no driver, so a machine without one is
//! found out here. Knows nothing of networks.

use burn::tensor::Device;

use super::ModelError;
use super::info::DeviceKind;

/// Opens a device.
///
/// # Errors
/// [`ModelError::Device`] when this build or this machine does not have it.
pub(super) fn open(kind: DeviceKind) -> Result<Device, ModelError> {
    let opened = match kind {
        DeviceKind::Cpu => Ok(Device::flex()),
        DeviceKind::Cuda => cuda(),
        DeviceKind::Wgpu => wgpu(),
    };
    opened.map_err(|reason| ModelError::Device { device: kind.name().into(), reason })
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<Device, String> {
    // Listing asks for the driver's library first, where opening would panic without it.
    let devices = Device::enumerate(burn::tensor::DeviceType::Cuda);
    devices
        .into_iter()
        .next()
        .ok_or_else(|| "there is no NVIDIA GPU here, or its driver is not installed; use --device cpu".into())
}

#[cfg(feature = "wgpu")]
fn wgpu() -> Result<Device, String> {
    // The runtime of a device is set up once in a process, however often a model set is opened.
    static DEVICE: std::sync::OnceLock<Result<Device, String>> = std::sync::OnceLock::new();
    let opened = DEVICE.get_or_init(|| {
        Device::wgpu_options().init().map_err(|error| {
            format!("no GPU with a Vulkan, Metal or DirectX driver was found ({error}); use --device cpu")
        })
    });
    opened.clone()
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Device, String> {
    Err(not_built("cuda"))
}

#[cfg(not(feature = "wgpu"))]
fn wgpu() -> Result<Device, String> {
    Err(not_built("wgpu"))
}

#[cfg(not(all(feature = "cuda", feature = "wgpu")))]
fn not_built(feature: &str) -> String {
    format!("this program was built without it; build with --features {feature}, or use --device cpu")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_is_always_there() {
        assert!(open(DeviceKind::Cpu).is_ok());
    }

    #[test]
    #[cfg(not(feature = "cuda"))]
    fn a_device_this_build_lacks_is_named_with_what_to_do() {
        let error = open(DeviceKind::Cuda).unwrap_err().to_string();
        for part in ["'cuda'", "--features cuda", "--device cpu"] {
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    #[cfg(feature = "wgpu")]
    fn a_device_opens_again_for_the_next_model_set() {
        // With a driver both open, without one both say so; never one of each.
        assert_eq!(open(DeviceKind::Wgpu).is_ok(), open(DeviceKind::Wgpu).is_ok());
    }
}
