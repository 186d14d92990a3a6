//! The approximate graph: what it finds, what it costs to keep it up to date, and damage.

use std::fs;

use clipscope::index::approximate::Graph;

use super::photos::{Folder, unit};

fn queries() -> Vec<Vec<f32>> {
    (0..50).map(|number| unit(format!("query {number}").as_bytes())).collect()
}

#[test]
fn it_finds_nearly_all_of_the_best_and_their_exact_scores() {
    let folder = Folder::new(3_000);
    folder.update();
    let index = folder.open();
    let built = Graph::build(&index).unwrap();
    assert!(built.measured_recall().0 >= 0.98, "{:?}", built.measured_recall());
    let graph = Graph::open(&index).unwrap();
    assert_eq!(graph.measured_recall(), built.measured_recall());
    let recall = graph.recall(&index, 10, &queries()).unwrap();
    assert!(recall >= 0.98, "{recall}");
    let query = unit(b"photo 77");
    let (found, exact) =
        (graph.search(&index, &query, 1, 0.5).unwrap(), index.search(&query, 1, 0.5).unwrap());
    assert_eq!(found, exact);
}

#[test]
fn photos_that_are_new_renamed_or_gone_need_no_new_graph() {
    let folder = Folder::new(200);
    folder.update();
    Graph::build(&folder.open()).unwrap();
    fs::rename(folder.root().join("0003.jpg"), folder.root().join("renamed.jpg")).unwrap();
    fs::remove_file(folder.root().join("0004.jpg")).unwrap();
    fs::copy(folder.root().join("0005.jpg"), folder.root().join("copy.jpg")).unwrap();
    folder.put("new.jpg", b"new");
    folder.update();
    let index = folder.open();
    let names = |graph: &Graph, content: &[u8]| -> Vec<String> {
        let hits = graph.search(&index, &unit(content), 5, 0.999).unwrap();
        let mut names: Vec<_> =
            hits.iter().map(|hit| index.entry(hit.row).unwrap().path.display().to_string()).collect();
        names.sort();
        names
    };
    let old = Graph::open(&index).unwrap();
    assert_eq!(names(&old, b"photo 3"), ["renamed.jpg"]);
    assert!(names(&old, b"photo 4").is_empty() && names(&old, b"new").is_empty());
    assert_eq!(names(&old, b"photo 5"), ["0005.jpg", "copy.jpg"]);
    drop(old);
    let built = Graph::build(&index).unwrap();
    assert_eq!(names(&built, b"new"), ["new.jpg"]);
}

#[test]
fn a_damaged_graph_is_noticed_and_built_again() {
    let folder = Folder::new(100);
    folder.update();
    let index = folder.open();
    assert!(Graph::open(&index).is_err(), "there is none yet");
    Graph::build(&index).unwrap();
    let path = folder.index_folder().join("graph");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    assert!(Graph::open(&index).is_err());
    Graph::build(&index).unwrap();
    assert!(Graph::open(&index).is_ok());
}
