//! The project's own manifest, the photos that ship, limits and samples.

use clipscope_core::dataset::{Dataset, DatasetError, DatasetKind, OpenOptions, PhotoSource};

use super::{Folder, open, row, rows};

#[test]
fn the_bundled_photos_are_those_of_the_repository() {
    let bundled = Dataset::bundled();
    let folder = open(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset")).unwrap();
    assert_eq!(bundled.path, "bundled");
    assert_eq!(bundled.items.len(), 20);
    assert_eq!(rows(&bundled), rows(&folder));
    assert_eq!(bundled.categories(), folder.categories());
    assert_eq!(bundled.categories().len(), 5);
    assert_eq!((bundled.skipped.len(), folder.skipped.len()), (0, 0));
    for (bundled, file) in bundled.items.iter().zip(&folder.items) {
        assert!(matches!((&bundled.source, &file.source), (PhotoSource::Bundled(_), PhotoSource::File(_))));
        assert_eq!(bundled.source.read().unwrap(), file.source.read().unwrap(), "{}", file.file);
    }
}

#[test]
fn a_manifest_is_read_from_its_folder_or_by_name() {
    let folder = Folder::new(&[
        (
            "dataset.json",
            r#"{"zoo": [{"filename": "a.jpg", "description": " A lion. "}, {"filename": "b.jpg"}],
                "art": [{"filename": "c.jpg", "description": ["One.", "Two."]}]}"#,
        ),
        ("zoo/a.jpg", "a"),
        ("b.jpg", "b"),
        ("art/c.jpg", "c"),
        ("art/unlisted.jpg", "not in the manifest"),
    ]);
    for name in ["", "dataset.json"] {
        let dataset = folder.open(name).unwrap();
        let expected = [
            row("zoo/a.jpg", "zoo", "A lion."),
            row("b.jpg", "zoo", ""),
            row("art/c.jpg", "art", "One. / Two."),
        ];
        assert_eq!(rows(&dataset), expected);
        assert_eq!(dataset.categories(), ["zoo", "art"]);
        assert_eq!(dataset.origin.kind, DatasetKind::Project);
        assert_eq!(dataset.skipped, []);
        assert_eq!(&*dataset.items[2].source.read().unwrap(), b"c");
    }
}

#[test]
fn what_can_go_on_goes_on_and_the_rest_is_told_with_its_key() {
    let folder = Folder::new(&[
        (
            "dataset.json",
            r#"{"zoo": [{"filename": "a.jpg", "description": ""},
                        {"filename": "gone.jpg", "description": "Gone."},
                        {"filename": "a.jpg", "description": "Again."},
                        {"description": "No name."}, 7,
                        {"filename": "b.jpg", "description": ["Same.", "Same. ", 4]}],
                "empty": [], "lost": [{"filename": "nowhere.jpg"}]}"#,
        ),
        ("zoo/a.jpg", "a"),
        ("zoo/b.jpg", "b"),
    ]);
    let dataset = folder.open("").unwrap();
    assert_eq!(rows(&dataset), [row("zoo/a.jpg", "zoo", ""), row("zoo/b.jpg", "zoo", "Same.")]);
    let skipped = folder.skipped(&dataset);
    let expected = [
        "zoo/a.jpg | dataset.json: zoo[0].description: the caption is empty and is left out",
        "gone.jpg | dataset.json: zoo[1]: no such file (looked for zoo/gone.jpg and gone.jpg); add the photo or remove the entry",
        "zoo/a.jpg | dataset.json: zoo[2]: this photo is already listed (category \"zoo\"); the first entry counts",
        "zoo[3] | dataset.json: zoo[3]: no \"filename\"; name the photo",
        "zoo[4] | dataset.json: zoo[4]: the format is {\"category\": [{\"filename\": \"a.jpg\", \"description\": \"...\"}]}",
        "zoo/b.jpg | dataset.json: zoo[5].description[1]: the photo already has this caption; it counts once",
        "b.jpg | dataset.json: zoo[5].description[2]: not a text; write it in quotes",
        "empty | dataset.json: category \"empty\" lists no photos; add photos or remove it",
        "nowhere.jpg | dataset.json: lost[0]: no such file (looked for lost/nowhere.jpg and nowhere.jpg); add the photo or remove the entry",
        "lost | dataset.json: category \"lost\" has no usable photo; add photos or remove it",
    ];
    assert_eq!(skipped, expected);
}

#[test]
fn broken_json_is_an_error_with_line_and_column() {
    let cases = [
        (
            "{\"zoo\": [\n  {\"filename\": \"a.jpg\",}\n]}",
            "dataset.json:2:24: trailing comma; correct the JSON there",
        ),
        ("{\"zoo\": [", "dataset.json:1:9: EOF while parsing a list; correct the JSON there"),
        ("", "dataset.json:1:0: EOF while parsing a value; correct the JSON there"),
        (
            "{\"a\": [],\n\"a\": []}",
            "dataset.json:2:8: category \"a\" appears twice; merge its lists; the format is",
        ),
        ("{\"a\": {}}", "dataset.json:1:9: category \"a\" is not a list of photos; the format is"),
        (
            "[]",
            "dataset.json:1:0: invalid type: sequence, expected an object with one list of photos per category; the format",
        ),
    ];
    for (json, expected) in cases {
        let folder = Folder::new(&[("dataset.json", json)]);
        let message = folder.error("");
        assert!(message.starts_with(expected), "{message}");
    }
    let folder = Folder::new(&[]);
    folder.write("dataset.json", b"{\"zoo\": [\n{\"filename\": \"caf\xE9.jpg\"}]}");
    let message = folder.error("");
    assert!(message.starts_with("dataset.json:2:") && message.contains("unicode"), "{message}");
    folder.write("dataset.json", b"\xFF\xFE{\0}\0");
    assert_eq!(folder.error(""), "dataset.json: the text is UTF-16; save it as UTF-8");
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    let folder =
        Folder::new(&[("dataset.json", "\u{FEFF}{\"zoo\": [{\"filename\": \"a.jpg\"}]}"), ("a.jpg", "a")]);
    assert_eq!(rows(&folder.open("").unwrap()), [row("a.jpg", "zoo", "")]);
}

#[test]
fn nothing_left_is_an_error_that_says_why() {
    let folder = Folder::new(&[("dataset.json", r#"{"zoo": [{"filename": "a.jpg"}]}"#), ("none.json", "{}")]);
    let message = folder.error("dataset.json");
    let expected = "dataset.json: no photo to compare: a.jpg: zoo[0]: no such file (looked for zoo/a.jpg";
    assert!(message.starts_with(expected) && message.ends_with("(and 1 more left out)"), "{message}");
    assert!(folder.error("none.json").contains("no photo to compare: it lists none"));
}

#[test]
fn wrong_paths_say_what_to_give() {
    let folder = Folder::new(&[("a.jpg", ""), ("notes.md", ""), ("odd.csv", "no,such\nheader,here\n")]);
    let message = folder.error("nowhere");
    assert_eq!(message, "nowhere: no such folder or manifest; check the path");
    assert!(matches!(folder.open("nowhere"), Err(DatasetError::NotFound { .. })));
    assert_eq!(folder.error("a.jpg"), "a.jpg: a photo, not a data set; give the folder it is in");
    assert!(folder.error("notes.md").contains("ends in .json"));
    assert!(folder.error("odd.csv").starts_with("odd.csv: its first line is not a known header; start it"));
}

#[test]
fn limit_keeps_the_first_and_sample_draws_the_same_each_time() {
    let with = |limit, sample| Dataset::bundled_with(&OpenOptions { captions: None, limit, sample });
    let all = Dataset::bundled();
    assert_eq!(with(Some(3), None).unwrap().items, all.items[..3]);
    assert_eq!(with(Some(99), Some((99, 1))).unwrap().items, all.items);

    let sample = with(None, Some((7, 42))).unwrap();
    assert_eq!(sample.items.len(), 7);
    assert_eq!(with(None, Some((7, 42))).unwrap(), sample);
    assert_ne!(with(None, Some((7, 43))).unwrap(), sample);
    let positions: Vec<_> =
        sample.items.iter().map(|item| all.items.iter().position(|other| other == item).unwrap()).collect();
    assert!(positions.is_sorted(), "{positions:?}");
    assert_eq!(with(Some(2), Some((7, 42))).unwrap().items, sample.items[..2]);

    for nothing in [with(Some(0), None), with(None, Some((0, 1)))] {
        assert!(nothing.unwrap_err().to_string().contains("ask for 1 or more"));
    }
}

#[test]
fn the_summary_counts_and_notes_what_limits_the_numbers() {
    let folder = Folder::new(&[
        ("zoo/a.jpg", ""),
        ("zoo/a.txt", "One.\nShared.\n"),
        ("zoo/b.jpg", ""),
        ("zoo/b.txt", "Shared."),
        ("art/c.jpg", ""),
        ("art/d.heic", ""),
    ]);
    let summary = folder.open("").unwrap().summary();
    assert_eq!((summary.images, summary.captions, summary.images_without_captions), (3, 3, 1));
    assert_eq!(summary.kind, DatasetKind::FolderTree);
    let counts: Vec<_> =
        summary.categories.iter().map(|c| (c.category.as_str(), c.images, c.captions)).collect();
    assert_eq!(counts, [("art", 1, 0), ("zoo", 2, 3)]);
    assert_eq!(summary.skipped.len(), 1);
    assert_eq!(
        summary.notes,
        [
            "1 photo has no caption and is left out of the matching",
            "category art has one photo: no pairs within it to compare",
            "captions shared by several photos: 1; any of those photos counts as correct",
        ]
    );
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["kind"], "folder_tree");
    assert_eq!(json["categories"][1]["captions"], 3);
    assert_eq!(Dataset::bundled().summary().notes, Vec::<String>::new());
}
