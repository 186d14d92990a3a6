//! Every key of the key table, pressed in the real program in a real terminal.
//!
//! The table itself drives the tests: a row without an expectation here fails.

use std::path::Path;

use clipscope::tui::Command;
use clipscope::tui::key::Key;
use clipscope::tui::keymap::{Keymap, Mode};
use clipscope_test_support::pty::{CommandBuilder, Terminal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clipscope");

/// What a key must do.
enum Wanted {
    /// The screen then holds this.
    Shows(&'static str),
    /// The screen no longer holds this.
    Hides(&'static str),
    /// The screen is another one.
    Changes,
    /// The cursor of the grid is so many rows and columns farther, once the page is left.
    Moves(isize, isize),
    /// The cursor is on this row or this column, counted from 1; 0 is any.
    Lands(usize, usize),
    /// The program sends this to the terminal.
    Sends(&'static str),
    /// A file with this ending is written in the current folder.
    Writes(&'static str),
    /// The program ends.
    Ends,
    /// The shell has the terminal back.
    Stops,
}
use Wanted::{Changes, Ends, Hides, Lands, Moves, Sends, Shows, Stops, Writes};

/// The keys that lead to the mode.
fn enter(mode: Mode) -> &'static str {
    match mode {
        Mode::Main => "",
        Mode::Photo => "\r",
        Mode::Page => "?",
        Mode::Phrase => "/",
        Mode::Edit => "e",
        Mode::Export => "x",
        Mode::Models => "m",
    }
}

/// What is typed in the mode before the key, and what the key must do then.
fn expected(mode: Mode, command: Command) -> Option<(&'static str, Wanted)> {
    use Command as C;
    let page = mode == Mode::Page;
    let models = mode == Mode::Models;
    Some(match command {
        C::Quit => ("", Ends),
        C::Suspend => ("", Stops),
        C::Help if page => ("", Hides("one row down")),
        C::Help => ("", Shows("one row down")),
        C::Back => ("", Shows("Tab panel")),
        C::Left => ("", Moves(0, -1)),
        C::Right => ("", Moves(0, 1)),
        // The question about the set under the cursor goes when another set is chosen.
        C::Up | C::Down | C::First | C::Last | C::RowStart | C::RowEnd if models => ("", Changes),
        C::PageDown if models => ("", Changes),
        C::PageUp if models => ("\x1b[6~", Changes),
        C::Down | C::PageDown | C::Last | C::RowEnd if page => ("", Changes),
        C::Up if page => ("j", Changes),
        C::PageUp | C::First | C::RowStart if page => ("\x1b[6~", Changes),
        C::PageUp | C::PageDown if mode == Mode::Photo => {
            // The ranking of twenty is longer than the screen in the photo's mode.
            (if command == C::PageUp { "\x1b[6~" } else { "" }, Changes)
        }
        C::Down => ("", Moves(1, 0)),
        C::Up => ("", Moves(-1, 0)),
        C::PageUp | C::First => ("", Lands(1, 0)),
        C::PageDown | C::Last => ("", Lands(20, 0)),
        C::RowStart => ("", Lands(0, 1)),
        C::RowEnd => ("", Lands(0, 20)),
        C::ShowImages if mode == Mode::Photo => ("", Shows("nearest photos")),
        C::ShowTexts if mode == Mode::Photo => ("", Shows("nearest captions")),
        C::ShowBridge if mode == Mode::Photo => ("", Shows("by pair")),
        C::ShowClip if mode == Mode::Photo => ("1", Shows("captions for the photo")),
        C::ShowImages => ("", Shows("photos × photos")),
        C::ShowTexts => ("", Shows("captions × captions")),
        C::ShowBridge => ("", Shows("CKA")),
        C::ShowClip => ("1", Shows("photos × captions")),
        C::NextPanel | C::PreviousPanel => ("", Changes),
        C::Open => ("", Hides("Tab panel")),
        C::NextMistake | C::PreviousMistake if mode == Mode::Photo => ("", Changes),
        C::NextMistake | C::PreviousMistake => ("g", Changes),
        C::ZoomIn => ("--", Changes),
        C::ZoomOut => ("", Changes),
        C::ZoomFit => ("---", Changes),
        C::Models if models => ("", Shows("Tab panel")),
        C::Models => ("", Shows("Enter yes")),
        C::UseModels => ("", Shows("being fetched")),
        C::CompareWith => ("", Shows("nothing of reference is installed")),
        C::StopFetch => ("", Hides("Enter yes")),
        C::TurnDirection => ("", Shows("photos for the caption")),
        C::NextOrder => ("", Shows("similar")),
        C::FindPhrase => ("", Shows("type what the photo shows")),
        C::EditCaption => ("", Shows("Ctrl-U clear")),
        C::Undo => ("", Shows("nothing to undo")),
        C::Save => ("", Shows("as it is in the file")),
        C::Keep if mode == Mode::Edit => (" again", Shows("kept in this comparison")),
        C::Keep => ("clouds", Hides("for the phrase")),
        C::Cancel if mode == Mode::Edit => ("", Hides("Ctrl-U clear")),
        C::Cancel => ("clouds", Hides("for the phrase")),
        C::ChooseNext => ("clouds", Changes),
        C::ChoosePrevious => ("clouds", Changes),
        C::LineLeft | C::LineStart => ("abc", Changes),
        C::LineRight | C::LineEnd => ("abc\x1b[D\x1b[D", Changes),
        C::Backspace => ("zqx", Hides("zqx")),
        C::Delete => ("zqx\x1b[D", Hides("zqx")),
        C::DeleteWord => (" zqx", Hides("zqx")),
        C::ClearLine => ("zqx", Hides("zqx")),
        C::Compare => ("", Shows("3 photos × captions")),
        C::Export => ("", Shows("export what is on screen")),
        C::ExportCsv => ("", Writes("csv")),
        C::ExportJson => ("", Writes("json")),
        C::ExportPng => ("", Writes("png")),
        C::Copy => ("", Sends("\x1b]52;c;")),
        C::TurnScale => ("", Shows("from 0 to 1")),
        C::TurnTheme if mode == Mode::Main => ("", Shows("theme: light")),
        C::TurnTheme => ("", Shows("theme: light")),
        C::Ascii => ("", Hides("·")),
        C::LeftOut => ("", Shows("nothing was left out")),
    })
}

/// The bytes a terminal sends for a key.
fn bytes(key: Key) -> String {
    let name = key.name();
    if let Some(letter) = name.strip_prefix("Ctrl-") {
        let letter = letter.bytes().next().unwrap();
        return char::from(letter & 0x1F).to_string();
    }
    let sequence = match name.as_str() {
        "Left" => "\x1b[D",
        "Right" => "\x1b[C",
        "Up" => "\x1b[A",
        "Down" => "\x1b[B",
        "PgUp" => "\x1b[5~",
        "PgDn" => "\x1b[6~",
        "Home" => "\x1b[H",
        "End" => "\x1b[F",
        "Enter" => "\r",
        "Esc" => "\x1b",
        "Tab" => "\t",
        "Shift-Tab" => "\x1b[Z",
        "Backspace" => "\x7f",
        "Del" => "\x1b[3~",
        "F1" => "\x1bOP",
        name if name.chars().count() == 1 => name,
        name => panic!("no bytes are known for {name}"),
    };
    sequence.to_owned()
}

/// Row and column of the cursor as the grid spells them out, where it is on screen.
fn cursor(text: &str) -> Option<(usize, usize)> {
    // The photos have the same signs, without a number.
    let number = |sign: &str| {
        text.match_indices(sign)
            .find_map(|(at, _)| text[at + sign.len()..].split_whitespace().next()?.parse().ok())
    };
    Some((number("row ■ ")?, number("col ■ ")?))
}

/// A dashboard in the middle of its grid, with everything embedded. A shell is around it, which can stop it.
fn start(cache: &Path, folder: &Path) -> Terminal {
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    command.cwd(folder);
    for (name, value) in
        [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8"), ("PS1", "$ ")]
    {
        command.env(name, value);
    }
    command.env_remove("NO_COLOR");
    command.env("XDG_CONFIG_HOME", cache);
    // Nothing is fetched from here.
    command.env("HF_ENDPOINT", "http://127.0.0.1:9");
    command.env("HF_HUB_CACHE", cache.join("hub"));
    let mut terminal = Terminal::start(command, 140, 40);
    let line = format!("{PROGRAM} --images off --cache-dir {}; echo left $?\n", cache.display());
    terminal.send(&line);
    terminal.wait_for("all photos", |text| text.contains("20/20") && text.contains("MRR")).unwrap();
    terminal.settle();
    terminal.send("jjjjlllll");
    terminal.wait_for("the cursor", |text| text.contains("row ■ 5 ") && text.contains("col ■ 6 ")).unwrap();
    terminal
}

fn press(mode: Mode, command: Command, key: Key, cache: &Path) {
    let what = format!("'{}' for {} in {mode:?}", key.name(), command.name());
    let (first, wanted) = expected(mode, command).unwrap_or_else(|| panic!("nothing is expected of {what}"));
    let folder = tempfile::tempdir().unwrap();
    let mut terminal = start(cache, folder.path());
    for keys in [enter(mode), first] {
        if !keys.is_empty() {
            terminal.send(keys);
            terminal.settle();
        }
        if keys == first && matches!(command, Command::ChooseNext | Command::ChoosePrevious) {
            // There is something to choose from when the phrase is ranked.
            terminal.wait_for("the ranking", |text| text.contains("ranked")).unwrap();
            if command == Command::ChoosePrevious {
                terminal.send("\x1b[B\x1b[B");
            }
            terminal.settle();
        }
        if matches!(mode, Mode::Photo | Mode::Models)
            && matches!(command, Command::PageUp | Command::PageDown)
        {
            // Twenty candidates, or two model sets, must not fit.
            terminal.resize(140, 16);
            terminal.settle();
        }
    }
    let before = terminal.text();
    let drawn = terminal.formatted();
    terminal.send(&bytes(key));
    let wait = |terminal: &Terminal, wanted: &dyn Fn(&str) -> bool| {
        terminal.wait_for(&what, wanted).unwrap();
    };
    match wanted {
        Shows(words) => {
            assert!(!before.contains(words), "{what}: {words:?} was there before:\n{before}");
            wait(&terminal, &|text| text.contains(words));
        }
        Hides(words) => {
            assert!(before.contains(words), "{what}: {words:?} was not there before:\n{before}");
            wait(&terminal, &|text| !text.contains(words));
        }
        Changes => wait(&terminal, &|_| terminal.formatted() != drawn),
        Moves(down, right) => {
            if cursor(&before).is_none() {
                terminal.settle();
                terminal.send("\x1b");
            }
            let there = (5usize.saturating_add_signed(down), 6usize.saturating_add_signed(right));
            wait(&terminal, &|text| cursor(text) == Some(there));
        }
        Lands(row, col) => {
            if cursor(&before).is_none() {
                terminal.settle();
                terminal.send("\x1b");
            }
            let is = |wanted: usize, found: usize| wanted == 0 || wanted == found;
            wait(&terminal, &|text| cursor(text).is_some_and(|found| is(row, found.0) && is(col, found.1)));
        }
        Sends(bytes) => wait(&terminal, &|_| terminal.has_sent(bytes)),
        Writes(ending) => {
            let written = || {
                let files = std::fs::read_dir(folder.path()).unwrap().flatten();
                files.into_iter().any(|file| file.path().extension().is_some_and(|found| found == ending))
            };
            wait(&terminal, &|text| text.contains("written: ") && written());
        }
        Ends => wait(&terminal, &|text| text.contains("left 0")),
        Stops => wait(&terminal, &|text| text.contains("Stopped")),
    }
}

fn every_key_of(mode: Mode) {
    let cache = tempfile::tempdir().unwrap();
    let keymap = Keymap::default();
    let mut pressed = 0;
    for row in keymap.in_mode(mode) {
        for &key in row.keys.iter() {
            press(mode, row.command, key, cache.path());
            pressed += 1;
        }
    }
    assert!(pressed > 3, "{mode:?} has hardly any keys");
}

#[test]
fn every_key_does_what_the_table_says_in_the_grid() {
    every_key_of(Mode::Main);
}

#[test]
fn every_key_does_what_the_table_says_on_the_page_of_a_photo() {
    every_key_of(Mode::Photo);
}

#[test]
fn every_key_does_what_the_table_says_on_a_page_of_text() {
    every_key_of(Mode::Page);
}

#[test]
fn every_key_does_what_the_table_says_on_the_page_of_models() {
    every_key_of(Mode::Models);
}

#[test]
fn every_key_does_what_the_table_says_in_a_phrase() {
    every_key_of(Mode::Phrase);
}

#[test]
fn every_key_does_what_the_table_says_in_a_caption() {
    every_key_of(Mode::Edit);
}

#[test]
fn every_key_does_what_the_table_says_when_exporting() {
    every_key_of(Mode::Export);
}
