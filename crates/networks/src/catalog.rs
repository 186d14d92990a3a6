//! The networks and model sets that this program knows.
//!
//! Owns: which cards are built in, and how a set names its networks. What a network is stands on its card, which network
//! plays which role in `models/sets.json` or in the user's configuration. Must not know: where weights are.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;

use crate::error::ModelError;
use crate::network::{Network, WeightsSource};
use crate::network_info::NetworkInfo;
use crate::role::{Modality, Role};
use crate::set_name::SetName;
use crate::weights::LocalNetwork;

/// A committed card with what is compiled in beside it.
struct BuiltIn {
    /// Folder below `models/`.
    folder: &'static str,
    card: &'static str,
    /// `None` where the weights are published elsewhere.
    weights: Option<&'static [u8]>,
    golden: Option<&'static str>,
}

macro_rules! built_in {
    ($folder:literal, weights: $weights:expr, golden: $golden:expr) => {
        BuiltIn {
            folder: $folder,
            card: include_str!(concat!("../../../models/", $folder, "/card.json")),
            weights: $weights,
            golden: $golden,
        }
    };
}

macro_rules! compiled {
    ($folder:literal) => {
        Some(include_bytes!(concat!("../../../models/", $folder, "/weights.safetensors")))
    };
}

macro_rules! golden {
    ($folder:literal) => {
        Some(include_str!(concat!("../../../models/", $folder, "/golden.json")))
    };
}

static NETWORKS: [BuiltIn; 9] = [
    built_in!(
        "mini/efficientnet-lite0",
        weights: compiled!("mini/efficientnet-lite0"),
        golden: golden!("mini/efficientnet-lite0")
    ),
    built_in!(
        "mini/all-minilm-l6-v2",
        weights: compiled!("mini/all-minilm-l6-v2"),
        golden: golden!("mini/all-minilm-l6-v2")
    ),
    built_in!("resnet50", weights: None, golden: None),
    built_in!("distiluse", weights: None, golden: golden!("distiluse")),
    built_in!("clip-vit-b32/vision", weights: None, golden: None),
    built_in!("clip-vit-b32/text", weights: None, golden: golden!("clip-vit-b32/text")),
    built_in!("clip-vit-b32-gelu/vision", weights: None, golden: None),
    built_in!("clip-vit-b32-gelu/text", weights: None, golden: golden!("clip-vit-b32/text")),
    built_in!("distilbert-512", weights: None, golden: None),
];

static SETS: &str = include_str!("../../../models/sets.json");

/// Which network plays which role in a model set. A role may be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetDefinition {
    /// The name of the set.
    pub name: SetName,
    /// What it is, in one line.
    pub about: String,
    /// For each role of [`Role::ALL`], the name of a network.
    networks: [Option<String>; 4],
}

/// A set as `models/sets.json` writes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetEntry {
    name: String,
    about: String,
    pre_clip_image: Option<String>,
    pre_clip_text: Option<String>,
    clip_image: Option<String>,
    clip_text: Option<String>,
}

impl From<SetEntry> for SetDefinition {
    fn from(entry: SetEntry) -> Self {
        Self {
            name: SetName::new(entry.name),
            about: entry.about,
            networks: [entry.pre_clip_image, entry.pre_clip_text, entry.clip_image, entry.clip_text],
        }
    }
}

impl SetDefinition {
    /// A set without networks.
    #[must_use]
    pub fn empty(name: SetName, about: String) -> Self {
        Self { name, about, networks: [const { None }; 4] }
    }

    /// The name of the network that plays a role.
    #[must_use]
    pub fn network(&self, role: Role) -> Option<&str> {
        self.networks[role as usize].as_deref()
    }

    /// Gives a role to a network.
    pub fn put(&mut self, role: Role, network: impl Into<String>) {
        self.networks[role as usize] = Some(network.into());
    }
}

/// A network with the roles it plays in a set.
pub(crate) type Member = (Arc<Network>, Vec<Role>);

/// Every network and every model set that this program knows.
#[derive(Clone)]
pub struct Catalog {
    networks: Vec<Arc<Network>>,
    sets: Vec<SetDefinition>,
}

impl Catalog {
    /// The built-in networks and sets.
    ///
    /// # Errors
    /// [`ModelError::Card`] when a card or `models/sets.json` is invalid.
    pub fn built_in() -> Result<Self, ModelError> {
        let networks = NETWORKS
            .iter()
            .map(|built_in| {
                let mut network = Network::read(built_in.folder, Cow::Borrowed(built_in.card))?;
                network.golden = built_in.golden;
                if let Some(bytes) = built_in.weights {
                    network.weights = WeightsSource::Compiled(bytes);
                }
                Ok(Arc::new(network))
            })
            .collect::<Result<Vec<_>, ModelError>>()?;
        let sets: Vec<SetEntry> = serde_json::from_str(SETS)
            .map_err(|error| ModelError::Card { network: "sets.json".into(), reason: error.to_string() })?;
        let mut catalog = Self { networks, sets: Vec::new() };
        for set in sets {
            catalog.add_set(set.into())?;
        }
        Ok(catalog)
    }

    /// Every network, in the order of `clipscope models list`.
    pub fn networks(&self) -> impl Iterator<Item = &Arc<Network>> {
        self.networks.iter()
    }

    /// The network with this name.
    #[must_use]
    pub fn network(&self, name: &str) -> Option<&Arc<Network>> {
        self.networks.iter().find(|network| network.card.name == name)
    }

    /// Adds a network of the user's, and returns the names under which it is known: its own, with `-vision` and `-text`
    /// behind it where it has two towers. A network of the same name is replaced.
    ///
    /// # Errors
    /// [`ModelError::Set`] when the name has other characters than those of file names, or is that of a built-in network.
    pub fn add_local(&mut self, local: &LocalNetwork) -> Result<Vec<String>, ModelError> {
        check_name(&local.name)?;
        let mut added = Vec::new();
        for &role in &local.roles {
            let name = match (local.roles.len(), role.modality()) {
                (1, _) => local.name.clone(),
                (_, Modality::Image) => format!("{}-vision", local.name),
                (_, Modality::Text) => format!("{}-text", local.name),
            };
            let known = self.networks.iter().position(|network| network.card.name == name);
            if known.is_some_and(|place| self.networks[place].local().is_none()) {
                let reason = format!("'{name}' is the name of a built-in network; choose another one");
                return Err(ModelError::Set { set: local.name.clone(), reason });
            }
            let network = Arc::new(self.local_network(local, role, name.clone())?);
            match known {
                Some(place) => self.networks[place] = network,
                None => self.networks.push(network),
            }
            added.push(name);
        }
        Ok(added)
    }

    /// The user's weights in the graph and with the card of the built-in network of the same architecture.
    fn local_network(&self, local: &LocalNetwork, role: Role, name: String) -> Result<Network, ModelError> {
        let tower = local.family.towers().iter().find(|tower| tower.role == role);
        let base = tower.and_then(|tower| {
            let fits = |network: &&Arc<Network>| {
                network.local().is_none() && network.card.architecture == tower.architecture
            };
            self.networks.iter().find(fits)
        });
        let base = base.ok_or_else(|| ModelError::Set {
            set: local.name.clone(),
            reason: format!("{} cannot be {}", local.family.name(), role.name()),
        })?;
        Ok(Network::of_user(base, local, name))
    }

    /// Every set, the best last.
    pub fn sets(&self) -> impl Iterator<Item = &SetDefinition> {
        self.sets.iter()
    }

    /// The set with this name.
    ///
    /// # Errors
    /// [`ModelError::UnknownSet`] naming those there are.
    pub fn set(&self, name: &str) -> Result<&SetDefinition, ModelError> {
        self.sets.iter().find(|set| set.name.name() == name).ok_or_else(|| ModelError::UnknownSet {
            set: name.into(),
            known: self.sets.iter().map(|set| set.name.name()).collect::<Vec<_>>().join(", "),
        })
    }

    /// The networks of a set, each with the roles it plays there, in the order of [`Role::ALL`].
    ///
    /// # Errors
    /// [`ModelError::Set`] when the set names a network that is not known or cannot play its role.
    pub(crate) fn members(&self, set: &SetDefinition) -> Result<Vec<Member>, ModelError> {
        let fail = |reason| ModelError::Set { set: set.name.name().into(), reason };
        let mut members: Vec<Member> = Vec::new();
        for role in Role::ALL {
            let Some(name) = set.network(role) else { continue };
            let network = self.network(name).ok_or_else(|| {
                let known: Vec<&str> = self
                    .networks
                    .iter()
                    .filter(|network| network.card.plays(role))
                    .map(|n| n.card.name.as_str())
                    .collect();
                fail(format!("there is no network '{name}'; {} can be {}", role.name(), known.join(", ")))
            })?;
            if !network.card.plays(role) {
                return Err(fail(format!("the network '{name}' cannot be {}", role.name())));
            }
            match members.iter_mut().find(|(known, _)| Arc::ptr_eq(known, network)) {
                Some((_, roles)) => roles.push(role),
                None => members.push((Arc::clone(network), vec![role])),
            }
        }
        Ok(members)
    }

    /// Adds a set, or replaces the one with its name.
    ///
    /// # Errors
    /// [`ModelError::Set`] when the name has other characters than those of file names, when a network is not known or
    /// cannot play its role, and when the two sides of the shared space have vectors of different lengths.
    pub fn add_set(&mut self, set: SetDefinition) -> Result<(), ModelError> {
        check_name(set.name.name())?;
        self.members(&set)?;
        let dim = |role| {
            let network = self.network(set.network(role)?)?;
            Some((network.card.name.clone(), network.card.dim(role)?))
        };
        if let (Some((image, of_image)), Some((text, of_text))) = (dim(Role::ClipImage), dim(Role::ClipText))
            && of_image != of_text
        {
            let reason = format!(
                "'{image}' gives vectors of {of_image} components and '{text}' of {of_text}: that is not one space"
            );
            return Err(ModelError::Set { set: set.name.name().into(), reason });
        }
        match self.sets.iter_mut().find(|known| known.name == set.name) {
            Some(known) => *known = set,
            None => self.sets.push(set),
        }
        Ok(())
    }

    /// The networks of a set, installed or not.
    ///
    /// # Errors
    /// [`ModelError::Set`] when the set names a network that is not known or cannot play its role.
    pub fn infos(&self, set: &SetDefinition) -> Result<Vec<NetworkInfo>, ModelError> {
        Ok(self.members(set)?.iter().map(|(network, _)| NetworkInfo::new(network)).collect())
    }
}

/// Names are shown on every screen and are part of file names, so they have no other characters than these.
fn check_name(name: &str) -> Result<(), ModelError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+,".contains(c);
    if !name.is_empty() && name.len() <= 200 && name.chars().all(plain) {
        return Ok(());
    }
    let reason = "a name has up to 200 letters, digits, and - _ . + ,".into();
    Err(ModelError::Set { set: name.into(), reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_set_fills_its_roles() {
        let catalog = Catalog::built_in().unwrap();
        for set in catalog.sets() {
            let roles: usize = catalog.members(set).unwrap().iter().map(|(_, roles)| roles.len()).sum();
            assert_eq!(roles, Role::ALL.iter().filter(|&&role| set.network(role).is_some()).count());
        }
        assert!(catalog.set("mini").is_ok() && catalog.set("reference").is_ok());
        let message = catalog.set("maxi").unwrap_err().to_string();
        assert!(message.contains("mini, reference"), "{message}");
    }

    #[test]
    fn a_network_plays_only_roles_it_has_an_output_for() {
        let mut catalog = Catalog::built_in().unwrap();
        let mut set = SetDefinition::empty(SetName::new("mine"), String::new());
        set.put(Role::ClipText, "resnet50");
        let message = catalog.add_set(set.clone()).unwrap_err().to_string();
        assert!(message.contains("'resnet50' cannot be clip_text"), "{message}");
        set.put(Role::ClipText, "nothing");
        let message = catalog.add_set(set).unwrap_err().to_string();
        assert!(message.contains("'nothing'") && message.contains("clip-vit-b32-text"), "{message}");
    }

    #[test]
    fn vectors_of_different_lengths_are_not_one_space() {
        let mut catalog = Catalog::built_in().unwrap();
        let mut set = SetDefinition::empty(SetName::new("mine"), String::new());
        set.put(Role::ClipImage, "clip-vit-b32-vision");
        set.put(Role::ClipText, "all-minilm-l6-v2");
        let message = catalog.add_set(set).unwrap_err().to_string();
        assert!(message.contains("512") && message.contains("1000"), "{message}");
    }

    #[test]
    fn a_network_with_two_outputs_may_play_one_role() {
        let mut catalog = Catalog::built_in().unwrap();
        let mut set = catalog.set("mini").unwrap().clone();
        set.name = SetName::new("mine");
        set.put(Role::ClipImage, "clip-vit-b32-vision");
        set.put(Role::ClipText, "clip-vit-b32-text");
        catalog.add_set(set).unwrap();
        let members = catalog.members(catalog.set("mine").unwrap()).unwrap();
        let of = |name: &str| &members.iter().find(|(network, _)| network.card.name == name).unwrap().1;
        assert_eq!(of("efficientnet-lite0"), &[Role::PreClipImage]);
        assert_eq!(of("clip-vit-b32-text"), &[Role::ClipText]);
    }
}
