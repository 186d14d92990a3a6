//! Model sets: which networks play which roles, on one device.

use std::sync::Arc;

use clipscope_base::display_safe::display_path;

use crate::built_in::{SetName, networks_of};
use crate::device::{self, DeviceKind};
use crate::error::ModelError;
use crate::models_info::{ModelsInfo, TowerInfo};
use crate::network_info::NetworkInfo;
use crate::role::{Modality, Role};
use crate::tower::Tower;
use crate::weights::ModelStore;

/// The networks of one model set, opened on one device. Opening is cheap; weights are loaded on first use.
#[derive(Clone)]
pub struct ModelSet {
    name: SetName,
    device: DeviceKind,
    towers: Vec<Arc<Tower>>,
}

impl ModelSet {
    /// The networks of a set, installed or not.
    ///
    /// # Errors
    /// [`ModelError::Card`] when a card is invalid.
    pub fn networks(name: SetName) -> Result<Vec<NetworkInfo>, ModelError> {
        networks_of(name).iter().map(NetworkInfo::new).collect()
    }

    /// Opens a model set without loading its weights.
    ///
    /// # Errors
    /// [`ModelError::Device`], [`ModelError::NotInstalled`] naming the missing files, or
    /// [`ModelError::Card`].
    pub fn open(name: SetName, device: DeviceKind, store: &ModelStore) -> Result<Self, ModelError> {
        let burn_device = device::open(device)?;
        let towers = networks_of(name)
            .iter()
            .map(|files| Tower::open(files, (device, burn_device.clone()), store).map(Arc::new))
            .collect::<Result<Vec<_>, _>>()?;
        let mut missing: Vec<String> = towers.iter().flat_map(|tower| tower.missing_files()).collect();
        missing.dedup();
        if !missing.is_empty() {
            return Err(ModelError::NotInstalled {
                set: name.name().into(),
                reason: format!(
                    "run 'clipscope models fetch', or use --models mini; {} lacks {}",
                    display_path(&store.downloads()),
                    missing.join(", "),
                ),
            });
        }
        Ok(Self { name, device, towers })
    }

    /// Opens the best set that is installed: `reference` when all of its files are here, else `mini`.
    ///
    /// # Errors
    /// As [`ModelSet::open`].
    pub fn open_default(device: DeviceKind, store: &ModelStore) -> Result<Self, ModelError> {
        match Self::open(SetName::Reference, device, store) {
            Err(ModelError::NotInstalled { .. }) => Self::open(SetName::Mini, device, store),
            opened => opened,
        }
    }

    /// The name of the set.
    #[must_use]
    pub fn name(&self) -> SetName {
        self.name
    }

    /// All towers of the set.
    pub fn all_towers(&self) -> impl Iterator<Item = &Arc<Tower>> {
        self.towers.iter()
    }

    /// The tower that plays a role.
    #[must_use]
    pub fn tower(&self, role: Role) -> Option<&Arc<Tower>> {
        self.towers.iter().find(|tower| tower.roles().any(|found| found == role))
    }

    /// The set with only the towers that have an output for `role`.
    #[must_use]
    pub fn only(&self, role: Role) -> Self {
        let towers = self.towers.iter().filter(|tower| tower.roles().any(|found| found == role));
        Self { name: self.name, device: self.device, towers: towers.cloned().collect() }
    }

    /// The towers that read a modality.
    pub fn towers(&self, modality: Modality) -> impl Iterator<Item = &Arc<Tower>> {
        self.towers.iter().filter(move |tower| tower.card().modality == modality)
    }

    /// What reports and the dashboard say about this set.
    #[must_use]
    pub fn info(&self) -> ModelsInfo {
        let mut towers: Vec<TowerInfo> = self
            .towers
            .iter()
            .flat_map(|tower| {
                let card = tower.card();
                card.outputs.iter().map(|output| TowerInfo {
                    role: output.role,
                    name: card.name.clone(),
                    dim: output.dim,
                    weights_sha256: card
                        .weights
                        .iter()
                        .map(|weights| weights.sha256.as_deref().unwrap_or("unknown"))
                        .collect::<Vec<_>>()
                        .join("+"),
                })
            })
            .collect();
        towers.sort_by_key(|row| row.role);
        ModelsInfo {
            set: self.name,
            device: self.device,
            stand_in: self.stand_in(),
            logit_scale: self.logit_scale(),
            towers,
        }
    }

    /// Factor on cosine similarities, from the card of the image tower of the shared space; 1 when it has none.
    fn logit_scale(&self) -> f32 {
        self.towers
            .iter()
            .filter(|tower| tower.roles().any(|role| role == Role::ClipImage))
            .find_map(|tower| tower.card().logit_scale)
            .unwrap_or(1.0)
    }

    fn stand_in(&self) -> Option<&'static str> {
        match self.name {
            SetName::Mini => Some("stand-in, not CLIP"),
            SetName::Reference => None,
        }
    }

    /// Embeds one caption or phrase with every text tower. Each role's vector is `[dim]`, not yet of unit length.
    ///
    /// # Errors
    /// As [`Tower::tokenize`] and [`Tower::embed_captions`].
    pub fn embed_caption(&self, text: &str) -> Result<Vec<(Role, Vec<f32>)>, ModelError> {
        let mut found = Vec::new();
        for tower in self.towers(Modality::Text) {
            let tokens = tower.tokenize(text)?;
            let vector = tower.embed_captions(&[tokens])?.pop().unwrap_or_default();
            found.extend(tower.card().split(&vector).map(|(output, part)| (output.role, part.to_vec())));
        }
        Ok(found)
    }
}
