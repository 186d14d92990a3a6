//! What is said while a command works: once, with each file named once, and nothing before it is known.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use clipscope_core::dataset::{Dataset, Item, PhotoSource};
use clipscope_core::embedding::{EventKind, Pipeline, PipelineOptions};
use clipscope_networks::{Catalog, DeviceKind, ModelStore, SetName};
use clipscope_test_support::pty::{CommandBuilder, Terminal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clipscope");

fn clipscope(cache: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM).args(arguments).arg("--cache-dir").arg(cache).output().unwrap()
}

/// Two photos of the bundled ones, and one that is none.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset/food");
    for photo in ["pizza.jpg", "cupcakes.jpg"] {
        fs::copy(source.join(photo), folder.path().join(photo)).unwrap();
    }
    fs::write(folder.path().join("broken.jpg"), "no photo").unwrap();
    folder
}

#[test]
fn what_was_skipped_is_said_once_in_the_report_or_beside_it() {
    let (folder, cache) = (folder(), tempfile::tempdir().unwrap());
    let out = cache.path().join("report.txt");
    let path = folder.path().to_str().unwrap();
    for (arguments, in_report) in [
        (&["--format", "text"][..], true),
        (&["--format", "markdown"], true),
        // These name it where a program reads it, or nowhere; people read stderr.
        (&["--format", "json"], false),
        (&["--format", "csv"], false),
        (&["--out", out.to_str().unwrap()], false),
    ] {
        let mut all = vec!["eval", path];
        all.extend(arguments);
        let output = clipscope(cache.path(), &all);
        let (report, message) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(message.matches("broken.jpg").count(), usize::from(!in_report), "{message}");
        if in_report {
            assert_eq!(report.matches("broken.jpg").count(), 1, "{report}");
            assert!(message.contains("1 item left out; the report says why"), "{message}");
        }
    }
    // On one terminal, report and notes are one text.
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["eval", path, "--cache-dir", cache.path().to_str().unwrap()]);
    let mut terminal = Terminal::start(command, 100, 200);
    assert!(terminal.wait_exit().success());
    let screen = terminal.text();
    assert_eq!(screen.matches("broken.jpg").count(), 1, "{screen}");
}

#[test]
fn the_time_left_is_not_said_before_it_is_known() {
    let cache = tempfile::tempdir().unwrap();
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["eval", "--cache-dir", cache.path().to_str().unwrap()]);
    let mut terminal = Terminal::start(command, 100, 200);
    assert!(terminal.wait_exit().success());
    assert!(terminal.has_sent("embedding") && terminal.has_sent("/40"), "there was a bar");
    for unknown in [" 0s left", " 0/s", " 0.0/s"] {
        assert!(!terminal.has_sent(unknown), "'{unknown}' was on the screen");
    }
}

#[test]
fn an_error_names_a_file_once() {
    let (folder, cache) = (folder(), tempfile::tempdir().unwrap());
    let manifest = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        file
    };
    for (file, line) in [
        (manifest("one.csv", "file_name,text\ngone.jpg,a photo\n"), "line 2"),
        (manifest("two.json", r#"{"zoo": [{"filename": "zoo/gone.jpg"}]}"#), "zoo[0]"),
    ] {
        let output = clipscope(cache.path(), &["eval", file.to_str().unwrap()]);
        let message = String::from_utf8(output.stderr).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        assert_eq!(output.status.code(), Some(3), "{message}");
        assert_eq!(message.matches(name).count(), 1, "{message}");
        assert!(message.contains(line), "{message}");
    }
    let shard = cache.path().join("v.parquet");
    assert!(
        clipscope(cache.path(), &["embed", "-q", "--limit", "2", "--out", shard.to_str().unwrap()])
            .status
            .success()
    );
    let part = cache.path().join("v.clip_image.parquet");
    let merged = cache.path().join("m.parquet");
    let merge = [&part, &part].map(|part| part.to_str().unwrap());
    let output = Command::new(PROGRAM).arg("merge").args(merge).arg("--out").arg(&merged).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(message.matches("clip_image.parquet").count(), 1, "{message}");
}

#[test]
fn the_reason_why_a_photo_cannot_be_read_leaves_its_name_to_whoever_says_it() {
    let store = tempfile::tempdir().unwrap();
    let store = ModelStore::new(PathBuf::from(store.path()));
    let set = Catalog::built_in().unwrap().open(&SetName::MINI, DeviceKind::Cpu, &store).unwrap();
    let item = Item {
        file: "gone.jpg".into(),
        source: PhotoSource::File("/nowhere/gone.jpg".into()),
        category: String::new(),
        captions: Vec::new(),
    };
    let dataset = Arc::new(Dataset::from_items("photos", vec![item]));
    let pipeline = Pipeline::start(dataset, set, &PipelineOptions::default());
    let reasons: Vec<String> = pipeline
        .events()
        .iter()
        .take_while(|event| !matches!(event.kind, EventKind::Finished { .. }))
        .filter_map(|event| match event.kind {
            EventKind::Skipped { reason, .. } => Some(reason),
            _ => None,
        })
        .collect();
    assert_eq!(reasons.len(), 1);
    assert!(reasons[0].starts_with("cannot be read") && !reasons[0].contains("gone.jpg"), "{reasons:?}");
}
