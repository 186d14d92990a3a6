//! Any bytes as a manifest of any name: every photo is inside the data set, every message is safe to display.
#![no_main]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use clipscope_core::dataset::{CaptionChange, Dataset, DatasetError, OpenOptions, PhotoSource};
use clipscope_fuzz::is_safe;
use libfuzzer_sys::fuzz_target;

const NAMES: [&str; 8] = [
    "dataset.json",
    "captions_x.json",
    "metadata.jsonl",
    "metadata.csv",
    "captions.txt",
    "captions.csv",
    "x.token",
    "results.csv",
];

/// A data set without a manifest, beside a secret.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    &FOLDER
        .get_or_init(|| {
            let folder = tempfile::tempdir().expect("a temporary folder");
            let root = folder.path().canonicalize().expect("it was just made").join("set");
            for name in ["a.jpg", "zoo/a.jpg", "zoo/b.png", "Images/1.jpg", "../secret.jpg"] {
                let file = root.join(name);
                fs::create_dir_all(root.join("zoo")).expect("the folder can be written");
                fs::create_dir_all(root.join("Images")).expect("the folder can be written");
                fs::write(file, name).expect("the folder can be written");
            }
            (folder, root)
        })
        .1
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, text)) = data.split_first() else { return };
    let root = folder();
    let name = NAMES[usize::from(choice) % NAMES.len()];
    let manifest = root.join(name);
    fs::write(&manifest, text).expect("the folder can be written");
    check(Dataset::open(&manifest, &OpenOptions::default()), root);
    // As the captions of the photos that ship.
    if name.ends_with(".json") {
        let options = OpenOptions { captions: Some(manifest.clone()), ..OpenOptions::default() };
        if let Err(error) = Dataset::bundled_with(&options) {
            assert!(is_safe(&error.to_string()), "{error}");
        }
    }
    let _ = fs::remove_file(&manifest);
    // The backup that a saved caption leaves.
    let _ = fs::remove_file(root.join(format!("{name}.bak")));
});

fn check(opened: Result<Dataset, DatasetError>, root: &Path) {
    let mut dataset = match opened {
        Ok(dataset) => dataset,
        Err(error) => {
            assert!(is_safe(&error.to_string()), "{error}");
            return;
        }
    };
    assert!(!dataset.items.is_empty());
    for skipped in &dataset.skipped {
        assert!(is_safe(&skipped.file) && is_safe(&skipped.reason), "{skipped:?}");
    }
    let summary = dataset.summary();
    assert!(summary.notes.iter().all(|note| is_safe(note)));
    for item in &dataset.items {
        let PhotoSource::File(path) = &item.source else { panic!("{item:?}") };
        assert!(path.starts_with(root), "{item:?}");
        item.source.read().expect("it was there a moment ago");
        assert!(item.captions.iter().all(|caption| !caption.is_empty() && caption.trim() == caption));
    }
    // Where captions can be saved, a saved one is read again.
    let Some(item) = dataset.items.iter().find(|item| !item.captions.is_empty()).cloned() else { return };
    let wanted = "another caption";
    if item.captions.iter().any(|caption| caption == wanted) {
        return;
    }
    let old = item.captions.first().map(String::as_str);
    let change = CaptionChange { file: &item.file, number: 0, old, text: wanted };
    if let [Ok(saved)] = dataset.save_captions(&[change]).as_slice() {
        dataset = Dataset::open(saved, &OpenOptions::default()).expect("what was saved can be opened");
        let again = dataset.items.iter().find(|again| again.file == item.file).expect("it is still there");
        assert_eq!(again.captions[0], wanted);
    }
}
