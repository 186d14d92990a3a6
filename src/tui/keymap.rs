//! The key table in use: what a key press asks for, and which keys a command has.
//!
//! Owns how the user's own keys replace those of the table, and which rows a screen and a mode have. Must not change
//! state.

use std::borrow::Cow;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::bindings::BINDINGS;
pub use super::bindings::{Binding, Mode, ScreenKind};
use super::command::Command;
use super::key::Key;

/// Why the user's own keys cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyConflict {
    /// One key would do two things.
    #[error("'{key}' is bound to both '{}' and '{}'; give one of them another key", commands[0].name(), commands[1].name())]
    Twice {
        /// The name of the key.
        key: String,
        /// The commands it is bound to.
        commands: [Command; 2],
    },
    /// A character could not be typed any more.
    #[error("'{key}' for '{}' could no longer be typed as text; choose a key with Ctrl", command.name())]
    Untypable {
        /// The name of the key.
        key: String,
        /// The command it would be bound to.
        command: Command,
    },
}

impl KeyConflict {
    /// The commands at fault.
    #[must_use]
    pub fn commands(&self) -> &[Command] {
        match self {
            Self::Twice { commands, .. } => commands,
            Self::Untypable { command, .. } => std::slice::from_ref(command),
        }
    }
}

/// The table in use on one of the screens: that of [`bindings`](super::bindings), with the user's own keys.
#[derive(Debug, Clone)]
pub struct Keymap {
    screen: ScreenKind,
    bindings: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { screen: ScreenKind::default(), bindings: BINDINGS.to_vec() }
    }
}

impl Keymap {
    /// The table with `own` keys in place of those of the commands named. Where a command has several rows the first is
    /// replaced: Ctrl-C always quits.
    ///
    /// # Errors
    /// When a key would do two things, or a character could not be typed.
    pub fn with(own: &[(Command, Vec<Key>)]) -> Result<Self, KeyConflict> {
        let mut keymap = Self::default();
        for (command, keys) in own {
            if let Some(row) = keymap.bindings.iter_mut().find(|row| row.command == *command) {
                row.keys = Cow::Owned(keys.clone());
            }
        }
        keymap.check()?;
        Ok(keymap)
    }

    /// The same table, for a screen.
    #[must_use]
    pub fn on(self, screen: ScreenKind) -> Self {
        Self { screen, ..self }
    }

    fn check(&self) -> Result<(), KeyConflict> {
        for mode in Mode::ALL {
            let mut seen: Vec<(Key, Command)> = Vec::new();
            for row in self.bindings.iter().filter(|row| row.modes.contains(&mode)) {
                for &key in row.keys.iter() {
                    if mode.is_typing() && key.is_text() {
                        return Err(KeyConflict::Untypable { key: key.name(), command: row.command });
                    }
                    if let Some((_, before)) = seen.iter().find(|(other, _)| *other == key) {
                        return Err(KeyConflict::Twice { key: key.name(), commands: [*before, row.command] });
                    }
                    seen.push((key, row.command));
                }
            }
        }
        Ok(())
    }

    /// The command of a key press in `mode`, also where only the other screen knows it.
    #[must_use]
    pub fn command(&self, mode: Mode, event: KeyEvent) -> Option<Command> {
        let pressed = Key::from(event);
        let found = self.bindings.iter().find(|row| row.modes.contains(&mode) && row.keys.contains(&pressed));
        found.map(|row| row.command)
    }

    /// Every row of the table, whatever screen it is for.
    #[must_use]
    pub fn bindings(&self) -> &[Binding] {
        &self.bindings
    }

    /// The rows of this screen, in the order of its help page.
    pub fn rows(&self) -> impl Iterator<Item = &Binding> {
        self.bindings.iter().filter(|row| row.screens.contains(&self.screen))
    }

    /// The rows of this screen that hold in `mode`.
    pub fn in_mode(&self, mode: Mode) -> impl Iterator<Item = &Binding> {
        self.rows().filter(move |row| row.modes.contains(&mode))
    }

    /// The first key of a command in `mode`, as it is named on screen; `None` where it has none.
    #[must_use]
    pub fn label_in(&self, mode: Mode, command: Command) -> Option<String> {
        let row = self.in_mode(mode).find(|row| row.command == command && !row.keys.is_empty());
        row.and_then(|row| row.keys.first()).map(Key::to_string)
    }

    /// The first key of a command, as it is named on screen.
    #[must_use]
    pub fn label(&self, command: Command) -> String {
        let row = self.bindings.iter().find(|row| row.command == command);
        row.and_then(|row| row.keys.first()).map_or_else(|| "(no key)".into(), Key::to_string)
    }
}

/// The text that a key types where letters are text.
#[must_use]
pub fn typed(mode: Mode, event: KeyEvent) -> Option<String> {
    let plain = !event.modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SUPER);
    match event.code {
        KeyCode::Char(character) if mode.is_typing() && plain => Some(character.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::key::{ch, key};
    use super::*;

    #[test]
    fn every_command_has_a_documented_key() {
        for command in Command::ALL {
            let rows: Vec<_> = BINDINGS.iter().filter(|row| row.command == *command).collect();
            assert!(!rows.is_empty(), "{command:?} has no key");
            for row in rows {
                assert!(
                    !row.keys.is_empty() && !row.modes.is_empty() && !row.screens.is_empty(),
                    "{command:?}"
                );
                assert!(!row.help.is_empty(), "{command:?}");
                assert_eq!(Command::from_name(&command.name()), Some(*command));
            }
        }
    }

    #[test]
    fn no_key_is_bound_twice_and_every_character_can_be_typed() {
        assert_eq!(Keymap::default().check(), Ok(()));
    }

    #[test]
    fn each_screen_has_its_own_rows_of_the_one_table() {
        let index = Keymap::default().on(ScreenKind::Index);
        assert!(index.rows().all(|row| row.screens.contains(&ScreenKind::Index)));
        assert!(index.in_mode(Mode::Main).any(|row| row.command == Command::FindPhrase));
        assert!(!index.in_mode(Mode::Main).any(|row| row.command == Command::EditCaption));
        assert!(Keymap::default().rows().count() > index.rows().count());
        // The key is still known, so that the screen can say that it is none of its own.
        let press = KeyEvent::new(KeyCode::Char('e'), KeyModifiers::NONE);
        assert_eq!(index.command(Mode::Main, press), Some(Command::EditCaption));
    }

    #[test]
    fn only_the_commands_named_get_other_keys() {
        let own = [(Command::EditCaption, vec![ch('E'), key(KeyCode::F(4))]), (Command::Quit, vec![ch('Q')])];
        let keymap = Keymap::with(&own).unwrap();
        let press = |key| keymap.command(Mode::Main, KeyEvent::new(key, KeyModifiers::NONE));
        assert_eq!(press(KeyCode::Char('E')), Some(Command::EditCaption));
        assert_eq!(press(KeyCode::F(4)), Some(Command::EditCaption));
        assert_eq!(
            (press(KeyCode::Char('e')), press(KeyCode::Char('q')), press(KeyCode::Esc)),
            (None, None, None)
        );
        assert_eq!(press(KeyCode::Char('j')), Some(Command::Down));
        let control_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
        assert!(Mode::ALL.into_iter().all(|mode| keymap.command(mode, control_c) == Some(Command::Quit)));
        assert_eq!(
            (keymap.label(Command::EditCaption), keymap.label(Command::Undo)),
            ("E".into(), "u".into())
        );
        let unbound = Keymap::with(&[(Command::Undo, vec![])]).unwrap();
        assert_eq!(unbound.label(Command::Undo), "(no key)");
    }

    #[test]
    fn keys_that_ask_for_two_things_or_cannot_be_typed_are_refused() {
        let conflict = Keymap::with(&[(Command::Undo, vec![ch('e')])]).unwrap_err();
        assert_eq!(conflict.commands(), [Command::EditCaption, Command::Undo]);
        assert!(
            conflict.to_string().contains("'e' is bound to both 'edit-caption' and 'undo'"),
            "{conflict}"
        );
        // Exchanged, they do not meet.
        let exchanged = [(Command::Undo, vec![ch('e')]), (Command::EditCaption, vec![ch('u')])];
        assert!(Keymap::with(&exchanged).is_ok());
        let conflict = Keymap::with(&[(Command::ClearLine, vec![ch('%')])]).unwrap_err();
        assert_eq!(conflict.commands(), [Command::ClearLine]);
    }

    #[test]
    fn letters_stay_letters_where_text_is_typed() {
        for mode in Mode::ALL.into_iter().filter(|mode| mode.is_typing()) {
            for letter in (' '..='~').chain(['é', '飛']) {
                let event = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE);
                assert_eq!(
                    (Keymap::default().command(mode, event), typed(mode, event)),
                    (None, Some(letter.to_string()))
                );
            }
        }
        let control = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::CONTROL);
        assert_eq!(typed(Mode::Edit, control), None);
        assert_eq!(typed(Mode::Main, KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE)), None);
    }

    #[test]
    fn the_keys_of_the_contract_are_bound() {
        let press = |code, modifiers| Keymap::default().command(Mode::Main, KeyEvent::new(code, modifiers));
        let plain = |code| press(code, KeyModifiers::NONE);
        assert_eq!(plain(KeyCode::Left), Some(Command::Left));
        assert_eq!(plain(KeyCode::Char('j')), Some(Command::Down));
        assert_eq!(press(KeyCode::Char('G'), KeyModifiers::SHIFT), Some(Command::Last));
        assert_eq!(press(KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Command::Quit));
        assert_eq!(press(KeyCode::Tab, KeyModifiers::SHIFT), Some(Command::PreviousPanel));
        assert_eq!(press(KeyCode::BackTab, KeyModifiers::SHIFT), Some(Command::PreviousPanel));
        assert_eq!(plain(KeyCode::F(1)), Some(Command::Help));
        assert_eq!(plain(KeyCode::Esc), Some(Command::Quit));
        assert_eq!(press(KeyCode::Char('g'), KeyModifiers::CONTROL), None);
        let page = |code| Keymap::default().command(Mode::Page, KeyEvent::new(code, KeyModifiers::NONE));
        assert_eq!(page(KeyCode::Esc), Some(Command::Back));
        assert_eq!(page(KeyCode::Char('s')), None);
    }
}
