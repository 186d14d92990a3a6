//! Captions out of a file of their own.

use std::path::{Path, PathBuf};

use clipscope_core::dataset::{Dataset, DatasetKind, OpenOptions};

use super::{Folder, SaveCaption, row, rows};

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

/// A folder tree whose photos have old captions, and a captions file of some other format.
fn replaced(name: &str, contents: &str) -> (Folder, Dataset) {
    let folder = Folder::new(&[
        ("photos/zoo/a.jpg", ""),
        ("photos/zoo/a.txt", "Old."),
        ("photos/zoo/b.jpg", ""),
        ("photos/c.jpg", ""),
        ("photos/c.txt", "Old too."),
    ]);
    // Beside the folder, not in it: only the names matter.
    let file = folder.write(name, contents);
    let dataset = Dataset::open(&folder.path("photos"), &with(file)).unwrap();
    (folder, dataset)
}

#[test]
fn captions_come_from_every_manifest_format() {
    let coco = r#"{"images": [{"id": 1, "file_name": "a.jpg"}, {"id": 2, "file_name": "c.jpg"}],
        "annotations": [{"image_id": 1, "caption": "New."}, {"image_id": 2, "caption": "C."},
                        {"image_id": 1, "caption": "And more."}]}"#;
    for (name, contents) in [
        ("captions_val2017.json", coco),
        ("Flickr8k.token.txt", "a.jpg#0\tNew.\na.jpg#1\tAnd more.\nc.jpg#0\tC.\n"),
        (
            "results.csv",
            "image_name| comment_number| comment\na.jpg| 0| New.\na.jpg| 1| And more.\nc.jpg| 0| C.\n",
        ),
        ("captions.txt", "image,caption\nzoo/a.jpg,New.\nzoo/a.jpg,And more.\nc.jpg,C.\n"),
        ("new.csv", "caption;file\nNew.;images/zoo/a.jpg\nAnd more.;images/zoo/a.jpg\nC.;images/c.jpg\n"),
        ("new.tsv", "path\ttext\n./zoo/a.jpg\tNew.\n./zoo/a.jpg\tAnd more.\nc.jpg\tC.\n"),
        (
            "metadata.jsonl",
            "{\"file_name\": \"zoo/a.jpg\", \"text\": [\"New.\", \"And more.\"]}\n{\"file_name\": \"c.jpg\", \"text\": \"C.\"}\n",
        ),
    ] {
        let (folder, dataset) = replaced(name, contents);
        assert_eq!(
            rows(&dataset),
            [
                row("c.jpg", "uncategorised", "C."),
                row("zoo/a.jpg", "zoo", "New. / And more."),
                row("zoo/b.jpg", "zoo", ""),
            ],
            "{name}"
        );
        let told = format!("zoo/b.jpg | {name}: no entry for this photo, which is left without a caption");
        assert_eq!(folder.skipped(&dataset), [told], "{name}");
        assert_eq!(dataset.origin.kind, DatasetKind::FolderTree, "{name}");
        // This program does not write the format, so nothing is said to be saved.
        assert!(dataset.save_caption("c.jpg", 0, "Changed.").is_err(), "{name}");
        assert_eq!(folder.read("photos/c.txt"), "Old too.", "{name}");
    }
}

#[test]
fn photos_of_the_file_that_the_data_set_does_not_have_are_counted() {
    let mut file = "file,caption\na.jpg,New.\nc.jpg,\n".to_owned();
    for number in 0..9 {
        file += &format!("{number}.jpg,Other.\n{number}.jpg,More.\n");
    }
    let (folder, dataset) = replaced("all.csv", &file);
    let skipped = folder.skipped(&dataset);
    let none = "no such photo in the data set; correct the name or remove the entry";
    assert_eq!(skipped[0], "c.jpg | all.csv:3: the caption is empty and is left out");
    assert_eq!(skipped[1], format!("0.jpg | all.csv:4: {none}"));
    assert_eq!(skipped[4], "all.csv | all.csv: 6 more of its photos are not in the data set");
    assert_eq!(skipped[5], "zoo/b.jpg | all.csv: no entry for this photo, which is left without a caption");
    assert_eq!(skipped.len(), 6, "{skipped:?}");
}

#[test]
fn a_captions_file_that_is_no_manifest_says_what_one_is() {
    let folder = Folder::new(&[
        ("prose.txt", "Once upon a time.\n"),
        ("other.csv", "file,caption\nnowhere.jpg,A.\n"),
        ("photo.jpg", "bytes"),
        ("project.txt", r#"{"food": [{"filename": "pizza.jpg", "description": "Pizza."}]}"#),
    ]);
    let error = |name: &str| folder.short(Dataset::bundled_with(&with(folder.path(name))).unwrap_err());
    assert!(error("prose.txt").starts_with("prose.txt: its first line is not a known header"));
    let message = error("other.csv");
    assert!(message.starts_with("other.csv: no caption for any photo of the data set: other.csv:2: no such"));
    assert!(message.ends_with("; name the photos as in the data set"), "{message}");
    assert!(
        error("photo.jpg").contains("the format is {\"category\"") || error("photo.jpg").contains("JSON")
    );
    // JSON of the project's own format may have any name.
    let dataset = Dataset::bundled_with(&with(folder.path("project.txt"))).unwrap();
    assert_eq!(dataset.items.iter().filter(|item| !item.captions.is_empty()).count(), 1);
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
