//! `clipscope index` and `clipscope search` over an index, as a user runs them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use clipscope_test_support::pty::Terminal;

pub fn clipscope(cache: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clipscope"))
        .args(arguments)
        .args(["--models", "mini", "--cache-dir"])
        .arg(cache)
        .output()
        .unwrap()
}

pub fn good(output: Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Some of the photos that ship, in a folder of their own.
pub fn photos(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let target = folder.path().join(name);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset").join(name), target).unwrap();
    }
    folder
}

pub const SIX: [&str; 6] = [
    "food/pizza.jpg",
    "food/cupcakes.jpg",
    "drinks/espresso-red-cup.jpg",
    "racing_cars/two-stock-cars.jpg",
    "racing_cars/red-formula-car.jpg",
    "clouds/pink-cumulus.jpg",
];

#[test]
fn an_index_is_made_used_and_kept_up_to_date() {
    let (folder, cache) = (photos(&SIX), tempfile::tempdir().unwrap());
    let dir = folder.path().to_str().unwrap();
    let json = |extra: &[&str]| -> Value {
        let arguments = [&["search", dir, "--json"], extra].concat();
        serde_json::from_str(&good(clipscope(cache.path(), &arguments))).unwrap()
    };
    let plain = json(&["a pizza with olives"]);
    assert!(plain.get("index").is_none());
    fs::write(folder.path().join("food/broken.jpg"), b"no photo").unwrap();
    let output = clipscope(cache.path(), &["index", dir]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("skipped food/broken.jpg"), "{said}");
    let summary = good(output);
    assert!(summary.starts_with("6 photos") && summary.contains("6 embedded"), "{summary}");

    let indexed = json(&["a pizza with olives"]);
    assert!(indexed["index"].as_str().unwrap().ends_with(".clipscope-index"), "{indexed}");
    assert_eq!(indexed["searched"], 6);
    for (a, b) in plain["results"].as_array().unwrap().iter().zip(indexed["results"].as_array().unwrap()) {
        assert_eq!(a["file"], b["file"]);
        assert!((a["score"].as_f64().unwrap() - b["score"].as_f64().unwrap()).abs() < 1e-3);
    }
    let text = good(clipscope(cache.path(), &["search", dir, "pizza"]));
    assert!(text.contains("index ") && text.contains("(6 photos)"), "{text}");

    fs::rename(folder.path().join("food/pizza.jpg"), folder.path().join("food/renamed.jpg")).unwrap();
    fs::remove_file(folder.path().join("clouds/pink-cumulus.jpg")).unwrap();
    let summary = good(clipscope(cache.path(), &["index", dir]));
    assert!(summary.contains("0 embedded, 1 reused (same content)"), "{summary}");
    assert_eq!(json(&["a pizza with olives"])["results"][0]["file"], "food/renamed.jpg");
    assert_eq!(json(&["sky"])["searched"], 5);
}

#[test]
fn the_index_may_lie_elsewhere_and_is_searched_by_its_own_path() {
    let (folder, cache) = (photos(&SIX[..3]), tempfile::tempdir().unwrap());
    let out = cache.path().join("index");
    let out = out.to_str().unwrap();
    good(clipscope(cache.path(), &["index", folder.path().to_str().unwrap(), "--out", out, "-q"]));
    assert!(!folder.path().join(".clipscope-index").exists());
    let found = good(clipscope(cache.path(), &["search", out, "pizza", "-0", "--top-k", "1"]));
    let path = folder.path().canonicalize().unwrap().join("food/pizza.jpg");
    assert_eq!(found, format!("{}\0", path.display()));
}

#[cfg(target_os = "linux")]
#[test]
fn hostile_names_are_shown_safely_and_given_exactly_with_zero_bytes() {
    use std::os::unix::ffi::OsStrExt;
    let (folder, cache) = (photos(&SIX[..1]), tempfile::tempdir().unwrap());
    let name = std::ffi::OsStr::from_bytes(b"a\x1b[31m\nb\xff.jpg");
    fs::rename(folder.path().join("food/pizza.jpg"), folder.path().join(name)).unwrap();
    let dir = folder.path().to_str().unwrap();
    for indexed in [false, true] {
        if indexed {
            let output = clipscope(cache.path(), &["index", dir]);
            assert!(!output.stderr.contains(&0x1b), "{}", String::from_utf8_lossy(&output.stderr));
            good(output);
        }
        let exact = clipscope(cache.path(), &["search", dir, "pizza", "-0"]).stdout;
        let path = folder.path().canonicalize().unwrap().join(name);
        assert_eq!(exact, [path.as_os_str().as_bytes(), b"\0"].concat(), "indexed: {indexed}");
        for form in ["--paths", "--json", "-q"] {
            let shown = good(clipscope(cache.path(), &["search", dir, "pizza", form]));
            let control = |character: char| character.is_control() && character != '\n';
            assert!(!shown.contains(control) && shown.contains("U+001B"), "{form}: {shown:?}");
        }
    }
}

#[test]
fn names_as_they_are_do_not_reach_a_terminal() {
    let (folder, cache) = (photos(&SIX[..1]), tempfile::tempdir().unwrap());
    fs::rename(folder.path().join(SIX[0]), folder.path().join("food/\u{1b}[31mred.jpg")).unwrap();
    let dir = folder.path().to_str().unwrap();
    let arguments = ["search", dir, "pizza", "-0", "--models", "mini"];
    let terminal = Terminal::clipscope(env!("CARGO_BIN_EXE_clipscope"), cache.path(), &arguments, 80, 24);
    let seen = terminal.wait_for("the refusal", |seen| seen.contains("--paths")).unwrap();
    assert!(!seen.contains("red.jpg") && !terminal.has_sent("\u{1b}[31m"), "{seen}");
    drop(terminal);
}

#[test]
fn phrases_and_photos_are_added_and_taken_away() {
    let (folder, cache) = (photos(&SIX), tempfile::tempdir().unwrap());
    let dir = folder.path().to_str().unwrap();
    good(clipscope(cache.path(), &["index", dir, "-q"]));
    let image = folder.path().join("racing_cars/two-stock-cars.jpg");
    let search = |extra: &[&str]| -> Value {
        let image = image.to_str().unwrap();
        let arguments = [&["search", dir, "--json", "--image", image], extra].concat();
        serde_json::from_str(&good(clipscope(cache.path(), &arguments))).unwrap()
    };
    let score = |answer: &Value, file: &str| {
        let hits = answer["results"].as_array().unwrap();
        hits.iter().find(|hit| hit["file"] == file).map(|hit| hit["score"].as_f64().unwrap()).unwrap()
    };
    let alone = search(&[]);
    assert_eq!(alone["results"][0]["file"], "racing_cars/two-stock-cars.jpg");
    let with = search(&["+", "a pizza with olives"]);
    let without = search(&["-", "a pizza with olives"]);
    let pizza = "food/pizza.jpg";
    assert!(score(&with, pizza) > score(&alone, pizza) && score(&alone, pizza) > score(&without, pizza));
    assert_eq!(without["query"]["terms"][1]["sign"], "-");
    assert_eq!(without["query"]["terms"][1]["text"], "a pizza with olives");
    let strict = search(&["--min-score", "0.99"]);
    assert_eq!(strict["results"].as_array().unwrap().len(), 1);
    let none = good(clipscope(cache.path(), &["search", dir, "a pizza", "--min-score", "0.999"]));
    assert!(none.contains("no photo reaches --min-score 0.999"), "{none}");
    let wrong = clipscope(cache.path(), &["search", dir, "a", "b"]);
    assert_eq!(wrong.status.code(), Some(2));
}

#[test]
fn a_folder_without_index_is_named_with_what_to_do() {
    let cache = tempfile::tempdir().unwrap();
    let output = clipscope(cache.path(), &["index", "/nonexistent"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/nonexistent"));
}

#[test]
fn the_program_opens_an_index_searches_it_and_leaves_the_terminal_in_order() {
    let cache = tempfile::tempdir().unwrap();
    let photos = tempfile::tempdir().unwrap();
    for name in ["food/pizza.jpg", "drinks/espresso-red-cup.jpg", "clouds/pink-cumulus.jpg"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset").join(name);
        std::fs::copy(from, photos.path().join(name.rsplit('/').next().unwrap())).unwrap();
    }
    let program = env!("CARGO_BIN_EXE_clipscope");
    let status = std::process::Command::new(program)
        .args(["index", "-q", "--models", "mini", "--cache-dir"])
        .args([cache.path(), photos.path()])
        .status()
        .unwrap();
    assert!(status.success());
    let index = photos.path().join(".clipscope-index");
    let arguments = [index.to_str().unwrap(), "--models", "mini", "--images", "off"];
    let mut terminal = Terminal::clipscope(program, cache.path(), &arguments, 120, 30);
    terminal.wait_for("the photos", |text| text.contains("3 photos") && text.contains("pizza.jpg")).unwrap();
    terminal.send("/a pizza with olives");
    terminal.wait_for("the ranking", |text| text.contains("photos for “a pizza with olives”")).unwrap();
    terminal
        .wait_for("the pizza first", |text| {
            text.lines().any(|line| line.contains("   1 ") && line.contains("pizza.jpg"))
        })
        .unwrap();
    terminal.send("\r");
    terminal.wait_for("the line closed", |text| text.contains("the best 3 for")).unwrap();
    terminal.send("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
}
