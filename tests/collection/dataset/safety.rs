//! Manifests and folders that mean harm, or hold what must not be opened or shown raw.

use std::{fs, time::Duration};

use clipscope_core::dataset::{Dataset, DatasetError, Item, PhotoSource};
use proptest::prelude::*;

use super::{Folder, SaveCaption as _, open, row, rows};

#[test]
fn names_that_leave_the_data_set_are_refused_by_name() {
    let outside = Folder::new(&[("secret.jpg", "")]);
    let absolute = outside.path("secret.jpg").display().to_string();
    let manifest = serde_json::json!({ "zoo": [
        { "filename": "a.jpg" }, { "filename": "../../etc/passwd" }, { "filename": "/etc/passwd" }, { "filename": absolute },
        { "filename": "zoo/../../x.jpg" }, { "filename": "../dataset.json" }, { "filename": "." },
    ], "../up": [{ "filename": "b.jpg" }] });
    let folder =
        Folder::new(&[("set/dataset.json", &manifest.to_string()), ("set/a.jpg", ""), ("up/b.jpg", "")]);
    let dataset = folder.open("set").unwrap();
    assert_eq!(rows(&dataset), [row("a.jpg", "zoo", "")]);
    let skipped = folder.skipped(&dataset);
    let dots = "refused: the name points outside the data set (`..`); use names below its folder";
    let root = "refused: the name is an absolute path; use a path relative to the data set";
    assert_eq!(skipped[0], format!("../../etc/passwd | set/dataset.json: zoo[1]: {dots}"));
    // `zoo//etc/passwd` stays inside and is missing; the plain name is what is refused.
    assert_eq!(skipped[1], format!("/etc/passwd | set/dataset.json: zoo[2]: {root}"));
    assert_eq!(skipped[2], format!("{absolute} | set/dataset.json: zoo[3]: {root}"));
    assert_eq!(skipped[3], format!("zoo/../../x.jpg | set/dataset.json: zoo[4]: {dots}"));
    assert_eq!(skipped[4], format!("../dataset.json | set/dataset.json: zoo[5]: {dots}"));
    assert!(skipped[5].starts_with(". | "), "{skipped:?}");
    assert_eq!(skipped[6], format!("b.jpg | set/dataset.json: ../up[0]: {dots}"));
}

#[test]
fn every_format_refuses_names_that_leave_the_data_set() {
    let manifests = [
        ("metadata.csv", "file_name,text\nimg/a.jpg,A\n../secret.jpg,S\n"),
        (
            "metadata.jsonl",
            "{\"file_name\": \"img/a.jpg\", \"text\": \"A\"}\n{\"file_name\": \"../secret.jpg\"}\n",
        ),
        ("captions.txt", "image,caption\nimg/a.jpg,A\n../secret.jpg,S\n"),
        ("x.token", "img/a.jpg#0\tA\n../secret.jpg#0\tS\n"),
        ("results.csv", "image_name| comment_number| comment\nimg/a.jpg| 0| A\n../secret.jpg| 0| S\n"),
        (
            "captions_x.json",
            r#"{"images": [{"id": 1, "file_name": "img/a.jpg"}, {"id": 2, "file_name": "../secret.jpg"}], "annotations": []}"#,
        ),
    ];
    for (name, text) in manifests {
        let folder = Folder::new(&[("secret.jpg", ""), ("set/img/a.jpg", "")]);
        folder.write(&format!("set/{name}"), text);
        let dataset = folder.open(&format!("set/{name}")).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(dataset.items.len(), 1, "{name}");
        let skipped = folder.skipped(&dataset);
        assert!(
            skipped.iter().any(|row| row.starts_with("../secret.jpg") && row.contains("refused")),
            "{name}: {skipped:?}"
        );
    }
}

#[cfg(unix)]
mod unix {
    use std::os::unix::{ffi::OsStrExt, fs::symlink, net::UnixListener};

    use super::*;

    fn fifo(path: &std::path::Path) {
        use rustix::fs::{CWD, FileType, Mode, mknodat};
        mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    }

    #[test]
    fn links_out_of_the_data_set_are_refused_and_links_inside_followed() {
        let outside = Folder::new(&[("secret.jpg", ""), ("more/b.jpg", "")]);
        let folder = Folder::new(&[
            (
                "dataset.json",
                r#"{"zoo": [{"filename": "a.jpg"}, {"filename": "out.jpg"}, {"filename": "in.jpg"},
                {"filename": "more/b.jpg"}, {"filename": "dangling.jpg"}, {"filename": "twin.jpg"}]}"#,
            ),
            ("a.jpg", "a"),
            ("real/c.jpg", "c"),
        ]);
        symlink(outside.path("secret.jpg"), folder.path("out.jpg")).unwrap();
        symlink(outside.path("more"), folder.path("more")).unwrap();
        symlink("real/c.jpg", folder.path("in.jpg")).unwrap();
        symlink("a.jpg", folder.path("twin.jpg")).unwrap();
        symlink("nowhere", folder.path("dangling.jpg")).unwrap();
        let dataset = folder.open("dataset.json").unwrap();
        assert_eq!(rows(&dataset), [row("a.jpg", "zoo", ""), row("in.jpg", "zoo", "")]);
        assert_eq!(&*dataset.items[1].source.read().unwrap(), b"c");
        let skipped = folder.skipped(&dataset);
        let link = "refused: a symbolic link points outside the data set; copy the photo into it";
        assert_eq!(skipped[0], format!("out.jpg | dataset.json: zoo[1]: {link}"));
        assert_eq!(skipped[1], format!("more/b.jpg | dataset.json: zoo[3]: {link}"));
        assert!(skipped[2].starts_with("dangling.jpg | dataset.json: zoo[4]: no such file"), "{skipped:?}");

        let twice = "this photo is already listed (category \"zoo\"); the first entry counts";
        assert_eq!(skipped[3], format!("a.jpg | dataset.json: zoo[5]: {twice}"));

        // The same as a folder tree.
        fs::remove_file(folder.path("dataset.json")).unwrap();
        let dataset = folder.open("").unwrap();
        let files: Vec<_> = dataset.items.iter().map(|item| item.file.as_str()).collect();
        assert_eq!(files, ["a.jpg", "in.jpg"]);
        let expected = [
            "dangling.jpg | a broken symbolic link; restore its target".to_owned(),
            "more | a link to a folder, which is not followed; copy the folder or open it directly"
                .to_owned(),
            format!("out.jpg | {link}"),
            "twin.jpg | a link to a photo of the data set (a.jpg), which counts once".to_owned(),
            "real/c.jpg | a link to a photo of the data set (in.jpg), which counts once".to_owned(),
            "real | no usable photo in this folder; add photos or remove it".to_owned(),
        ];
        assert_eq!(folder.skipped(&dataset), expected);
    }

    #[test]
    fn loops_of_links_end() {
        let folder = Folder::new(&[("zoo/a.jpg", "")]);
        symlink(".", folder.path("zoo/again")).unwrap();
        symlink("../zoo", folder.path("zoo/up")).unwrap();
        symlink("self.jpg", folder.path("zoo/self.jpg")).unwrap();
        let dataset = folder.open("").unwrap();
        assert_eq!(rows(&dataset), [row("zoo/a.jpg", "zoo", "")]);
        assert_eq!(dataset.skipped.len(), 3, "{:?}", dataset.skipped);
    }

    /// Opening a FIFO would wait for ever, so the test runs on a thread that is given up on.
    #[test]
    fn fifos_sockets_and_devices_are_never_opened() {
        let (sender, done) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let folder = Folder::new(&[("zoo/a.jpg", "")]);
            fifo(&folder.path("zoo/fifo.jpg"));
            fifo(&folder.path("zoo/a.txt"));
            fifo(&folder.path("captions.json"));
            let _socket = UnixListener::bind(folder.path("zoo/socket.png")).unwrap();
            let dataset = folder.open("").unwrap();
            assert_eq!(rows(&dataset), [row("zoo/a.jpg", "zoo", "")]);
            let expected = [
                "zoo/a.txt | captions: a FIFO, not a photo; it is not opened",
                "zoo/fifo.jpg | a FIFO, not a photo; it is not opened",
                "zoo/socket.png | a socket, not a photo; it is not opened",
            ];
            assert_eq!(folder.skipped(&dataset), expected);
            for path in [folder.path("zoo/fifo.jpg"), "/dev/null".into(), "/dev/zero".into()] {
                assert!(matches!(
                    PhotoSource::File(path.clone()).read(),
                    Err(DatasetError::NotRegular { .. })
                ));
                assert!(matches!(open(&path), Err(DatasetError::NotRegular { .. })));
            }
            let message = folder.error("captions.json");
            assert_eq!(message, "captions.json: a FIFO, not a regular file; give a regular file");
            sender.send(()).unwrap();
        });
        done.recv_timeout(Duration::from_secs(20))
            .expect("a special file was opened, or an assertion above failed");
    }

    #[test]
    fn a_photo_that_becomes_a_link_after_opening_is_not_read() {
        let folder = Folder::new(&[("a.jpg", "a"), ("b.jpg", "b")]);
        let dataset = folder.open("").unwrap();
        fs::remove_file(folder.path("a.jpg")).unwrap();
        symlink("b.jpg", folder.path("a.jpg")).unwrap();
        let message = folder.short(dataset.items[0].source.read().unwrap_err());
        assert_eq!(
            message.rsplit('/').next().unwrap(),
            "a.jpg: a symbolic link, not a regular file; give a regular file"
        );
        fs::remove_file(folder.path("b.jpg")).unwrap();
        assert!(dataset.items[1].source.read().unwrap_err().to_string().contains("cannot be read"));
    }

    #[test]
    fn files_over_the_limit_are_left_out() {
        let folder = Folder::new(&[("a.jpg", "")]);
        let big = fs::File::create(folder.path("big.jpg")).unwrap();
        // Sparse: it takes no disk.
        big.set_len((256 << 20) + 9).unwrap();
        let dataset = folder.open("").unwrap();
        assert_eq!(folder.skipped(&dataset), ["big.jpg | 268435465 bytes, over the limit of 268435456"]);
        let error = PhotoSource::File(folder.path("big.jpg")).read().unwrap_err();
        assert!(matches!(error, DatasetError::TooLarge { bytes: 268_435_465, .. }), "{error}");
    }

    #[test]
    fn a_manifest_or_photo_folder_linked_from_elsewhere_is_refused() {
        let outside = Folder::new(&[("dataset.json", "secret"), ("1.jpg", "")]);
        let folder = Folder::new(&[]);
        symlink(outside.path("dataset.json"), folder.path("dataset.json")).unwrap();
        let message = folder.error("");
        assert!(message.starts_with("dataset.json: refused: a symbolic link points outside"), "{message}");

        let folder = Folder::new(&[("captions.txt", "image,caption\n1.jpg,One\n")]);
        symlink(outside.0.path(), folder.path("Images")).unwrap();
        assert!(matches!(folder.open("captions.txt"), Err(DatasetError::NoPhotos { .. })));
    }

    #[test]
    fn names_that_are_not_utf8_stay_apart() {
        use std::{ffi::OsStr, path::Path};
        let folder = Folder::new(&[]);
        for (name, text) in [(&b"caf\xE9.jpg"[..], "one"), (b"caf\xE8.jpg", "two")] {
            fs::write(folder.0.path().join(Path::new(OsStr::from_bytes(name))), text).unwrap();
        }
        let dataset = folder.open("").unwrap();
        let read: Vec<_> = dataset
            .items
            .iter()
            .map(|item| (item.file.as_str(), item.source.read().unwrap().into_owned()))
            .collect();
        assert_eq!(read, [("caf⟨0xE8⟩.jpg", b"two".to_vec()), ("caf⟨0xE9⟩.jpg", b"one".to_vec())]);
        // The shown form names no file, so that no caption can be saved beside it.
        let message = dataset.save_caption("caf⟨0xE8⟩.jpg", 0, "x").unwrap_err().to_string();
        assert!(message.contains("its name is not UTF-8"), "{message}");
    }

    #[test]
    fn a_name_that_equals_the_shown_form_of_another_is_told() {
        use std::{ffi::OsStr, path::Path};
        let folder = Folder::new(&[("caf⟨0xC9⟩.jpg", "real")]);
        fs::write(folder.0.path().join(Path::new(OsStr::from_bytes(b"caf\xC9.jpg"))), "bytes").unwrap();
        let dataset = folder.open("").unwrap();
        assert_eq!(dataset.items.len(), 1);
        assert_eq!(&*dataset.items[0].source.read().unwrap(), b"bytes");
        let told = "caf⟨0xC9⟩.jpg | another photo is displayed with the same name; rename one of them";
        assert_eq!(folder.skipped(&dataset), [told]);
        // Nor does a caption land beside the other file.
        assert!(dataset.save_caption("caf⟨0xC9⟩.jpg", 0, "x").is_err());
        assert!(!folder.path("caf⟨0xC9⟩.txt").exists());
    }
}

/// Whether a text may be shown as one line: no control, no separator, no bidirectional mark.
fn shows(text: &str) -> bool {
    !text.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{E0000}'..='\u{E007F}')
    })
}

fn hostile() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        proptest::sample::select(vec![
            '\u{1B}', '\n', '\r', '\t', '\u{202E}', '\u{2066}', '\u{9B}', '\0', '/', '.', '"', ',', '|', '#'
        ]),
        any::<char>(),
    ];
    proptest::collection::vec(character, 0..12).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever a manifest says: no panic, and every message is one displayable line.
    #[test]
    fn messages_are_one_line_and_displayable(names in proptest::collection::vec(hostile(), 3), captions in proptest::collection::vec(hostile(), 3), raw in hostile()) {
        let folder = Folder::new(&[("a.jpg", "")]);
        let json = serde_json::json!({ &names[0]: [
            { "filename": &names[1], "description": &captions[0] }, { "filename": "a.jpg", "description": [&captions[1], &captions[1]] },
            { "filename": 3 } ], &names[2]: [] });
        folder.write("a.json", json.to_string());
        folder.write("b.json", format!("{{\"{raw}\": [{raw}]}}"));
        folder.write("a.csv", format!("file,caption\n{},{}\na.jpg,{}\n", names[0], captions[0], captions[1]));
        folder.write("a.jsonl", serde_json::json!({ "file_name": &names[0], "text": &captions[0] }).to_string() + "\n" + &raw);
        folder.write("a.token", format!("a.jpg#0\tA\n{}#0\t{}\n{raw}", names[0], captions[0]));
        let coco = serde_json::json!({ "images": [{ "id": &names[0], "file_name": &names[1] }, { "id": 1, "file_name": "a.jpg" }],
            "annotations": [{ "image_id": &names[2], "caption": &captions[0] }, { "image_id": 1, "caption": &captions[1] }] });
        folder.write("coco.json", coco.to_string());
        for name in ["a.json", "b.json", "a.csv", "a.jsonl", "a.token", "coco.json", &raw] {
            if name.contains('\0') || name.starts_with('/') || name.contains("..") {
                continue;
            }
            match folder.open(name) {
                Ok(dataset) => {
                    for skipped in &dataset.skipped {
                        prop_assert!(shows(&skipped.file) && shows(&skipped.reason), "{skipped:?}");
                    }
                    for item in &dataset.items {
                        prop_assert!(item.captions.iter().all(|caption| !caption.is_empty() && caption.trim() == caption));
                    }
                    let summary = dataset.summary();
                    prop_assert!(summary.notes.iter().chain(summary.categories.iter().map(|c| &c.category)).all(|text| shows(text)));
                    let error = dataset.save_caption(&raw, 0, "x").map(|_| ()).unwrap_err();
                    prop_assert!(shows(&error.to_string()), "{error}");
                }
                Err(error) => prop_assert!(shows(&error.to_string()), "{error}"),
            }
        }
    }
}

#[test]
fn hostile_texts_of_items_in_memory_are_shown_escaped_in_the_summary() {
    let item = Item {
        file: "a\u{1B}.jpg".into(),
        source: PhotoSource::Bundled(b""),
        category: "zoo\u{202E}".into(),
        captions: vec!["\u{7}".into()],
    };
    let dataset = Dataset::from_items("memory\n", vec![item]);
    let summary = dataset.summary();
    assert_eq!(summary.path, "memory⟨U+000A⟩");
    assert_eq!(summary.categories[0].category, "zoo⟨U+202E⟩");
    assert_eq!(format!("{:?}", PhotoSource::Bundled(&[0; 300])), "Bundled(300 bytes)");
    // The data keep what was found; sinks escape it.
    let json = serde_json::to_value(&dataset.items[0]).unwrap();
    assert_eq!(
        json,
        serde_json::json!({ "file": "a\u{1B}.jpg", "category": "zoo\u{202E}", "captions": ["\u{7}"] })
    );
}
