//! The dashboard in a real terminal: what it shows, what keys do, and how it leaves.

use std::time::{Duration, Instant};

use clipscope_test_support::pty::{CommandBuilder, Terminal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clipscope");
const SIZES: [(u16, u16); 2] = [(80, 24), (200, 60)];

struct Dashboard {
    terminal: Terminal,
    _cache: tempfile::TempDir,
}

fn dashboard(columns: u16, rows: u16, arguments: &[&str]) -> Dashboard {
    let cache = tempfile::tempdir().unwrap();
    let terminal = Terminal::clipscope(PROGRAM, cache.path(), arguments, columns, rows);
    Dashboard { terminal, _cache: cache }
}

/// A dashboard on the photos that ship, with everything embedded.
fn ready(columns: u16, rows: u16) -> Dashboard {
    let dashboard = dashboard(columns, rows, &["--images", "off"]);
    dashboard.terminal.wait_for("all photos", |text| text.contains("20/20")).unwrap();
    dashboard.terminal.settle();
    dashboard
}

#[test]
fn the_harness_can_fail() {
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", "echo hello; sleep 5"]);
    let terminal = Terminal::start(command, 40, 5);
    terminal.wait_for("the greeting", |text| text.contains("hello")).unwrap();
    let wait = terminal.wait_within(Duration::from_millis(200), "nonsense", |text| text.contains("nonsense"));
    assert!(wait.is_err());
}

#[test]
fn the_screen_names_the_models_and_the_stand_in_at_both_sizes() {
    for (columns, rows) in SIZES {
        let dashboard = ready(columns, rows);
        let text = dashboard.terminal.text();
        assert!(text.contains("mini"), "{text}");
        assert!(text.contains("not CLIP"), "{text}");
    }
}

#[test]
fn arrows_and_letters_move_the_cursor_in_the_grid() {
    for (columns, rows) in SIZES {
        let mut dashboard = ready(columns, rows);
        let terminal = &mut dashboard.terminal;
        let mut before = terminal.text();
        for key in ["\x1b[B", "j", "\x1b[C", "l", "k", "\x1b[A", "h", "\x1b[D"] {
            terminal.send(key);
            terminal.wait_for(&format!("a move after {key:?}"), |text| text != before).unwrap();
            terminal.settle();
            before = terminal.text();
        }
    }
}

#[test]
fn digits_change_the_approach() {
    let mut dashboard = ready(200, 60);
    let terminal = &mut dashboard.terminal;
    for (key, wanted) in [("1", "silhouette"), ("3", "CKA"), ("4", "MRR"), ("2", "silhouette")] {
        terminal.send(key);
        terminal.wait_for(&format!("{wanted} after {key}"), |text| text.contains(wanted)).unwrap();
    }
}

#[test]
fn q_leaves_the_terminal_as_it_was() {
    for keys in ["q", "\x03"] {
        let mut dashboard = dashboard(80, 24, &["--images", "off"]);
        let terminal = &mut dashboard.terminal;
        terminal.wait_for("the first frame", |text| text.contains("mini")).unwrap();
        assert_ne!(
            terminal.line_settings(),
            terminal.initial_line_settings(),
            "the dashboard takes the terminal over"
        );
        assert!(terminal.parser().screen().alternate_screen());
        terminal.send(keys);
        assert!(terminal.wait_exit().success());
        terminal.assert_restored();
    }
}

#[test]
fn signals_that_end_the_program_restore_the_terminal() {
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("INT", 130)] {
        let mut dashboard = dashboard(80, 24, &["--images", "off"]);
        let terminal = &mut dashboard.terminal;
        terminal.wait_for("the first frame", |text| text.contains("mini")).unwrap();
        terminal.signal(signal);
        assert_eq!(terminal.wait_exit().exit_code(), code, "SIG{signal}");
        terminal.assert_restored();
    }
}

#[test]
fn nothing_is_written_while_nothing_changes() {
    let dashboard = ready(120, 40);
    let before = dashboard.terminal.written();
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(dashboard.terminal.written(), before);
}

#[test]
fn a_cursor_move_writes_little() {
    let mut dashboard = ready(120, 40);
    let terminal = &mut dashboard.terminal;
    for key in ["j", "l", "j", "l"] {
        let before = terminal.written();
        terminal.send(key);
        terminal.settle();
        let bytes = terminal.written() - before;
        assert!((1..4096).contains(&bytes), "{bytes} bytes for {key}");
    }
}

#[test]
fn a_dropped_connection_ends_the_program_even_when_hangups_are_ignored() {
    let cache = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new("sh");
    let script = format!("trap '' HUP; exec {PROGRAM} --images off --cache-dir {}", cache.path().display());
    command.args(["-c", &script]);
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(command, 80, 24);
    terminal.wait_for("all photos", |text| text.contains("20/20")).unwrap();
    let before = terminal.ticks().unwrap();
    terminal.hang_up();
    let start = Instant::now();
    let mut last = before;
    while !terminal.has_exited() {
        last = terminal.ticks().unwrap_or(last);
        // Two seconds are promised; the rest is for a loaded machine.
        assert!(start.elapsed() < Duration::from_secs(10), "still running after the terminal is gone");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(
        last - before < 40,
        "{} hundredths of a second were spent on a terminal that is gone",
        last - before
    );
}

#[test]
fn resizing_draws_anew_at_every_size() {
    let mut dashboard = ready(120, 40);
    for (columns, rows) in [(80, 24), (20, 5), (1, 1), (200, 60), (60, 12), (120, 40)] {
        dashboard.terminal.resize(columns, rows);
        dashboard.terminal.settle();
        assert!(!dashboard.terminal.has_exited(), "ended at {columns}×{rows}");
    }
    dashboard.terminal.wait_for("the header", |text| text.contains("not CLIP")).unwrap();
    dashboard.terminal.send("q");
    assert!(dashboard.terminal.wait_exit().success());
}

#[test]
fn a_storm_of_resizes_is_drawn_a_few_times_and_ends_at_the_last_size() {
    let mut dashboard = ready(120, 40);
    let terminal = &mut dashboard.terminal;
    let (start, before) = (Instant::now(), terminal.frames());
    for step in 0..300u16 {
        terminal.resize(80 + step % 90, 24 + step % 30);
        std::thread::sleep(Duration::from_millis(1));
    }
    terminal.resize(100, 30);
    terminal.settle();
    let drawn = terminal.frames() - before;
    // One frame in 33 ms while the storm lasts (its end is known to less than that), whatever the machine can do.
    let most = start.elapsed().as_millis() / 33 + 2;
    assert!((1..=most).contains(&(drawn as u128)), "{drawn} frames in the time of {most}");
    terminal.wait_for("the last line", |text| text.lines().count() == 30).unwrap();
    terminal.send("q");
    assert!(terminal.wait_exit().success());
    terminal.assert_restored();
}

#[test]
fn stopping_and_continuing_gives_the_terminal_back_and_takes_it_again() {
    // Only a shell with job control can stop a program; without one the system ignores Ctrl-Z.
    let cache = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(command, 80, 24);
    terminal.send(&format!("{PROGRAM} --images off --cache-dir {}\n", cache.path().display()));
    terminal.wait_for("all photos", |text| text.contains("20/20")).unwrap();
    terminal.send("\x1a");
    terminal.wait_for("the shell", |text| text.contains("Stopped") && !text.contains("20/20")).unwrap();
    assert!(!terminal.parser().screen().alternate_screen());
    // The window changes while nobody draws.
    terminal.resize(100, 30);
    terminal.send("fg\n");
    terminal.wait_for("the dashboard again", |text| text.contains("20/20")).unwrap();
    assert!(terminal.parser().screen().alternate_screen());
    let whole = |text: &str| text.lines().count() == 30 && text.lines().any(|line| line.chars().count() > 90);
    terminal.wait_for("the dashboard at the new size", whole).unwrap();
    terminal.send("q");
    terminal.wait_for("the shell again", |text| !text.contains("20/20")).unwrap();
    assert!(!terminal.parser().screen().alternate_screen());
}

#[test]
fn what_a_stop_gives_back_is_the_terminal_as_it_was_before() {
    // An interactive shell would put its own modes in place; this one has job control and leaves them alone.
    let cache = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new("bash");
    let dashboard = format!("{PROGRAM} --images off --cache-dir {}", cache.path().display());
    command.args(["-c", &format!("set -m; {dashboard}; echo given back; read -r; fg; echo at the end")]);
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(command, 80, 24);
    terminal.wait_for("all photos", |text| text.contains("20/20")).unwrap();
    let taken = terminal.line_settings();
    assert_ne!(taken, terminal.initial_line_settings());
    terminal.send("\x1a");
    terminal.wait_for("the shell", |text| text.contains("given back")).unwrap();
    terminal.assert_restored();
    terminal.send("\n");
    terminal.wait_for("the dashboard again", |text| text.contains("20/20")).unwrap();
    assert_eq!(terminal.line_settings(), taken);
    terminal.send("q");
    terminal.wait_for("the end", |text| text.contains("at the end")).unwrap();
    terminal.assert_restored();
}

#[test]
fn a_dumb_terminal_gets_the_report() {
    let cache = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["-q", "--cache-dir"]);
    command.arg(cache.path());
    command.env("TERM", "dumb");
    let mut terminal = Terminal::start(command, 100, 200);
    assert!(terminal.wait_exit().success());
    let text = terminal.text();
    assert!(text.contains("TERM is 'dumb'") && text.contains("image→text"), "{text}");
}

#[test]
fn m_says_what_the_other_model_set_lacks() {
    let mut dashboard = ready(200, 60);
    dashboard.terminal.send("m");
    let words = |text: &str| text.contains("not installed") && text.contains("models fetch");
    dashboard.terminal.wait_for("the reason", words).unwrap();
    assert!(dashboard.terminal.text().contains("mini"));
}
