//! The configuration as commented TOML that reads back to itself.

use std::fmt::Write as _;

use clap::ValueEnum;
use toml::Value;

use super::{Config, ZoomSetting};
use clipscope_base::display_safe::display_safe;

/// The schema, whose descriptions are the comments.
const SCHEMA: &str = include_str!("../../../schema/config.schema.json");

impl Config {
    /// The configuration in effect, with a comment on every entry. Entries without a value are commented out.
    pub fn to_toml(&self) -> String {
        let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap_or_default();
        let described = |path: &str| {
            schema.pointer(path).and_then(|text| text.as_str()).unwrap_or_default().replace('\n', " ")
        };
        let word = |value: Option<String>| value.map(Value::String);
        let path = |path: &Option<std::path::PathBuf>| {
            path.as_ref().and_then(|path| path.to_str()).map(|path| Value::String(path.into()))
        };
        let zoom = match self.zoom {
            Some(ZoomSetting::Level(level)) => Value::Integer(level.into()),
            Some(ZoomSetting::Fit(_)) | None => Value::String("fit".into()),
        };
        // The set to use stands in the table of the user's sets where there are any.
        let models = self.models.default.clone().filter(|_| self.models.sets.is_empty());
        let entries = [
            ("theme", word(name(self.theme.unwrap_or_default())), "dark"),
            ("ascii", self.ascii.map(Value::Boolean), "true"),
            ("images", word(name(self.images.unwrap_or_default())), ""),
            ("colour", word(name(self.color.unwrap_or_default())), ""),
            ("zoom", Some(zoom), ""),
            ("scale", word(name(self.scale.unwrap_or_default())), ""),
            ("models", word(models), "\"mini\""),
            ("cache-dir", path(&self.cache_dir), "\"/path/to/folder\""),
            ("log", path(&self.log), "\"/path/to/clipscope.log\""),
        ];
        let mut out = String::from(
            "# The configuration of clipscope: ~/.config/clipscope/config.toml, or --config FILE.\n\
             # An option wins over the environment, the environment over this file.\n",
        );
        for (key, value, example) in entries {
            let choices = choices(schema.pointer(&format!("/properties/{key}")));
            let _ = writeln!(out, "\n# {}{choices}", described(&format!("/properties/{key}/description")));
            // A path may hold characters that must not reach a terminal; escaped, it would be another path.
            let value = value.map(|value| value.to_string());
            match value.filter(|value| display_safe(value) == *value) {
                Some(value) => _ = writeln!(out, "{key} = {value}"),
                None => _ = writeln!(out, "#{key} = {example}"),
            }
        }
        out += &self.models.to_table();
        let _ = writeln!(out, "\n# {}\n[keys]", described("/properties/keys/description"));
        let mut named = Vec::new();
        for row in self.keymap.bindings() {
            if named.contains(&row.command) {
                continue;
            }
            named.push(row.command);
            let keys: Vec<Value> = row.keys.iter().map(|key| Value::String(key.name())).collect();
            let _ = writeln!(out, "{} = {}  # {}", row.command.name(), Value::Array(keys), row.help);
        }
        out
    }
}

fn name(value: impl ValueEnum) -> Option<String> {
    value.to_possible_value().map(|value| value.get_name().to_owned())
}

/// The values an entry may have, as its schema lists them.
fn choices(schema: Option<&serde_json::Value>) -> String {
    let Some(schema) = schema else { return String::new() };
    let listed = schema.get("enum").and_then(|list| list.as_array()).cloned();
    let described = || {
        let list = schema.get("oneOf")?.as_array()?;
        Some(list.iter().filter_map(|choice| choice.get("const")).cloned().collect())
    };
    let words: Vec<serde_json::Value> = listed.or_else(described).unwrap_or_default();
    let words: Vec<&str> = words.iter().filter_map(|word| word.as_str()).collect();
    if words.len() < 2 { String::new() } else { format!(" One of {}.", words.join(", ")) }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn it_reads_back_to_itself() {
        let own = "theme = 'colour-blind'\nascii = false\nimages = 'half'\ncolour = '16'\nzoom = 7\n\
                   scale = 'diverging'\nmodels = 'mini'\ncache-dir = '/a \"b\" \\c'\nlog = 'é.log'\n\
                   [keys]\nundo = []\nsave = 'Ctrl-S'\nquit = ['Q', 'Esc']\ncopy = '\"'\n";
        let sets = "[models]\ndefault = 'mine'\n[models.mine]\nbase = 'mini'\nclip = 'a,b'\n[models.b]\nabout = 'é'\n";
        for text in ["", own, sets] {
            let config = Config::parse(text, Path::new("a")).unwrap();
            let printed = config.to_toml();
            let again =
                Config::parse(&printed, Path::new("b")).unwrap_or_else(|error| panic!("{error}\n{printed}"));
            assert_eq!(again.to_toml(), printed);
            let settings = |config: &Config| format!("{:?}", config.settings(|_| None));
            assert_eq!(settings(&config), settings(&again));
            let places =
                |config: &Config| (config.models.clone(), config.cache_dir.clone(), config.log.clone());
            assert_eq!(places(&config), places(&again));
        }
    }

    #[test]
    fn every_entry_is_explained() {
        let printed = Config::default().to_toml();
        for entry in ["theme", "ascii", "images", "colour", "zoom", "scale", "models", "cache-dir", "log"] {
            let lines: Vec<&str> = printed.lines().collect();
            let at = lines
                .iter()
                .position(|line| line.trim_start_matches('#').starts_with(&format!("{entry} = ")));
            let at = at.unwrap_or_else(|| panic!("{entry}\n{printed}"));
            assert!(
                lines[at - 1].starts_with("# ") && lines[at - 1].len() > 20,
                "{entry}: {}",
                lines[at - 1]
            );
        }
        assert!(printed.contains("One of auto, dark, light, high-contrast, colour-blind."), "{printed}");
        assert!(printed.contains("edit-caption = [\"e\"]  # edit the caption"), "{printed}");
    }
}
