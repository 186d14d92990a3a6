//! What reports and the dashboard say about the model set in use.

use serde::Serialize;

use crate::built_in::SetName;
use crate::device::DeviceKind;
use crate::role::Role;

/// One output of one network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TowerInfo {
    /// What its vectors stand for.
    pub role: Role,
    /// Name of the network.
    pub name: String,
    /// Length of its vectors.
    pub dim: usize,
    /// SHA-256 of the weights; the hashes of several files are joined by `+`.
    pub weights_sha256: String,
}

/// The `models` block of a report and the header of the dashboard.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ModelsInfo {
    /// The name of the set.
    pub set: SetName,
    /// Where the networks run.
    pub device: DeviceKind,
    /// What the shared space really is, when it stands in for CLIP.
    pub stand_in: Option<&'static str>,
    /// Factor on cosine similarities in the shared space before a softmax over candidates.
    pub logit_scale: f32,
    /// One entry per role, in the order of [`Role`].
    pub towers: Vec<TowerInfo>,
}

impl ModelsInfo {
    /// The network that plays a role; `None` if the set has none.
    #[must_use]
    pub fn tower(&self, role: Role) -> Option<&TowerInfo> {
        self.towers.iter().find(|tower| tower.role == role)
    }
}
