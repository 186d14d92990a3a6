//! `clipscope search` and `clipscope embed` as a user runs them.

use std::path::Path;
use std::process::{Command, Output};

use safetensors::SafeTensors;
use serde_json::Value;

fn clipscope(cache: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_clipscope"))
        .args(arguments)
        .arg("-q")
        .arg("--cache-dir")
        .arg(cache)
        .output()
        .unwrap()
}

fn photos() -> String {
    format!("{}/dataset", env!("CARGO_MANIFEST_DIR"))
}

fn first_files(output: &Output) -> Vec<String> {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    answer["results"].as_array().unwrap().iter().map(|hit| hit["file"].as_str().unwrap().into()).collect()
}

#[test]
fn a_phrase_finds_its_photo() {
    let cache = tempfile::tempdir().unwrap();
    let search = |query: &str| {
        first_files(&clipscope(cache.path(), &["search", &photos(), query, "--json", "--top-k", "3"]))
    };
    assert_eq!(search("a pizza with olives")[0], "food/pizza.jpg");
    assert_eq!(search("slices of lemon and orange")[0], "food/citrus-slices.jpg");
    assert_eq!(search("a cup of espresso").len(), 3);
}

#[test]
fn a_photo_finds_itself_first_and_then_its_category() {
    let cache = tempfile::tempdir().unwrap();
    let file = format!("{}/racing_cars/two-stock-cars.jpg", photos());
    let found = first_files(&clipscope(cache.path(), &["search", &photos(), "--image", &file, "--json"]));
    assert_eq!(found[0], "racing_cars/two-stock-cars.jpg");
    assert!(found[1].starts_with("racing_cars/"), "{found:?}");
}

#[test]
fn a_query_photo_that_is_no_photo_is_named_once() {
    let cache = tempfile::tempdir().unwrap();
    let file = cache.path().join("text.jpg");
    for there in [true, false] {
        if there {
            std::fs::write(&file, "not a photo").unwrap();
        } else {
            std::fs::remove_file(&file).unwrap();
        }
        let output = Command::new(env!("CARGO_BIN_EXE_clipscope"))
            .args(["search", &photos(), "--image", file.to_str().unwrap(), "--cache-dir"])
            .arg(cache.path())
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{message}");
        assert_eq!((message.lines().count(), message.matches("text.jpg").count()), (1, 1), "{message}");
    }
}

#[test]
fn the_plain_answer_names_the_stand_in() {
    let cache = tempfile::tempdir().unwrap();
    let output = clipscope(cache.path(), &["search", &photos(), "pizza", "--top-k", "1"]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("not CLIP") && text.contains("food/pizza.jpg"), "{text}");
}

#[test]
fn an_empty_query_or_none_is_wrong_use() {
    let cache = tempfile::tempdir().unwrap();
    for arguments in [&["search", &photos(), "  "][..], &["search", &photos()]] {
        assert_eq!(clipscope(cache.path(), arguments).status.code(), Some(2), "{arguments:?}");
    }
}

/// Rows of a tensor and the ids beside the file.
fn embedded(file: &Path) -> (Vec<u8>, Value) {
    let ids = std::fs::read_to_string(format!("{}.json", file.display())).unwrap();
    (std::fs::read(file).unwrap(), serde_json::from_str(&ids).unwrap())
}

#[test]
fn vectors_have_unit_length_and_named_rows() {
    let cache = tempfile::tempdir().unwrap();
    let file = cache.path().join("all.safetensors");
    let output = clipscope(cache.path(), &["embed", "--out", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (bytes, ids) = embedded(&file);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        let plain = cache.path().join("plain");
        std::fs::write(&plain, "").unwrap();
        assert_eq!(mode, std::fs::metadata(plain).unwrap().permissions().mode() & 0o777, "as other files");
    }
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    for (role, dim) in
        [("pre_clip_image", 1280), ("pre_clip_text", 384), ("clip_image", 1000), ("clip_text", 1000)]
    {
        let tensor = tensors.tensor(role).unwrap();
        assert_eq!(tensor.shape(), [20, dim]);
        let row: f64 = tensor.data()[..dim * 4]
            .chunks_exact(4)
            .map(|quad| f64::from(f32::from_le_bytes(quad.try_into().unwrap())).powi(2))
            .sum();
        assert!((row - 1.0).abs() < 1e-5, "{role}: {row}");
    }
    assert_eq!(ids["images"].as_array().unwrap().len(), 20);
    assert_eq!(ids["captions"][3]["file"], ids["images"][3]["file"]);
}

#[test]
fn shards_put_together_are_the_whole() {
    let cache = tempfile::tempdir().unwrap();
    let path = |name: &str| cache.path().join(name);
    let run = |name: &str, extra: &[&str]| {
        let file = path(name);
        let mut arguments = vec!["embed", "--out", file.to_str().unwrap()];
        arguments.extend(extra);
        assert!(clipscope(cache.path(), &arguments).status.success());
        embedded(&file)
    };
    // The whole first: the shards then find the same vectors in the cache.
    let (whole, whole_ids) = run("whole", &[]);
    let mut rows = Vec::new();
    let mut files = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let (bytes, ids) = run(&shard.replace('/', "-"), &["--shard", shard]);
        assert_eq!(ids["shard"], shard);
        rows.extend_from_slice(
            SafeTensors::deserialize(&bytes).unwrap().tensor("clip_image").unwrap().data(),
        );
        files.extend(ids["images"].as_array().unwrap().clone());
    }
    assert_eq!(rows, SafeTensors::deserialize(&whole).unwrap().tensor("clip_image").unwrap().data());
    assert_eq!(Value::Array(files), whole_ids["images"]);
}
