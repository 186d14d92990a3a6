//! What reports and screens say about the models in use.

use serde::Serialize;

use super::card::Role;

/// Names of the model sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SetName {
    /// Small networks inside the program; its shared space is a stand-in, not CLIP.
    Mini,
    /// ResNet-50, DistilUSE and CLIP ViT-B/32 with their official weights.
    Reference,
}

impl SetName {
    /// The name used on the command line, in JSON and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mini => "mini",
            Self::Reference => "reference",
        }
    }
}

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

/// A line of the report about one output of one tower.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TowerInfo {
    /// What the output is used as.
    pub role: Role,
    /// Name of the network.
    pub name: String,
    /// Length of its vectors.
    pub dim: usize,
    /// SHA-256 of the weights.
    pub weights_sha256: String,
}

/// The `models` block of a report and the header of the dashboard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelsInfo {
    /// Which set.
    pub set: SetName,
    /// Where it runs.
    pub device: DeviceKind,
    /// What the shared space really is, when it stands in for CLIP.
    pub stand_in: Option<&'static str>,
    /// The factor on cosine similarities in the shared space before a softmax over candidates.
    pub logit_scale: f32,
    /// One entry per role.
    pub towers: Vec<TowerInfo>,
}

impl ModelsInfo {
    /// The network that plays a role; `None` where the set has none.
    #[must_use]
    pub fn tower(&self, role: Role) -> Option<&TowerInfo> {
        self.towers.iter().find(|tower| tower.role == role)
    }
}
