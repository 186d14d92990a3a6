//! Saving edited captions.

use std::fs;

use clipscope_core::dataset::{CaptionChange, Dataset, DatasetError, OpenOptions};

use super::{Folder, SaveCaption as _};

const MANIFEST: &str = r#"{
    "zoo": [
        {
            "filename": "b.jpg",
            "note": "kept as it is: ñ",
            "description": "First."
        },
        {
            "filename": "a.jpg",
            "description": [
                "",
                "One.",
                "One.",
                "Two."
            ]
        }
    ],
    "art": [
        {
            "filename": "c.jpg"
        }
    ]
}
"#;

fn folder(manifest: &str) -> Folder {
    Folder::new(&[("dataset.json", manifest), ("zoo/a.jpg", ""), ("zoo/b.jpg", ""), ("c.jpg", "")])
}

#[test]
fn one_caption_changes_and_everything_else_stays() {
    let folder = folder(MANIFEST);
    let dataset = folder.open("").unwrap();
    let written = dataset.save_caption("zoo/b.jpg", 0, " A \"new\" text.\n").unwrap();
    assert_eq!(written, folder.path("dataset.json").canonicalize().unwrap());
    assert_eq!(folder.read("dataset.json"), MANIFEST.replace("First.", "A \\\"new\\\" text."));
    assert_eq!(folder.read("dataset.json.bak"), MANIFEST);
    assert_eq!(folder.open("").unwrap().items[0].captions, ["A \"new\" text."]);
    let mut left: Vec<_> =
        fs::read_dir(folder.0.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["c.jpg", "dataset.json", "dataset.json.bak", "zoo"], "no temporary file stays");
}

#[test]
fn indices_count_captions_as_they_were_read() {
    let folder = folder(MANIFEST);
    let dataset = folder.open("").unwrap();
    assert_eq!(dataset.items[1].captions, ["One.", "Two."]);
    dataset.save_caption("zoo/a.jpg", 1, "Zwei.").unwrap();
    assert_eq!(folder.read("dataset.json"), MANIFEST.replace("Two.", "Zwei."));
    // The backup is always the file before this save.
    dataset.save_caption("zoo/a.jpg", 0, "Eins.").unwrap();
    assert_eq!(folder.read("dataset.json.bak"), MANIFEST.replace("Two.", "Zwei."));
    assert_eq!(folder.open("").unwrap().items[1].captions, ["Eins.", "One.", "Zwei."]);
}

#[test]
fn the_index_behind_the_last_adds_a_caption() {
    let folder = folder(MANIFEST);
    let dataset = folder.open("").unwrap();
    dataset.save_caption("c.jpg", 0, "New.").unwrap();
    dataset.save_caption("zoo/a.jpg", 2, "Three.").unwrap();
    dataset.save_caption("zoo/b.jpg", 1, "Second.").unwrap();
    let captions: Vec<_> =
        folder.open("").unwrap().items.into_iter().map(|item| item.captions.join(" ")).collect();
    assert_eq!(captions, ["First. Second.", "One. Two. Three.", "New."]);
    let before = folder.read("dataset.json");
    let message = folder.short(dataset.save_caption("zoo/b.jpg", 5, "x").unwrap_err());
    assert!(
        message.starts_with("dataset.json: zoo[0]: the caption was not saved: there is no caption number 6"),
        "{message}"
    );
    assert_eq!(folder.read("dataset.json"), before);
}

#[test]
fn the_layout_of_the_file_is_kept() {
    let layouts = [
        MANIFEST.replace("    ", "\t"),
        MANIFEST.replace("    ", " "),
        MANIFEST.replace('\n', "\r\n"),
        MANIFEST.trim_end().to_owned(),
        r#"{"zoo":[{"filename":"b.jpg","description":"First."}]}"#.to_owned(),
    ];
    for layout in layouts {
        let folder = folder(&layout);
        folder.open("").unwrap().save_caption("zoo/b.jpg", 0, "Other.").unwrap();
        assert_eq!(folder.read("dataset.json"), layout.replace("First.", "Other."));
    }
}

#[test]
fn the_manifest_that_ships_changes_in_one_line_only() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset");
    let folder = Folder::new(&[]);
    let text = fs::read_to_string(source.join("dataset.json")).unwrap();
    folder.write("dataset.json", &text);
    for item in Dataset::bundled().items {
        folder.write(&item.file, "");
    }
    let dataset = folder.open("").unwrap();
    dataset.save_caption("food/pizza.jpg", 0, "A pizza.").unwrap();
    assert_eq!(
        folder.read("dataset.json"),
        text.replace(
            &dataset.items.iter().find(|item| item.file == "food/pizza.jpg").unwrap().captions[0],
            "A pizza."
        )
    );
}

#[test]
fn captions_that_came_from_a_file_of_their_own_are_saved_there() {
    let folder = folder(MANIFEST);
    let other = folder.write("es.json", r#"{"art":[{"filename":"c.jpg","description":"Sí."}],"zoo":[{"filename":"b.jpg","description":"Uno."}]}"#);
    let options = OpenOptions { captions: Some(other.clone()), ..OpenOptions::default() };
    let dataset = Dataset::open(folder.0.path(), &options).unwrap();
    dataset.save_caption("zoo/b.jpg", 0, "Dos.").unwrap();
    assert_eq!(folder.read("dataset.json"), MANIFEST);
    assert!(
        folder.read("es.json").contains(r#""description":"Dos.""#) && folder.read("es.json").contains("Sí.")
    );
    let message = folder.short(dataset.save_caption("zoo/a.jpg", 0, "x").unwrap_err());
    assert_eq!(
        message,
        "es.json: zoo/a.jpg: the caption was not saved: the file has no entry for this photo; add an entry, then save again"
    );
}

#[test]
fn changes_of_others_since_the_reading_are_kept() {
    let folder = folder(MANIFEST);
    let dataset = folder.open("").unwrap();
    folder.write("dataset.json", MANIFEST.replace("Two.", "Changed meanwhile."));
    dataset.save_caption("zoo/b.jpg", 0, "Mine.").unwrap();
    assert!(
        folder.read("dataset.json").contains("Changed meanwhile.")
            && folder.read("dataset.json").contains("Mine.")
    );
}

#[test]
fn a_photo_of_the_same_name_in_another_category_is_not_mistaken() {
    let both = r#"{"zoo":[{"filename":"x.jpg","description":"Zoo."}],"art":[{"filename":"x.jpg","description":"Top."}]}"#;
    let folder = Folder::new(&[("dataset.json", both), ("zoo/x.jpg", ""), ("x.jpg", "")]);
    let dataset = folder.open("").unwrap();
    assert_eq!(dataset.items[1].file, "x.jpg");
    dataset.save_caption("x.jpg", 0, "New.").unwrap();
    assert_eq!(folder.read("dataset.json"), both.replace("Top.", "New."));
    // Also where a limit or a sample left the other photo out.
    let sampled = (0..50)
        .map(|seed| OpenOptions { sample: Some((1, seed)), ..OpenOptions::default() })
        .map(|options| Dataset::open(folder.0.path(), &options).unwrap())
        .find(|dataset| dataset.items[0].file == "x.jpg")
        .unwrap();
    sampled.save_caption("x.jpg", 0, "Newer.").unwrap();
    assert_eq!(folder.read("dataset.json"), both.replace("Top.", "Newer."));
    // Its entry is gone meanwhile: the other photo's caption is not overwritten in its stead.
    let one = r#"{"zoo":[{"filename":"x.jpg","description":"Zoo."}]}"#;
    folder.write("dataset.json", one);
    assert!(dataset.save_caption("x.jpg", 0, "New.").is_err());
    assert_eq!(folder.read("dataset.json"), one);
}

#[test]
fn nothing_is_written_when_the_manifest_is_broken_meanwhile() {
    let folder = folder(MANIFEST);
    let dataset = folder.open("").unwrap();
    folder.write("dataset.json", "{ half a fi");
    assert!(matches!(dataset.save_caption("zoo/b.jpg", 0, "x"), Err(DatasetError::Manifest { .. })));
    assert_eq!(folder.read("dataset.json"), "{ half a fi");
    assert!(!folder.path("dataset.json.bak").exists());
}

#[test]
fn what_cannot_be_saved_says_why() {
    let message = Dataset::bundled().save_caption("food/pizza.jpg", 0, "x").unwrap_err().to_string();
    assert!(
        message.starts_with("bundled: the caption was not saved: this kind of data set (the bundled photos)"),
        "{message}"
    );
    assert!(
        message.ends_with(
            "open it with --captions FILE, a file in the project's own format, which can be saved"
        )
    );

    let table = Folder::new(&[("x.csv", "file,caption\na.jpg,A\n"), ("a.jpg", "")]);
    let message = table.open("x.csv").unwrap().save_caption("a.jpg", 0, "x").unwrap_err().to_string();
    assert!(message.contains("this kind of data set (CSV with headers) is read-only"), "{message}");

    let folder = folder(MANIFEST);
    let dataset = folder.open("").unwrap();
    assert!(
        dataset
            .save_caption("zoo/b.jpg", 0, " \n")
            .unwrap_err()
            .to_string()
            .contains("the text is empty; write a caption")
    );
    assert!(
        dataset
            .save_caption("nope.jpg", 0, "x")
            .unwrap_err()
            .to_string()
            .contains("no such photo in the data set")
    );
    assert_eq!(folder.read("dataset.json"), MANIFEST);
}

#[test]
fn the_text_file_beside_a_photo_keeps_its_other_lines() {
    let folder =
        Folder::new(&[("zoo/a.jpg", ""), ("zoo/a.txt", "One.\r\n\r\n  Two.\r\nThree."), ("zoo/b.jpg", "")]);
    let dataset = folder.open("").unwrap();
    dataset.save_caption("zoo/a.jpg", 1, "Zwei,\nzweite Zeile.").unwrap();
    assert_eq!(folder.read("zoo/a.txt"), "One.\r\n\r\nZwei, zweite Zeile.\r\nThree.");
    assert_eq!(folder.read("zoo/a.txt.bak"), "One.\r\n\r\n  Two.\r\nThree.");
    dataset.save_caption("zoo/a.jpg", 3, "Four.").unwrap();
    assert_eq!(folder.read("zoo/a.txt"), "One.\r\n\r\nZwei, zweite Zeile.\r\nThree.\nFour.\n");
    // A photo without captions gets a file of its own.
    dataset.save_caption("zoo/b.jpg", 0, "B.").unwrap();
    assert_eq!(folder.read("zoo/b.txt"), "B.\n");
    assert!(!folder.path("zoo/b.txt.bak").exists());
    assert!(dataset.save_caption("zoo/b.jpg", 9, "x").is_err());
    let again = folder.open("").unwrap();
    assert_eq!(again.items[0].captions, ["One.", "Zwei, zweite Zeile.", "Three.", "Four."]);
    assert_eq!(again.items[1].captions, ["B."]);
}

#[cfg(unix)]
#[test]
fn permissions_and_links_survive() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = folder(MANIFEST);
    fs::set_permissions(folder.path("dataset.json"), fs::Permissions::from_mode(0o640)).unwrap();
    symlink("dataset.json", folder.path("link.json")).unwrap();
    folder.open("link.json").unwrap().save_caption("zoo/b.jpg", 0, "New.").unwrap();
    assert!(folder.path("link.json").is_symlink());
    assert!(folder.read("dataset.json").contains("New."));
    for name in ["dataset.json", "dataset.json.bak"] {
        assert_eq!(fs::metadata(folder.path(name)).unwrap().permissions().mode() & 0o777, 0o640, "{name}");
    }
    // A file that is made anew gets what the umask allows, not the 0600 of a temporary file.
    let tree = Folder::new(&[("a.jpg", "")]);
    tree.open("").unwrap().save_caption("a.jpg", 0, "A.").unwrap();
    let of = |name: &str| fs::metadata(tree.path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(of("a.txt"), of("a.jpg"));
}

fn change<'a>(file: &'a str, number: usize, old: &'a str, text: &'a str) -> CaptionChange<'a> {
    CaptionChange { file, number, old: Some(old), text }
}

/// Saves, and returns the messages of those that were refused.
fn save(dataset: &Dataset, changes: &[CaptionChange<'_>]) -> Vec<String> {
    let outcomes = dataset.save_captions(changes);
    assert_eq!(outcomes.len(), changes.len());
    outcomes.into_iter().filter_map(|outcome| Some(outcome.err()?.to_string())).collect()
}

#[test]
fn captions_saved_together_leave_the_file_as_it_was_before_all_of_them() {
    let folder = folder(MANIFEST);
    let dataset = folder.open("").unwrap();
    let changes = [
        change("zoo/b.jpg", 0, "First.", "Erst."),
        change("zoo/a.jpg", 1, "Two.", "One."),
        change("zoo/a.jpg", 0, "One.", "Two."),
    ];
    assert_eq!(save(&dataset, &changes), [""; 0]);
    assert_eq!(folder.read("dataset.json.bak"), MANIFEST);
    // The first of the two that read "One." is the caption; the other one never counted.
    let new = MANIFEST.replace("First.", "Erst.").replace("Two.", "2").replacen("One.", "Two.", 1);
    assert_eq!(folder.read("dataset.json"), new.replace('2', "One."));

    let tree =
        Folder::new(&[("a.jpg", ""), ("a.txt", "red\nblue\ngreen\n"), ("b.jpg", ""), ("b.txt", "one\n")]);
    let dataset = tree.open("").unwrap();
    let changes = [
        change("a.jpg", 0, "red", "blue"),
        change("b.jpg", 0, "one", "two"),
        change("a.jpg", 1, "blue", "red"),
    ];
    assert_eq!(save(&dataset, &changes), [""; 0]);
    assert_eq!((tree.read("a.txt"), tree.read("b.txt")), ("blue\nred\ngreen\n".into(), "two\n".into()));
    assert_eq!(
        (tree.read("a.txt.bak"), tree.read("b.txt.bak")),
        ("red\nblue\ngreen\n".into(), "one\n".into())
    );
}

#[test]
fn a_caption_that_has_become_equal_to_another_is_not_mistaken_for_the_next() {
    let manifest = r#"{"zoo":[{"filename":"b.jpg","description":["red","blue","green"]}]}"#;
    let folder = folder(manifest);
    let dataset = folder.open("").unwrap();
    assert_eq!(save(&dataset, &[change("zoo/b.jpg", 0, "red", "blue")]), [""; 0]);
    assert_eq!(save(&dataset, &[change("zoo/b.jpg", 1, "blue", "sky")]), [""; 0]);
    let mut texts = folder.open("").unwrap().items.remove(0).captions;
    texts.sort();
    assert_eq!(texts, ["blue", "green", "sky"]);
}

#[test]
fn a_caption_that_is_not_in_the_file_any_more_is_not_replaced() {
    let tree = Folder::new(&[("a.jpg", ""), ("a.txt", "red\nblue\ngreen\n"), ("a.png", "")]);
    let dataset = tree.open("").unwrap();
    // Someone takes out a line: the one that is edited is found where it is now.
    tree.write("a.txt", "blue\ngreen\n");
    assert_eq!(save(&dataset, &[change("a.jpg", 1, "blue", "sky")]), [""; 0]);
    assert_eq!(tree.read("a.txt"), "sky\ngreen\n");
    let refused = save(&dataset, &[change("a.jpg", 0, "red", "x"), change("a.jpg", 2, "green", "grass")]);
    assert_eq!(tree.read("a.txt"), "sky\ngrass\n", "what is refused does not keep the other");
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].ends_with(
            "a.txt: the caption was not saved: caption number 1 is not the text that was read; the file has \
             changed since it was read; save the caption by hand, or open the data set again"
        ),
        "{refused:?}"
    );
    // Nothing is written, and the old file is still the old file.
    assert_eq!(save(&dataset, &[change("a.jpg", 0, "red", "x")]).len(), 1);
    assert_eq!((tree.read("a.txt"), tree.read("a.txt.bak")), ("sky\ngrass\n".into(), "sky\ngreen\n".into()));
    // Two photos that share the file cannot both have the one line.
    let both = [change("a.jpg", 0, "sky", "heaven"), change("a.png", 0, "sky", "clouds")];
    assert_eq!(save(&dataset, &both).len(), 1);
    assert_eq!(tree.read("a.txt"), "heaven\ngrass\n");
}
