//! The key table. Dispatch, footer hints and the help page all read it, so they cannot differ.
//!
//! Owns which key does what in which mode. Must not change state.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::action::Command;

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

/// A key with the modifiers that matter for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    control: bool,
}

const fn key(code: KeyCode) -> Key {
    Key { code, control: false }
}

const fn ch(character: char) -> Key {
    key(KeyCode::Char(character))
}

const fn ctrl(character: char) -> Key {
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

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    /// Where it holds.
    pub modes: &'static [Mode],
    /// The keys, any of them.
    pub keys: &'static [Key],
    /// What they do.
    pub command: Command,
    /// The keys as the help page and the footer name them.
    pub label: &'static str,
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
pub static BINDINGS: &[Binding] = &[
    row(
        READING,
        &[ch('?'), key(KeyCode::F(1))],
        Command::Help,
        "?",
        Some("help"),
        "this page, and back (also F1)",
    ),
    row(MAIN, &[ch('q'), key(KeyCode::Esc)], Command::Quit, "q", Some("leave"), "leave (also Esc)"),
    row(
        COVERED,
        &[ch('q'), key(KeyCode::Esc)],
        Command::Back,
        "Esc",
        Some("back"),
        "back to the grid (also q)",
    ),
    row(ALL, &[ctrl('c')], Command::Quit, "Ctrl-C", None, "leave from anywhere"),
    row(ALL, &[ctrl('z')], Command::Suspend, "Ctrl-Z", None, "stop; `fg` in the shell comes back"),
    row(READING, &[key(KeyCode::Left), ch('h')], Command::Left, "← h", None, "one column to the left"),
    row(READING, &[key(KeyCode::Down), ch('j')], Command::Down, "↓ j", None, "one row down"),
    row(READING, &[key(KeyCode::Up), ch('k')], Command::Up, "↑ k", None, "one row up"),
    row(READING, &[key(KeyCode::Right), ch('l')], Command::Right, "→ l", None, "one column to the right"),
    row(READING, &[key(KeyCode::PageUp)], Command::PageUp, "PgUp", None, "up by what is visible"),
    row(READING, &[key(KeyCode::PageDown)], Command::PageDown, "PgDn", None, "down by what is visible"),
    row(READING, &[key(KeyCode::Home)], Command::RowStart, "Home", None, "to the first column"),
    row(READING, &[key(KeyCode::End)], Command::RowEnd, "End", None, "to the last column"),
    row(READING, &[ch('g')], Command::First, "g", None, "to the first row"),
    row(READING, &[ch('G')], Command::Last, "G", None, "to the last row"),
    row(GRID, &[ch('1')], Command::ShowImages, "1", None, "photos among photos (Pre-CLIP)"),
    row(GRID, &[ch('2')], Command::ShowTexts, "2", None, "captions among captions (Pre-CLIP)"),
    row(GRID, &[ch('3')], Command::ShowBridge, "3", None, "what the two separate spaces share"),
    row(
        GRID,
        &[ch('4')],
        Command::ShowClip,
        "4",
        Some("approach"),
        "photos and captions in one space (CLIP)",
    ),
    row(MAIN, &[key(KeyCode::Tab)], Command::NextPanel, "Tab", Some("panel"), "the next panel"),
    row(MAIN, &[key(KeyCode::BackTab)], Command::PreviousPanel, "Shift-Tab", None, "the previous panel"),
    row(
        MAIN,
        &[key(KeyCode::Enter)],
        Command::Open,
        "Enter",
        Some("photo"),
        "the photo and its ranking, full screen",
    ),
    row(
        &[Mode::Photo],
        &[key(KeyCode::Enter)],
        Command::Back,
        "Enter",
        None,
        "from the photo back to the grid",
    ),
    row(
        MAIN,
        &[ch('/')],
        Command::FindPhrase,
        "/",
        Some("phrase"),
        "type a phrase: photos ranked as you type",
    ),
    row(
        MAIN,
        &[ch('e')],
        Command::EditCaption,
        "e",
        Some("edit"),
        "edit the caption: the accuracy moves with it",
    ),
    row(MAIN, &[ch('u')], Command::Undo, "u", None, "take the last edit back"),
    row(MAIN, &[ch('w')], Command::Save, "w", None, "save edited captions; the old file is kept as .bak"),
    row(
        GRID,
        &[ch('n')],
        Command::NextMistake,
        "n",
        Some("next mistake"),
        "the next item whose best match is wrong",
    ),
    row(GRID, &[ch('N')], Command::PreviousMistake, "N", None, "the previous one"),
    row(MAIN, &[ch('m')], Command::NextModels, "m", None, "the next model set that is installed"),
    row(MAIN, &[ch('+'), ch('=')], Command::ZoomIn, "+", None, "larger cells, with digits"),
    row(MAIN, &[ch('-')], Command::ZoomOut, "-", Some("zoom"), "smaller cells, up to many pairs in one"),
    row(MAIN, &[ch('0')], Command::ZoomFit, "0", None, "cells as large as fit"),
    row(GRID, &[ch('t')], Command::TurnDirection, "t", Some("direction"), "image→text, text→image, or both"),
    row(MAIN, &[ch('s')], Command::NextOrder, "s", Some("order"), "the next order of rows and columns"),
    row(
        MAIN,
        &[ch('c')],
        Command::Compare,
        "c",
        Some("compare"),
        "another approach beside this one; again: the next",
    ),
    row(
        TYPING,
        &[key(KeyCode::Enter)],
        Command::Keep,
        "Enter",
        Some("keep"),
        "keep the photo found, or the new caption",
    ),
    row(
        TYPING,
        &[key(KeyCode::Esc)],
        Command::Cancel,
        "Esc",
        Some("back"),
        "close the line, everything as before",
    ),
    row(PHRASE, &[key(KeyCode::Down)], Command::ChooseNext, "↓", Some("next"), "the next photo found"),
    row(PHRASE, &[key(KeyCode::Up)], Command::ChoosePrevious, "↑", Some("previous"), "the previous one"),
    row(TYPING, &[key(KeyCode::Left)], Command::LineLeft, "←", None, "in the line: to the left"),
    row(TYPING, &[key(KeyCode::Right)], Command::LineRight, "→", None, "in the line: to the right"),
    row(
        TYPING,
        &[key(KeyCode::Home), ctrl('a')],
        Command::LineStart,
        "Home",
        None,
        "to its start (also Ctrl-A)",
    ),
    row(TYPING, &[key(KeyCode::End), ctrl('e')], Command::LineEnd, "End", None, "to its end (also Ctrl-E)"),
    row(
        TYPING,
        &[key(KeyCode::Backspace), ctrl('h')],
        Command::Backspace,
        "Backspace",
        None,
        "the character before goes",
    ),
    row(TYPING, &[key(KeyCode::Delete)], Command::Delete, "Del", None, "the character behind goes"),
    row(TYPING, &[ctrl('w')], Command::DeleteWord, "Ctrl-W", Some("word"), "the word before goes"),
    row(TYPING, &[ctrl('u')], Command::ClearLine, "Ctrl-U", Some("clear"), "the whole line goes"),
    row(MAIN, &[ch('x')], Command::Export, "x", Some("export"), "export what is on screen: CSV, JSON or PNG"),
    row(
        EXPORT,
        &[ch('c')],
        Command::ExportCsv,
        "c",
        Some("CSV"),
        "the grid as CSV, in the folder you are in",
    ),
    row(EXPORT, &[ch('j')], Command::ExportJson, "j", Some("JSON"), "grid, cursor and lists as JSON"),
    row(EXPORT, &[ch('p')], Command::ExportPng, "p", Some("PNG"), "the grid as a picture"),
    row(MAIN, &[ch('y')], Command::Copy, "y", None, "copy the pair of the cursor (OSC 52)"),
    row(
        MAIN,
        &[ch('r')],
        Command::TurnScale,
        "r",
        Some("colours"),
        "colours from lowest to highest, 0 to 1, around 0",
    ),
    row(
        READING,
        &[ch('T')],
        Command::TurnTheme,
        "T",
        None,
        "dark, light, high-contrast, colour-blind colours",
    ),
    row(READING, &[ch('A')], Command::Ascii, "A", None, "draw with ASCII only, and back"),
    row(READING, &[ch('i')], Command::LeftOut, "i", Some("left out"), "what was left out, and why; and back"),
];

const fn row(
    modes: &'static [Mode],
    keys: &'static [Key],
    command: Command,
    label: &'static str,
    hint: Option<&'static str>,
    help: &'static str,
) -> Binding {
    Binding { modes, keys, command, label, hint, help }
}

/// What `event` asks for in `mode`.
#[must_use]
pub fn command(mode: Mode, event: KeyEvent) -> Option<Command> {
    let pressed = Key::from(event);
    in_mode(mode).find(|binding| binding.keys.contains(&pressed)).map(|binding| binding.command)
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

/// The rows that hold in `mode`.
pub fn in_mode(mode: Mode) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.modes.contains(&mode))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_command_has_a_documented_key() {
        for command in Command::ALL {
            let rows: Vec<_> = BINDINGS.iter().filter(|row| row.command == *command).collect();
            assert!(!rows.is_empty(), "{command:?} has no key");
            for row in rows {
                assert!(!row.keys.is_empty() && !row.modes.is_empty(), "{command:?}");
                assert!(!row.label.is_empty() && !row.help.is_empty(), "{command:?}");
            }
        }
    }

    #[test]
    fn no_key_is_bound_twice_in_a_mode() {
        for mode in Mode::ALL {
            let mut seen = HashMap::new();
            for binding in in_mode(mode) {
                for key in binding.keys {
                    let before = seen.insert(*key, binding.command);
                    assert_eq!(before, None, "{key:?} in {mode:?}");
                }
            }
        }
    }

    #[test]
    fn letters_stay_letters_where_text_is_typed() {
        for mode in Mode::ALL.into_iter().filter(|mode| mode.is_typing()) {
            for letter in (' '..='~').chain(['é', '飛']) {
                let event = KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE);
                assert_eq!((command(mode, event), typed(mode, event)), (None, Some(letter.to_string())));
            }
        }
        let control = KeyEvent::new(KeyCode::Char('x'), KeyModifiers::CONTROL);
        assert_eq!(typed(Mode::Edit, control), None);
        assert_eq!(typed(Mode::Main, KeyEvent::new(KeyCode::Char('x'), KeyModifiers::NONE)), None);
    }

    #[test]
    fn the_keys_of_the_contract_are_bound() {
        let press = |code, modifiers| command(Mode::Main, KeyEvent::new(code, modifiers));
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
        let page = |code| command(Mode::Page, KeyEvent::new(code, KeyModifiers::NONE));
        assert_eq!(page(KeyCode::Esc), Some(Command::Back));
        assert_eq!(page(KeyCode::Char('s')), None);
    }
}
