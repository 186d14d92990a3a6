//! Plain folder trees.

use clipscope_core::dataset::DatasetKind;

use super::{Folder, row, rows};

#[test]
fn folders_are_categories_and_text_files_hold_captions() {
    let folder = Folder::new(&[
        ("zoo/lion.JPG", ""),
        ("zoo/lion.txt", "A lion.\n\n  A big cat. \r\n"),
        ("zoo/cats/tiger.webp", ""),
        ("art/vase.png", ""),
        ("top.jpeg", ""),
        ("zoo/notes.md", "not a photo"),
        ("zoo/LICENSE.txt", "not the caption of a photo"),
    ]);
    let dataset = folder.open("").unwrap();
    assert_eq!(dataset.origin.kind, DatasetKind::FolderTree);
    let expected = [
        row("top.jpeg", "uncategorised", ""),
        row("art/vase.png", "art", ""),
        row("zoo/lion.JPG", "zoo", "A lion. / A big cat."),
        row("zoo/cats/tiger.webp", "zoo", ""),
    ];
    assert_eq!(rows(&dataset), expected);
    assert_eq!(dataset.skipped, []);
}

#[test]
fn hidden_files_are_passed_over_and_foreign_formats_are_told() {
    let folder = Folder::new(&[
        ("zoo/a.jpg", ""),
        ("zoo/._a.jpg", ""),
        (".thumbnails/b.jpg", ""),
        ("zoo/c.HEIC", ""),
        ("empty/readme.md", ""),
    ]);
    let dataset = folder.open("").unwrap();
    assert_eq!(rows(&dataset), [row("zoo/a.jpg", "zoo", "")]);
    let expected = [
        "zoo/c.HEIC | an unsupported format; convert it to JPEG, PNG or WebP",
        "empty | no usable photo in this folder; add photos or remove it",
    ];
    assert_eq!(folder.skipped(&dataset), expected);
}

#[test]
fn a_folder_without_photos_is_an_error() {
    let folder = Folder::new(&[("readme.md", "")]);
    let message = folder.open("").unwrap_err().to_string();
    assert!(
        message
            .ends_with("no photo to compare: it lists none; add photos, or give another folder or manifest")
    );
}

#[test]
fn captions_that_are_not_utf8_are_left_out_and_the_photo_stays() {
    let folder = Folder::new(&[("a.jpg", "")]);
    folder.write("a.txt", b"One.\ncaf\xE9\nThree.\nOne.\n");
    let dataset = folder.open("").unwrap();
    assert_eq!(dataset.items[0].captions, ["One.", "Three."]);
    let expected = [
        "a.txt | a.txt:2: not UTF-8; save the file as UTF-8",
        "a.jpg | a.txt:4: the photo already has this caption; it counts once",
    ];
    assert_eq!(folder.skipped(&dataset), expected);
}

#[test]
fn text_that_only_looks_like_a_manifest_does_not_stop_the_scan() {
    let folder = Folder::new(&[
        ("captions.jpg", ""),
        ("captions.txt", "A photo called captions."),
        ("results.csv", "a,b\n"),
    ]);
    assert_eq!(
        rows(&folder.open("").unwrap()),
        [row("captions.jpg", "uncategorised", "A photo called captions.")]
    );
}

#[test]
fn a_manifest_one_folder_below_is_pointed_at() {
    let folder = Folder::new(&[("album/metadata.csv", "file_name,text\na.jpg,A\n"), ("album/a.jpg", "")]);
    let dataset = folder.open("").unwrap();
    assert_eq!(rows(&dataset), [row("album/a.jpg", "album", "")]);
    let skipped = folder.skipped(&dataset);
    assert!(skipped[0].starts_with("album/metadata.csv | a manifest in a subfolder"), "{skipped:?}");
    assert_eq!(folder.open("album").unwrap().items[0].captions, ["A"]);
}

#[test]
fn folders_nested_without_end_are_cut_off() {
    let folder = Folder::new(&[("a.jpg", "")]);
    let deep = "d/".repeat(80);
    folder.write(&format!("{deep}deep.jpg"), "");
    let dataset = folder.open("").unwrap();
    assert_eq!(dataset.items.len(), 1);
    assert!(
        folder
            .skipped(&dataset)
            .iter()
            .any(|row| row.ends_with("folders nested more than 64 deep are not read"))
    );
}
