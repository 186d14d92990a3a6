//! The table of keys and commands of both screens.
//!
//! Owns the rows, which dispatch, the footers, the help pages and the configuration all read through
//! [`keymap`](super::keymap), so that they cannot differ.

use std::borrow::Cow;

use ratatui::crossterm::event::KeyCode;

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
    /// The page of models.
    Models,
}

impl Mode {
    /// Every mode.
    pub const ALL: [Self; 7] =
        [Self::Main, Self::Photo, Self::Page, Self::Phrase, Self::Edit, Self::Export, Self::Models];

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
const READING: &[Mode] = &[Mode::Main, Mode::Photo, Mode::Page, Mode::Models];
const ALL: &[Mode] = &Mode::ALL;
const PHRASE: &[Mode] = &[Mode::Phrase];
const TYPING: &[Mode] = &[Mode::Phrase, Mode::Edit];
const COVERED: &[Mode] = &[Mode::Photo, Mode::Page, Mode::Export];
const EXPORT: &[Mode] = &[Mode::Export];
const MODELS: &[Mode] = &[Mode::Models];

/// The table, in the order of the help page. The footer shows the rows with a hint in the same order.
pub(super) static BINDINGS: &[Binding] = &[
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
    dashboard(
        MAIN,
        &[ch('m')],
        Command::Models,
        None,
        "the models: what there is, what it weighs, what is here; use, fetch, compare",
    ),
    dashboard(
        MODELS,
        &[key(KeyCode::Enter)],
        Command::UseModels,
        Some("use or fetch"),
        "use the set, or fetch what it lacks (asked first)",
    ),
    dashboard(MODELS, &[ch('c')], Command::CompareWith, Some("compare with"), "compare with the set"),
    dashboard(
        MODELS,
        &[key(KeyCode::Esc)],
        Command::StopFetch,
        Some("stop, back"),
        "stop the fetch, which keeps what has arrived; else back to the grid",
    ),
    dashboard(MODELS, &[ch('m')], Command::Models, Some("grid"), "back to the grid; a fetch goes on"),
    dashboard(MODELS, &[ch('q')], Command::Back, None, "back to the grid; a fetch goes on"),
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
    both(TYPING, &[key(KeyCode::Enter)], Command::Keep, Some("keep"), "close the line and keep the result"),
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
