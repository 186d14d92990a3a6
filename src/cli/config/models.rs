//! The entry `models`: which model set is used, and the sets of the user.

use std::collections::BTreeMap;

use clipscope_base::display_safe::display_safe;
use serde::{Deserialize, Serialize};

/// Which model set is used, and the sets that the configuration adds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(from = "ModelsForm")]
pub(in crate::cli) struct ModelsConfig {
    /// The set to use; `None` for the best one installed.
    pub default: Option<String>,
    pub sets: BTreeMap<String, SetTable>,
}

/// The entry as it may be written.
#[derive(Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(
    untagged,
    expecting = "expected the name of a model set, or a table such as [models.NAME] with clip, clip-image, clip-text, \
                 pre-clip-image, pre-clip-text, base or about"
)]
pub(super) enum ModelsForm {
    /// The name of a model set.
    Name(String),
    /// Model sets by name, and the one to use as `default`.
    Table {
        /// The set to use; by default, the best one installed.
        default: Option<String>,
        #[serde(flatten)]
        sets: BTreeMap<String, SetTable>,
    },
}

/// A model set: a network for each role. Roles that are left out are taken from `base`; without one, the set lacks them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(in crate::cli) struct SetTable {
    /// What the set is, in one line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// The set whose networks play the roles that are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// Both sides of the shared space: a name given to `clipscope models add`, or two networks, joined by a comma.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip: Option<String>,
    /// The image side of the shared space.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_image: Option<String>,
    /// The text side of the shared space.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_text: Option<String>,
    /// The image network that knows no text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_clip_image: Option<String>,
    /// The sentence encoder that knows no images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_clip_text: Option<String>,
}

impl From<ModelsForm> for ModelsConfig {
    fn from(form: ModelsForm) -> Self {
        match form {
            ModelsForm::Name(name) => Self { default: Some(name), sets: BTreeMap::new() },
            ModelsForm::Table { default, sets } => Self { default, sets },
        }
    }
}

impl ModelsConfig {
    /// The user's sets as a TOML table that reads back to them, with the set to use; empty where there are none.
    pub fn to_table(&self) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            models: BTreeMap<&'a str, &'a SetTable>,
        }
        if self.sets.is_empty() {
            return String::new();
        }
        let default = self
            .default
            .as_ref()
            .map(|name| format!("\n[models]\ndefault = {}\n", toml::Value::String(name.clone())));
        let models = self.sets.iter().map(|(name, set)| (name.as_str(), set)).collect();
        let table =
            default.unwrap_or_default() + "\n" + &toml::to_string(&Document { models }).unwrap_or_default();
        // Names may hold characters that must not reach a terminal; escaped, they would be other names.
        if table.lines().all(|line| display_safe(line) == line) { table } else { String::new() }
    }
}
