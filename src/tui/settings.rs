//! The settings with which a screen opens.
//!
//! Owns the choices and how `auto` is resolved from the environment. Must not draw or query the terminal.

use super::grid_plan::Zoom;
use super::keymap::Keymap;
use super::multiplexer::Multiplexer;
use super::palette::ThemeName;
use super::scale::Scale;

/// How many colors to use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ColorMode {
    /// From the environment: `NO_COLOR`, `COLORTERM`, `TERM`.
    #[default]
    Auto,
    /// None: digits, density glyphs and text attributes only.
    None,
    /// The 16 colors of the terminal's own palette.
    Ansi16,
    /// The 256-color palette.
    Ansi256,
    /// 24-bit color.
    True,
}

/// How to draw photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ImageMode {
    /// With the terminal's own graphics (kitty, sixel, iTerm2) if it has them, else as half blocks.
    #[default]
    Auto,
    /// As half blocks; the terminal is not asked.
    Half,
    /// Not at all.
    Off,
}

/// The choice of a theme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// Dark or light, like the terminal's background; dark until that is known.
    #[default]
    Auto,
    /// One theme, whatever the background.
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

/// The user's choices.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// How many colors to use; `Auto` counts as none.
    pub color: ColorMode,
    /// How to draw photos.
    pub images: ImageMode,
    /// The theme to begin with.
    pub theme: ThemeChoice,
    /// Whether to begin with ASCII only.
    pub ascii: bool,
    /// The size of the grid's cells to begin with.
    pub zoom: Zoom,
    /// The color scale of the grid to begin with.
    pub scale: Scale,
    /// Which key does what.
    pub keys: Keymap,
}

/// Whether only ASCII can be drawn because the locale names a character set other than UTF-8. `variable` is as
/// `std::env::var`.
#[must_use]
pub fn wants_ascii(variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default().to_ascii_lowercase();
    locale.split_once('.').is_some_and(|(_, charset)| !charset.replace('-', "").starts_with("utf8"))
}

impl ColorMode {
    /// Replaces `Auto` by what the environment says about the terminal. `variable` is as `std::env::var`.
    #[must_use]
    pub fn resolve(self, variable: impl Fn(&str) -> Option<String>) -> Self {
        if self != Self::Auto {
            return self;
        }
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        if set("NO_COLOR").is_some() {
            return Self::None;
        }
        let multiplexer = Multiplexer::of(&variable);
        // GNU screen inherits the variable from the terminal outside, and takes such colors for others.
        let outside = multiplexer == Multiplexer::Screen;
        if !outside && set("COLORTERM").is_some_and(|value| value == "truecolor" || value == "24bit") {
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
        let tmux = [("TERM", "screen-256color"), ("TERM_PROGRAM", "tmux"), ("COLORTERM", "truecolor")];
        assert_eq!(auto(&tmux), ColorMode::True);
        let screen = |term| auto(&[("TERM", term), ("COLORTERM", "truecolor"), ("STY", "7.pts")]);
        assert_eq!(screen("screen.xterm-256color"), ColorMode::Ansi256);
        assert_eq!(screen("screen"), ColorMode::Ansi16);
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
