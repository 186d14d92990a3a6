//! What reports and the dashboard say about the model set in use.

use serde::Serialize;

use crate::device::DeviceKind;
use crate::error::ModelError;
use crate::role::Role;
use crate::set_name::SetName;

/// What every screen and report says of a shared space that stands in for CLIP.
pub const STAND_IN: &str = "stand-in, not CLIP";

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

/// A network of the set whose files are not on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MissingNetwork {
    /// The roles it would play.
    pub roles: Vec<Role>,
    /// Name of the network.
    pub name: String,
    /// The files that are not here, as repository and path.
    pub files: Vec<String>,
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
    /// What the set lacks; its other networks work.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingNetwork>,
}

impl ModelsInfo {
    /// The network that plays a role; `None` if the set has none.
    #[must_use]
    pub fn tower(&self, role: Role) -> Option<&TowerInfo> {
        self.towers.iter().find(|tower| tower.role == role)
    }

    /// The network that plays a role, or why there is none.
    ///
    /// # Errors
    /// [`ModelError::NoNetwork`], which says what to do.
    pub fn require(&self, role: Role) -> Result<&TowerInfo, ModelError> {
        self.tower(role).ok_or_else(|| ModelError::NoNetwork {
            set: self.set.name().into(),
            role,
            remedy: remedy(&self.missing, role),
        })
    }

    /// The network that would play a role if its files were here.
    #[must_use]
    pub fn missing(&self, role: Role) -> Option<&MissingNetwork> {
        self.missing.iter().find(|network| network.roles.contains(&role))
    }
}

/// What to do about a role that no network plays.
pub(crate) fn remedy(missing: &[MissingNetwork], role: Role) -> String {
    match missing.iter().find(|network| network.roles.contains(&role)) {
        Some(network) => format!("run 'clipscope models fetch {}'", network.name),
        None => "choose another set with --models".into(),
    }
}
