//! The key table of both screens. Dispatch, footer hints and the help pages all read it, so they cannot differ.
//!
//! Owns which key does what, on which screen and in which mode, and how the user's own keys replace some. Must not change
//! state.

use std::borrow::Cow;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::command::Command;
use super::key::{Key, ch, ctrl, key};

/// The screens of the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ScreenKind {
    /// The comparison of a data set.
    #[default]
    Dashboard,
    /// The photos of an index.
    Index,
}

/// What keys mean at the moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The grid and its panels.
    Main,
    /// One photo, full screen.
    Photo,
    /// A page of text: help, or what was left out.
    Page,
    /// A line for a phrase is open.
    Phrase,
    /// A line for a caption is open.
    Edit,
    /// The user chooses the format of an export.
    Export,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 6] = [Self::Main, Self::Photo, Self::Page, Self::Phrase, Self::Edit, Self::Export];

    /// Whether letters are text rather than commands.
    #[must_use]
    pub fn is_typing(self) -> bool {
        matches!(self, Self::Phrase | Self::Edit)
    }
}

/// One row of the table.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The screens that know the command.
    pub screens: &'static [ScreenKind],
    /// The modes in which the keys work.
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
    both(READING, &[ch('?'), key(KeyCode::F(1))], Command::Help, Some("help"), "show or hide this page"),
    both(MAIN, &[ch('q'), key(KeyCode::Esc)], Command::Quit, Some("quit"), "quit"),
    both(COVERED, &[key(KeyCode::Esc), ch('q')], Command::Back, Some("back"), "back to the grid"),
    both(ALL, &[ctrl('c')], Command::Quit, None, "quit from anywhere"),
    both(ALL, &[ctrl('z')], Command::Suspend, None, "suspend; `fg` in the shell resumes"),
    both(GRID, &[key(KeyCode::Left), ch('h')], Command::Left, None, "one column left"),
    both(READING, &[key(KeyCode::Down), ch('j')], Command::Down, None, "one row down"),
    both(READING, &[key(KeyCode::Up), ch('k')], Command::Up, None, "one row up"),
    both(GRID, &[key(KeyCode::Right), ch('l')], Command::Right, None, "one column right"),
    both(READING, &[key(KeyCode::PageUp)], Command::PageUp, None, "one screen up"),
    both(READING, &[key(KeyCode::PageDown)], Command::PageDown, None, "one screen down"),
    both(READING, &[key(KeyCode::Home)], Command::RowStart, None, "first column"),
    both(READING, &[key(KeyCode::End)], Command::RowEnd, None, "last column"),
    both(READING, &[ch('g')], Command::First, None, "first row"),
    both(READING, &[ch('G')], Command::Last, None, "last row"),
    dashboard(GRID, &[ch('1')], Command::ShowImages, None, "photos compared with photos (Pre-CLIP)"),
    dashboard(GRID, &[ch('2')], Command::ShowTexts, None, "captions compared with captions (Pre-CLIP)"),
    dashboard(GRID, &[ch('3')], Command::ShowBridge, None, "what the two separate spaces share"),
    dashboard(
        GRID,
        &[ch('4')],
        Command::ShowClip,
        Some("approach"),
        "photos and captions in one space (CLIP)",
    ),
    dashboard(MAIN, &[key(KeyCode::Tab)], Command::NextPanel, Some("panel"), "next panel"),
    dashboard(MAIN, &[key(KeyCode::BackTab)], Command::PreviousPanel, None, "previous panel"),
    dashboard(
        MAIN,
        &[key(KeyCode::Enter)],
        Command::Open,
        Some("photo"),
        "show the photo and its ranking full screen",
    ),
    dashboard(&[Mode::Photo], &[key(KeyCode::Enter)], Command::Back, None, "close the photo"),
    both(
        MAIN,
        &[ch('/')],
        Command::FindPhrase,
        Some("phrase"),
        "type a phrase: photos are ranked as you type",
    ),
    dashboard(
        MAIN,
        &[ch('e')],
        Command::EditCaption,
        Some("edit"),
        "edit the caption: accuracy changes as you type",
    ),
    dashboard(MAIN, &[ch('u')], Command::Undo, None, "undo the last edit"),
    dashboard(MAIN, &[ch('w')], Command::Save, None, "save edited captions; the old file is kept as .bak"),
    dashboard(
        GRID,
        &[ch('n')],
        Command::NextMistake,
        Some("next mistake"),
        "next item whose best match is wrong",
    ),
    dashboard(GRID, &[ch('N')], Command::PreviousMistake, None, "previous item whose best match is wrong"),
    dashboard(MAIN, &[ch('m')], Command::NextModels, None, "switch to the next installed model set"),
    both(MAIN, &[ch('+'), ch('=')], Command::ZoomIn, None, "larger cells, with digits"),
    both(MAIN, &[ch('-')], Command::ZoomOut, Some("zoom"), "smaller cells, down to many pairs in one"),
    both(MAIN, &[ch('0')], Command::ZoomFit, None, "the largest cells that fit"),
    dashboard(
        GRID,
        &[ch('t')],
        Command::TurnDirection,
        Some("direction"),
        "match image→text, text→image, or both",
    ),
    dashboard(MAIN, &[ch('s')], Command::NextOrder, Some("order"), "next order of rows and columns"),
    dashboard(
        MAIN,
        &[ch('c')],
        Command::Compare,
        Some("compare"),
        "compare with the next approach, then with the other models",
    ),
    both(
        TYPING,
        &[key(KeyCode::Enter)],
        Command::Keep,
        Some("keep"),
        "keep the photo found, or the new caption",
    ),
    both(TYPING, &[key(KeyCode::Esc)], Command::Cancel, Some("back"), "close the line and change nothing"),
    both(PHRASE, &[key(KeyCode::Down)], Command::ChooseNext, Some("next"), "next photo found"),
    both(PHRASE, &[key(KeyCode::Up)], Command::ChoosePrevious, Some("previous"), "previous photo found"),
    both(TYPING, &[key(KeyCode::Left)], Command::LineLeft, None, "one character left"),
    both(TYPING, &[key(KeyCode::Right)], Command::LineRight, None, "one character right"),
    both(TYPING, &[key(KeyCode::Home), ctrl('a')], Command::LineStart, None, "start of the line"),
    both(TYPING, &[key(KeyCode::End), ctrl('e')], Command::LineEnd, None, "end of the line"),
    both(
        TYPING,
        &[key(KeyCode::Backspace), ctrl('h')],
        Command::Backspace,
        None,
        "delete the previous character",
    ),
    both(TYPING, &[key(KeyCode::Delete)], Command::Delete, None, "delete the next character"),
    both(TYPING, &[ctrl('w')], Command::DeleteWord, Some("word"), "delete the previous word"),
    both(TYPING, &[ctrl('u')], Command::ClearLine, Some("clear"), "clear the line"),
    dashboard(
        MAIN,
        &[ch('x')],
        Command::Export,
        Some("export"),
        "export what is on screen: CSV, JSON or PNG",
    ),
    dashboard(EXPORT, &[ch('c')], Command::ExportCsv, Some("CSV"), "the grid as CSV, in the current folder"),
    dashboard(EXPORT, &[ch('j')], Command::ExportJson, Some("JSON"), "grid, cursor and lists as JSON"),
    dashboard(EXPORT, &[ch('p')], Command::ExportPng, Some("PNG"), "the grid as a picture"),
    dashboard(MAIN, &[ch('y')], Command::Copy, None, "copy the row of the cursor (OSC 52)"),
    both(
        MAIN,
        &[ch('r')],
        Command::TurnScale,
        Some("colors"),
        "color scale: lowest to highest, 0 to 1, or around 0",
    ),
    both(
        READING,
        &[ch('T')],
        Command::TurnTheme,
        None,
        "next theme: dark, light, high-contrast, colour-blind",
    ),
    both(READING, &[ch('A')], Command::Ascii, None, "draw with ASCII only, or not"),
    dashboard(
        READING,
        &[ch('i')],
        Command::LeftOut,
        Some("left out"),
        "show or hide what was left out, and why",
    ),
];

/// A row for a command that both screens know.
const fn both(
    modes: &'static [Mode],
    keys: &'static [Key],
    command: Command,
    hint: Option<&'static str>,
    help: &'static str,
) -> Binding {
    let screens = &[ScreenKind::Dashboard, ScreenKind::Index];
    Binding { screens, modes, keys: Cow::Borrowed(keys), command, hint, help }
}

/// A row for a command that only the dashboard knows.
const fn dashboard(
    modes: &'static [Mode],
    keys: &'static [Key],
    command: Command,
    hint: Option<&'static str>,
    help: &'static str,
) -> Binding {
    let screens = &[ScreenKind::Dashboard];
    Binding { screens, modes, keys: Cow::Borrowed(keys), command, hint, help }
}

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

/// The table in use on one of the screens: the one above, with the user's own keys.
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
