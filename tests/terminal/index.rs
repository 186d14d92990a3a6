//! The screen of an index in a real terminal.

use std::path::Path;
use std::time::Duration;

use clipscope_test_support::pty::{CommandBuilder, Terminal};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_clipscope");

/// A folder of three photos with its index, made by the program.
fn three_photos(cache: &Path) -> TempDir {
    let photos = tempfile::tempdir().unwrap();
    for name in ["food/pizza.jpg", "drinks/espresso-red-cup.jpg", "clouds/pink-cumulus.jpg"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset").join(name);
        std::fs::copy(from, photos.path().join(name.rsplit('/').next().unwrap())).unwrap();
    }
    let status = std::process::Command::new(PROGRAM)
        .args(["index", "-q", "--models", "mini", "--cache-dir"])
        .args([cache, photos.path()])
        .status()
        .unwrap();
    assert!(status.success());
    photos
}

#[test]
fn the_screen_of_an_index_stops_continues_and_ends_like_the_dashboard() {
    let cache = tempfile::tempdir().unwrap();
    let photos = three_photos(cache.path());
    let mut command = CommandBuilder::new("bash");
    command.args(["--norc", "--noprofile", "-i"]);
    command.env("TERM", "xterm-256color");
    command.env("XDG_CONFIG_HOME", cache.path());
    let mut terminal = Terminal::start(command, 80, 24);
    let index = photos.path().join(".clipscope-index");
    let (index, cache) = (index.display(), cache.path().display());
    terminal
        .send(&format!("{PROGRAM} {index} --models mini --images off --cache-dir {cache}; echo code $?\n"));
    terminal.wait_for("the photos", |text| text.contains("all photos; ")).unwrap();
    terminal.send("\x1a");
    terminal
        .wait_for("the shell", |text| text.contains("Stopped") && !text.contains("all photos; "))
        .unwrap();
    assert!(!terminal.parser().screen().alternate_screen());
    // The window changes while nobody draws.
    terminal.resize(110, 30);
    terminal.send("fg\n");
    let whole =
        |text: &str| text.lines().count() == 30 && text.lines().any(|line| line.chars().count() > 100);
    terminal
        .wait_for("the index at the new size", |text| text.contains("all photos; ") && whole(text))
        .unwrap();
    // A resize is drawn a few times, not once an event.
    let before = terminal.frames();
    for step in 0..200u16 {
        terminal.resize(80 + step % 40, 24 + step % 10);
        std::thread::sleep(Duration::from_millis(1));
    }
    terminal.resize(100, 28);
    terminal.settle();
    assert!(terminal.frames() - before < 100, "{} frames", terminal.frames() - before);
    terminal.wait_for("the last size", |text| text.lines().count() == 28).unwrap();
    terminal.send("q");
    terminal.wait_for("the shell again", |text| text.contains("code ")).unwrap();
    assert!(!terminal.parser().screen().alternate_screen());
}

#[test]
fn signals_end_the_screen_of_an_index_and_restore_the_terminal() {
    let cache = tempfile::tempdir().unwrap();
    let photos = three_photos(cache.path());
    let index = photos.path().join(".clipscope-index");
    for (signal, code) in [("TERM", 143), ("HUP", 129)] {
        let arguments = [index.to_str().unwrap(), "--models", "mini", "--images", "off"];
        let mut terminal = Terminal::clipscope(PROGRAM, cache.path(), &arguments, 80, 24);
        terminal.wait_for("the photos", |text| text.contains("all photos; ")).unwrap();
        terminal.signal(signal);
        assert_eq!(terminal.wait_exit().exit_code(), code, "SIG{signal}");
        terminal.assert_restored();
    }
}
