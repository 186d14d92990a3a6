//! The user's configuration file.
//!
//! Owns its location, its entries, and what is reported when it cannot be read. An option wins over the environment
//! (`NO_COLOR`), the environment over the file, the file over the defaults. Must not draw or open models.
//!
//! The doc comments of [`Config`] are the descriptions in `schema/config.schema.json` (a test keeps the two equal) and
//! the comments of `--print-config`.

mod models;
mod print;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use toml::Spanned;

use super::args::Arguments;
use super::values::{ColorArgument, ImagesArgument, ScaleArgument, ThemeArgument};
use crate::tui::grid_plan::Zoom;
use crate::tui::key::Key;
use crate::tui::keymap::Keymap;
use crate::tui::{ColorMode, Command, Settings};
use clipscope_base::display_safe::{display_path, display_safe};
use models::ModelsConfig;
pub(super) use models::SetTable;

/// A larger file cannot be a configuration.
const LONGEST: u64 = 1 << 20;

/// The configuration of clipscope. Everything is optional.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(super) struct Config {
    /// Color theme; auto is dark or light, like the terminal's background.
    #[cfg_attr(test, schemars(with = "ThemeArgument"))]
    pub theme: Option<ThemeArgument>,
    /// Draw with ASCII only; by default, if the locale is not UTF-8.
    #[cfg_attr(test, schemars(with = "bool"))]
    pub ascii: Option<bool>,
    /// How to draw photos.
    #[cfg_attr(test, schemars(with = "ImagesArgument"))]
    pub images: Option<ImagesArgument>,
    /// How many colors to use; auto asks the environment. NO_COLOR wins over this.
    #[cfg_attr(test, schemars(with = "ColorArgument"))]
    #[serde(rename = "colour", alias = "color")]
    pub color: Option<ColorArgument>,
    /// Size of the grid's cells: "fit", or a zoom step, where 0 is the largest (six digits wide).
    #[cfg_attr(test, schemars(with = "ZoomSetting"))]
    pub zoom: Option<ZoomSetting>,
    /// The ends of the grid's color scale.
    #[cfg_attr(test, schemars(with = "ScaleArgument"))]
    pub scale: Option<ScaleArgument>,
    /// Model set; by default, the best one installed. Or a table for each set of your own, [models.NAME], and the one to use as default.
    #[cfg_attr(test, schemars(with = "models::ModelsForm"))]
    pub models: ModelsConfig,
    /// Folder of cached vectors and downloaded models; by default, clipscope in the user's cache folder.
    #[cfg_attr(test, schemars(with = "PathBuf"))]
    pub cache_dir: Option<PathBuf>,
    /// Log file; by default, nothing is logged. -v and -vv log more.
    #[cfg_attr(test, schemars(with = "PathBuf"))]
    pub log: Option<PathBuf>,
    /// Keys of each command: one key, a list, or [] for none. Other commands keep their keys.
    #[cfg_attr(test, schemars(schema_with = "tests::keys_schema"))]
    pub keys: BTreeMap<Spanned<String>, Spanned<Keys>>,
    /// The key table, once checked.
    #[serde(skip)]
    keymap: Keymap,
}

/// The size of the grid's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged, expecting = "expected \"fit\" or a step from 0 to 40")]
pub(super) enum ZoomSetting {
    Fit(FitWord),
    Level(#[cfg_attr(test, schemars(range(max = 40)))] u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub(super) enum FitWord {
    Fit,
}

/// The keys of a command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "expected a key such as \"q\" or a list of keys")]
pub(super) enum Keys {
    One(String),
    Many(Vec<String>),
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigError {
    #[error("cannot read the configuration {file}: {reason}; give another with --config FILE")]
    Unreadable { file: String, reason: String },
    #[error("{file}, line {line}: {reason}; 'clipscope --print-config' shows every entry")]
    Wrong { file: String, line: usize, reason: String },
}

impl Config {
    /// Reads the file asked for, or else the user's, if there is one.
    pub fn load(asked: Option<&Path>) -> Result<Self, ConfigError> {
        let Some(path) = asked.map(Path::to_path_buf).or_else(user_file) else { return Ok(Self::default()) };
        let unreadable =
            |reason: String| ConfigError::Unreadable { file: display_path(&path).into_owned(), reason };
        // Anything but a regular file could block, or never end.
        let metadata = match std::fs::metadata(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && asked.is_none() => {
                return Ok(Self::default());
            }
            metadata => metadata.map_err(|error| unreadable(error.to_string()))?,
        };
        if !metadata.is_file() {
            return Err(unreadable("it is not a file".into()));
        }
        if metadata.len() > LONGEST {
            return Err(unreadable("it is larger than a configuration can be".into()));
        }
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(error.to_string()))?;
        Self::parse(&text, &path)
    }

    /// Reads a configuration; `file` is for what is said about it.
    pub fn parse(text: &str, file: &Path) -> Result<Self, ConfigError> {
        let wrong = |at: Option<usize>, reason: &str| {
            let before = at.and_then(|at| text.get(..at)).unwrap_or("");
            let line = before.matches('\n').count() + 1;
            let reason = display_safe(reason).into_owned();
            ConfigError::Wrong { file: display_path(file).into_owned(), line, reason }
        };
        let mut config: Self = toml::from_str(text)
            .map_err(|error| wrong(error.span().map(|span| span.start), error.message()))?;
        if matches!(config.zoom, Some(ZoomSetting::Level(41..))) {
            let at = text.find("zoom");
            return Err(wrong(at, "zoom: expected \"fit\" or a step from 0 to 40"));
        }
        let mut own = Vec::new();
        for (name, keys) in &config.keys {
            let command = Command::from_name(name.get_ref()).ok_or_else(|| {
                let reason = format!("keys: there is no command '{}'", name.get_ref());
                wrong(Some(name.span().start), &reason)
            })?;
            let words = match keys.get_ref() {
                Keys::One(word) => std::slice::from_ref(word),
                Keys::Many(words) => words,
            };
            let parsed: Result<Vec<Key>, _> = words.iter().map(|word| word.parse()).collect();
            let parsed = parsed.map_err(|error| {
                wrong(Some(keys.span().start), &format!("keys, {}: {error}", name.get_ref()))
            })?;
            own.push((command, parsed));
        }
        config.keymap = Keymap::with(&own).map_err(|conflict| {
            let named = |name: &&Spanned<String>| {
                conflict.commands().iter().any(|command| command.name() == *name.get_ref())
            };
            let at = config.keys.keys().filter(named).map(|name| name.span().start).max();
            wrong(at, &format!("keys: {conflict}"))
        })?;
        Ok(config)
    }

    /// Replaces what the file says by what the command line says.
    pub fn override_with(&mut self, arguments: &Arguments) {
        let common = arguments.common();
        self.theme = arguments.theme.or(self.theme);
        self.ascii = arguments.ascii.then_some(true).or(self.ascii);
        self.images = arguments.images.or(self.images);
        if arguments.no_color {
            self.color = Some(ColorArgument::None);
        }
        self.models.default = common.models.set.or(self.models.default.take());
        self.cache_dir = common.cache_dir.or(self.cache_dir.take());
        self.log = common.log.or(self.log.take());
    }

    /// The settings of the dashboard, in the environment that `variable` (as `std::env::var`) describes.
    pub fn settings(&self, variable: impl Fn(&str) -> Option<String>) -> Settings {
        let no_color = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = if no_color { ColorMode::None } else { self.color.unwrap_or_default().into() };
        Settings {
            color: color.resolve(&variable),
            images: self.images.unwrap_or_default().into(),
            theme: self.theme.unwrap_or_default().into(),
            ascii: self.ascii.unwrap_or_else(|| crate::tui::settings::wants_ascii(variable)),
            zoom: match self.zoom {
                Some(ZoomSetting::Level(level)) => Zoom::Level(level.into()),
                Some(ZoomSetting::Fit(_)) | None => Zoom::Fit,
            },
            scale: self.scale.unwrap_or_default().into(),
            keys: self.keymap.clone(),
        }
    }
}

/// `clipscope/config.toml` in the user's configuration folder (`XDG_CONFIG_HOME`, else `~/.config`).
fn user_file() -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    Some(etcetera::choose_base_strategy().ok()?.config_dir().join("clipscope/config.toml"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use schemars::generate::SchemaSettings;

    use super::*;
    use crate::tui::{ImageMode, ThemeName};

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(text, Path::new("config.toml")).map_err(|error| error.to_string())
    }

    /// One entry a command, described as on the help page.
    pub(super) fn keys_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let keymap = Keymap::default();
        let mut properties = serde_json::Map::new();
        for row in keymap.bindings() {
            let entry = serde_json::json!({
                "description": row.help,
                "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            });
            // Of a command with several rows the first can be changed.
            properties.entry(row.command.name()).or_insert(entry);
        }
        let former = serde_json::json!({
            "description": "the former name of models",
            "deprecated": true,
            "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        });
        properties.insert("next-models".into(), former);
        schemars::json_schema!({"type": "object", "additionalProperties": false, "properties": properties})
    }

    fn schema() -> String {
        let generator = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let mut schema = generator.into_generator().into_root_schema_for::<Config>();
        schema.insert("title".into(), "config.toml of clipscope".into());
        serde_json::to_string_pretty(&schema).unwrap() + "\n"
    }

    #[test]
    fn the_schema_in_the_repository_is_that_of_the_types() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/config.schema.json");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            std::fs::write(path, schema()).unwrap();
        }
        let committed = std::fs::read_to_string(path).unwrap();
        assert!(committed == schema(), "run the test with UPDATE_SCHEMA=1 and commit {path}");
    }

    #[test]
    fn a_former_name_of_a_command_still_gives_it_its_key() {
        for name in ["models", "next-models"] {
            let config = parse(&format!("[keys]\n{name} = 'M'\n")).unwrap();
            assert_eq!(config.settings(|_| None).keys.label(Command::Models), "M", "{name}");
        }
    }

    #[test]
    fn what_is_not_named_keeps_its_default() {
        let config = parse("theme = 'light'\nzoom = 3\n[keys]\nundo = ['U', 'Ctrl-R']\n").unwrap();
        let settings = config.settings(|_| None);
        assert_eq!(settings.theme.fixed(), Some(ThemeName::Light));
        assert_eq!((settings.images, settings.zoom), (ImageMode::Auto, Zoom::Level(3)));
        assert_eq!(
            (settings.keys.label(Command::Undo), settings.keys.label(Command::Save)),
            ("U".into(), "w".into())
        );
        assert!(parse("").unwrap().settings(|_| None).theme.fixed().is_none());
    }

    #[test]
    fn errors_name_the_line_and_what_is_wrong() {
        for (text, line, words) in [
            ("theme = 'light'\ntheme2 = 1\n", 2, "theme2"),
            ("theme = 'beige'\n", 1, "high-contrast"),
            ("\n\nascii = 'yes'\n", 3, "boolean"),
            ("zoom = 41\n", 1, "40"),
            ("zoom = 'large'\n", 1, "fit"),
            ("images = \n", 1, ""),
            ("[keys]\nquit = 'Q'\nfly = 'f'\n", 3, "no command 'fly'"),
            ("[keys]\nquit = 7\n", 2, "a key such as"),
            ("[keys]\nquit = ['Q', 'QQ']\n", 2, "'QQ' is not a key"),
            ("[keys]\nsave = 'W'\nundo = 'e'\n", 3, "both 'edit-caption' and 'undo'"),
            ("[keys]\nquit = 'Ctrl-I'\n", 2, "Tab"),
            ("[keys]\nkeep = 'k'\n", 2, "typed"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.starts_with(&format!("config.toml, line {line}: ")), "{text:?}: {error}");
            assert!(error.contains(words), "{text:?}: {error}");
        }
    }

    #[test]
    fn names_that_are_not_ours_are_made_safe() {
        let error =
            Config::parse("\"a\\u001b[2J\" = 1\n", Path::new("x\u{1b}.toml")).unwrap_err().to_string();
        assert!(!error.contains('\u{1b}') && error.contains("U+001B"), "{error}");
        let error = parse("[keys]\n\"\\u202e\" = 'x'\n").unwrap_err();
        assert!(!error.contains('\u{202e}') && error.contains("U+202E"), "{error}");
    }

    #[test]
    fn a_flag_wins_over_the_environment_and_that_over_the_file() {
        let file =
            "colour = '256'\nimages = 'off'\nascii = true\nmodels = 'reference'\ncache-dir = '/file'\n";
        let no_color = |name: &str| (name == "NO_COLOR").then(|| "1".to_owned());
        let config = parse(file).unwrap();
        assert_eq!(config.settings(|_| None).color, ColorMode::Ansi256);
        assert_eq!(config.settings(no_color).color, ColorMode::None);
        assert_eq!(
            (config.settings(|_| None).images, config.settings(|_| None).ascii),
            (ImageMode::Off, true)
        );
        let with = |flags: &[&str]| {
            let mut config = parse(file).unwrap();
            config.override_with(&Arguments::parse_from(["clipscope"].iter().chain(flags)));
            config
        };
        assert_eq!(with(&["--no-color"]).settings(|_| None).color, ColorMode::None);
        let flagged = with(&["--images", "half", "--models", "mini", "--cache-dir", "/flag"]);
        assert_eq!(flagged.settings(|_| None).images, ImageMode::Half);
        assert_eq!((flagged.models.default, flagged.cache_dir), (Some("mini".into()), Some("/flag".into())));
        assert_eq!(with(&[]).models.default.as_deref(), Some("reference"));
    }

    #[test]
    fn a_file_asked_for_must_be_there() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().join("none.toml"), folder.path().to_owned()] {
            let error = Config::load(Some(&path)).unwrap_err().to_string();
            assert!(error.contains("--config FILE"), "{error}");
        }
    }
}
