//! A terminal that answers late: while the dashboard runs, and when it is left.

use std::path::Path;
use std::time::{Duration, Instant};

use clipscope_test_support::pty::{CommandBuilder, Terminal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clipscope");
/// What a terminal answers, of a light background and without graphics, and its last answer.
const ANSWERS: &str = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b_Gi=31;EINVAL:no\x1b\\\x1b[?62;22c\x1b[6;20;10t";
const LAST: &str = "\x1b[0n";
/// Between the bytes of a slow connection.
const GAP: Duration = Duration::from_millis(60);

fn shell(cache: &Path) -> Terminal {
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("PS1", "PROMPT> ")] {
        command.env(name, value);
    }
    command.env_remove("NO_COLOR");
    command.env("XDG_CONFIG_HOME", cache);
    let mut terminal = Terminal::start_silent(command, 120, 40);
    terminal.send(&format!("echo main $((1 + 1)); {PROGRAM} --cache-dir {}\n", cache.display()));
    terminal.wait_for("all photos", |text| text.contains("20/20") && text.contains("MRR")).unwrap();
    terminal.wait_for("the questions", |_| terminal.has_sent("\x1b[5n")).unwrap();
    // The photo has waited for the answers as long as it does.
    terminal.wait_for("the photo", |text| text.contains('▀')).unwrap();
    terminal.settle();
    terminal
}

/// Byte by byte, in the order of `keys` and answers.
fn slowly(terminal: &mut Terminal, bytes: &str) {
    for byte in bytes.chars() {
        terminal.send(byte.encode_utf8(&mut [0; 4]));
        std::thread::sleep(GAP);
    }
}

/// The shell has the terminal, and nothing has been typed into it.
fn at_an_empty_prompt(terminal: &mut Terminal) {
    terminal.wait_for("the prompt", |text| text.trim_end().ends_with("PROMPT>")).unwrap();
    terminal.send("echo and $((40 + 2))\n");
    let text = terminal.wait_for("the echo", |text| text.contains("and 42")).unwrap();
    assert!(text.contains("PROMPT> echo and"), "{text}");
    for part in ["rgb", "62;", "[0n", "Gi=", "EINVAL"] {
        assert!(!text.contains(part), "{part} in:\n{text}");
    }
}

#[test]
fn late_answers_are_no_keys_in_the_grid_and_the_background_still_counts() {
    let cache = tempfile::tempdir().unwrap();
    let mut terminal = shell(cache.path());
    let (before, drawn) = (terminal.text(), terminal.formatted());
    slowly(&mut terminal, ANSWERS);
    terminal.wait_for("the light theme", |_| terminal.formatted() != drawn).unwrap();
    slowly(&mut terminal, LAST);
    terminal.settle();
    assert_eq!(terminal.text(), before, "an answer was taken for keys");
    // Nothing is owed, so leaving does not wait for anything.
    terminal.send("q");
    at_an_empty_prompt(&mut terminal);
}

#[test]
fn late_answers_are_not_typed_into_a_caption_or_a_phrase() {
    for (open, line) in [("e", "caption: "), ("/", "/ ")] {
        let cache = tempfile::tempdir().unwrap();
        let mut terminal = shell(cache.path());
        terminal.send(open);
        terminal.wait_for("the line", |text| text.contains("Ctrl-U clear")).unwrap();
        terminal.send("\x15one");
        let typed = |words: &str| {
            let wanted = format!("{line}{words}");
            move |text: &str| text.lines().any(|line| line.trim_end() == wanted)
        };
        terminal.wait_for("the word", typed("one")).unwrap();
        slowly(&mut terminal, ANSWERS);
        // The rest all at once, with keys before and behind it, and a paste that only looks like an answer.
        terminal.send(&format!(" two{ANSWERS}{LAST} three\x1b[200~ \x1b]11;rgb:0/0/0 four\x1b[201~"));
        terminal.wait_for("every key and nothing else", typed("one two three ]11;rgb:0/0/0 four")).unwrap();
        terminal.send("\x1b");
        terminal.wait_for("the closed line", |text| !text.contains("Ctrl-U clear")).unwrap();
        terminal.send("q");
        at_an_empty_prompt(&mut terminal);
    }
}

#[test]
fn answers_that_come_after_leaving_do_not_reach_the_shell() {
    // How long the program waits for them is limited, so a machine that stood still meanwhile has shown nothing.
    for _ in 0..20 {
        let cache = tempfile::tempdir().unwrap();
        let mut terminal = shell(cache.path());
        let start = Instant::now();
        terminal.send("q");
        terminal.wait_for("the main screen", |text| text.contains("main 2")).unwrap();
        let shown = terminal.text();
        assert!(!shown.trim_end().ends_with("PROMPT>"), "nothing has waited:\n{shown}");
        let mut in_time = start.elapsed() < Duration::from_millis(1_000);
        // As long as something comes, it waits for the rest.
        for byte in ANSWERS.chars().chain(LAST.chars()) {
            let last = Instant::now();
            terminal.send(byte.encode_utf8(&mut [0; 4]));
            std::thread::sleep(GAP / 2);
            in_time &= last.elapsed() < Duration::from_millis(300);
        }
        if in_time {
            return at_an_empty_prompt(&mut terminal);
        }
    }
    panic!("the machine is too slow for this test");
}

#[test]
fn a_stop_waits_for_late_answers_too() {
    for _ in 0..20 {
        let cache = tempfile::tempdir().unwrap();
        let mut terminal = shell(cache.path());
        let start = Instant::now();
        terminal.send("\x1a");
        terminal.wait_for("the main screen", |text| text.contains("main 2")).unwrap();
        terminal.send(&format!("{ANSWERS}{LAST}"));
        if start.elapsed() < Duration::from_millis(1_000) {
            terminal.wait_for("the shell", |text| text.contains("Stopped")).unwrap();
            at_an_empty_prompt(&mut terminal);
            terminal.send("fg\n");
            terminal.wait_for("the dashboard again", |text| text.contains("20/20")).unwrap();
            return;
        }
    }
    panic!("the machine is too slow for this test");
}

#[test]
fn a_terminal_that_answers_nothing_is_left_none_the_less() {
    let cache = tempfile::tempdir().unwrap();
    let mut terminal = shell(cache.path());
    // Typed before it is given back, and not for the shell.
    terminal.send("q");
    at_an_empty_prompt(&mut terminal);
}

#[test]
fn a_signal_ends_it_although_answers_are_owed() {
    let cache = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["--cache-dir", cache.path().to_str().unwrap()]);
    command.env("TERM", "xterm-256color");
    command.env("XDG_CONFIG_HOME", cache.path());
    let mut terminal = Terminal::start_silent(command, 120, 40);
    terminal.wait_for("the questions", |_| terminal.has_sent("\x1b[5n")).unwrap();
    terminal.signal("TERM");
    assert_eq!(terminal.wait_exit().exit_code(), 143);
    terminal.assert_restored();
}
