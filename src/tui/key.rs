//! Keys and their names, on screen and in the configuration file.
//!
//! Must not know what a key does.

use std::fmt;
use std::str::FromStr;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers, as far as they matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    control: bool,
}

pub(super) const fn key(code: KeyCode) -> Key {
    Key { code, control: false }
}

pub(super) const fn ch(character: char) -> Key {
    key(KeyCode::Char(character))
}

pub(super) const fn ctrl(character: char) -> Key {
    Key { code: KeyCode::Char(character), control: true }
}

impl From<KeyEvent> for Key {
    /// Shift is left out: it is part of the character, or of [`KeyCode::BackTab`].
    fn from(event: KeyEvent) -> Self {
        let control = event.modifiers.contains(KeyModifiers::CONTROL);
        let code = match event.code {
            KeyCode::Char(character) if control => KeyCode::Char(character.to_ascii_lowercase()),
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        Self { code, control }
    }
}

/// Keys named by a word in the configuration, and their names on screen.
const NAMED: [(KeyCode, &str, &str); 17] = [
    (KeyCode::Left, "Left", "←"),
    (KeyCode::Down, "Down", "↓"),
    (KeyCode::Up, "Up", "↑"),
    (KeyCode::Right, "Right", "→"),
    (KeyCode::PageUp, "PgUp", "PgUp"),
    (KeyCode::PageDown, "PgDn", "PgDn"),
    (KeyCode::Home, "Home", "Home"),
    (KeyCode::End, "End", "End"),
    (KeyCode::Enter, "Enter", "Enter"),
    (KeyCode::Esc, "Esc", "Esc"),
    (KeyCode::Tab, "Tab", "Tab"),
    (KeyCode::BackTab, "Shift-Tab", "Shift-Tab"),
    (KeyCode::Backspace, "Backspace", "Backspace"),
    (KeyCode::Delete, "Del", "Del"),
    (KeyCode::Insert, "Ins", "Ins"),
    (KeyCode::Char(' '), "Space", "Space"),
    (KeyCode::Null, "Null", "Null"),
];

impl Key {
    /// Whether the key types a character in a line of text.
    #[must_use]
    pub fn is_text(self) -> bool {
        !self.control && matches!(self.code, KeyCode::Char(_))
    }

    /// The name in the configuration file; parses back to the key.
    #[must_use]
    pub fn name(self) -> String {
        self.spelled(|(_, word, _)| word)
    }

    fn spelled(self, pick: fn(&(KeyCode, &'static str, &'static str)) -> &'static str) -> String {
        let named = NAMED.iter().find(|(code, ..)| *code == self.code).map(|row| pick(row).to_owned());
        let word = match (named, self.code) {
            (Some(word), _) => word,
            (None, KeyCode::F(number)) => format!("F{number}"),
            (None, KeyCode::Char(character)) if self.control => character.to_ascii_uppercase().to_string(),
            (None, KeyCode::Char(character)) => character.to_string(),
            (None, code) => format!("{code:?}"),
        };
        if self.control { format!("Ctrl-{word}") } else { word }
    }
}

impl fmt::Display for Key {
    /// The name on screen.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.spelled(|(_, _, sign)| sign))
    }
}

/// Why a word does not name a usable key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownKey {
    /// There is no key of this name.
    #[error(
        "'{0}' is not a key; keys are q, G, /, Ctrl-X, F1, Left, PgUp, Enter, Esc, Tab, Shift-Tab, Space, …"
    )]
    Name(String),
    /// Terminals send the same for another key.
    #[error("terminals send the same for '{0}' as for {1}; choose another key")]
    SameAs(String, &'static str),
}

impl FromStr for Key {
    type Err = UnknownKey;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (control, word) = match text.strip_prefix("Ctrl-") {
            Some(word) if !word.is_empty() => (true, word),
            _ => (false, text),
        };
        let same = match word {
            "i" | "I" if control => Some("Tab"),
            "m" | "M" if control => Some("Enter"),
            "[" if control => Some("Esc"),
            _ => None,
        };
        if let Some(other) = same {
            return Err(UnknownKey::SameAs(text.to_owned(), other));
        }
        let unknown = || UnknownKey::Name(text.to_owned());
        if let Some((code, ..)) = NAMED.iter().find(|(_, name, sign)| *name == word || *sign == word) {
            return Ok(Self { code: *code, control });
        }
        let function = word.strip_prefix('F').and_then(|number| number.parse().ok());
        if let Some(number @ 1..=24) = function {
            return Ok(Self { code: KeyCode::F(number), control });
        }
        let mut characters = word.chars();
        match (characters.next(), characters.next()) {
            (Some(character), None) if !character.is_control() && !character.is_whitespace() => {
                let character = if control { character.to_ascii_lowercase() } else { character };
                Ok(Self { code: KeyCode::Char(character), control })
            }
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        let named = NAMED.iter().map(|(code, ..)| key(*code));
        let others = [ch('q'), ch('G'), ch('/'), ch('é'), ctrl('c'), key(KeyCode::F(1)), key(KeyCode::F(12))];
        for key in named.chain(others) {
            assert_eq!(key.name().parse(), Ok(key));
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        assert_eq!("Ctrl-C".parse(), Ok(ctrl('c')));
        assert_eq!((key(KeyCode::Left).to_string(), key(KeyCode::Left).name()), ("←".into(), "Left".into()));
    }

    #[test]
    fn words_that_name_no_key_are_refused() {
        for word in ["", "qq", "F0", "F25", "Ctrl-", "Hyper-x", " ", "\u{7}", "Shift-x"] {
            assert!(matches!(word.parse::<Key>(), Err(UnknownKey::Name(_))), "{word:?}");
        }
        for word in ["Ctrl-I", "Ctrl-m", "Ctrl-["] {
            assert!(matches!(word.parse::<Key>(), Err(UnknownKey::SameAs(..))), "{word}");
        }
    }
}
