//! The key table. Dispatch, footer hints and the help page all read it, so they cannot differ.
//!
//! Owns which key does what in which mode, and how the user's own keys take the place of some. Must not change state.

use std::borrow::Cow;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::command::Command;
use super::key::{Key, ch, ctrl, key};

/// What the keys mean at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The grid and its panels.
    Main,
    /// One photo on the whole screen.
    Photo,
    /// A page of text: help, or what was left out.
    Page,
    /// A line for a phrase is open.
    Phrase,
    /// A line for a caption is open.
    Edit,
    /// The kind of file is chosen.
    Export,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 6] = [Self::Main, Self::Photo, Self::Page, Self::Phrase, Self::Edit, Self::Export];

    /// Whether letters are text, not commands.
    #[must_use]
    pub fn is_typing(self) -> bool {
        matches!(self, Self::Phrase | Self::Edit)
    }
}

/// One row of the table.
#[derive(Debug, Clone)]
pub struct Binding {
    /// Where it holds.
    pub modes: &'static [Mode],
    /// The keys, any of them; the footer names the first.
    pub keys: Cow<'static, [Key]>,
    /// What they do.
    pub command: Command,
    /// The word in the footer; `None` keeps it out of the footer.
    pub hint: Option<&'static str>,
    /// The sentence on the help page.
    pub help: &'static str,
}

const MAIN: &[Mode] = &[Mode::Main];
const GRID: &[Mode] = &[Mode::Main, Mode::Photo];
const READING: &[Mode] = &[Mode::Main, Mode::Photo, Mode::Page];
const ALL: &[Mode] = &Mode::ALL;
const PHRASE: &[Mode] = &[Mode::Phrase];
const TYPING: &[Mode] = &[Mode::Phrase, Mode::Edit];
const COVERED: &[Mode] = &[Mode::Photo, Mode::Page, Mode::Export];
const EXPORT: &[Mode] = &[Mode::Export];

/// The table, in the order of the help page. The footer shows the rows with a hint in the same order.
static BINDINGS: &[Binding] = &[
    row(READING, &[ch('?'), key(KeyCode::F(1))], Command::Help, Some("help"), "this page, and back"),
    row(MAIN, &[ch('q'), key(KeyCode::Esc)], Command::Quit, Some("leave"), "leave"),
    row(COVERED, &[key(KeyCode::Esc), ch('q')], Command::Back, Some("back"), "back to the grid"),
    row(ALL, &[ctrl('c')], Command::Quit, None, "leave from anywhere"),
    row(ALL, &[ctrl('z')], Command::Suspend, None, "stop; `fg` in the shell comes back"),
    row(GRID, &[key(KeyCode::Left), ch('h')], Command::Left, None, "one column to the left"),
    row(READING, &[key(KeyCode::Down), ch('j')], Command::Down, None, "one row down"),
    row(READING, &[key(KeyCode::Up), ch('k')], Command::Up, None, "one row up"),
    row(GRID, &[key(KeyCode::Right), ch('l')], Command::Right, None, "one column to the right"),
    row(READING, &[key(KeyCode::PageUp)], Command::PageUp, None, "up by what is visible"),
    row(READING, &[key(KeyCode::PageDown)], Command::PageDown, None, "down by what is visible"),
    row(READING, &[key(KeyCode::Home)], Command::RowStart, None, "to the first column"),
    row(READING, &[key(KeyCode::End)], Command::RowEnd, None, "to the last column"),
    row(READING, &[ch('g')], Command::First, None, "to the first row"),
    row(READING, &[ch('G')], Command::Last, None, "to the last row"),
    row(GRID, &[ch('1')], Command::ShowImages, None, "photos among photos (Pre-CLIP)"),
    row(GRID, &[ch('2')], Command::ShowTexts, None, "captions among captions (Pre-CLIP)"),
    row(GRID, &[ch('3')], Command::ShowBridge, None, "what the two separate spaces share"),
    row(GRID, &[ch('4')], Command::ShowClip, Some("approach"), "photos and captions in one space (CLIP)"),
    row(MAIN, &[key(KeyCode::Tab)], Command::NextPanel, Some("panel"), "the next panel"),
    row(MAIN, &[key(KeyCode::BackTab)], Command::PreviousPanel, None, "the previous panel"),
    row(MAIN, &[key(KeyCode::Enter)], Command::Open, Some("photo"), "the photo and its ranking, full screen"),
    row(&[Mode::Photo], &[key(KeyCode::Enter)], Command::Back, None, "from the photo back to the grid"),
    row(MAIN, &[ch('/')], Command::FindPhrase, Some("phrase"), "type a phrase: photos ranked as you type"),
    row(MAIN, &[ch('e')], Command::EditCaption, Some("edit"), "edit the caption: the accuracy moves with it"),
    row(MAIN, &[ch('u')], Command::Undo, None, "take the last edit back"),
    row(MAIN, &[ch('w')], Command::Save, None, "save edited captions; the old file is kept as .bak"),
    row(
        GRID,
        &[ch('n')],
        Command::NextMistake,
        Some("next mistake"),
        "the next item whose best match is wrong",
    ),
    row(GRID, &[ch('N')], Command::PreviousMistake, None, "the previous one"),
    row(MAIN, &[ch('m')], Command::NextModels, None, "the next model set that is installed"),
    row(MAIN, &[ch('+'), ch('=')], Command::ZoomIn, None, "larger cells, with digits"),
    row(MAIN, &[ch('-')], Command::ZoomOut, Some("zoom"), "smaller cells, up to many pairs in one"),
    row(MAIN, &[ch('0')], Command::ZoomFit, None, "cells as large as fit"),
    row(GRID, &[ch('t')], Command::TurnDirection, Some("direction"), "image→text, text→image, or both"),
    row(MAIN, &[ch('s')], Command::NextOrder, Some("order"), "the next order of rows and columns"),
    row(
        MAIN,
        &[ch('c')],
        Command::Compare,
        Some("compare"),
        "another approach beside this one, then the other models; again: the next",
    ),
    row(
        TYPING,
        &[key(KeyCode::Enter)],
        Command::Keep,
        Some("keep"),
        "keep the photo found, or the new caption",
    ),
    row(TYPING, &[key(KeyCode::Esc)], Command::Cancel, Some("back"), "close the line, everything as before"),
    row(PHRASE, &[key(KeyCode::Down)], Command::ChooseNext, Some("next"), "the next photo found"),
    row(PHRASE, &[key(KeyCode::Up)], Command::ChoosePrevious, Some("previous"), "the previous one"),
    row(TYPING, &[key(KeyCode::Left)], Command::LineLeft, None, "in the line: to the left"),
    row(TYPING, &[key(KeyCode::Right)], Command::LineRight, None, "in the line: to the right"),
    row(TYPING, &[key(KeyCode::Home), ctrl('a')], Command::LineStart, None, "to its start"),
    row(TYPING, &[key(KeyCode::End), ctrl('e')], Command::LineEnd, None, "to its end"),
    row(TYPING, &[key(KeyCode::Backspace), ctrl('h')], Command::Backspace, None, "the character before goes"),
    row(TYPING, &[key(KeyCode::Delete)], Command::Delete, None, "the character behind goes"),
    row(TYPING, &[ctrl('w')], Command::DeleteWord, Some("word"), "the word before goes"),
    row(TYPING, &[ctrl('u')], Command::ClearLine, Some("clear"), "the whole line goes"),
    row(MAIN, &[ch('x')], Command::Export, Some("export"), "export what is on screen: CSV, JSON or PNG"),
    row(EXPORT, &[ch('c')], Command::ExportCsv, Some("CSV"), "the grid as CSV, in the folder you are in"),
    row(EXPORT, &[ch('j')], Command::ExportJson, Some("JSON"), "grid, cursor and lists as JSON"),
    row(EXPORT, &[ch('p')], Command::ExportPng, Some("PNG"), "the grid as a picture"),
    row(MAIN, &[ch('y')], Command::Copy, None, "copy the row of the cursor (OSC 52)"),
    row(
        MAIN,
        &[ch('r')],
        Command::TurnScale,
        Some("colours"),
        "colours from lowest to highest, 0 to 1, around 0",
    ),
    row(READING, &[ch('T')], Command::TurnTheme, None, "dark, light, high-contrast, colour-blind colours"),
    row(READING, &[ch('A')], Command::Ascii, None, "draw with ASCII only, and back"),
    row(READING, &[ch('i')], Command::LeftOut, Some("left out"), "what was left out, and why; and back"),
];

const fn row(
    modes: &'static [Mode],
    keys: &'static [Key],
    command: Command,
    hint: Option<&'static str>,
    help: &'static str,
) -> Binding {
    Binding { modes, keys: Cow::Borrowed(keys), command, hint, help }
}

/// Keys of the user's that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyConflict {
    /// One key asks for two things.
    #[error("'{key}' asks for both '{}' and '{}'; give one of them another key", commands[0].name(), commands[1].name())]
    Twice {
        /// The name of the key.
        key: String,
        /// What it asks for.
        commands: [Command; 2],
    },
    /// The key could not be typed any more.
    #[error("'{key}' for '{}' could not be typed into a line any more; choose one with Ctrl", command.name())]
    Untypable {
        /// The name of the key.
        key: String,
        /// What it would ask for.
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

/// The table in use: the one above, with the user's own keys.
#[derive(Debug, Clone)]
pub struct Keymap {
    rows: Vec<Binding>,
}

impl Default for Keymap {
    fn default() -> Self {
        Self { rows: BINDINGS.to_vec() }
    }
}

impl Keymap {
    /// The table with `own` keys in place of those of the commands named. Where a command has several rows the first is
    /// replaced: Ctrl-C always leaves.
    ///
    /// # Errors
    /// When a key then asks for two things, or a character could not be typed.
    pub fn with(own: &[(Command, Vec<Key>)]) -> Result<Self, KeyConflict> {
        let mut keymap = Self::default();
        for (command, keys) in own {
            if let Some(row) = keymap.rows.iter_mut().find(|row| row.command == *command) {
                row.keys = Cow::Owned(keys.clone());
            }
        }
        keymap.check()?;
        Ok(keymap)
    }

    fn check(&self) -> Result<(), KeyConflict> {
        for mode in Mode::ALL {
            let mut seen: Vec<(Key, Command)> = Vec::new();
            for row in self.in_mode(mode) {
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

    /// What `event` asks for in `mode`.
    #[must_use]
    pub fn command(&self, mode: Mode, event: KeyEvent) -> Option<Command> {
        let pressed = Key::from(event);
        self.in_mode(mode).find(|row| row.keys.contains(&pressed)).map(|row| row.command)
    }

    /// The rows, in the order of the help page.
    #[must_use]
    pub fn rows(&self) -> &[Binding] {
        &self.rows
    }

    /// The rows that hold in `mode`.
    pub fn in_mode(&self, mode: Mode) -> impl Iterator<Item = &Binding> {
        self.rows.iter().filter(move |row| row.modes.contains(&mode))
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
        let row = self.rows.iter().find(|row| row.command == command);
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
    use super::*;

    #[test]
    fn every_command_has_a_documented_key() {
        for command in Command::ALL {
            let rows: Vec<_> = BINDINGS.iter().filter(|row| row.command == *command).collect();
            assert!(!rows.is_empty(), "{command:?} has no key");
            for row in rows {
                assert!(!row.keys.is_empty() && !row.modes.is_empty(), "{command:?}");
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
        assert!(conflict.to_string().contains("'e' asks for both 'edit-caption' and 'undo'"), "{conflict}");
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
