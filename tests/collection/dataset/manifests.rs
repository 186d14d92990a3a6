//! The manifests of others: Hugging Face, COCO, Flickr, CSV.

use clipscope_core::dataset::DatasetKind;

use super::{Folder, row, rows};

#[test]
fn huggingface_csv_gathers_the_captions_of_several_rows() {
    let folder = Folder::new(&[
        (
            "metadata.csv",
            "file_name,text\ncats/a.jpg,\"A cat, asleep\"\ndogs/b.jpg,A dog\ncats/a.jpg,\"Two\nlines\"\nc.jpg,\n",
        ),
        ("cats/a.jpg", ""),
        ("dogs/b.jpg", ""),
        ("c.jpg", ""),
    ]);
    let dataset = folder.open("").unwrap();
    assert_eq!(dataset.origin.kind, DatasetKind::HuggingFace);
    let expected = [
        row("cats/a.jpg", "cats", "A cat, asleep / Two\nlines"),
        row("dogs/b.jpg", "dogs", "A dog"),
        row("c.jpg", "uncategorised", ""),
    ];
    assert_eq!(rows(&dataset), expected);
    let empty = "c.jpg | metadata.csv:6: the caption is empty and is left out";
    assert_eq!(folder.skipped(&dataset), [empty]);
}

#[test]
fn huggingface_jsonl_leaves_out_only_the_lines_that_are_broken() {
    let folder = Folder::new(&[
        (
            "metadata.jsonl",
            "{\"file_name\": \"cats/a.jpg\", \"text\": [\"One\", \"Two\"]}\n\n{\"file_name\": \"cats/a.jpg\" \"text\"}\n\
             {\"text\": \"nameless\"}\n{\"file_name\": \"b.jpg\", \"text\": 5}\n{\"file_name\": \"b.jpg\", \"text\": null}\r\n\
             {\"file_name\": \"gone.jpg\", \"text\": \"x\"}\n{\"file_name\": \"gone.jpg\", \"text\": \"y\"}\n",
        ),
        ("cats/a.jpg", ""),
        ("b.jpg", ""),
    ]);
    let dataset = folder.open("").unwrap();
    assert_eq!(rows(&dataset), [row("cats/a.jpg", "cats", "One / Two"), row("b.jpg", "uncategorised", "")]);
    let skipped = folder.skipped(&dataset);
    assert_eq!(skipped.len(), 4, "{skipped:?}");
    assert!(skipped[0].contains("metadata.jsonl:3:28: expected `,` or `}`"), "{skipped:?}");
    assert!(
        skipped[1].starts_with("metadata.jsonl:4 | metadata.jsonl:4: no \"file_name\" text"),
        "{skipped:?}"
    );
    assert!(skipped[2].contains("metadata.jsonl:5: the caption is not a text"), "{skipped:?}");
    // Once, although two rows name it.
    assert!(skipped[3].starts_with("gone.jpg | metadata.jsonl:7: no such file"), "{skipped:?}");
}

const COCO: &str = r#"{"info": {"year": 2017}, "licenses": [],
  "images": [{"id": 9, "file_name": "000009.jpg", "width": 640}, {"id": 25, "file_name": "000025.jpg"},
             {"id": 30, "file_name": "000030.jpg"}, {"id": 9, "file_name": "000031.jpg"}],
  "annotations": [{"id": 1, "image_id": 25, "caption": "A giraffe."}, {"id": 2, "image_id": 9, "caption": "A plate.\n"},
                  {"id": 3, "image_id": 25, "caption": "Two giraffes."}, {"id": 4, "image_id": 77, "caption": "?"},
                  {"id": 5, "image_id": 30, "caption": "Of the missing photo."}]}"#;

#[test]
fn coco_finds_its_photos_in_every_usual_place() {
    let json = "annotations/captions_val2017.json";
    for place in [
        "val2017",
        "images",
        "images/val2017",
        "annotations",
        "annotations/images",
        "annotations/val2017",
        "annotations/images/val2017",
    ] {
        let folder = Folder::new(&[(json, COCO)]);
        folder.write(&format!("{place}/000009.jpg"), "");
        folder.write(&format!("{place}/000025.jpg"), "");
        for name in [json, ""] {
            let dataset = folder.open(name).unwrap_or_else(|error| panic!("{place}: {error}"));
            assert_eq!(dataset.origin.kind, DatasetKind::Coco);
            let expected = [
                row("000009.jpg", "uncategorised", "A plate."),
                row("000025.jpg", "uncategorised", "A giraffe. / Two giraffes."),
            ];
            assert_eq!(rows(&dataset), expected, "{place}");
        }
    }
}

#[test]
fn coco_tells_what_it_left_out() {
    let folder = Folder::new(&[("captions_val2017.json", COCO), ("000009.jpg", ""), ("000025.jpg", "")]);
    let dataset = folder.open("captions_val2017.json").unwrap();
    let expected = [
        "000030.jpg | captions_val2017.json: images[2]: no such file; add the photo or remove the entry",
        "000031.jpg | captions_val2017.json: images[3]: its id 9 is already used; the first image counts",
        "captions_val2017.json: annotations[3] | captions_val2017.json: annotations[3]: no image has the id 77; add the image or remove the caption",
    ];
    assert_eq!(folder.skipped(&dataset), expected);
}

#[test]
fn coco_without_photos_or_captions_says_so() {
    let folder = Folder::new(&[
        ("captions_val2017.json", COCO),
        (
            "instances.json",
            r#"{"images": [{"id": 1, "file_name": "a.jpg"}], "annotations": [{"image_id": 1, "bbox": []}]}"#,
        ),
        ("captions_bad.json", r#"{"images": [{"id": 1.5}], "annotations": []}"#),
    ]);
    let message = folder.error("captions_val2017.json");
    assert!(message.contains("in the folders ., images, val2017, images/val2017, ../val2017"), "{message}");
    assert!(
        folder
            .error("instances.json")
            .starts_with("instances.json: annotations: no annotation has a \"caption\"")
    );
    assert!(
        folder
            .error("captions_bad.json")
            .starts_with("captions_bad.json:1:22: invalid type: floating point `1.5`")
    );
    // Two captions files: which one?
    let message = folder.error("");
    assert!(
        message.contains("several captions files, for example captions_bad.json; give one of them"),
        "{message}"
    );
}

#[test]
fn a_project_manifest_may_have_categories_called_like_coco_lists() {
    let folder = Folder::new(&[
        ("x.json", r#"{"images": [{"filename": "a.jpg"}], "annotations": [{"filename": "b.jpg"}]}"#),
        ("a.jpg", ""),
        ("b.jpg", ""),
    ]);
    assert_eq!(folder.open("x.json").unwrap().categories(), ["images", "annotations"]);
}

#[test]
fn flickr_in_its_three_forms() {
    let forms = [
        ("captions.txt", "image,caption\n1.jpg,\"A dog , \"\"running\"\" .\"\n1.jpg,Two .\n2.jpg,Three .\n"),
        ("Flickr8k.token.txt", "1.jpg#0\tA dog , \"running\" .\n1.jpg#1\tTwo .\n2.jpg#0\tThree .\n"),
        (
            "results_20130124.token",
            "1.jpg#0\tA dog , \"running\" .\r\n1.jpg#1\tTwo .\r\n2.jpg#0\tThree .\r\n",
        ),
        (
            "results.csv",
            "image_name| comment_number| comment\n1.jpg| 0| A dog , \"running\" .\n1.jpg| 1| Two .\n2.jpg| 0| Three .\n",
        ),
    ];
    for (name, text) in forms {
        for place in ["Images", "flickr30k_images", "Flicker8k_Dataset", "."] {
            let folder = Folder::new(&[(name, text)]);
            folder.write(&format!("{place}/1.jpg"), "");
            folder.write(&format!("{place}/2.jpg"), "");
            for given in [name, ""] {
                let dataset = folder.open(given).unwrap_or_else(|error| panic!("{name} in {place}: {error}"));
                assert_eq!(dataset.origin.kind, DatasetKind::Flickr, "{name}");
                let expected = [
                    row("1.jpg", "uncategorised", "A dog , \"running\" . / Two ."),
                    row("2.jpg", "uncategorised", "Three ."),
                ];
                assert_eq!(rows(&dataset), expected, "{name} in {place}");
                assert_eq!(dataset.skipped, []);
            }
        }
    }
}

#[test]
fn flickr_lines_out_of_form_are_left_out_with_their_number() {
    let folder = Folder::new(&[
        // The second line is a known flaw of the Flickr30k archive; the third caption holds a bar of its own.
        (
            "results.csv",
            "image_name| comment_number| comment\n1.jpg| 4   A dog runs .\n1.jpg| 0| This | that\n",
        ),
        ("x.token.txt", "1.jpg#0\tOne .\nno tab here\n1.jpg.1#0\tNo such photo .\n"),
        ("1.jpg", ""),
    ]);
    let dataset = folder.open("results.csv").unwrap();
    assert_eq!(rows(&dataset), [row("1.jpg", "uncategorised", "This | that")]);
    let skipped = folder.skipped(&dataset);
    assert_eq!(skipped, ["results.csv:2 | results.csv:2: expected name.jpg| 0| caption; correct the line"]);

    let skipped = folder.skipped(&folder.open("x.token.txt").unwrap());
    assert_eq!(
        skipped[0],
        "x.token.txt:2 | x.token.txt:2: expected name.jpg#0, tab, caption; correct the line"
    );
    assert!(skipped[1].starts_with("1.jpg.1 | x.token.txt:3: no such file"), "{skipped:?}");
}

#[test]
fn csv_files_with_usual_headers_are_understood() {
    let tables = [
        ("a.csv", "file,caption,category\na.jpg,A lion,zoo\nb.jpg,A vase,art\n"),
        ("b.csv", "Category,Filename,Text\nzoo,a.jpg,A lion\nart,b.jpg,A vase\n"),
        ("c.csv", "id;image;description;category\n1;a.jpg;A lion;zoo\n2;b.jpg;A vase;art\n"),
        ("d.tsv", "path\tcategory\tcaption\na.jpg\tzoo\tA lion\nb.jpg\tart\tA vase\n"),
        ("e.csv", "\u{FEFF}file,caption,category\r\na.jpg,A lion,zoo\r\n\r\nb.jpg,A vase,art\r\n"),
    ];
    let folder = Folder::new(&[("a.jpg", ""), ("images/a.jpg", ""), ("b.jpg", "")]);
    for (name, text) in tables {
        folder.write(name, text);
        let dataset = folder.open(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(rows(&dataset), [row("a.jpg", "zoo", "A lion"), row("b.jpg", "art", "A vase")], "{name}");
        assert_eq!(dataset.origin.kind, DatasetKind::Csv);
        assert_eq!(dataset.skipped, [], "{name}");
    }
}

#[test]
fn csv_without_captions_or_category_uses_folders_and_says_so() {
    let folder = Folder::new(&[
        ("list.csv", "path,width\nzoo/a.jpg,3\n./art/b.jpg,4\n"),
        ("zoo/a.jpg", ""),
        ("art/b.jpg", ""),
    ]);
    let dataset = folder.open("list.csv").unwrap();
    assert_eq!(rows(&dataset), [row("zoo/a.jpg", "zoo", ""), row("art/b.jpg", "art", "")]);
    let told = "list.csv:1 | list.csv:1: no caption column (text, caption, description); the photos have no captions";
    assert_eq!(folder.skipped(&dataset), [told]);
}

#[test]
fn csv_rows_that_cannot_be_used_are_left_out_with_their_line() {
    let folder = Folder::new(&[("a.jpg", ""), ("b.jpg", ""), ("c.jpg", "")]);
    folder.write(
        "x.csv",
        b"file,caption\na.jpg,\"Two\nlines\"\nb.jpg\n,no name\nb.jpg,caf\xE9\nc.jpg,C\nc.jpg,C\n",
    );
    let dataset = folder.open("x.csv").unwrap();
    assert_eq!(
        rows(&dataset),
        [row("a.jpg", "uncategorised", "Two\nlines"), row("c.jpg", "uncategorised", "C")]
    );
    let expected = [
        "x.csv:4 | x.csv:4: the row ends before its caption; add it, or quote a field with line breaks",
        "x.csv:5 | x.csv:5: the row names no photo; add the name or remove the row",
        "x.csv:6 | x.csv:6: the row is not UTF-8 and is left out; save the file as UTF-8",
        "c.jpg | x.csv:8: the photo already has this caption; it counts once",
    ];
    assert_eq!(folder.skipped(&dataset), expected);
}

#[test]
fn a_quotation_mark_left_open_does_not_swallow_the_rest() {
    let folder = Folder::new(&[
        ("x.csv", "file,caption\na.jpg,\"A \"\"fine\"\" lion\"\nb.jpg,\"never closed\nc.jpg,lost\n"),
        ("fine.csv", "file,caption\na.jpg,5\" wide\nb.jpg,it is 6\"\nb.jpg,\"a\"\",\"\n"),
        ("a.jpg", ""),
        ("b.jpg", ""),
    ]);
    assert!(
        folder
            .error("x.csv")
            .starts_with("x.csv:3: the quotation mark that opens a field here is never closed")
    );
    folder.write("x.csv", "file,caption\na.jpg,A\n\"b.jpg,B\nc.jpg,lost\n");
    assert!(folder.error("x.csv").starts_with("x.csv:3: the quotation mark"));
    let fine = folder.open("fine.csv").unwrap();
    let expected =
        [row("a.jpg", "uncategorised", "5\" wide"), row("b.jpg", "uncategorised", "it is 6\" / a\",")];
    assert_eq!(rows(&fine), expected);
}

#[test]
fn huggingface_splits_are_one_data_set() {
    let folder = Folder::new(&[
        ("train/metadata.csv", "file_name,text\ncats/a.jpg,A cat\ndogs/b.jpg,A dog\ngone.jpg,?\n"),
        ("train/cats/a.jpg", ""),
        ("train/dogs/b.jpg", ""),
        ("test/metadata.jsonl", "{\"file_name\": \"cats/a.jpg\", \"text\": \"Another cat\"}\n"),
        ("test/cats/a.jpg", ""),
        ("validation/cats/c.jpg", ""),
    ]);
    let dataset = folder.open("").unwrap();
    assert_eq!(dataset.origin.kind, DatasetKind::HuggingFace);
    let expected = [
        row("train/cats/a.jpg", "cats", "A cat"),
        row("train/dogs/b.jpg", "dogs", "A dog"),
        row("test/cats/a.jpg", "cats", "Another cat"),
    ];
    assert_eq!(rows(&dataset), expected);
    let skipped = folder.skipped(&dataset);
    assert_eq!(skipped.len(), 2, "{skipped:?}");
    assert!(skipped[0].starts_with("gone.jpg | train/metadata.csv:4: no such file"), "{skipped:?}");
    assert!(skipped[1].starts_with("validation | a split without metadata.csv"), "{skipped:?}");
}

#[test]
fn folders_called_like_splits_are_categories_where_none_has_metadata() {
    let folder = Folder::new(&[("train/steam.jpg", ""), ("test/tube.jpg", "")]);
    let dataset = folder.open("").unwrap();
    assert_eq!(dataset.origin.kind, DatasetKind::FolderTree);
    assert_eq!(dataset.categories(), ["test", "train"]);
}

#[test]
fn a_huggingface_label_is_the_category() {
    let folder = Folder::new(&[
        (
            "metadata.jsonl",
            "{\"file_name\": \"x/a.jpg\", \"label\": \"zoo\"}\n{\"file_name\": \"x/b.jpg\", \"label\": 3}\n{\"file_name\": \"x/c.jpg\", \"label\": null}\n",
        ),
        ("x/a.jpg", ""),
        ("x/b.jpg", ""),
        ("x/c.jpg", ""),
        ("csv/metadata.csv", "file_name,label\na.jpg,zoo\n"),
        ("csv/a.jpg", ""),
    ]);
    assert_eq!(folder.open("metadata.jsonl").unwrap().categories(), ["zoo", "3", "x"]);
    assert_eq!(folder.open("csv").unwrap().categories(), ["zoo"]);
}
