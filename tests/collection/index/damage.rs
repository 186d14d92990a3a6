//! Damaged files: noticed, never trusted, made whole by the next update.

use std::fs;
use std::path::PathBuf;

use clipscope_core::index::{Index, IndexError, Opened};

use super::photos::{Folder, damaged, unit};

fn files(folder: &Folder) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder.index_folder())
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| !path.ends_with("lock"))
        .collect();
    files.sort();
    files
}

/// What can be read of a damaged index must be true.
fn check_what_is_left(folder: &Folder, photos: usize, what: &str) {
    let index = match Index::open(&folder.index_folder()) {
        Ok(index) => index,
        Err(IndexError::Damaged { .. } | IndexError::Version { .. } | IndexError::Missing(_)) => return,
        Err(error) => panic!("{what}: {error}"),
    };
    let damaged = damaged(&index);
    let mut found = 0;
    for photo in 0..photos {
        let hits = index.search(&unit(format!("photo {photo}").as_bytes()), 1, 0.9999).unwrap();
        for hit in &hits {
            let name = index.entry(hit.row).unwrap().path;
            assert_eq!(name.display().to_string(), format!("{photo:04}.jpg"), "{what}");
        }
        found += hits.len();
    }
    assert!(damaged > 0 && found + damaged >= photos, "{what}: {found} found, {damaged} damaged");
}

#[test]
fn every_flipped_bit_is_noticed() {
    let folder = Folder::new(3);
    folder.update();
    for path in files(&folder) {
        let good = fs::read(&path).unwrap();
        for position in 0..good.len() * 8 {
            let mut bad = good.clone();
            bad[position / 8] ^= 1 << (position % 8);
            fs::write(&path, &bad).unwrap();
            check_what_is_left(&folder, 3, &format!("{}, bit {position}", path.display()));
        }
        fs::write(&path, &good).unwrap();
    }
    folder.check();
}

#[test]
fn a_torn_file_is_noticed_at_every_length() {
    let folder = Folder::new(3);
    folder.update();
    for path in files(&folder) {
        let good = fs::read(&path).unwrap();
        for length in 0..good.len() {
            fs::write(&path, &good[..length]).unwrap();
            check_what_is_left(&folder, 3, &format!("{} of {length} bytes", path.display()));
        }
        fs::write(&path, [&good[..], b"x"].concat()).unwrap();
        check_what_is_left(&folder, 3, "one byte more");
        fs::write(&path, &good).unwrap();
    }
    folder.check();
}

#[test]
fn an_update_makes_a_damaged_segment_again() {
    let folder = Folder::new(70);
    folder.update();
    let segment = files(&folder).into_iter().find(|path| !path.ends_with("manifest")).unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[100] ^= 1;
    fs::write(&segment, bytes).unwrap();
    assert!(damaged(&folder.open()) > 0);
    let (writer, opened) = folder.writer();
    assert!(matches!(opened, Opened::Repaired(_)), "{opened:?}");
    drop(writer);
    assert!(folder.update().0.embedded > 0);
    folder.check();
}

#[test]
fn a_lost_manifest_costs_no_vector() {
    let folder = Folder::new(70);
    folder.update();
    for damage in [None, Some("clipscope index 1 0000\n{}")] {
        let manifest = folder.index_folder().join("manifest");
        match damage {
            None => fs::remove_file(&manifest).unwrap(),
            Some(text) => fs::write(&manifest, text).unwrap(),
        }
        let (counts, _) = folder.update();
        assert_eq!((counts.embedded, counts.reused), (0, 70), "{damage:?}");
        folder.check();
    }
}

#[test]
fn a_newer_version_is_left_alone() {
    let folder = Folder::new(2);
    folder.update();
    let manifest = folder.index_folder().join("manifest");
    let text = fs::read_to_string(&manifest).unwrap();
    let body = text.split_once('\n').unwrap().1;
    use sha2::{Digest, Sha256};
    let sum: String =
        Sha256::digest(format!("9 {body}"))[..8].iter().map(|byte| format!("{byte:02x}")).collect();
    let newer = format!("clipscope index 9 {sum}\n{body}");
    fs::write(&manifest, &newer).unwrap();
    assert!(matches!(Index::open(&folder.index_folder()), Err(IndexError::Version { found: 9, .. })));
    let opened = clipscope_core::index::IndexWriter::open(
        &folder.index_folder(),
        &folder.root(),
        super::photos::made(),
    );
    assert!(matches!(opened, Err(IndexError::Version { .. })));
    drop(opened);
    assert_eq!(fs::read_to_string(&manifest).unwrap(), newer);
}

#[test]
fn rows_that_no_run_writes_leave_with_the_next_update() {
    let folder = Folder::new(2);
    let photo = |name: &str| (PathBuf::from(name), [9; 32], 7, unit(b"photo 0"));
    let (mut writer, _) = folder.writer();
    // One photo twice, and a name that no file can have.
    writer
        .import(["0000.jpg", "0001.jpg", "0000.jpg", "0000.jpg", "a\0b.jpg"].map(photo).into_iter())
        .unwrap();
    let (counts, _) = folder.update_with(&mut writer, &folder.listed(), usize::MAX).unwrap();
    assert_eq!(counts.removed, 1, "a double is no photo that is gone");
    drop(writer);
    folder.check();
}
