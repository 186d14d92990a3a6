//! Reports on data sets that leave little to compare, and options that would make a report of nothing.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn clipscope(cache: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clipscope"))
        .args(arguments)
        .args(["-q", "--cache-dir"])
        .arg(cache)
        .output()
        .unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A folder with bundled photos below the categories of their own, and the captions given for them.
fn photos(of: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset");
    for (photo, caption) in of {
        let target = folder.path().join(photo);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(source.join(photo), &target).unwrap();
        if !caption.is_empty() {
            fs::write(target.with_extension("txt"), caption).unwrap();
        }
    }
    folder
}

const FOOD: [&str; 4] =
    ["food/pizza.jpg", "food/cupcakes.jpg", "food/citrus-slices.jpg", "food/burgers-with-basil.jpg"];
const CLOUDS: [&str; 2] = ["clouds/pink-cumulus.jpg", "clouds/dark-clouds-at-sunset.jpg"];

/// The text report and the Markdown report, which must be a success.
fn reports(folder: &Path) -> [String; 2] {
    let cache = tempfile::tempdir().unwrap();
    ["text", "markdown"].map(|format| {
        let output = clipscope(cache.path(), &["eval", folder.to_str().unwrap(), "--format", format]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        let report = String::from_utf8(output.stdout).unwrap();
        // No number that a data set of another kind would have had as well, and no column of empty rows.
        assert!(!report.contains("chance 1.000") && !report.contains("chance 0.000"), "{report}");
        let lines = report.lines();
        assert!(lines.filter(|line| line.to_lowercase().contains("not defined")).count() <= 10, "{report}");
        if format == "text" {
            let long = report.lines().find(|line| line.chars().count() > 100);
            assert_eq!(long, None, "{report}");
        }
        report
    })
}

#[test]
fn one_category_has_no_separation_and_the_report_says_so_once_for_each_group() {
    let folder = photos(&FOOD.map(|photo| (photo, photo)));
    for report in reports(folder.path()) {
        assert!(report.contains("all photos are in one category"), "{report}");
        assert!(report.contains("there are only 4 captions to choose from"), "{report}");
        assert!(report.contains("paired correctly (2-AFC)"), "{report}");
        for vacuous in ["| silhouette", "  silhouette  ", "nearest neighbor from its own category? |"] {
            assert!(!report.contains(vacuous), "'{vacuous}' in {report}");
        }
    }
}

#[test]
fn photos_without_captions_are_compared_with_each_other_alone() {
    let named: Vec<(&str, &str)> = FOOD.iter().chain(&CLOUDS).map(|photo| (*photo, "")).collect();
    let folder = photos(&named);
    let [text, markdown] = reports(folder.path());
    for report in [&text, &markdown] {
        assert!(report.contains("nearest in same category") && report.contains("no photo has a caption"));
        for empty in
            ["0 pairs", "0 queries", "0 candidates", "0 other pairs", "R@5", "best null", "median rank"]
        {
            assert!(!report.contains(empty), "'{empty}' in {report}");
        }
    }
    assert!(text.lines().count() < 40, "{text}");
    // What was asked for is not there.
    let cache = tempfile::tempdir().unwrap();
    for approach in ["bridge", "clip"] {
        let output =
            clipscope(cache.path(), &["eval", folder.path().to_str().unwrap(), "--approach", approach]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.contains("no photo has a caption; put a .txt file beside each photo"), "{message}");
    }
    let plots = cache.path().join("plots");
    let path = folder.path().to_str().unwrap();
    let output = clipscope(
        cache.path(),
        &["eval", path, "--approach", "pre-clip", "--plots", plots.to_str().unwrap()],
    );
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    // A picture without a cell is none.
    let names: Vec<_> = fs::read_dir(&plots).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["pre-clip-images.png"]);
    assert!(stderr(&output).contains("no heat map pre-clip-texts.png: no photo has a caption"));
}

#[test]
fn captions_for_some_photos_only_say_what_is_missing_for_the_others() {
    let mut named: Vec<(&str, &str)> = FOOD.iter().map(|photo| (*photo, *photo)).collect();
    named.extend(CLOUDS.map(|photo| (photo, "")));
    let folder = photos(&named);
    for report in reports(folder.path()) {
        assert!(report.contains("all photos with captions are in one category"), "{report}");
        assert!(report.contains("nearest neighbor from its own category?"), "{report}");
    }
}

#[test]
fn equal_captions_are_no_choice() {
    let named: Vec<(&str, &str)> =
        FOOD.iter().chain(&CLOUDS).map(|photo| (*photo, "something to look at")).collect();
    let folder = photos(&named);
    for report in reports(folder.path()) {
        assert!(report.contains("all captions are the same"), "{report}");
        assert!(!report.contains("  clouds  ") && !report.contains("| clouds |"), "{report}");
        assert!(!report.contains("median rank  ") && !report.contains("| median rank |"), "{report}");
    }
    let cache = tempfile::tempdir().unwrap();
    let output = clipscope(cache.path(), &["eval", folder.path().to_str().unwrap(), "--min-accuracy", "0.5"]);
    assert_eq!(output.status.code(), Some(1), "an accuracy of 1 among equal captions is no pass");
    assert!(stderr(&output).contains("says nothing"), "{}", stderr(&output));
}

#[test]
fn two_photos_of_two_categories_are_matched_and_little_else() {
    let folder = photos(&[(FOOD[0], "a pizza"), (CLOUDS[0], "pink clouds")]);
    for report in reports(folder.path()) {
        assert!(report.contains("no category has two photos"), "{report}");
        assert!(report.contains("only 2 photos have captions, and it takes 3"), "{report}");
        assert!(report.contains("group score"), "{report}");
    }
    let cache = tempfile::tempdir().unwrap();
    let output = clipscope(cache.path(), &["eval", folder.path().to_str().unwrap(), "--approach", "bridge"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).contains("the bridge takes 3; add photos"), "{}", stderr(&output));
}

#[test]
fn a_report_of_nothing_is_one_sentence_and_no_success() {
    let folder = photos(&[(FOOD[0], "")]);
    let path = folder.path().to_str().unwrap();
    let cache = tempfile::tempdir().unwrap();
    let sentence =
        "nothing can be compared: there is 1 photo without a caption; add photos, and captions for them";
    for format in ["text", "markdown"] {
        let output = clipscope(cache.path(), &["eval", path, "--format", format]);
        let (report, message) = (String::from_utf8(output.stdout.clone()).unwrap(), stderr(&output));
        assert_eq!(output.status.code(), Some(3), "{message}");
        assert_eq!(message, format!("clipscope: {path}: {sentence}\n"));
        assert!(report.lines().count() < 15 && report.contains(&sentence[1..]), "{report}");
        assert!(!report.to_lowercase().contains("not defined"), "{report}");
    }
    // Programs get all keys all the same.
    let output = clipscope(cache.path(), &["eval", path, "--format", "json"]);
    assert_eq!(output.status.code(), Some(3));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(report["clip"]["image_to_text"]["top1"].is_null());
    assert_eq!(report["clip"]["image_to_text"]["n"], 0);
    // The plain report in place of the dashboard, too.
    let output = clipscope(cache.path(), &[path]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    // One photo with its caption has null captions to beat.
    fs::write(folder.path().join("food/pizza.txt"), "a pizza").unwrap();
    let [text, _] = reports(folder.path());
    assert!(text.contains("own beats every null") && text.contains("there is only one photo"), "{text}");
}

#[test]
fn the_ending_of_the_name_chooses_the_format_and_must_not_contradict_it() {
    let cache = tempfile::tempdir().unwrap();
    let path = |name: &str| cache.path().join(name).to_str().unwrap().to_owned();
    for (name, start) in [
        ("r.md", "# clipscope"),
        ("r.json", "{"),
        ("r.csv", "row,file"),
        ("r.txt", "Data set"),
        ("r", "Data set"),
    ] {
        let output = clipscope(cache.path(), &["eval", "--limit", "3", "--out", &path(name)]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(fs::read_to_string(path(name)).unwrap().starts_with(start), "{name}");
    }
    for (arguments, name) in [
        (&["eval", "--format", "json", "--out"][..], "x.md"),
        (&["eval", "--format", "text", "--out"], "x.json"),
        (&["eval", "--out"], "x.html"),
        (&["embed", "--out"], "x.json"),
        (&["embed", "--format", "parquet", "--out"], "x.safetensors"),
        (&["embed", "--format", "safetensors", "--out"], "x.parquet"),
        // Refused before the shards are looked for.
        (&["merge", "missing.parquet", "--out"], "x.safetensors"),
    ] {
        let file = path(name);
        let mut command = Command::new(env!("CARGO_BIN_EXE_clipscope"));
        let output = command.args(arguments).arg(&file).output().unwrap();
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {message}");
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.contains(name) && message.contains("end the name in"), "{message}");
        assert!(!Path::new(&file).exists(), "{arguments:?}");
    }
}

#[test]
fn no_more_than_nothing_is_not_a_number_of_photos() {
    let cache = tempfile::tempdir().unwrap();
    let folder = photos(&[(FOOD[0], "")]);
    let output =
        clipscope(cache.path(), &["search", folder.path().to_str().unwrap(), "pizza", "--top-k", "0"]);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(
        message.contains("--top-k") && message.contains("1 or more") && output.stdout.is_empty(),
        "{message}"
    );
}

#[test]
fn an_index_of_no_photo_is_no_success_and_cannot_be_searched() {
    let cache = tempfile::tempdir().unwrap();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("fake.jpg"), "text").unwrap();
    let path = folder.path().to_str().unwrap();
    let output = clipscope(cache.path(), &["index", path]);
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(3), "{message}");
    assert_eq!((message.lines().count(), message.matches("fake.jpg").count()), (1, 1), "{message}");
    let output = clipscope(cache.path(), &["search", path, "pizza"]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));

    fs::remove_file(folder.path().join("fake.jpg")).unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset").join(FOOD[0]);
    fs::copy(source, folder.path().join("pizza.jpg")).unwrap();
    assert!(clipscope(cache.path(), &["index", path]).status.success());
    let output = clipscope(cache.path(), &["search", path, "pizza"]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("(1 photo)"), "one photo is no photos");
    // An index is no data set, and says what it is.
    let index = folder.path().join(".clipscope-index");
    let output = clipscope(cache.path(), &[index.to_str().unwrap(), "--limit", "1"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--limit has no effect on an index"), "{}", stderr(&output));
    for command in ["eval", "index"] {
        let output = clipscope(cache.path(), &[command, index.to_str().unwrap()]);
        let message = stderr(&output);
        assert_eq!(output.status.code(), Some(3), "{message}");
        assert!(message.contains("an index, not a data set"), "{message}");
    }
}

#[test]
fn only_a_command_that_can_do_without_a_data_set_offers_the_bundled_photos() {
    let cache = tempfile::tempdir().unwrap();
    for (arguments, offers) in [
        (&["eval", "missing"][..], true),
        (&["embed", "missing", "--out", "x"], true),
        (&["missing"], true),
        (&["search", "missing", "pizza"], false),
    ] {
        let message = stderr(&clipscope(cache.path(), arguments));
        assert!(message.contains("missing: no such folder or manifest; check the path"), "{message}");
        assert_eq!(message.contains("bundled"), offers, "{message}");
    }
}
