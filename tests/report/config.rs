//! The configuration file, the log file and the manual page, with the real program.

use std::path::Path;
use std::process::{Command, Output};

use clipscope_test_support::pty::{CommandBuilder, Terminal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clipscope");

/// Runs the program with `home` as the folder of configurations.
fn clipscope(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).env("XDG_CONFIG_HOME", home).env("XDG_CACHE_HOME", home).env_remove("NO_COLOR");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Writes the user's configuration; its folder.
fn home_with(config: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("clipscope")).unwrap();
    std::fs::write(home.path().join("clipscope/config.toml"), config).unwrap();
    home
}

fn dashboard(home: &Path, arguments: &[&str], variables: &[(&str, &str)], background: &str) -> Terminal {
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(arguments);
    command.args(["--cache-dir".as_ref(), home.as_os_str()]);
    command.env_remove("NO_COLOR");
    for (name, value) in [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")] {
        command.env(name, value);
    }
    command.env("XDG_CONFIG_HOME", home);
    for (name, value) in variables {
        command.env(name, value);
    }
    Terminal::start_on(command, 120, 40, background)
}

#[test]
fn what_is_printed_reads_back_to_itself() {
    let home = home_with("theme = 'light'\nzoom = 2\n[keys]\nundo = ['U', 'F5']\n");
    let printed = clipscope(home.path(), &["--print-config", "--images", "off"]);
    assert!(printed.status.success());
    let first = text(&printed.stdout);
    for line in
        ["theme = \"light\"", "images = \"off\"", "zoom = 2", "undo = [\"U\", \"F5\"]", "save = [\"w\"]"]
    {
        assert!(first.lines().any(|found| found.starts_with(line)), "{line}\n{first}");
    }
    let file = home.path().join("printed.toml");
    std::fs::write(&file, &first).unwrap();
    let again = clipscope(home.path(), &["--config", file.to_str().unwrap(), "--print-config"]);
    assert_eq!(text(&again.stdout), first);
}

#[test]
fn a_wrong_configuration_is_named_with_its_line() {
    for (config, line, words) in [
        ("theme = 'light'\n\"be\\u001b[2Jige\" = 1\n", "line 2", "U+001B"),
        ("[keys]\nundo = 'e'\n", "line 2", "edit-caption"),
    ] {
        let home = home_with(config);
        let answer = clipscope(home.path(), &["eval", "-q"]);
        let error = text(&answer.stderr);
        assert_eq!(answer.status.code(), Some(3), "{error}");
        assert!(error.contains("config.toml") && error.contains(line) && error.contains(words), "{error}");
        assert!(!error.contains('\u{1b}'), "{error:?}");
        // What tells how to do better does not read it.
        assert!(clipscope(home.path(), &["completions", "bash"]).status.success());
        assert!(clipscope(home.path(), &["man"]).status.success());
    }
    let home = tempfile::tempdir().unwrap();
    assert_eq!(
        clipscope(home.path(), &["models", "path", "--config", "/nonexistent.toml"]).status.code(),
        Some(3)
    );
}

#[test]
fn the_file_chooses_where_no_flag_does() {
    let home = home_with("cache-dir = '/from/the/file'\n");
    let path = |arguments: &[&str]| text(&clipscope(home.path(), arguments).stdout);
    assert!(path(&["models", "path"]).contains("/from/the/file"));
    assert!(path(&["models", "path", "--cache-dir", "/from/the/flag"]).contains("/from/the/flag"));
    assert!(!path(&["models", "path", "--cache-dir", "/from/the/flag"]).contains("/from/the/file"));
}

#[test]
fn the_users_own_keys_work_and_the_footer_names_them() {
    let home = home_with("images = 'off'\n[keys]\nquit = 'Q'\nhelp = 'F2'\n");
    let mut terminal = dashboard(home.path(), &[], &[], "");
    terminal.wait_for("the footer", |text| text.contains("F2 help") && text.contains("Q quit")).unwrap();
    terminal.send("?q");
    terminal.send("\x1bOQ");
    terminal.wait_for("help", |text| text.contains("one row down")).unwrap();
    terminal.send("\x1bOQ");
    terminal.wait_for("the grid", |text| !text.contains("one row down")).unwrap();
    terminal.send("Q");
    assert!(terminal.wait_exit().success());
}

#[test]
fn the_theme_follows_the_background_of_the_terminal() {
    // `T` turns to the theme after the one in use.
    for (background, after) in [("\x1b]11;rgb:ffff/ffff/eeee\x1b\\", "high-contrast"), ("", "light")] {
        let home = tempfile::tempdir().unwrap();
        let mut terminal = dashboard(home.path(), &["--images", "off"], &[], background);
        terminal.wait_for("all photos", |text| text.contains("20/20")).unwrap();
        terminal.settle();
        terminal.send("T");
        terminal.wait_for("the theme", |text| text.contains(&format!("theme: {after}"))).unwrap();
    }
}

#[test]
fn the_environment_wins_over_the_file() {
    let home = home_with("colour = 'true'\nimages = 'off'\n");
    let colored = |variables: &[(&str, &str)]| {
        let terminal = dashboard(home.path(), &[], variables, "");
        terminal.wait_for("all photos", |text| text.contains("20/20")).unwrap();
        terminal.settle();
        terminal.has_sent("38;2;")
    };
    assert!(colored(&[("COLORTERM", ""), ("TERM", "linux")]), "the file asks for 24-bit color");
    assert!(!colored(&[("NO_COLOR", "1")]));
}

#[test]
fn the_log_tells_what_happened_and_the_screen_does_not() {
    let home = tempfile::tempdir().unwrap();
    let photos = tempfile::tempdir().unwrap();
    let folder = photos.path().join("birds");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("broken\u{1b}[31m.jpg"), b"no photo").unwrap();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/dataset/clouds/");
    let photo = std::fs::read_dir(source).unwrap().flatten().next().unwrap().path();
    std::fs::copy(photo, folder.join("good.jpg")).unwrap();
    let log = home.path().join("log.txt");
    let arguments =
        [photos.path().to_str().unwrap(), "--images", "off", "--log", log.to_str().unwrap(), "-vv"];
    let mut terminal = dashboard(home.path(), &arguments, &[], "");
    terminal.wait_for("the end", |text| text.contains("1 left out") && text.contains(" items in ")).unwrap();
    terminal.send("q");
    assert!(terminal.wait_exit().success());
    assert!(!terminal.has_sent("TRACE") && !terminal.has_sent("INFO"));
    let written = std::fs::read_to_string(&log).unwrap();
    for words in ["INFO", "everything is embedded", "skipped", "TRACE", "done"] {
        assert!(written.contains(words), "{words}\n{written}");
    }
    assert!(!written.chars().any(|character| character.is_control() && character != '\n'), "{written:?}");
    // A log that cannot be written is said before anything is done.
    let answer = clipscope(home.path(), &["eval", "-q", "--log", "/nonexistent/log"]);
    assert_eq!(answer.status.code(), Some(3));
    assert!(text(&answer.stderr).contains("--log"), "{}", text(&answer.stderr));
}

#[test]
fn the_manual_page_holds_every_command_with_its_options() {
    let home = tempfile::tempdir().unwrap();
    let page = text(&clipscope(home.path(), &["man"]).stdout).replace('\\', "");
    assert!(page.contains(".TH clipscope 1"), "{page}");
    let sections: Vec<&str> = page.split(".SH ").collect();
    let section = |name: &str| {
        let found: Vec<_> = sections.iter().filter(|section| section.lines().next() == Some(name)).collect();
        assert_eq!(found.len(), 1, "{name}\n{page}");
        *found[0]
    };
    let everywhere = section("OPTIONS");
    assert!(everywhere.contains("--print-config") && everywhere.contains("--cache-dir"), "{everywhere}");
    for (name, options) in [
        ("CLIPSCOPE EVAL", ["--format", "--min-accuracy"]),
        ("CLIPSCOPE SEARCH", ["--image", "--top-k"]),
        ("CLIPSCOPE EMBED", ["--out", "--shard"]),
        ("CLIPSCOPE MODELS FETCH", ["--from", "--cache-dir"]),
        ("CLIPSCOPE COMPLETIONS", ["SHELL", "bash"]),
    ] {
        let section = section(name);
        for option in options {
            assert!(section.contains(option), "{option}\n{section}");
        }
        // What every command takes is said once, and what a command does not use is not said of it.
        assert_eq!(
            section.contains("--captions"),
            ["CLIPSCOPE EVAL", "CLIPSCOPE EMBED"].contains(&name),
            "{section}"
        );
        assert!(!section.contains("--config") && !section.contains("--help"), "{section}");
    }
}
