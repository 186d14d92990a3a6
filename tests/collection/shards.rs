//! Vectors in Parquet: shards, their merge, and what is refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clipscope_core::shards::{ShardError, ShardManifest, ShardReader, ShardRows, ShardWriter, merge};
use clipscope_networks::Role;

use super::vectors::{DIM, file, manifest, rows};

fn read(path: &Path) -> Result<(ShardManifest, ShardRows), ShardError> {
    let mut reader = ShardReader::open(path)?;
    let mut all = ShardRows::default();
    while let Some(rows) = reader.next_rows()? {
        all.ids.extend(rows.ids);
        all.paths.extend(rows.paths);
        all.categories.extend(rows.categories);
        all.captions.extend(rows.captions);
        all.content_sha256.extend(rows.content_sha256);
        all.vectors.extend(rows.vectors);
    }
    Ok((reader.manifest().clone(), all))
}

/// Merges into memory, and gives the message of a failure without the folder's path.
fn merged(folder: &Path, shards: &[&PathBuf]) -> Result<(ShardManifest, Vec<u8>), String> {
    merge(shards, Vec::new())
        .map_err(|error| error.to_string().replace(&format!("{}/", folder.display()), ""))
}

#[test]
fn what_is_written_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    // Over the border of a row group, with rows left out at both ends and in the middle.
    let mut manifest = manifest(10..9_000, 10_000);
    manifest.left_out = vec![10, 5_000, 8_999];
    let path = file(folder.path(), "a.parquet", &manifest);
    let (found, read) = read(&path).unwrap();
    assert_eq!(found, manifest);
    assert_eq!(read, rows((11..5_000).chain(5_001..8_999)));
}

#[test]
fn shards_in_any_order_merge_into_the_bytes_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let part = |name: &str, range: std::ops::Range<u64>, left_out: &[u64]| {
        let left_out = left_out.to_vec();
        file(folder.path(), name, &ShardManifest { left_out, ..manifest(range, 9_000) })
    };
    let (a, b, c) =
        (part("a", 0..4_097, &[0]), part("b", 4_097..4_097, &[]), part("c", 4_097..9_000, &[8_999]));
    let whole = part("whole", 0..9_000, &[0, 8_999]);
    let (manifest, bytes) = merged(folder.path(), &[&c, &b, &a]).unwrap();
    assert_eq!(manifest, read(&whole).unwrap().0);
    assert!(bytes == fs::read(&whole).unwrap(), "merged and whole differ");
    // Merging what is whole changes nothing.
    assert!(merged(folder.path(), &[&whole]).unwrap().1 == bytes);
}

#[test]
fn a_merge_names_missing_and_double_rows() {
    let folder = tempfile::tempdir().unwrap();
    let part = |name: &str, range| file(folder.path(), name, &manifest(range, 100));
    let (a, b, c) = (part("a", 0..25), part("b", 25..50), part("c", 75..100));
    let say = |shards: &[&PathBuf]| merged(folder.path(), shards).unwrap_err();
    assert_eq!(
        say(&[&a, &b, &c]),
        "rows 50 to 74 of 100 are in none of the files; add the shards that hold them"
    );
    assert_eq!(
        say(&[&b]),
        "rows 0 to 24, 50 to 99 of 100 are in none of the files; add the shards that hold them"
    );
    assert_eq!(say(&[&a, &b, &a, &c]), "rows 0 to 24 are there twice: a is given twice; give it once");
    let wide = part("wide", 24..75);
    assert_eq!(say(&[&a, &wide, &c]), "rows 24 are in a and in wide; leave one of the files out");
    assert_eq!(
        merge::<_, PathBuf>(&[], Vec::new()).unwrap_err().to_string(),
        "no file to merge; give the shards"
    );
}

#[test]
fn a_merge_refuses_what_is_not_of_one_whole() {
    let folder = tempfile::tempdir().unwrap();
    let first = file(folder.path(), "first", &manifest(0..5, 10));
    let good = manifest(5..10, 10);
    let others = [
        (
            ShardManifest { role: Role::ClipText, ..good.clone() },
            "clip_image and clip_text vectors; merge one role",
        ),
        (
            ShardManifest { model: "ff".into(), network: "other".into(), ..good.clone() },
            "made with different models (toy 0123456789ab, other ff); embed both",
        ),
        (ShardManifest { fingerprint: "0".repeat(64), ..good.clone() }, "shards of different data sets"),
        (
            ShardManifest { total: 11, ..good.clone() },
            "of one that changed in between (photos with 10 rows, photos with 11)",
        ),
    ];
    for (other, expected) in others {
        let other = file(folder.path(), "other", &other);
        let message = merged(folder.path(), &[&first, &other]).unwrap_err();
        assert!(message.starts_with("first and other do not belong together: "), "{message}");
        assert!(message.contains(expected), "{message}");
    }
    let narrow = ShardManifest { dim: 1, ..good };
    let path = folder.path().join("narrow");
    let mut writer = ShardWriter::new(fs::File::create(&path).unwrap(), narrow).unwrap();
    writer.write(&ShardRows { vectors: vec![1.0; 5], ..rows(5..10) }).unwrap();
    writer.finish().unwrap();
    let message = merged(folder.path(), &[&first, &path]).unwrap_err();
    assert!(message.contains("vectors of 3 and of 1 components"), "{message}");
}

#[test]
fn rows_that_do_not_fit_the_manifest_are_not_written() {
    let write = |rows: &ShardRows| ShardWriter::new(Vec::new(), manifest(3..6, 10)).unwrap().write(rows);
    assert!(write(&rows(3..6)).is_ok());
    for ids in [vec![2], vec![6], vec![4, 3], vec![4, 4]] {
        assert!(write(&rows(ids.iter().copied())).is_err(), "{ids:?}");
    }
    let mut short = rows(3..6);
    short.vectors.pop();
    assert!(write(&short).is_err());
    let mut short = rows(3..6);
    short.paths.pop();
    assert!(write(&short).is_err());
}

#[test]
fn a_file_with_fewer_rows_than_promised_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let mut writer = ShardWriter::new(fs::File::create(&path).unwrap(), manifest(0..6, 6)).unwrap();
    writer.write(&rows(0..5)).unwrap();
    writer.finish().unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("its manifest and its rows do not agree"));

    // As many as promised, but the wrong one is left out.
    let mut wrong = manifest(0..6, 6);
    wrong.left_out = vec![2];
    let mut writer = ShardWriter::new(fs::File::create(&path).unwrap(), wrong).unwrap();
    writer.write(&rows([0, 1, 2, 4, 5].into_iter())).unwrap();
    writer.finish().unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("row 3 is missing"));

    let mut broken = rows(0..6);
    broken.vectors[DIM * 4] = f32::NAN;
    let mut writer = ShardWriter::new(fs::File::create(&path).unwrap(), manifest(0..6, 6)).unwrap();
    writer.write(&broken).unwrap();
    writer.finish().unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("the vector of row 4"));
}

#[test]
fn damaged_and_foreign_files_are_errors_that_name_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(folder.path(), "x.parquet", &manifest(0..4, 4));
    let good = fs::read(&path).unwrap();
    for length in (0..good.len()).step_by(7) {
        fs::write(&path, &good[..length]).unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("x.parquet"), "{length}");
    }
    // Never a panic; what still reads has the shape that its manifest promises.
    for place in 0..good.len() {
        let mut bad = good.clone();
        bad[place] ^= 0x55;
        fs::write(&path, &bad).unwrap();
        if let Ok((manifest, rows)) = read(&path) {
            assert_eq!(rows.vectors.len(), rows.len() * manifest.dim, "{place}");
        }
    }
    assert!(matches!(read(&folder.path().join("gone")), Err(ShardError::Io { .. })));
}

#[test]
fn embedded_shards_merge_into_the_embedded_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let clipscope = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clipscope"));
        if arguments[0] == "embed" {
            command.args(["--models", "mini", "--cache-dir", &path("cache")]);
        }
        let output = command.arg("-q").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let done = (Some(0), String::new());
    assert_eq!(clipscope(&["embed", "--out", &path("whole.parquet")]), done);
    for shard in ["1/3", "2/3", "3/3"] {
        let out = path(&format!("part-{}.parquet", &shard[..1]));
        assert_eq!(clipscope(&["embed", "--out", &out, "--shard", shard]), done);
    }
    for (role, modality) in [
        ("clip_image", "photo"),
        ("clip_text", "caption"),
        ("pre_clip_image", "photo"),
        ("pre_clip_text", "caption"),
    ] {
        let part = |number: u32| path(&format!("part-{number}.{role}.parquet"));
        let out = path("merged.parquet");
        assert_eq!(clipscope(&["merge", &part(3), &part(1), &part(2), "--out", &out]), done);
        let whole = path(&format!("whole.{role}.parquet"));
        assert!(fs::read(&out).unwrap() == fs::read(&whole).unwrap(), "{role}: merged and whole differ");

        let (manifest, rows) = read(Path::new(&whole)).unwrap();
        assert_eq!((manifest.role.name(), manifest.total, rows.len()), (role, 20, 20));
        assert!(rows.captions.iter().all(|caption| caption.is_some() == (modality == "caption")));
        assert_eq!(rows.paths[0], "clouds/dark-clouds-at-sunset.jpg");
        for vector in rows.vectors.chunks_exact(manifest.dim) {
            let length: f64 = vector.iter().map(|&value| f64::from(value).powi(2)).sum();
            assert!((length - 1.0).abs() < 1e-5, "{role}: {length}");
        }
    }
    // A refused merge leaves the file of an earlier one.
    let before = fs::read(path("merged.parquet")).unwrap();
    let (code, said) =
        clipscope(&["merge", &path("part-1.clip_image.parquet"), "--out", &path("merged.parquet")]);
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("rows 6 to 19 of 20 are in none of the files"), "{said}");
    assert!(fs::read(path("merged.parquet")).unwrap() == before);
}
