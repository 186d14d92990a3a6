//! An index damaged in any way or described by any manifest: every hit was put in, and scores as it does alone.
#![no_main]

use std::fs;
use std::path::{Path, PathBuf};

use clipscope_analysis::Vectors;
use clipscope_analysis::nearest::{Query, from_half};
use clipscope_core::index::{Index, IndexError, IndexModels, IndexWriter, Unlisted, update};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest, Sha256};

fn photo(row: usize) -> PathBuf {
    PathBuf::from(format!("{row}.jpg"))
}

/// Corrects the checksums of a segment.
fn mend_checksums(bytes: &mut [u8], vectors: usize) {
    if let Some(rest) = bytes.get(64 + vectors..) {
        let sum = crc32fast::hash(rest).to_le_bytes();
        bytes[40..44].copy_from_slice(&sum);
        let sum = crc32fast::hash(&bytes[..60]).to_le_bytes();
        bytes[60..64].copy_from_slice(&sum);
    }
}

/// Opens, searches and changes the index; `whole` says whether the names in it are those that were put in.
fn use_it(folder: &Path, query: &[f32], made: &IndexModels, whole: bool) {
    if let Ok(index) = Index::open(folder) {
        let hits = index.search(query, 5, -1.0);
        assert_eq!(hits.is_err(), query.len() != index.models().dim);
        let alone = Query::new(query);
        for hit in hits.unwrap_or_default() {
            let entry = index.entry(hit.row).expect("a hit is a photo");
            assert!(!whole || (0..40).any(|row| entry.path == photo(row)), "{entry:?}");
            let vector = index.vector(hit.row).expect("a hit has a vector");
            assert_eq!(hit.score.to_bits(), alone.score(vector).to_bits());
        }
        let places: Vec<usize> = (0..index.len().min(50)).chain([usize::MAX]).collect();
        let _ = index.window(&places, &places);
        for place in places {
            let _ = index.entry(place);
            assert!(index.vector(place).is_none_or(|vector| from_half(vector).len() == index.models().dim));
        }
    }
    if let Ok((mut writer, _)) = IndexWriter::open(folder, folder, made.clone()) {
        let _ = writer.len();
        let nothing = |_: &[usize]| -> Result<_, IndexError> { Ok(Vec::new()) };
        update(&mut writer, &[], Unlisted::Remove, nothing, |_, _| ()).expect("the folder can be written");
        assert!(writer.is_empty());
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&[choice, dim, rows], rest)) = data.split_first_chunk::<3>() else { return };
    let (dim, rows) = (usize::from(dim % 80) + 1, usize::from(rows % 40));
    let made = IndexModels { key: [7; 32], dim, set: "mini".into() };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let vector =
        |row: usize| -> Vec<f32> { (0..dim).map(|at| ((row * 31 + at * 7) % 19) as f32 - 8.5).collect() };
    let (mut writer, _) = IndexWriter::open(folder, folder, made.clone()).expect("the folder can be written");
    let photos = (0..rows).map(|row| (photo(row), [row as u8; 32], row as u64, vector(row)));
    writer.import(photos).expect("the folder can be written");
    drop(writer);
    let segments: Vec<PathBuf> = fs::read_dir(folder)
        .expect("it was written")
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "segment"))
        .collect();
    let mut whole = true;
    match choice % 3 {
        // Any text as the manifest; `@` stands for the name of the segment.
        0 => {
            let name = segments.first().and_then(|path| path.file_name()?.to_str()).unwrap_or_default();
            let text = String::from_utf8_lossy(rest).replace('@', name);
            let sum = Sha256::digest(format!("1 {text}"));
            let sum: String = sum[..8].iter().map(|byte| format!("{byte:02x}")).collect();
            fs::write(folder.join("manifest"), format!("clipscope index 1 {sum}\n{text}"))
                .expect("it can be written");
        }
        // Changes in the segment, as pairs of a position and a mask; an odd byte at the end cuts it.
        mend => {
            let Some(segment) = segments.first() else { return };
            let mut bytes = fs::read(segment).expect("it was written");
            let (pairs, odd) = rest.as_chunks::<2>();
            for [position, mask] in pairs {
                // In the header at the front, or in the names at the end.
                let position = if *position < 128 {
                    usize::from(*position)
                } else {
                    bytes.len().saturating_sub(256 - usize::from(*position))
                };
                if let Some(byte) = bytes.get_mut(position) {
                    *byte ^= mask;
                }
            }
            if let [length] = odd {
                bytes.truncate(usize::from(*length) * 8);
            }
            if mend == 2 {
                mend_checksums(&mut bytes, rows * dim * 2);
                whole = false;
            }
            // As a new file, so that mappings of the old one do not change.
            fs::remove_file(segment).expect("the folder can be written");
            fs::write(segment, bytes).expect("the folder can be written");
        }
    }
    let query = Vectors::from_rows(dim, [vector(3).as_slice()]).expect("no component is zero");
    use_it(folder, query.row(0), &made, whole);
});
