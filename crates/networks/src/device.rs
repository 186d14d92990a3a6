//! Where tensors are computed, and what to say when a machine lacks a device.
//!
//! Burn's GPU devices start on first use and panic without a driver, so the driver is looked for here. Must not know:
//! networks.

use burn::tensor::Device;
use serde::Serialize;

use crate::error::ModelError;

/// Where tensors are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    /// Burn's `flex` backend, pure Rust.
    Cpu,
    /// NVIDIA, only in builds with the cargo feature `cuda`.
    Cuda,
    /// Vulkan, Metal or DirectX, only in builds with the cargo feature `wgpu`.
    Wgpu,
}

impl DeviceKind {
    /// The name used on the command line, in JSON and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Wgpu => "wgpu",
        }
    }
}

/// Opens a device.
///
/// # Errors
/// [`ModelError::Device`] when this build or this machine does not have it.
pub(crate) fn open(kind: DeviceKind) -> Result<Device, ModelError> {
    let opened = match kind {
        DeviceKind::Cpu => Ok(Device::flex()),
        DeviceKind::Cuda => cuda(),
        DeviceKind::Wgpu => wgpu(),
    };
    opened.map_err(|reason| ModelError::Device { device: kind.name().into(), reason })
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<Device, String> {
    // Listing looks for the driver's library first; opening panics without it.
    let devices = Device::enumerate(burn::tensor::DeviceType::Cuda);
    devices
        .into_iter()
        .next()
        .ok_or_else(|| "no NVIDIA GPU was found, or its driver is not installed; use --device cpu".into())
}

#[cfg(feature = "wgpu")]
fn wgpu() -> Result<Device, String> {
    // The runtime of a device can be set up only once in a process; a model set may be opened more often.
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
    format!("this build does not include it; build with --features {feature}, or use --device cpu")
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
        // With a driver both calls succeed, without one both fail.
        assert_eq!(open(DeviceKind::Wgpu).is_ok(), open(DeviceKind::Wgpu).is_ok());
    }
}
