//! What an update does with photos that are new, changed, renamed, copied, gone.

use std::fs;

use clipscope_core::index::{
    EmbedOutcome, Index, IndexError, IndexWriter, Opened, Unlisted, UpdateCounts, update,
};

use super::photos::{DIM, Folder, made, unit, vector};

#[test]
fn what_is_indexed_is_found_and_a_second_run_embeds_nothing() {
    let folder = Folder::new(150);
    assert!(matches!(Index::open(&folder.index_folder()), Err(IndexError::Missing(_))));
    let (counts, embedded) = folder.update();
    assert_eq!((counts.embedded, embedded.len()), (150, 150));
    folder.check();
    let (counts, embedded) = folder.update();
    assert_eq!(counts, UpdateCounts { listed: 150, unchanged: 150, ..UpdateCounts::default() });
    assert!(embedded.is_empty());
    folder.check();
}

#[test]
fn renamed_and_copied_photos_keep_their_vectors_and_changed_ones_get_new_ones() {
    let folder = Folder::new(30);
    folder.update();
    fs::rename(folder.root().join("0003.jpg"), folder.root().join("renamed.jpg")).unwrap();
    fs::copy(folder.root().join("0004.jpg"), folder.root().join("copy.jpg")).unwrap();
    folder.put("0005.jpg", b"something else");
    folder.put("0006.jpg", b"photo 6");
    fs::remove_file(folder.root().join("0007.jpg")).unwrap();
    folder.put("twins/a.jpg", b"twins");
    folder.put("twins/b.jpg", b"twins");
    let (counts, embedded) = folder.update();
    assert_eq!(embedded, ["0005.jpg", "twins/a.jpg"]);
    // Kept: the renamed one, the copy, the one that was only written again, the second twin.
    assert_eq!((counts.embedded, counts.reused, counts.removed, counts.skipped), (2, 4, 2, 0));
    assert_eq!(counts.unchanged, 30 - 4);
    folder.check();
}

#[test]
fn a_run_that_is_broken_off_loses_nothing_finished_and_deletes_nothing() {
    let folder = Folder::new(200);
    let (mut writer, _) = folder.writer();
    assert!(folder.update_with(&mut writer, &folder.listed(), 2).is_err());
    drop(writer);
    assert_eq!(folder.open().len(), 128, "two groups of 64");
    let (counts, embedded) = folder.update();
    assert_eq!((counts.unchanged, embedded.len()), (128, 72));
    folder.check();

    for photo in 0..50 {
        fs::remove_file(folder.root().join(format!("{photo:04}.jpg"))).unwrap();
    }
    folder.put("new.jpg", b"new");
    let (mut writer, _) = folder.writer();
    assert!(folder.update_with(&mut writer, &folder.listed(), 0).is_err());
    drop(writer);
    assert_eq!(folder.open().len(), 200, "nothing goes before everything else is done");
    assert_eq!(folder.update().0.removed, 50);
    folder.check();
}

#[test]
fn photos_that_still_exist_are_kept_when_the_scan_misses_their_folder() {
    use std::os::unix::fs::PermissionsExt;
    let mut folder = Folder::new(3);
    folder.unlisted = Unlisted::Remove;
    folder.put("closed/a.jpg", b"a");
    folder.update();
    let closed = folder.root().join("closed");
    let mode = |mode| fs::set_permissions(&closed, fs::Permissions::from_mode(mode)).unwrap();
    // Nothing can be listed, but what is inside can still be reached.
    mode(0o100);
    if fs::read_dir(&closed).is_ok() {
        // The superuser reads everything; there is nothing to see here.
        mode(0o700);
        return;
    }
    let listed: Vec<_> = (0..3).map(|photo| format!("{photo:04}.jpg")).collect();
    let listed: Vec<_> = listed
        .iter()
        .map(|name| clipscope_core::index::ListedPhoto { name: name.into(), path: folder.root().join(name) })
        .collect();
    let (mut writer, _) = folder.writer();
    let (counts, _) = folder.update_with(&mut writer, &listed, usize::MAX).unwrap();
    mode(0o700);
    assert_eq!(counts.removed, 0);
    drop(writer);
    folder.check();
}

#[test]
fn photos_that_left_a_manifest_are_taken_out_and_those_that_a_scan_misses_stay() {
    let mut folder = Folder::new(5);
    folder.update();
    let (mut writer, _) = folder.writer();
    let listed = &folder.listed()[..3];
    let (counts, _) = folder.update_with(&mut writer, listed, usize::MAX).unwrap();
    assert_eq!((counts.removed, counts.unlisted, counts.unchanged), (0, 2, 3));
    assert_eq!(folder.open().len(), 5);
    folder.unlisted = Unlisted::Remove;
    let (counts, _) = folder.update_with(&mut writer, listed, usize::MAX).unwrap();
    assert_eq!((counts.removed, counts.unlisted, counts.unchanged), (2, 0, 3));
    assert_eq!(folder.open().len(), 3);
}

#[test]
fn a_run_that_is_broken_off_keeps_the_rows_of_photos_that_were_only_touched() {
    let folder = Folder::new(300);
    folder.update();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(10);
    for photo in 0..300 {
        let name = format!("{photo:04}.jpg");
        // Enough for two groups; the rest is as it was, but for its time.
        if photo < 70 {
            folder.put(&name, format!("edited {photo}").as_bytes());
        }
        let file = fs::File::options().write(true).open(folder.root().join(name)).unwrap();
        file.set_modified(later).unwrap();
    }
    let (mut writer, _) = folder.writer();
    assert!(folder.update_with(&mut writer, &folder.listed(), 1).is_err());
    drop(writer);
    let index = folder.open();
    assert_eq!(index.len(), 300);
    let score = |content: &str| index.search(&unit(content.as_bytes()), 1, -1.0).unwrap()[0].score;
    // The first group has changed, the second not yet.
    assert!(score("edited 63") > 0.999 && score("photo 64") > 0.999 && score("photo 299") > 0.999);
    assert!(score("photo 63") < 0.999 && score("edited 64") < 0.999);
    assert_eq!(folder.update().0.reused, 230);
    folder.check();
}

#[test]
fn a_photo_that_cannot_be_read_at_the_moment_keeps_its_row() {
    let folder = Folder::new(3);
    folder.update();
    let file = fs::File::options().write(true).open(folder.root().join("0001.jpg")).unwrap();
    // Too large to be read, and almost nothing on the disk.
    file.set_len((256 << 20) + 1).unwrap();
    assert_eq!(folder.update().0.skipped, 1);
    assert_eq!(folder.open().len(), 3);
}

#[test]
fn damage_to_photos_that_are_gone_is_forgotten() {
    let folder = Folder::new(3);
    folder.update();
    folder.put("0003.jpg", b"in a segment of its own");
    folder.update();
    let listing = |extension: &str| -> Vec<_> {
        let files = fs::read_dir(folder.index_folder()).unwrap().map(|file| file.unwrap().path());
        files.filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
    };
    let smallest = listing("segment").into_iter().min_by_key(|path| path.metadata().unwrap().len()).unwrap();
    fs::write(smallest, "damaged").unwrap();
    assert_eq!(folder.open().lost(), 1);
    fs::remove_file(folder.root().join("0003.jpg")).unwrap();
    folder.update();
    folder.check();
    assert_eq!(folder.writer().1, Opened::Kept);
}

#[test]
fn a_photo_that_turns_bad_leaves_the_index_and_is_tried_again() {
    let mut folder = Folder::new(4);
    folder.update();
    folder.put("0001.jpg", b"broken now");
    folder.bad.push(b"broken now".to_vec());
    assert_eq!(folder.update().0.skipped, 1);
    assert_eq!(folder.open().len(), 3);
    folder.bad.clear();
    assert_eq!(folder.update().1, ["0001.jpg"]);
    folder.check();
}

#[test]
fn vectors_of_another_dimension_or_without_direction_are_refused_one_by_one() {
    let folder = Folder::new(4);
    let (mut writer, _) = folder.writer();
    let mut reasons = Vec::new();
    let embed = |photos: &[usize]| {
        Ok(photos
            .iter()
            .map(|photo| {
                EmbedOutcome::Vector(match photo {
                    0 => vec![1.0; DIM + 1],
                    1 => vec![0.0; DIM],
                    2 => vec![f32::NAN; DIM],
                    _ => vector(b"photo 3"),
                })
            })
            .collect())
    };
    let report =
        |_: &UpdateCounts, skipped: Option<(usize, &str)>| reasons.extend(skipped.map(|(photo, _)| photo));
    let counts = update::<IndexError>(&mut writer, &folder.listed(), Unlisted::Keep, embed, report).unwrap();
    assert_eq!((counts.embedded, counts.skipped), (1, 3));
    assert_eq!(reasons, [0, 1, 2]);
    let index = folder.open();
    assert_eq!(index.len(), 1);
    assert!(matches!(index.search(&[1.0], 1, 0.0), Err(IndexError::Dimension { expected: DIM, found: 1 })));
}

#[test]
fn other_models_start_anew_and_do_not_see_the_old_vectors() {
    let folder = Folder::new(5);
    folder.update();
    let mut other = made();
    other.key = [8; 32];
    let (mut writer, opened) = IndexWriter::open(&folder.index_folder(), &folder.root(), other).unwrap();
    assert_eq!(opened, Opened::OtherModels("mini".into()));
    assert!(writer.is_empty());
    let (counts, _) = folder.update_with(&mut writer, &folder.listed(), usize::MAX).unwrap();
    assert_eq!(counts.embedded, 5);
}

#[test]
fn many_small_updates_are_merged_and_keep_their_order() {
    let folder = Folder::new(0);
    for photo in 0..40 {
        folder.put(&format!("{photo:04}.jpg"), format!("photo {photo}").as_bytes());
        folder.update();
    }
    folder.check();
    let segments = || {
        let files = fs::read_dir(folder.index_folder()).unwrap();
        files
            .filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|end| end == "segment"))
            .count()
    };
    assert!(segments() < 8, "{}", segments());
    let index = folder.open();
    let names: Vec<_> = (0..40).map(|place| index.entry(place).unwrap().path).collect();
    assert!(names.is_sorted(), "{names:?}");
}

#[test]
fn the_best_are_the_same_as_by_looking_at_each_and_the_dead_are_not_among_them() {
    let folder = Folder::new(300);
    folder.update();
    for photo in (0..300).step_by(3) {
        fs::remove_file(folder.root().join(format!("{photo:04}.jpg"))).unwrap();
    }
    folder.update();
    folder.check();
    let index = folder.open();
    let query = unit(b"a query");
    let cells = index.window(&(0..index.len()).collect::<Vec<_>>(), &[0]);
    assert_eq!(cells.rows(), 200);
    let mut scores: Vec<(usize, f32)> = (0..index.len())
        .map(|place| {
            let half = clipscope_analysis::nearest::from_half(index.vector(place).unwrap());
            (place, half.iter().zip(&query).map(|(a, b)| a * b).sum())
        })
        .collect();
    scores.sort_by(|a, b| b.1.total_cmp(&a.1));
    for threads in [1, 3] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let found = pool.install(|| index.search(&query, 10, 0.0).unwrap());
        let places: Vec<usize> = found.iter().map(|hit| hit.row).collect();
        assert_eq!(places, scores[..10].iter().map(|(place, _)| *place).collect::<Vec<_>>());
    }
    let few = index.search(&query, 300, scores[4].1 - 1e-4).unwrap();
    assert_eq!(few.len(), 5, "only those that score enough");
}

#[test]
fn one_process_writes_at_a_time_and_readers_do_not_mind() {
    let folder = Folder::new(10);
    folder.update();
    let index = folder.open();
    let (mut writer, _) = folder.writer();
    let second = IndexWriter::open(&folder.index_folder(), &folder.root(), made());
    assert!(matches!(second, Err(IndexError::Busy(_))));
    for photo in 0..9 {
        fs::remove_file(folder.root().join(format!("{photo:04}.jpg"))).unwrap();
    }
    folder.update_with(&mut writer, &folder.listed(), 0).unwrap();
    assert_eq!(index.search(&unit(b"photo 3"), 1, 0.9).unwrap().len(), 1, "an open index stays as it was");
    drop(writer);
    folder.check();
}
