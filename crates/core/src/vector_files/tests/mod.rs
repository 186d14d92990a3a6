//! What is read of files that other programs could have written.

mod foreign;

use std::fs;
use std::path::PathBuf;

use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use self::foreign::{Column, KINDS, Kind, Row, plain, write};
use super::VectorFiles;
use crate::dataset::{Dataset, Item, PhotoSource};
use crate::embedding::{Embeddings, EventKind, Unit};
use clipscope_analysis::NULL_CAPTIONS;
use clipscope_networks::Role;

/// Three photos; two share a caption, the last has none.
fn dataset() -> Dataset {
    let item = |file: &str, captions: &[&str]| Item {
        file: file.into(),
        source: PhotoSource::Bundled(&[]),
        category: "x".into(),
        captions: captions.iter().map(ToString::to_string).collect(),
    };
    Dataset::from_items(
        "made",
        vec![item("a/1.jpg", &["one", "two"]), item("2.jpg", &["two"]), item("3.jpg", &[])],
    )
}

fn sound() -> Vec<Row<'static>> {
    vec![
        ("a/1.jpg", None, vec![0.5, 0.25, 0.0]),
        ("2.jpg", None, vec![0.0, 1.0, 0.0]),
        ("a/1.jpg", Some("one"), vec![0.5, 0.5, -2.0]),
        ("a/1.jpg", Some(" two "), vec![0.0, 0.125, 1.0]),
        ("3.jpg", None, vec![0.0, 0.0, 1.0]),
    ]
}

fn read(files: &[PathBuf]) -> Result<VectorFiles, String> {
    VectorFiles::read(files, &dataset()).map_err(|error| error.to_string())
}

/// The vectors by role and place, and what was skipped.
fn recorded(files: &VectorFiles) -> (Embeddings, Vec<(Unit, String)>) {
    let mut embeddings = Embeddings::new(3, 3);
    let mut skipped = Vec::new();
    let events = files.events(&dataset());
    assert!(matches!(events.last(), Some(EventKind::Finished { .. })));
    for event in &events {
        embeddings.record(event);
        if let EventKind::Skipped { unit, reason } = event {
            skipped.push((*unit, reason.rsplit('/').next().unwrap().to_owned()));
        }
    }
    (embeddings, skipped)
}

#[test]
fn every_width_order_and_encoding_gives_the_same_vectors() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.parquet");
    let rows = sound();
    for (kind, _) in KINDS {
        for dictionary in [true, false] {
            let paths = Column::Texts("path", rows.iter().map(|row| Some(row.0)).collect());
            let captions = Column::Texts("caption", rows.iter().map(|row| row.1).collect());
            let others = Column::Texts("note", vec![Some("not read"); rows.len()]);
            let vectors = Column::Vectors(kind, rows.iter().map(|row| row.2.clone()).collect());
            let (columns, compression) = if dictionary {
                ([Column::Numbers, vectors, captions, others, paths], Compression::SNAPPY)
            } else {
                ([paths, captions, Column::Numbers, vectors, others], Compression::UNCOMPRESSED)
            };
            let properties = WriterProperties::builder()
                .set_dictionary_enabled(dictionary)
                .set_compression(compression)
                .build();
            write(&path, &columns, properties);
            let files = read(std::slice::from_ref(&path)).unwrap();
            let (found, skipped) = recorded(&files);
            assert_eq!(found.get(Role::ClipImage, 0), Some(&[0.5, 0.25, 0.0][..]));
            assert_eq!(found.get(Role::ClipImage, 2), Some(&[0.0, 0.0, 1.0][..]));
            assert_eq!(found.get(Role::ClipText, 0), Some(&[0.5, 0.5, -2.0][..]));
            // The second photo's caption has the text of the first one's.
            assert_eq!(found.get(Role::ClipText, 2), Some(&[0.0, 0.125, 1.0][..]));
            assert!(skipped.is_empty() && files.unmatched().is_empty(), "{skipped:?}");
            let models = files.models();
            assert_eq!((models.set.name(), models.logit_scale, models.stand_in), ("vectors", 100.0, None));
            let towers: Vec<_> =
                models.towers.iter().map(|tower| (tower.role, tower.dim, &*tower.name)).collect();
            assert_eq!(towers, [(Role::ClipImage, 3, "v"), (Role::ClipText, 3, "v")]);
            assert_eq!(files.remarks().len(), 2, "{:?}", files.remarks());
        }
    }
}

#[test]
fn roles_models_and_the_logit_scale_are_taken_from_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.parquet");
    let columns = [
        Column::Texts("role", vec![Some("pre_clip_image"), None, Some(""), Some("pre_clip_text")]),
        Column::Texts("model", vec![Some("resnet"), Some("clip"), Some("clip"), Some("minilm")]),
        Column::Texts("path", vec![Some("2.jpg"), Some("2.jpg"), None, None]),
        Column::Texts("caption", vec![None, None, Some("two"), Some("two")]),
        Column::Vectors(Kind::F32, vec![vec![1.0], vec![1.0, 2.0], vec![3.0, 4.0], vec![5.0]]),
    ];
    let scale = KeyValue::new("logit_scale".to_owned(), "14.5".to_owned());
    let with = |scale| WriterProperties::builder().set_key_value_metadata(Some(vec![scale])).build();
    write(&path, &columns, with(scale));
    let files = read(std::slice::from_ref(&path)).unwrap();
    let models = files.models();
    assert!((models.logit_scale - 14.5).abs() < f32::EPSILON);
    let towers: Vec<_> =
        models.towers.iter().map(|tower| (tower.role.name(), &*tower.name, tower.dim)).collect();
    assert_eq!(
        towers,
        [
            ("pre_clip_image", "resnet", 1),
            ("pre_clip_text", "minilm", 1),
            ("clip_image", "clip", 2),
            ("clip_text", "clip", 2)
        ]
    );
    let (found, skipped) = recorded(&files);
    assert_eq!(found.get(Role::PreClipText, 2), Some(&[5.0][..]));
    let left_out: Vec<&str> = skipped.iter().map(|(_, reason)| reason.as_str()).collect();
    assert_eq!(left_out.len(), 3, "two photos and a caption: {left_out:?}");
    assert_eq!(left_out[0], "v.parquet (pre_clip_image)");
    for wrong in ["x", "0", "-1", "NaN", "inf"] {
        write(&path, &columns, with(KeyValue::new("logit_scale".to_owned(), wrong.to_owned())));
        let error = read(std::slice::from_ref(&path)).err().unwrap();
        assert!(error.contains("logit"), "{wrong}: {error}");
    }
}

#[test]
fn rows_that_nothing_matches_are_counted_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = sound();
    for number in 0..5 {
        rows.push((["x", "y", "z", "u", "v"][number], None, vec![1.0, 0.0, 0.0]));
    }
    rows.push(("3.jpg", Some("nobody says this"), vec![1.0, 0.0, 0.0]));
    let file = plain(&folder.path().join("v.parquet"), &rows);
    let files = read(std::slice::from_ref(&file)).unwrap();
    let [unmatched] = &files.unmatched()[..] else { panic!("one file") };
    assert_eq!((unmatched.rows, unmatched.unmatched, &unmatched.file), (11, 6, &file));
    assert_eq!(unmatched.examples, ["x", "y", "z"]);
    // Nothing matches at all: the paths differ.
    let file = plain(&folder.path().join("w.parquet"), &[("photos/9.jpg", None, vec![1.0])]);
    let error = read(&[file]).err().unwrap();
    assert!(error.contains("'photos/9.jpg'") && error.contains("'a/1.jpg'"), "{error}");
}

#[test]
fn photos_and_captions_without_a_vector_are_skipped_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = plain(&folder.path().join("v.parquet"), &sound()[1..4]);
    let (found, skipped) = recorded(&read(&[file]).unwrap());
    let reason = "v.parquet (clip_image)".to_owned();
    assert_eq!(skipped, [(Unit::Photo(0), reason.clone()), (Unit::Photo(2), reason)]);
    assert!(found.is_skipped(Unit::Photo(0)) && found.get(Role::ClipText, 0).is_some());
}

#[test]
fn each_wrong_row_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.parquet");
    let big = f64::from(f32::MAX) * 2.0;
    let wrong: [(Row<'_>, &str); 8] = [
        (
            ("3.jpg", None, vec![1.0, 0.0]),
            "row 4: its vector has 2 components, where the first clip_image row",
        ),
        (("3.jpg", None, vec![0.0, -0.0, 0.0]), "row 4: its vector is all zeros"),
        (("3.jpg", None, vec![f64::NAN, 0.0, 0.0]), "row 4: its vector holds a value that is not a finite"),
        (("3.jpg", None, vec![big, 0.0, 0.0]), "row 4: its vector holds a value that is not a finite"),
        (("3.jpg", None, vec![]), "row 4: its vector is empty"),
        (("2.jpg", None, vec![0.0, 1.0, 0.5]), "row 4: its clip_image vector is not that of row 1"),
        (("a/1.jpg", Some("one"), vec![0.5, 0.5, -2.1]), "row 4: its clip_text vector is not that of row 2"),
        (("2.jpg", Some("two"), vec![1.0, 0.0, 0.0]), "which is for the same text, 'two'"),
    ];
    for (row, expected) in wrong {
        let mut rows = sound();
        rows[4] = row;
        // Also where nothing matches the row: a broken file is broken.
        let error = read(&[plain(&path, &rows)]).err().unwrap();
        assert!(error.contains("v.parquet: ") && error.contains(expected), "{error}");
    }
    let mut rows = sound();
    rows[4] = ("elsewhere.jpg", None, vec![0.0; 3]);
    assert!(read(&[plain(&path, &rows)]).is_err());
    // The same vector again is no contradiction, and a rounding of another batch neither.
    let mut rows = sound();
    rows[4] = rows[0].clone();
    rows.push(("2.jpg", Some("two"), vec![0.0, 0.125_000_01, 1.0]));
    let (found, _) = recorded(&read(&[plain(&path, &rows)]).unwrap());
    assert_eq!(found.get(Role::ClipText, 1), Some(&[0.0, 0.125, 1.0][..]));
    assert_eq!(found.get(Role::ClipText, 2), Some(&[0.0, 0.125_000_01, 1.0][..]), "its own row");
}

#[test]
fn each_wrong_file_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("v.parquet");
    let say = |columns: &[Column<'_>]| {
        write(&path, columns, WriterProperties::default());
        read(std::slice::from_ref(&path)).err().unwrap()
    };
    let paths = || Column::Texts("path", vec![Some("a/1.jpg"), Some("2.jpg")]);
    let vectors = || Column::Vectors(Kind::F32, vec![vec![1.0, 0.0]; 2]);
    for (columns, expected) in [
        (vec![paths()], "no column 'vector'"),
        (vec![vectors()], "no column 'path'"),
        (vec![paths(), Column::Texts("vector", vec![None; 2])], "'vector' is not one list a row"),
        (vec![paths(), vectors(), Column::Texts("role", vec![Some("clip"); 2])], "row 0: its role is 'clip'"),
        (vec![paths(), vectors(), Column::Texts("role", vec![Some("clip_text"); 2])], "it has no caption"),
        (
            vec![paths(), vectors(), Column::Texts("model", vec![Some("m"), Some("n")])],
            "row 1: it is of 'n', where the first clip_image row",
        ),
        (vec![paths(), vectors(), Column::Texts("model", vec![Some("m"), None])], "it is of no named model"),
        (vec![Column::Texts("path", vec![]), Column::Vectors(Kind::F32, vec![])], "it has no rows"),
        (
            vec![
                paths(),
                Column::Texts("caption", vec![None, Some("two")]),
                Column::Vectors(Kind::F32, vec![vec![1.0], vec![1.0, 2.0]]),
            ],
            "a shared space has one length",
        ),
    ] {
        let error = say(&columns);
        assert!(error.contains("v.parquet") && error.contains(expected), "{expected}: {error}");
    }
    fs::write(&path, "path,vector").unwrap();
    let error = read(std::slice::from_ref(&path)).err().unwrap();
    assert!(error.contains("neither Parquet nor safetensors"), "{error}");
    let error = read(&[folder.path().join("gone.parquet")]).err().unwrap();
    assert!(error.contains("gone.parquet") && error.contains("check that the file is there"), "{error}");
}

#[test]
fn several_files_are_one_set_and_models_are_not_mixed_across_them() {
    let folder = tempfile::tempdir().unwrap();
    let rows = sound();
    let a = plain(&folder.path().join("a.parquet"), &rows[..1]);
    let b = plain(&folder.path().join("b.parquet"), &rows[1..]);
    let (_, skipped) = recorded(&read(&[a.clone(), b]).unwrap());
    assert!(skipped.is_empty());
    let other = plain(&folder.path().join("other.parquet"), &[("a/1.jpg", None, vec![9.0, 0.0, 0.0])]);
    let error = read(&[a, other]).err().unwrap();
    assert!(error.contains("other.parquet: row 0: ") && error.contains("row 0 of "), "{error}");
}

#[test]
fn rows_without_a_path_hold_the_null_captions() {
    let folder = tempfile::tempdir().unwrap();
    let mut rows = sound();
    for (number, text) in NULL_CAPTIONS.iter().enumerate() {
        rows.push(("", Some(text), vec![number as f64, 1.0, 0.0]));
    }
    let files = read(&[plain(&folder.path().join("v.parquet"), &rows)]).unwrap();
    assert!(files.unmatched().is_empty());
    assert_eq!(files.remarks().len(), 1, "only the logit scale is missing");
    let (found, _) = recorded(&files);
    let fillers = found.null_captions(NULL_CAPTIONS.len()).unwrap();
    assert_eq!(fillers[7], [7.0, 1.0, 0.0]);
    // With a path, it is a caption like any other.
    let last = rows.len() - 1;
    rows[last].0 = "3.jpg";
    let files = read(&[plain(&folder.path().join("v.parquet"), &rows)]).unwrap();
    assert!(recorded(&files).0.null_captions(NULL_CAPTIONS.len()).is_none());
    assert_eq!(files.unmatched()[0].unmatched, 1);
}

#[test]
fn a_damaged_file_is_an_error_or_other_vectors_and_never_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = plain(&folder.path().join("v.parquet"), &sound());
    let good = fs::read(&path).unwrap();
    for length in (0..good.len()).step_by(5) {
        fs::write(&path, &good[..length]).unwrap();
        assert!(read(std::slice::from_ref(&path)).is_err(), "{length}");
    }
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 0x55;
        fs::write(&path, &bad).unwrap();
        let _ = read(std::slice::from_ref(&path)).map(|files| files.events(&dataset()));
    }
}
