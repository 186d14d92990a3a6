//! `clipscope dataset check`, and the flags that take a part of a data set, as a user runs them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::{Value, json};

fn clipscope(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clipscope")).args(arguments).output().unwrap()
}

fn check(path: &Path, extra: &[&str]) -> (Value, Option<i32>) {
    let mut arguments = vec!["dataset", "check", path.to_str().unwrap(), "--json"];
    arguments.extend(extra);
    let output = clipscope(&arguments);
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.code())
}

/// A photo of a few bytes.
const PHOTO: &[u8] = include_bytes!("../fixtures/photos/animated.gif");

fn write(folder: &Path, name: &str, contents: impl AsRef<[u8]>) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, contents).unwrap();
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn check_says_what_was_understood_of_every_manifest() {
    let jpegs = ["1.jpg", "2.jpg"];
    let manifests = [
        (
            "dataset.json",
            r#"{"all": [{"filename": "1.jpg", "description": "One"}, {"filename": "2.jpg", "description": "Two"}]}"#,
            "project",
        ),
        ("metadata.csv", "file_name,text\n1.jpg,One\n2.jpg,Two\n", "hugging_face"),
        (
            "metadata.jsonl",
            "{\"file_name\": \"1.jpg\", \"text\": \"One\"}\n{\"file_name\": \"2.jpg\", \"text\": \"Two\"}\n",
            "hugging_face",
        ),
        (
            "captions_x.json",
            r#"{"images": [{"id": 1, "file_name": "1.jpg"}, {"id": 2, "file_name": "2.jpg"}], "annotations": [{"image_id": 1, "caption": "One"}, {"image_id": 2, "caption": "Two"}]}"#,
            "coco",
        ),
        ("captions.txt", "image,caption\n1.jpg,One\n2.jpg,Two\n", "flickr"),
        ("Flickr8k.token.txt", "1.jpg#0\tOne\n2.jpg#0\tTwo\n", "flickr"),
        ("list.csv", "file,caption\n1.jpg,One\n2.jpg,Two\n", "csv"),
        ("1.txt", "One\nTwo\n", "folder_tree"),
    ];
    for (name, text, kind) in manifests {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), name, text);
        for jpeg in jpegs {
            write(folder.path(), jpeg, PHOTO);
        }
        let path = if name == "list.csv" { folder.path().join(name) } else { folder.path().into() };
        let (found, code) = check(&path, &[]);
        assert_eq!(code, Some(0), "{name}: {found}");
        assert_eq!(found["usable"], true);
        let dataset = &found["dataset"];
        assert_eq!(dataset["kind"], kind, "{name}");
        assert_eq!((&dataset["images"], &dataset["captions"]), (&json!(2), &json!(2)), "{name}");
        assert_eq!(dataset["skipped"], json!([]), "{name}");
    }
}

#[test]
fn check_says_what_a_report_can_say() {
    let folder = tempfile::tempdir().unwrap();
    for photo in ["cats/a.jpg", "cats/b.jpg", "dogs/c.jpg", "dogs/d.heic"] {
        write(folder.path(), photo, PHOTO);
    }
    write(folder.path(), "cats/a.txt", "A cat\nA tabby\n");
    let (found, code) = check(folder.path(), &[]);
    assert_eq!(code, Some(0));
    let dataset = &found["dataset"];
    assert_eq!(dataset["images_without_captions"], 2);
    assert_eq!(dataset["categories"][0], json!({"category": "cats", "images": 2, "captions": 2}));
    assert_eq!(dataset["skipped"][0]["file"], "dogs/d.heic");
    let possible = |approach: &str| {
        let scopes = dataset["scopes"].as_array().unwrap();
        scopes.iter().find(|scope| scope["approach"] == approach).unwrap()["possible"].as_bool().unwrap()
    };
    // One pair of photo and caption: it can be matched, but there is no other pair to carry it over.
    assert_eq!(["search", "pre-clip", "bridge", "clip"].map(possible), [true, true, false, true]);

    let output = clipscope(&["dataset", "check", folder.path().to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap();
    for expected in [
        ": folder tree\n",
        "photos      3\n",
        "captions    2 (photos without one: 2)\n",
        "  cats: 2 photos, 2 captions\n",
        "  dogs/d.heic: an unsupported format",
        "  bridge    no   needs 3 photos with captions\n",
        "  clip      yes  1 photo matched with 2 captions\n",
    ] {
        assert!(text.contains(expected), "{expected:?} in\n{text}");
    }
}

#[test]
fn check_ends_with_3_where_nothing_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "metadata.csv", "file_name,text\n../a.jpg,One\ngone.jpg,Two\n");
    let (found, code) = check(folder.path(), &[]);
    assert_eq!((code, &found["usable"]), (Some(3), &json!(false)));
    // Every row with its line, not the first alone.
    assert_eq!(found["dataset"]["images"], 0);
    let reasons: Vec<&str> = found["dataset"]["skipped"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["reason"].as_str().unwrap())
        .collect();
    assert!(
        reasons[0].contains("metadata.csv:2: refused: the name points outside the data set"),
        "{reasons:?}"
    );
    assert!(reasons[1].contains("metadata.csv:3: no such file"), "{reasons:?}");

    write(folder.path(), "broken.json", "{\"a\": [}");
    let broken = folder.path().join("broken.json");
    let (found, code) = check(&broken, &[]);
    assert_eq!((code, &found["usable"]), (Some(3), &json!(false)));
    assert!(found["error"].as_str().unwrap().contains("broken.json:1:8"), "{found}");
    let output = clipscope(&["dataset", "check", broken.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).contains("broken.json:1:8"), "{}", stderr(&output));
}

#[test]
fn check_looks_into_the_files_and_leaves_out_what_is_no_photo() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "good.jpg", PHOTO);
    write(folder.path(), "empty.jpg", "");
    write(folder.path(), "empty.txt", "A caption that goes with its photo");
    write(folder.path(), "page.jpg", "<!DOCTYPE html><title>404</title>");
    write(folder.path(), "words.jpg", "These are words, called a photo.");
    write(folder.path(), "phone.jpg", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic");
    write(folder.path(), "header.png", b"\x89PNG\r\n\x1a\n");
    let (found, code) = check(folder.path(), &[]);
    assert_eq!(code, Some(0));
    let dataset = &found["dataset"];
    assert_eq!((&dataset["images"], &dataset["captions"]), (&json!(1), &json!(0)));
    let rows = dataset["skipped"].as_array().unwrap();
    let wanted = [
        ("empty.jpg", "is empty"),
        ("header.png", "is damaged or incomplete"),
        ("page.jpg", "web page"),
        ("phone.jpg", "HEIC"),
        ("words.jpg", "text"),
    ];
    assert_eq!(rows.len(), wanted.len(), "{rows:?}");
    for (row, (file, reason)) in rows.iter().zip(wanted) {
        assert_eq!(row["file"], file);
        assert!(row["reason"].as_str().unwrap().contains(reason), "{row}");
    }
    // Nothing is left.
    fs::remove_file(folder.path().join("good.jpg")).unwrap();
    let (found, code) = check(folder.path(), &[]);
    assert_eq!((code, &found["usable"], &found["dataset"]["images"]), (Some(3), &json!(false), &json!(0)));
    assert_eq!(found["dataset"]["skipped"].as_array().unwrap().len(), wanted.len());
}

#[test]
fn a_part_of_a_data_set_is_named_in_the_report() {
    let cache = tempfile::tempdir().unwrap();
    let eval = |extra: &[&str]| {
        let mut arguments = vec![
            "eval",
            "--format",
            "json",
            "--models",
            "mini",
            "--cache-dir",
            cache.path().to_str().unwrap(),
        ];
        arguments.extend(extra);
        let output = clipscope(&arguments);
        assert!(output.status.success(), "{}", stderr(&output));
        (serde_json::from_slice::<Value>(&output.stdout).unwrap()["dataset"].take(), stderr(&output))
    };
    let files = |dataset: &Value| -> Vec<String> {
        dataset["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item["file"].as_str().unwrap().into())
            .collect()
    };
    let (seventh, said) = eval(&["--sample", "6", "--seed", "7"]);
    assert!(said.contains("a sample of 6 (seed 7) of 20 photos"), "{said}");
    assert_eq!(seventh["selection"], json!({"of": 20, "sample": 6, "seed": 7}));
    assert_eq!(files(&seventh).len(), 6);
    assert_eq!(files(&eval(&["--sample", "6", "--seed", "7"]).0), files(&seventh));
    assert_ne!(files(&eval(&["--sample", "6", "--seed", "8"]).0), files(&seventh));
    let (limited, _) = eval(&["--sample", "6", "--seed", "7", "--limit", "2", "-q"]);
    assert_eq!(files(&limited), files(&seventh)[..2]);
    assert_eq!(limited["selection"], json!({"of": 20, "sample": 6, "seed": 7, "limit": 2}));
}

#[test]
fn an_empty_part_and_a_seed_without_a_sample_are_wrong_use() {
    for arguments in [&["eval", "--limit", "0"][..], &["eval", "--sample", "no"], &["eval", "--seed", "1"]] {
        let output = clipscope(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", stderr(&output));
    }
}
