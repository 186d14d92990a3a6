//! `clipscope models add` and `remove`, on checkpoints with weights from a formula.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use clipscope_test_support::checkpoints::{CLIP, RESNET};

use super::reference::store;

fn clipscope(cache: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clipscope"))
        .args(arguments)
        .arg("--cache-dir")
        .arg(cache)
        .env("HF_HUB_CACHE", cache.join("none"))
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn a_checkpoint_is_added_used_and_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let file = folder.path().join("mine.safetensors");
    let published = store().path(RESNET.0, RESNET.1);
    fs::copy(&published, &file).unwrap();
    let path = file.to_str().unwrap();

    let added = clipscope(&cache, &["models", "add", path, "--name", "mine"]);
    assert!(added.status.success(), "{}", text(&added));
    assert!(text(&added).contains("--pre-clip-image mine"), "{}", text(&added));
    let listed = text(&clipscope(&cache, &["models", "list"]));
    assert!(listed.contains("added mine: resnet50") && listed.contains("SHA-256"), "{listed}");
    let report = clipscope(
        &cache,
        &["eval", "--limit", "3", "--models", "mini", "--pre-clip-image", "mine", "--format", "json", "-q"],
    );
    let json: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(json["models"]["towers"][0]["name"], "mine");
    assert_eq!(json["pre_clip"]["image"]["dim"], 2048);

    fs::OpenOptions::new().append(true).open(&file).unwrap().set_len(1000).unwrap();
    let changed = text(&clipscope(&cache, &["models", "list"]));
    assert!(changed.contains("has changed since it was added"), "{changed}");

    let removed = clipscope(&cache, &["models", "remove", "mine"]);
    assert!(removed.status.success() && file.exists());
    let gone = clipscope(&cache, &["eval", "--models", "mini", "--pre-clip-image", "mine"]);
    assert_eq!(gone.status.code(), Some(2), "{}", text(&gone));
    assert_eq!(clipscope(&cache, &["models", "remove", "mine"]).status.code(), Some(2));
}

#[test]
fn what_cannot_be_added_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("cache");
    let clip = store().path(CLIP.0, CLIP.1);
    let clip = clip.to_str().unwrap();
    let other = folder.path().join("other.safetensors");
    fs::write(&other, "no checkpoint").unwrap();
    let other = other.to_str().unwrap();
    for (arguments, code, words) in [
        (&["models", "add", clip, "--name", "mine"][..], 4, "activation"),
        (&["models", "add", other, "--name", "mine"], 4, "other.safetensors"),
        (&["models", "add", "/nowhere/at/all", "--name", "mine"], 4, "/nowhere/at/all"),
        (&["models", "add", clip, "--name", "mini", "--activation", "gelu"], 2, "'mini'"),
        (&["models", "add", clip, "--name", "a b", "--activation", "gelu"], 2, "letters"),
    ] {
        let output = clipscope(&cache, arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", text(&output));
        assert!(text(&output).contains(words), "{arguments:?}: {}", text(&output));
    }
    assert!(!cache.join("added").exists());
}
