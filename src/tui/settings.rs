//! What the user may choose before the dashboard opens.
//!
//! Owns the choices and how `auto` is resolved from the environment. Must not draw or ask the terminal anything.

use std::str::FromStr;

use super::palette::ThemeName;

/// How many colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorMode {
    /// As the environment says: `NO_COLOR`, `COLORTERM`, `TERM`.
    #[default]
    Auto,
    /// None: digits, density glyphs and text attributes only.
    None,
    /// The 16 colours of the terminal's own palette.
    Ansi16,
    /// The 256-colour palette.
    Ansi256,
    /// 24-bit colour.
    True,
}

/// How photos are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImageMode {
    /// With the terminal's own graphics (kitty, sixel, iTerm2) where it has them, else as half blocks.
    #[default]
    Auto,
    /// As half blocks; the terminal is not asked.
    Half,
    /// Not at all.
    Off,
}

/// Everything the user may choose.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How many colours are used.
    pub color: ColorMode,
    /// How photos are drawn.
    pub images: ImageMode,
}

/// Signs and colours, which can also be changed while the dashboard is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Look {
    /// Which colours.
    pub theme: ThemeName,
    /// Draw with ASCII only.
    pub ascii: bool,
}

impl Look {
    /// What `variable` (as `std::env::var`) says about the terminal: ASCII where the locale names another character set
    /// than UTF-8.
    #[must_use]
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
        let ascii =
            locale.split_once('.').is_some_and(|(_, charset)| !charset.replace('-', "").starts_with("utf8"));
        Self { ascii, ..Self::default() }
    }
}

impl ColorMode {
    /// The mode with `Auto` replaced by what `variable` (as `std::env::var`) says about the terminal.
    #[must_use]
    pub fn resolve(self, variable: impl Fn(&str) -> Option<String>) -> Self {
        if self != Self::Auto {
            return self;
        }
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if set("NO_COLOR").is_some() {
            return Self::None;
        }
        if set("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit") {
            return Self::True;
        }
        match set("TERM") {
            Some(term) if term.ends_with("-direct") => Self::True,
            Some(term) if term.contains("256color") => Self::Ansi256,
            Some(term) if term == "dumb" => Self::None,
            _ => Self::Ansi16,
        }
    }
}

/// A word that names none of the choices.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{found}' is not one of {choices}")]
pub struct UnknownChoice {
    found: String,
    choices: &'static str,
}

impl UnknownChoice {
    pub(super) fn new(found: &str, choices: &'static str) -> Self {
        Self { found: found.to_owned(), choices }
    }
}

impl FromStr for ColorMode {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            "16" => Ok(Self::Ansi16),
            "256" => Ok(Self::Ansi256),
            "true" => Ok(Self::True),
            _ => Err(UnknownChoice::new(text, "auto, none, 16, 256, true")),
        }
    }
}

impl FromStr for ImageMode {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "half" => Ok(Self::Half),
            "off" => Ok(Self::Off),
            _ => Err(UnknownChoice::new(text, "auto, half, off")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn auto(variables: &[(&str, &str)]) -> ColorMode {
        let find = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.to_string())
        };
        ColorMode::Auto.resolve(find)
    }

    #[test]
    fn the_environment_decides_only_where_the_user_did_not() {
        assert_eq!(auto(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), ColorMode::None);
        assert_eq!(auto(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")]), ColorMode::True);
        assert_eq!(auto(&[("TERM", "xterm-256color")]), ColorMode::Ansi256);
        assert_eq!(auto(&[("TERM", "linux")]), ColorMode::Ansi16);
        assert_eq!(auto(&[("TERM", "dumb")]), ColorMode::None);
        assert_eq!(auto(&[]), ColorMode::Ansi16);
        assert_eq!(ColorMode::Ansi256.resolve(|_| Some("1".into())), ColorMode::Ansi256);
    }

    #[test]
    fn another_character_set_than_utf8_means_ascii() {
        let ascii = |name: &str, value: &str| {
            Look::from_environment(|asked| (asked == name).then(|| value.to_owned())).ascii
        };
        assert!(ascii("LANG", "de_DE.ISO-8859-1") && ascii("LC_ALL", "en_US.US-ASCII"));
        assert!(!ascii("LANG", "en_US.UTF-8") && !ascii("LC_CTYPE", "C.utf8") && !ascii("LANG", "C"));
        assert!(!Look::from_environment(|_| None).ascii);
    }

    #[test]
    fn words_are_read_and_others_named() {
        assert_eq!("256".parse(), Ok(ColorMode::Ansi256));
        assert_eq!("half".parse(), Ok(ImageMode::Half));
        assert!(
            "x".parse::<ImageMode>().unwrap_err().to_string().contains("'x' is not one of auto, half, off")
        );
    }
}
