//! Model sets: which networks play which roles, on one device.

use std::sync::Arc;

use clipscope_base::display_safe::display_path;

use crate::catalog::{Catalog, SetDefinition};
use crate::device::{self, DeviceKind};
use crate::error::ModelError;
use crate::models_info::{MissingNetwork, ModelsInfo, STAND_IN, TowerInfo, remedy};
use crate::role::{Modality, Role};
use crate::set_name::SetName;
use crate::tower::Tower;
use crate::weights::ModelStore;

impl Catalog {
    /// Opens the set with this name, as [`ModelSet::open`] does.
    ///
    /// # Errors
    /// As [`Catalog::set`] and [`ModelSet::open`].
    pub fn open(
        &self,
        name: &SetName,
        device: DeviceKind,
        store: &ModelStore,
    ) -> Result<ModelSet, ModelError> {
        ModelSet::open(self, self.set(name.name())?, device, store)
    }
}

/// The networks of one model set, opened on one device. Opening is cheap; weights are loaded on first use.
#[derive(Clone)]
pub struct ModelSet {
    name: SetName,
    device: DeviceKind,
    towers: Vec<Arc<Tower>>,
    missing: Vec<MissingNetwork>,
}

impl ModelSet {
    /// Opens a model set without loading its weights. Networks whose files are not here are left out and counted in
    /// [`ModelsInfo::missing`].
    ///
    /// # Errors
    /// [`ModelError::Device`], [`ModelError::Set`], or [`ModelError::NotInstalled`] when no network is here.
    pub fn open(
        catalog: &Catalog,
        definition: &SetDefinition,
        device: DeviceKind,
        store: &ModelStore,
    ) -> Result<Self, ModelError> {
        let burn_device = device::open(device)?;
        let (mut towers, mut missing) = (Vec::new(), Vec::new());
        for (network, roles) in catalog.members(definition)? {
            // A tower hashes all that its vectors depend on, so only those that can be used are opened.
            let files = network.missing_files(store);
            if files.is_empty() {
                let tower = Tower::open(network, roles, (device, burn_device.clone()), store);
                towers.push(Arc::new(tower));
            } else {
                missing.push(MissingNetwork { roles, name: network.card().name.clone(), files });
            }
        }
        let name = definition.name.clone();
        if towers.is_empty() {
            let mut files: Vec<&str> =
                missing.iter().flat_map(|network| &network.files).map(String::as_str).collect();
            files.dedup();
            let reason = format!(
                "run 'clipscope models fetch {name}', or use --models mini; {} lacks {}",
                display_path(&store.downloads()),
                files.join(", "),
            );
            return Err(ModelError::NotInstalled { set: name.name().into(), reason });
        }
        Ok(Self { name, device, towers, missing })
    }

    /// Opens the best set whose files are all here: `reference` or else `mini`.
    ///
    /// # Errors
    /// As [`ModelSet::open`].
    pub fn open_default(
        catalog: &Catalog,
        device: DeviceKind,
        store: &ModelStore,
    ) -> Result<Self, ModelError> {
        match catalog.open(&SetName::REFERENCE, device, store) {
            Ok(set) if set.missing.is_empty() => Ok(set),
            Ok(_) | Err(ModelError::NotInstalled { .. }) => catalog.open(&SetName::MINI, device, store),
            failed => failed,
        }
    }

    /// The name of the set.
    #[must_use]
    pub fn name(&self) -> &SetName {
        &self.name
    }

    /// The networks whose files are not here.
    #[must_use]
    pub fn missing(&self) -> &[MissingNetwork] {
        &self.missing
    }

    /// All towers of the set.
    pub fn all_towers(&self) -> impl Iterator<Item = &Arc<Tower>> {
        self.towers.iter()
    }

    /// The tower that plays a role.
    #[must_use]
    pub fn tower(&self, role: Role) -> Option<&Arc<Tower>> {
        self.towers.iter().find(|tower| tower.roles().contains(&role))
    }

    /// The tower that plays a role, or why there is none.
    ///
    /// # Errors
    /// [`ModelError::NoNetwork`], which says what to do.
    pub fn require(&self, role: Role) -> Result<&Arc<Tower>, ModelError> {
        self.tower(role).ok_or_else(|| ModelError::NoNetwork {
            set: self.name.name().into(),
            role,
            remedy: remedy(&self.missing, role),
        })
    }

    /// The set with only the towers that have an output for `role`.
    #[must_use]
    pub fn only(&self, role: Role) -> Self {
        let towers = self.towers.iter().filter(|tower| tower.roles().contains(&role));
        let missing = self.missing.iter().filter(|network| network.roles.contains(&role));
        Self {
            name: self.name.clone(),
            device: self.device,
            towers: towers.cloned().collect(),
            missing: missing.cloned().collect(),
        }
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
                let hashes =
                    card.weights.iter().map(|weights| weights.sha256.as_deref().unwrap_or("unknown"));
                let weights_sha256 = hashes.collect::<Vec<_>>().join("+");
                tower.roles().iter().filter_map(move |&role| {
                    let (name, weights_sha256) = (card.name.clone(), weights_sha256.clone());
                    Some(TowerInfo { role, name, dim: card.dim(role)?, weights_sha256 })
                })
            })
            .collect();
        towers.sort_by_key(|row| row.role);
        ModelsInfo {
            set: self.name.clone(),
            device: self.device,
            stand_in: self.stand_in(),
            logit_scale: self.logit_scale(),
            towers,
            missing: self.missing.clone(),
        }
    }

    /// Factor on cosine similarities, from the card of the image tower of the shared space; 1 when it has none.
    fn logit_scale(&self) -> f32 {
        self.towers
            .iter()
            .filter(|tower| tower.roles().contains(&Role::ClipImage))
            .find_map(|tower| tower.card().logit_scale)
            .unwrap_or(1.0)
    }

    /// What every screen says when a side of the shared space stands in for CLIP.
    fn stand_in(&self) -> Option<&'static str> {
        let shared = self.towers.iter().filter(|tower| {
            tower.roles().iter().any(|role| matches!(role, Role::ClipImage | Role::ClipText))
        });
        shared.map(|tower| tower.card()).any(|card| card.stand_in.is_some()).then_some(STAND_IN)
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
            found.extend(tower.vectors(&vector).map(|(role, part)| (role, part.to_vec())));
        }
        Ok(found)
    }
}
