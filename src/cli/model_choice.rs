//! Which networks a command uses: the set asked for, with some of its networks replaced.

use std::collections::BTreeMap;

use super::config::SetTable;
use super::failure::Failure;
use super::output::tell;
use clipscope_base::display_safe::display_safe;
use clipscope_networks::weights::LocalNetwork;
use clipscope_networks::{Catalog, DeviceKind, ModelSet, ModelStore, Role, SetDefinition, SetName};

/// What was asked for on the command line and in the configuration.
#[derive(Debug, Clone, Default)]
pub(super) struct ModelChoice {
    /// The model set; the best one installed if there is none.
    pub set: Option<String>,
    /// Both sides of the shared space.
    pub clip: Option<String>,
    pub pre_clip_image: Option<String>,
    pub pre_clip_text: Option<String>,
    /// The sets of the configuration.
    pub own_sets: BTreeMap<String, SetTable>,
}

impl ModelChoice {
    /// What is chosen here, and where nothing is, what `other` chooses.
    pub fn or(self, other: Self) -> Self {
        Self {
            set: self.set.or(other.set),
            clip: self.clip.or(other.clip),
            pre_clip_image: self.pre_clip_image.or(other.pre_clip_image),
            pre_clip_text: self.pre_clip_text.or(other.pre_clip_text),
            own_sets: if self.own_sets.is_empty() { other.own_sets } else { self.own_sets },
        }
    }

    /// Whether a set or a network was asked for.
    pub fn is_made(&self) -> bool {
        self.set.is_some() || self.replaces()
    }

    /// The first option of the command line that chose something.
    pub fn option(&self) -> Option<&'static str> {
        let options = [
            ("--models", &self.set),
            ("--clip", &self.clip),
            ("--pre-clip-image", &self.pre_clip_image),
            ("--pre-clip-text", &self.pre_clip_text),
        ];
        options.into_iter().find(|(_, value)| value.is_some()).map(|(option, _)| option)
    }

    fn replaces(&self) -> bool {
        self.clip.is_some() || self.pre_clip_image.is_some() || self.pre_clip_text.is_some()
    }

    /// The networks and sets there are: those that are built in, those that the user has added, and the sets of the
    /// configuration. An added CLIP is a set of its own name: `reference` with that CLIP.
    pub fn catalog(&self, store: &ModelStore) -> Result<Catalog, Failure> {
        let mut catalog = Catalog::built_in()?;
        // A record that cannot be read is told by `clipscope models list`; the other networks work.
        for local in store.added().into_iter().flatten() {
            catalog.add_local(&local)?;
            if let Some(set) = set_of(&catalog, &local)? {
                catalog.add_set(set)?;
            }
        }
        for (name, table) in &self.own_sets {
            let set = own_set(&catalog, name, table)?;
            catalog.add_set(set)?;
        }
        Ok(catalog)
    }

    /// Opens the set that was asked for, or the best one installed, with the networks that replace its own.
    pub fn open(&self, device: DeviceKind, store: &ModelStore) -> Result<ModelSet, Failure> {
        let mut catalog = self.catalog(store)?;
        let base = match &self.set {
            Some(name) => catalog.set(name)?.clone(),
            None => {
                let best = ModelSet::open_default(&catalog, device, store)?;
                if !self.replaces() {
                    return Ok(best);
                }
                catalog.set(best.name().name())?.clone()
            }
        };
        if !self.replaces() {
            return Ok(ModelSet::open(&catalog, &base, device, store)?);
        }
        let set = self.replace(&catalog, base)?;
        catalog.add_set(set.clone())?;
        Ok(ModelSet::open(&catalog, &set, device, store)?)
    }

    /// A set with the networks asked for in place of its own. Its name tells them.
    fn replace(&self, catalog: &Catalog, mut set: SetDefinition) -> Result<SetDefinition, Failure> {
        let mut name = set.name.name().to_owned();
        if let Some(clip) = &self.clip {
            put_clip(catalog, &mut set, clip)?;
            name += &format!("+{clip}");
        }
        for (role, network) in
            [(Role::PreClipImage, &self.pre_clip_image), (Role::PreClipText, &self.pre_clip_text)]
        {
            if let Some(network) = network {
                set.put(role, network.as_str());
                name += &format!("+{network}");
            }
        }
        set.name = SetName::new(name);
        Ok(set)
    }
}

/// `reference` with an added CLIP; `None` for a network of one tower.
pub(super) fn set_of(catalog: &Catalog, local: &LocalNetwork) -> Result<Option<SetDefinition>, Failure> {
    if ![Role::ClipImage, Role::ClipText].iter().all(|role| local.roles.contains(role)) {
        return Ok(None);
    }
    let mut set = catalog.set(SetName::REFERENCE.name())?.clone();
    set.name = SetName::new(&local.name);
    set.about = format!("as reference, with the CLIP of {}", local.source());
    put_clip(catalog, &mut set, &local.name)?;
    Ok(Some(set))
}

/// The set that a table of the configuration describes.
fn own_set(catalog: &Catalog, name: &str, table: &SetTable) -> Result<SetDefinition, Failure> {
    let about = table.about.clone().unwrap_or_else(|| "from the configuration".into());
    let mut set = match &table.base {
        Some(base) => catalog.set(base)?.clone(),
        None => SetDefinition::empty(SetName::new(name), String::new()),
    };
    (set.name, set.about) = (SetName::new(name), about);
    if let Some(clip) = &table.clip {
        put_clip(catalog, &mut set, clip)?;
    }
    let roles = [
        (Role::ClipImage, &table.clip_image),
        (Role::ClipText, &table.clip_text),
        (Role::PreClipImage, &table.pre_clip_image),
        (Role::PreClipText, &table.pre_clip_text),
    ];
    for (role, network) in roles {
        if let Some(network) = network {
            set.put(role, network.as_str());
        }
    }
    Ok(set)
}

/// Gives both sides of the shared space to `names`: the name of a checkpoint with both towers, such as `clip-vit-b32`, or two
/// networks joined by a comma.
fn put_clip(catalog: &Catalog, set: &mut SetDefinition, names: &str) -> Result<(), Failure> {
    let mut found = [None, None];
    for name in names.split(',').map(str::trim) {
        let candidates = [name.to_owned(), format!("{name}-vision"), format!("{name}-text")];
        for network in candidates.iter().filter_map(|name| catalog.network(name)) {
            for (role, found) in [Role::ClipImage, Role::ClipText].into_iter().zip(&mut found) {
                if network.card().plays(role) {
                    *found = Some(network.card().name.clone());
                }
            }
        }
    }
    let [Some(image), Some(text)] = found else {
        let lacks = match found {
            [None, None] => "network of a shared space",
            [None, _] => "image side",
            _ => "text side",
        };
        let message = format!(
            "'{names}' names no {lacks}; give a name from 'clipscope models list', or two networks such as \
             clip-vit-b32-vision,clip-vit-b32-text"
        );
        return Err(Failure::new(Failure::USAGE, message));
    };
    set.put(Role::ClipImage, image);
    set.put(Role::ClipText, text);
    Ok(())
}

/// Says on stderr which networks of a set are not here.
pub(super) fn tell_missing(set: &ModelSet) {
    for network in set.missing() {
        let roles: Vec<&str> = network.roles.iter().map(|role| role.name()).collect();
        let name = display_safe(&network.name);
        tell(format_args!(
            "clipscope: {} is not installed, so there is no {}; run 'clipscope models fetch {name}'",
            name,
            roles.join(" and no "),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(choice: &ModelChoice) -> Result<SetDefinition, String> {
        let catalog = Catalog::built_in().unwrap();
        choice.replace(&catalog, catalog.set("mini").unwrap().clone()).map_err(|failure| failure.message)
    }

    #[test]
    fn one_name_or_two_networks_make_a_shared_space() {
        for clip in [
            "clip-vit-b32",
            "clip-vit-b32-vision,clip-vit-b32-text",
            "clip-vit-b32-text, clip-vit-b32-vision",
        ] {
            let set = replaced(&ModelChoice { clip: Some(clip.into()), ..ModelChoice::default() }).unwrap();
            assert_eq!(set.network(Role::ClipImage), Some("clip-vit-b32-vision"), "{clip}");
            assert_eq!(set.network(Role::ClipText), Some("clip-vit-b32-text"), "{clip}");
            assert_eq!(set.network(Role::PreClipImage), Some("efficientnet-lite0"), "{clip}");
        }
        for (clip, lacks) in
            [("clip-vit-b32-vision", "text side"), ("x", "shared space"), ("all-minilm-l6-v2", "image side")]
        {
            let error =
                replaced(&ModelChoice { clip: Some(clip.into()), ..ModelChoice::default() }).unwrap_err();
            assert!(error.contains(lacks), "{clip}: {error}");
        }
    }

    #[test]
    fn the_name_of_a_set_says_what_was_replaced() {
        let choice = ModelChoice { pre_clip_image: Some("resnet50".into()), ..ModelChoice::default() };
        let set = replaced(&choice).unwrap();
        assert_eq!(set.name.name(), "mini+resnet50");
        assert_eq!(set.network(Role::PreClipImage), Some("resnet50"));
    }

    #[test]
    fn a_set_of_the_configuration_takes_the_rest_from_its_base() {
        let table = SetTable {
            base: Some("reference".into()),
            clip_text: Some("clip-vit-b32-text".into()),
            pre_clip_image: Some("efficientnet-lite0".into()),
            ..SetTable::default()
        };
        let own_sets = BTreeMap::from([("mine".to_owned(), table.clone())]);
        let catalog =
            ModelChoice { own_sets, ..ModelChoice::default() }.catalog(&ModelStore::new("unused")).unwrap();
        let set = catalog.set("mine").unwrap();
        assert_eq!(set.network(Role::PreClipImage), Some("efficientnet-lite0"));
        assert_eq!(set.network(Role::ClipImage), Some("clip-vit-b32-vision"));
        let own_sets = BTreeMap::from([("mine".to_owned(), SetTable { base: Some("none".into()), ..table })]);
        let failure = ModelChoice { own_sets, ..ModelChoice::default() }
            .catalog(&ModelStore::new("unused"))
            .err()
            .unwrap();
        assert_eq!(failure.code, Failure::USAGE);
        assert!(failure.message.contains("mini, reference"), "{}", failure.message);
    }
}
