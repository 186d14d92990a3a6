//! What the user may choose before the dashboard opens.
//!
//! Owns the choices and how `auto` is resolved from the environment. Must not draw or ask the terminal anything.

use super::grid_plan::Zoom;
use super::keymap::Keymap;
use super::palette::ThemeName;
use super::scale::Scale;

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

/// Which theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// Dark or light, as the terminal's background is; dark while it has not said.
    #[default]
    Auto,
    /// This one.
    Fixed(ThemeName),
}

impl ThemeChoice {
    /// The theme chosen, if one is.
    #[must_use]
    pub fn fixed(self) -> Option<ThemeName> {
        match self {
            Self::Auto => None,
            Self::Fixed(name) => Some(name),
        }
    }
}

/// Everything the user may choose.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How many colours are used; `Auto` counts as none.
    pub color: ColorMode,
    /// How photos are drawn.
    pub images: ImageMode,
    /// Which colours to begin with.
    pub theme: ThemeChoice,
    /// Draw with ASCII only, to begin with.
    pub ascii: bool,
    /// How large the cells of the grid are, to begin with.
    pub zoom: Zoom,
    /// The colours of the grid, to begin with.
    pub scale: Scale,
    /// Which key does what.
    pub keys: Keymap,
}

/// Whether `variable` (as `std::env::var`) says that only ASCII can be drawn: the locale names another character set than
/// UTF-8.
#[must_use]
pub fn wants_ascii(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
    locale.split_once('.').is_some_and(|(_, charset)| !charset.replace('-', "").starts_with("utf8"))
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
        let ascii = |name: &str, value: &str| wants_ascii(|asked| (asked == name).then(|| value.to_owned()));
        assert!(ascii("LANG", "de_DE.ISO-8859-1") && ascii("LC_ALL", "en_US.US-ASCII"));
        assert!(!ascii("LANG", "en_US.UTF-8") && !ascii("LC_CTYPE", "C.utf8") && !ascii("LANG", "C"));
        assert!(!wants_ascii(|_| None));
    }
}
