//! Names, captions and categories that mean harm, in every output of the program.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use clipscope_test_support::pty::{CommandBuilder, Terminal};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_clipscope");

/// What must not reach a terminal. A line feed may: it ends the lines of the program's own.
fn forbidden(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
}

#[track_caller]
fn harmless(text: &[u8], what: &str) {
    let text = std::str::from_utf8(text).unwrap_or_else(|error| panic!("{what}: {error}"));
    if let Some((line, found)) =
        text.lines().find_map(|line| line.chars().find(|&c| forbidden(c)).map(|found| (line, found)))
    {
        panic!("{what}: {found:?} in {line:?}");
    }
}

const CATEGORIES: [&str; 2] = ["+cat\u{1b}]0;owned\u{7}", "@two\nlines\u{202e}"];
/// Below the first category, and its caption.
const PHOTOS: [(&str, &str, &str); 4] = [
    ("=cmd|' \u{1b}[31m.jpg", "food/pizza.jpg", "-1+1\u{1b}[2J caption\u{9b}31m"),
    ("photo\u{202e}gpj.exe.jpg", "food/cupcakes.jpg", "=HYPERLINK(\"x\")\u{7f}"),
    ("two\nlines\r.jpg", "clouds/pink-cumulus.jpg", "\u{feff}pink \u{2066}clouds\u{2069} | `x` <b>"),
    // The wrong extension does not matter either.
    ("\u{9b}2J.png", "clouds/dark-clouds-at-sunset.jpg", "dark\u{2028}clouds"),
];

/// A data set with such names, one that is not UTF-8, and a file that is no photo. The folder's name is one too.
fn folder() -> (tempfile::TempDir, std::path::PathBuf) {
    let holder = tempfile::tempdir().unwrap();
    let folder = holder.path().join("set\u{1b}[8m\u{202e}");
    let photos = Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset");
    for (place, (name, source, caption)) in PHOTOS.iter().enumerate() {
        let target = folder.join(CATEGORIES[place / 2]);
        fs::create_dir_all(&target).unwrap();
        fs::copy(photos.join(source), target.join(name)).unwrap();
        fs::write(target.join(name).with_extension("txt"), caption).unwrap();
    }
    let last = folder.join(CATEGORIES[1]);
    fs::copy(photos.join("drinks/latte-art-coffee.jpg"), last.join(OsStr::from_bytes(b"caf\xE9\x1B.jpg")))
        .unwrap();
    fs::write(last.join("bad\u{1b}[5m\u{202e}.jpg"), "no photo").unwrap();
    (holder, folder)
}

fn clipscope(cache: &Path, arguments: &[&OsStr]) -> Output {
    let mut command = Command::new(PROGRAM);
    // A data set is inspected without a cache, and the option is refused there.
    if arguments.first().is_none_or(|first| *first != "dataset") {
        command.arg("--cache-dir").arg(cache);
    }
    command.args(arguments).output().unwrap()
}

/// Runs a command that must work and whose whole output must be harmless.
#[track_caller]
fn run(cache: &Path, arguments: &[&OsStr]) -> Vec<u8> {
    let output = clipscope(cache, arguments);
    harmless(&output.stderr, &format!("stderr of {arguments:?}"));
    harmless(&output.stdout, &format!("stdout of {arguments:?}"));
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn arguments<'a>(words: &[&'a str], folder: &'a Path) -> Vec<&'a OsStr> {
    let mut all: Vec<&OsStr> = words.iter().map(|word| OsStr::new(*word)).collect();
    all.push(folder.as_os_str());
    all
}

#[test]
fn nothing_of_theirs_controls_a_terminal_in_any_output() {
    let (holder, folder) = folder();
    let cache = holder.path().join("cache");
    for words in [
        &["eval"][..],
        &["eval", "--format", "markdown"],
        &[],
        &["dataset", "check", "-v"],
        &["dataset", "check", "--json"],
        &["search", "--top-k", "9", "--image"],
    ] {
        let photo = folder.join(CATEGORIES[0]).join(PHOTOS[0].0);
        let mut all = arguments(words, if words.contains(&"--image") { &photo } else { &folder });
        if words.contains(&"--image") {
            all.push(folder.as_os_str());
        }
        let text = run(&cache, &all);
        assert!(!text.is_empty());
    }
    let mut search = arguments(&["search"], &folder);
    search.push(OsStr::new("pizza \u{1b}[2J"));
    let text = String::from_utf8(run(&cache, &search)).unwrap();
    assert!(text.contains("=cmd|' ⟨U+001B⟩[31m.jpg"), "{text}");

    // Pictures are made whatever the labels are.
    let plots = holder.path().join("plots\u{1b}");
    let mut eval = arguments(&["eval"], &folder);
    eval.extend([OsStr::new("--plots"), plots.as_os_str()]);
    run(&cache, &eval);
    assert_eq!(fs::read_dir(&plots).unwrap().count(), 4);
    for entry in fs::read_dir(&plots).unwrap() {
        image::open(entry.unwrap().path()).unwrap();
    }
}

#[test]
fn json_keeps_the_names_and_escapes_what_a_terminal_would_obey() {
    let (holder, folder) = folder();
    let cache = holder.path().join("cache");
    let file = format!("{}/{}", CATEGORIES[0], PHOTOS[1].0);

    let report: Value =
        serde_json::from_slice(&run(&cache, &arguments(&["eval", "--format", "json"], &folder))).unwrap();
    let items = report["dataset"]["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["file"] == file.as_str()).expect("the name is as it was");
    assert_eq!(item["category"], CATEGORIES[0]);
    assert_eq!(item["captions"][0], PHOTOS[1].2);
    assert_eq!(report["dataset"]["images"], 5);
    assert!(
        report["dataset"]["skipped"].to_string().contains("not a picture"),
        "{}",
        report["dataset"]["skipped"]
    );

    let mut search = arguments(&["search", "--json", "--top-k", "9"], &folder);
    search.push(OsStr::new("cup\u{9b}cakes"));
    let answer: Value = serde_json::from_slice(&run(&cache, &search)).unwrap();
    assert_eq!(answer["query"]["text"], "cup\u{9b}cakes");
    let found = answer["results"].as_array().unwrap();
    assert!(found.iter().any(|hit| hit["file"] == file.as_str()), "{answer}");

    let out = holder.path().join("vectors");
    let mut embed = arguments(&["embed"], &folder);
    embed.extend([OsStr::new("--out"), out.as_os_str()]);
    run(&cache, &embed);
    let ids = fs::read(holder.path().join("vectors.json")).unwrap();
    harmless(&ids, "the names beside the vectors");
    let ids: Value = serde_json::from_slice(&ids).unwrap();
    assert!(ids["images"].as_array().unwrap().iter().any(|image| image["file"] == file.as_str()), "{ids}");
}

#[test]
fn a_spreadsheet_finds_no_formula_in_the_csv_report() {
    let (holder, folder) = folder();
    let cache = holder.path().join("cache");
    let out = holder.path().join("report.csv");
    let mut eval = arguments(&["eval", "--format", "csv", "--out"], &out);
    eval.push(folder.as_os_str());
    run(&cache, &eval);
    let csv = fs::read(&out).unwrap();
    harmless(&csv, "the CSV report");
    let mut texts = 0;
    for record in csv::Reader::from_reader(csv.as_slice()).records() {
        for field in &record.unwrap() {
            let formula = field.trim_start().starts_with(['=', '+', '-', '@', '\t']);
            assert!(!formula || field.parse::<f64>().is_ok(), "{field:?}");
            texts += usize::from(field.starts_with("'"));
        }
    }
    // Each photo's category, and captions among their own and the best.
    assert!(texts >= 7, "{texts} fields were neutralised");
}

#[test]
fn errors_that_repeat_a_name_are_one_harmless_line() {
    let holder = tempfile::tempdir().unwrap();
    let cache = holder.path().join("cache\u{1b}[31m");
    let missing = holder.path().join("no\u{1b}[2J\nsuch\u{202e}");
    let manifest = holder.path().join("bad\u{9b}.json");
    fs::write(&manifest, "{\"a\u{1b}\": [{\"filename\": 3}]}").unwrap();
    let photo = holder.path().join("x\u{1b}.jpg");
    fs::write(&photo, "x").unwrap();
    let out = holder.path().join("no\u{7f}folder/x.json");
    let cases: Vec<(i32, Vec<&OsStr>)> = vec![
        (3, arguments(&["eval"], &missing)),
        (3, arguments(&["eval"], &manifest)),
        (3, arguments(&["eval", "--captions"], &missing)),
        (3, arguments(&["eval", "-q", "--format", "json", "--out"], &out)),
        (3, arguments(&["search", "--image"], &photo)),
        (2, vec![OsStr::new("--no\u{9b}\u{202e}such")]),
        (2, vec![OsStr::new("eval"), OsStr::new("--format"), OsStr::new("\u{202e}\u{9b}c")]),
        (2, vec![OsStr::new("models"), OsStr::new("fetch"), OsStr::new("x\u{1b}[2J")]),
    ];
    for (code, mut arguments) in cases {
        if arguments.contains(&OsStr::new("--image")) {
            arguments.push(OsStr::new(concat!(env!("CARGO_MANIFEST_DIR"), "/dataset")));
        }
        let output = clipscope(&cache, &arguments);
        harmless(&output.stderr, &format!("stderr of {arguments:?}"));
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {message}");
        assert!(message.contains("⟨U+") && !message.contains("panicked"), "{arguments:?}: {message}");
        if code == 3 {
            assert_eq!(
                message.trim_end().lines().last().unwrap().matches("clipscope: ").count(),
                1,
                "{message}"
            );
        }
    }
}

#[test]
fn nobody_reading_the_messages_is_no_reason_to_stop() {
    let (holder, folder) = folder();
    let mut child = Command::new(PROGRAM)
        .args(["eval", "--format", "json", "--cache-dir"])
        .arg(holder.path().join("cache"))
        .arg(&folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Before the first message: the photo that is none is told after the networks are loaded.
    drop(child.stderr.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(serde_json::from_slice::<Value>(&output.stdout).is_ok());
}

#[test]
fn the_dashboard_shows_such_names_escaped_on_every_page() {
    let (holder, folder) = folder();
    let cache = holder.path().join("cache");
    let folder = folder.to_str().unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["--images", "half", folder, "--cache-dir"]);
    command.arg(&cache);
    command.env("TERM", "xterm-256color");
    command.env("XDG_CONFIG_HOME", &cache);
    // What is exported goes there.
    command.cwd(holder.path());
    let mut terminal = Terminal::start(command, 200, 60);
    terminal.wait_for("all photos", |text| text.contains("1 left out")).unwrap();
    let mut seen = String::new();
    let keys = "1 2 3 4 xc xj xp j l \r \r c c /pink\r e\r ? ? i i";
    for keys in std::iter::once("").chain(keys.split(' ')) {
        terminal.send(keys);
        terminal.settle();
        assert!(!terminal.has_exited(), "ended after {keys:?}");
        let text = terminal.text();
        harmless(text.as_bytes(), &format!("the screen after {keys:?}"));
        seen += &text;
    }
    assert!(seen.contains("⟨U+001B⟩") && seen.contains("⟨U+202E⟩"), "{seen}");
    terminal.send("\x03");
    assert!(terminal.wait_exit().success());
    for (extension, words) in [("csv", "⟨U+001B⟩[31m"), ("json", "⟨U+202E⟩")] {
        let exported = fs::read(holder.path().join(format!("clipscope-clip.{extension}"))).unwrap();
        harmless(&exported, &format!("the exported {extension}"));
        assert!(String::from_utf8(exported).unwrap().contains(words), "{extension}");
    }
    image::open(holder.path().join("clipscope-clip.png")).unwrap();
}
