//! `--vectors` as a user runs it: what `embed` wrote gives the report that the networks give.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use clipscope_core::shards::{ShardManifest, ShardRows, ShardWriter};
use clipscope_networks::Role;
use serde_json::Value;

use super::schema;

fn clipscope(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clipscope"))
        .current_dir(folder)
        .args(arguments)
        .env("XDG_CACHE_HOME", folder.join("cache"))
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .output()
        .unwrap()
}

fn done(output: Output) -> Vec<u8> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn refused(output: &Output, code: i32, words: &[&str]) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(words.iter().all(|word| said.contains(word)), "{words:?}: {said}");
}

#[test]
fn what_embed_wrote_gives_the_report_of_the_networks() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let eval = ["eval", "--format", "json"];
    let ordinary = done(clipscope(folder, &[&eval[..], &["--models", "mini"]].concat()));
    for out in ["v.parquet", "v.safetensors"] {
        done(clipscope(folder, &["embed", "--models", "mini", "-q", "--out", out]));
    }
    let roles = Role::ALL.map(|role| format!("v.{}.parquet", role.name()));
    let separate: Vec<&str> = roles.iter().rev().flat_map(|file| ["--vectors", file.as_str()]).collect();
    for given in [&["--vectors", "v.parquet"][..], &["--vectors", "v.safetensors"], &separate] {
        let output = clipscope(folder, &[&eval[..], given].concat());
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{given:?}");
        assert!(done(output) == ordinary, "{given:?}: another report");
    }
    let text = String::from_utf8(done(clipscope(folder, &["--vectors", "v.parquet"]))).unwrap();
    assert!(text.contains("mini (stand-in, not CLIP)"), "{text}");
    // Shards and their merge say the same.
    for shard in ["1/2", "2/2"] {
        let out = format!("part-{}.parquet", &shard[..1]);
        done(clipscope(folder, &["embed", "--models", "mini", "-q", "--out", &out, "--shard", shard]));
    }
    let both = ["--vectors", "part-1.parquet", "--vectors", "part-2.parquet"];
    assert!(done(clipscope(folder, &[&eval[..], &both].concat())) == ordinary, "shards");
    for role in Role::ALL.map(Role::name) {
        let [a, b, out] = ["part-1", "part-2", "whole"].map(|name| format!("{name}.{role}.parquet"));
        done(clipscope(folder, &["merge", "-q", &a, &b, "--out", &out]));
        let whole = fs::read(folder.join(format!("v.{role}.parquet"))).unwrap();
        assert!(fs::read(folder.join(&out)).unwrap() == whole, "{role}: merged and whole differ");
    }
    // A role that no file has is absent.
    let shared = ["--vectors", "v.clip_image.parquet", "--vectors", "v.clip_text.parquet"];
    let report: Value =
        serde_json::from_slice(&done(clipscope(folder, &[&eval[..], &shared].concat()))).unwrap();
    let ordinary: Value = serde_json::from_slice(&ordinary).unwrap();
    assert_eq!(report["models"]["towers"].as_array().unwrap().len(), 2);
    assert!(report["clip"] == ordinary["clip"] && report["pre_clip"].is_null(), "only the shared space");
    refused(&clipscope(folder, &["eval", "--vectors", "v.clip_image.parquet"]), 3, &["files of more roles"]);
}

/// Vectors of some of the bundled photos and captions, and of one photo that is not among them. Not of unit length.
fn part(folder: &Path, role: Role, skip: usize) -> String {
    let dataset = clipscope_core::dataset::Dataset::bundled();
    let mut rows = ShardRows::default();
    for (number, item) in dataset.items.iter().enumerate().skip(skip) {
        rows.ids.push(number as u64);
        rows.paths.push(item.file.clone());
        rows.captions.push((role == Role::ClipText).then(|| item.captions[0].clone()));
        rows.vectors.extend([1.0, number as f32, (number * number % 7) as f32]);
    }
    if role == Role::ClipImage {
        rows.ids.push(99);
        rows.paths.push("no/such\u{1b}photo.jpg".into());
        rows.captions.push(None);
        rows.vectors.extend([1.0, 1.0, 1.0]);
    }
    rows.categories = vec!["x".into(); rows.ids.len()];
    rows.content_sha256 = vec!["0".repeat(64); rows.ids.len()];
    let manifest = ShardManifest {
        schema: 1,
        role,
        network: "mine".into(),
        model: "mine".into(),
        dim: 3,
        dataset: "bundled".into(),
        fingerprint: "f".repeat(64),
        total: 100,
        first: 0,
        end: 100,
        left_out: Vec::new(),
        made_with: None,
    };
    let name = format!("mine.{}.parquet", role.name());
    let mut writer = ShardWriter::new(fs::File::create(folder.join(&name)).unwrap(), manifest).unwrap();
    writer.write(&rows).unwrap();
    writer.finish().unwrap();
    name
}

#[test]
fn what_does_not_match_is_named_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (image, text) = (part(folder, Role::ClipImage, 2), part(folder, Role::ClipText, 0));
    let arguments = ["eval", "--format", "json", "--vectors", &image, "--vectors", &text];
    let output = clipscope(folder, &arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let unmatched =
        "mine.clip_image.parquet: 1 of its 19 rows belongs to no photo or caption of the data set: no/such";
    assert!(said.contains(unmatched) && !said.contains('\u{1b}'), "{said}");
    assert!(said.contains("no file gives the logit scale; 100 is used"), "{said}");
    assert!(said.contains("null captions"), "{said}");
    let report: Value = serde_json::from_slice(&done(output)).unwrap();
    let skipped = report["dataset"]["skipped"].as_array().unwrap();
    assert_eq!(skipped.len(), 3, "{skipped:?}");
    assert_eq!(skipped[0]["reason"], "no vector in mine.clip_image.parquet (clip_image)");
    assert!(skipped[2]["reason"].as_str().unwrap().starts_with("1 of its 19 rows"), "{skipped:?}");
    assert_eq!((&report["dataset"]["images"], &report["models"]["set"]), (&18.into(), &"vectors".into()));
    assert_eq!(report["models"]["towers"][0]["weights_sha256"], "unknown");
    assert!(report["clip"]["null_captions"].is_null() && report["models"]["stand_in"].is_null());
    let rules =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/eval.schema.json")).unwrap();
    assert_eq!(schema::errors(&serde_json::from_str(&rules).unwrap(), &report), Vec::<String>::new());
    let quiet = clipscope(folder, &[&["-q"], &arguments[..]].concat());
    assert_eq!(String::from_utf8_lossy(&quiet.stderr), "");
}

#[test]
fn wrong_files_and_wrong_use_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let file = part(folder, Role::ClipImage, 0);
    refused(&clipscope(folder, &["eval", "--vectors", "gone.parquet"]), 3, &["gone.parquet", "is there"]);
    fs::write(folder.join("v.csv"), "path,vector\n").unwrap();
    refused(&clipscope(folder, &["eval", "--vectors", "v.csv"]), 3, &["v.csv: it is neither Parquet"]);
    let both = ["eval", "--vectors", &file, "--models", "mini"];
    refused(&clipscope(folder, &both), 2, &["--vectors cannot be used with --models"]);
    refused(&clipscope(folder, &["--vectors", &file, "models", "list"]), 2, &["--vectors has no effect"]);
    refused(&clipscope(folder, &["embed", "--out", "x", "--vectors", &file]), 2, &["--vectors"]);
}

#[test]
fn the_python_in_the_documents_writes_files_that_are_read() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/check_vectors.py");
    let python = std::env::var_os("CLIPSCOPE_PYTHON").unwrap_or_else(|| "python3".into());
    let Ok(output) = Command::new(python).arg(script).arg(env!("CARGO_BIN_EXE_clipscope")).output() else {
        println!("skipped: there is no python3");
        return;
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{said}");
    if output.status.code() == Some(77) {
        assert!(said.starts_with("skipped: "), "{said}");
        return;
    }
    assert!(said.ends_with("all of it\n"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}
