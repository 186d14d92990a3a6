//! Where an index lies: what is in the way there is left alone, and what comes with other people's photos is not believed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use clipscope_core::index::{self, Index, IndexError, IndexModels, IndexWriter, Opened};

use super::photos::{DIM, Folder, made, vector};

/// An index in a folder of its own, of `photos` photos.
fn elsewhere(photos: usize) -> (Folder, tempfile::TempDir) {
    let (folder, out) = (Folder::new(photos), tempfile::tempdir().unwrap());
    let (mut writer, opened) = IndexWriter::open(out.path(), &folder.root(), made()).unwrap();
    assert_eq!(opened, Opened::New);
    folder.update_with(&mut writer, &folder.listed(), usize::MAX).unwrap();
    (folder, out)
}

#[test]
fn an_index_of_a_folder_that_is_there_is_not_emptied_by_another() {
    let (folder, out) = elsewhere(5);
    let other = Folder::new(1);
    for models in [made(), IndexModels { key: [8; 32], ..made() }] {
        let error = IndexWriter::open(out.path(), &other.root(), models).err().unwrap();
        assert!(matches!(error, IndexError::OtherRoot { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains(folder.root().to_str().unwrap()) && message.contains("--out"), "{message}");
    }
    let index = Index::open(out.path()).unwrap();
    assert_eq!((index.len(), index.root()), (5, &*folder.root()));
    // Nor is one that lies in its own folder taken for another's.
    folder.update();
    let error = IndexWriter::open(&folder.index_folder(), &other.root(), made()).err().unwrap();
    assert!(matches!(error, IndexError::OtherRoot { .. }), "{error}");
    folder.check();
}

#[test]
fn a_folder_that_was_moved_keeps_its_vectors_and_its_new_place_is_noted() {
    let (mut folder, out) = elsewhere(5);
    let moved = tempfile::tempdir().unwrap();
    let new = moved.path().canonicalize().unwrap().join("photos");
    fs::rename(folder.root(), &new).unwrap();
    folder.dir = moved;
    let mut listed = folder.listed();
    for photo in &mut listed {
        photo.name = photo.path.strip_prefix(&new).unwrap().to_owned();
    }
    let (mut writer, _) = IndexWriter::open(out.path(), &new, made()).unwrap();
    let (counts, _) = folder.update_with(&mut writer, &listed, 0).unwrap();
    assert_eq!((counts.unchanged, counts.removed), (5, 0));
    drop(writer);
    assert_eq!(Index::open(out.path()).unwrap().root(), new);
}

#[test]
fn a_lock_that_is_a_link_or_a_fifo_is_refused_and_what_it_leads_to_stays() {
    let folder = Folder::new(1);
    let victim = folder.dir.path().join("victim");
    fs::write(&victim, "precious").unwrap();
    fs::create_dir(folder.index_folder()).unwrap();
    let lock = folder.index_folder().join("lock");
    let refused = || {
        let error =
            IndexWriter::open(&folder.index_folder(), &folder.root(), made()).err().unwrap().to_string();
        assert!(error.contains("lock") && error.contains("--out"), "{error}");
    };
    symlink(&victim, &lock).unwrap();
    refused();
    assert_eq!(fs::read(&victim).unwrap(), b"precious");
    fs::remove_file(&lock).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&lock).status().unwrap().success());
    refused();
    // A file of that name is used as it is.
    fs::remove_file(&lock).unwrap();
    fs::write(&lock, "notes").unwrap();
    folder.writer();
    assert_eq!(fs::read(&lock).unwrap(), b"notes");
}

#[test]
fn an_index_folder_that_is_a_link_is_not_followed() {
    let (folder, victim) = (Folder::new(1), Folder::new(3));
    victim.update();
    symlink(victim.index_folder(), folder.index_folder()).unwrap();
    let error = IndexWriter::open(&folder.index_folder(), &folder.root(), made()).err().unwrap();
    assert!(matches!(error, IndexError::Foreign { .. }), "{error}");
    victim.check();
}

#[test]
fn other_files_in_the_folder_given_stay_as_they_are() {
    let (folder, out) = (Folder::new(2), tempfile::tempdir().unwrap());
    let video = out.path().join("holiday.segment");
    fs::write(&video, "video").unwrap();
    let (mut writer, _) = IndexWriter::open(out.path(), &folder.root(), made()).unwrap();
    folder.update_with(&mut writer, &folder.listed(), usize::MAX).unwrap();
    drop(writer);
    assert_eq!(fs::read(&video).unwrap(), b"video");

    let taken = tempfile::tempdir().unwrap();
    let manifest = taken.path().join("manifest");
    fs::write(&manifest, "name = \"ship\"").unwrap();
    let error = IndexWriter::open(taken.path(), &folder.root(), made()).err().unwrap();
    assert!(matches!(error, IndexError::Foreign { .. }), "{error}");
    assert_eq!(fs::read_dir(taken.path()).unwrap().count(), 1);
    assert_eq!(fs::read(&manifest).unwrap(), b"name = \"ship\"");
}

#[test]
fn photos_beside_a_file_called_manifest_have_their_index_below() {
    let folder = Folder::new(2);
    folder.put("manifest", b"of the ship");
    assert_eq!(index::find(&folder.root()), None);
    folder.update();
    assert_eq!(index::find(&folder.root()), Some(folder.index_folder()));
    // A damaged one is still the index of that folder.
    fs::write(folder.index_folder().join("manifest"), "damaged").unwrap();
    assert_eq!(index::find(&folder.root()), Some(folder.index_folder()));
}

#[test]
fn an_index_that_comes_with_photos_leads_to_no_file_elsewhere() {
    let folder = Folder::new(1);
    let names = ["../../etc/passwd", "/etc/passwd", "a/../../../b.jpg", "a/b.jpg"];
    let photos = names
        .iter()
        .zip(0u8..)
        .map(|(name, number)| (PathBuf::from(name), [number; 32], 1, vector(&[number])));
    let (mut writer, _) = folder.writer();
    writer.import(photos).unwrap();
    drop(writer);
    let index = folder.open();
    let file = |place| index.file(place);
    assert_eq!([file(0), file(1), file(2)], [None, None, None]);
    assert_eq!(file(3), Some(folder.root().join("a/b.jpg")));
    assert_eq!(file(4), None);

    // It says where its photos are, but it lies in a folder that says otherwise.
    let (other, out) = elsewhere(2);
    let hostile = tempfile::tempdir().unwrap();
    let inside = hostile.path().join(index::FOLDER);
    fs::create_dir(&inside).unwrap();
    for file in fs::read_dir(out.path()).unwrap().map(Result::unwrap) {
        fs::copy(file.path(), inside.join(file.file_name())).unwrap();
    }
    assert_eq!(Index::open(out.path()).unwrap().root(), other.root());
    assert_eq!(Index::open(&inside).unwrap().root(), hostile.path().canonicalize().unwrap());
    assert!(
        Index::open(&inside).unwrap().file(0).unwrap().starts_with(hostile.path().canonicalize().unwrap())
    );
    assert_eq!(Index::open(Path::new(&inside)).unwrap().models().dim, DIM);
}
