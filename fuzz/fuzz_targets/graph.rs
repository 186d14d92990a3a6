//! The graph of an index, outdated or damaged: every hit was put in and has exactly its own cosine; a damaged graph is not
//! used.
#![no_main]

use std::fs;
use std::path::PathBuf;

use clipscope_analysis::Vectors;
use clipscope_analysis::nearest::Query;
use clipscope_core::index::approximate::Graph;
use clipscope_core::index::{Index, IndexModels, IndexWriter};
use clipscope_fuzz::damage_bytes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((&[dim, rows, later, seed], damage)) = data.split_first_chunk::<4>() else { return };
    let (dim, rows, later) = (usize::from(dim % 70) + 1, usize::from(rows % 60), usize::from(later % 8));
    let made = IndexModels { key: [7; 32], dim, set: "mini".into() };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let factor = usize::from(seed) + 1;
    let vector = |row: usize| -> Vec<f32> {
        (0..dim).map(|at| ((row * 31 * factor + at * (7 + row)) % 19) as f32 - 8.5).collect()
    };
    // Every fifth photo is a copy of the first of its five.
    let photo = |row: usize| {
        let content = row - usize::from(row % 5 == 4) * 4;
        (PathBuf::from(format!("{row}.jpg")), [content as u8; 32], row as u64, vector(content))
    };
    let (mut writer, _) = IndexWriter::open(folder, folder, made).expect("the folder can be written");
    writer.import((0..rows).map(photo)).expect("the folder can be written");
    let index = Index::open(folder).expect("it was written");
    let built = Graph::build(&index).expect("the folder can be written");
    assert!((0.0..=1.0).contains(&built.measured_recall().recall_at_10));
    drop(built);

    let file = folder.join("graph");
    let written = fs::read(&file).expect("it was written");
    let mut bytes = written.clone();
    damage_bytes(&mut bytes, damage);
    if bytes != written {
        fs::remove_file(&file).expect("the folder can be written");
        fs::write(&file, bytes).expect("the folder can be written");
        assert!(Graph::open(&index).is_err(), "a damaged graph is used");
        return;
    }

    writer.import((rows..rows + later).map(photo)).expect("the folder can be written");
    let index = Index::open(folder).expect("it was written");
    let graph = Graph::open(&index).expect("it is as it was written");
    assert!(Graph::outside(&index).is_some_and(|outside| outside <= rows + later));
    for query in [vector(3), vector(rows + 1)] {
        let query = Vectors::from_rows(dim, [query.as_slice()]).expect("no component is zero");
        let alone = Query::new(query.row(0));
        for hit in graph.search(&index, query.row(0), 5, -1.0).expect("the dimension is right") {
            assert!(hit.row < rows + later);
            let vector = index.vector(hit.row).expect("a hit has a vector");
            assert_eq!(hit.score.to_bits(), alone.score(vector).to_bits());
        }
    }
});
