//! Captions out of a file of their own.

use std::path::{Path, PathBuf};

use clipscope_core::dataset::{Dataset, OpenOptions};

use super::{Folder, row, rows};

fn with(captions: PathBuf) -> OpenOptions {
    OpenOptions { captions: Some(captions), ..OpenOptions::default() }
}

#[test]
fn the_spanish_descriptions_replace_those_that_ship() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset/descriptions.es.json");
    let english = Dataset::bundled();
    let spanish = Dataset::bundled_with(&with(file)).unwrap();
    assert_eq!(spanish.skipped, []);
    assert!(spanish.items[1].captions[0].starts_with("Una gran nube cúmulo esponjosa"));
    for (english, spanish) in english.items.iter().zip(&spanish.items) {
        assert_eq!((&english.file, &english.category), (&spanish.file, &spanish.category));
        assert_ne!(english.captions, spanish.captions);
        assert_eq!(spanish.captions.len(), 1);
    }
}

#[test]
fn entries_and_photos_without_counterpart_are_told() {
    let folder = Folder::new(&[
        ("zoo/a.jpg", ""),
        ("zoo/a.txt", "Old."),
        ("zoo/b.jpg", ""),
        ("zoo/b.txt", "Old too."),
        ("c.jpg", ""),
    ]);
    let file = folder.write(
        "new.json",
        r#"{"zoo": [{"filename": "a.jpg", "description": ["New.", "", "New."]}, {"filename": "x.jpg", "description": "?"},
            {"filename": "a.jpg", "description": "Twice."}, {"description": "Whose?"}],
            "any": [{"filename": "c.jpg", "description": " C. "}]}"#,
    );
    let dataset = Dataset::open(folder.0.path(), &with(file)).unwrap();
    assert_eq!(
        rows(&dataset),
        [row("c.jpg", "uncategorised", "C."), row("zoo/a.jpg", "zoo", "New."), row("zoo/b.jpg", "zoo", "")]
    );
    let expected = [
        "a.jpg | new.json: zoo[0]: the caption is empty and is left out",
        "a.jpg | new.json: zoo[0]: the photo already has this caption; it counts once",
        "x.jpg | new.json: zoo[1]: no such photo in the data set; correct the name or remove the entry",
        "a.jpg | new.json: zoo[2]: this photo is already listed; the first entry counts",
        "zoo[3] | new.json: zoo[3]: no \"filename\"; name the photo",
        "zoo/b.jpg | new.json: no entry for this photo, which is left without a caption",
    ];
    assert_eq!(folder.skipped(&dataset), expected);
}

#[test]
fn a_limit_does_not_blame_the_captions_of_what_it_left_out() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset/descriptions.es.json");
    let options = OpenOptions { limit: Some(4), ..with(file) };
    let dataset = Dataset::bundled_with(&options).unwrap();
    assert_eq!((dataset.items.len(), dataset.skipped.len()), (4, 0));
}

#[test]
fn a_captions_file_of_no_use_is_an_error() {
    let folder = Folder::new(&[
        ("none.json", r#"{"zoo": [{"filename": "x.jpg", "description": "?"}]}"#),
        ("broken.json", "{"),
    ]);
    let error = |name: &str| folder.short(Dataset::bundled_with(&with(folder.path(name))).unwrap_err());
    let message = error("none.json");
    assert!(
        message.starts_with(
            "none.json: no caption for any photo of the data set: none.json: zoo[0]: no such photo"
        ),
        "{message}"
    );
    assert!(error("broken.json").starts_with("broken.json:1:1: EOF while parsing an object"));
    assert!(error("nowhere.json").starts_with("nowhere.json: no such"));
}
