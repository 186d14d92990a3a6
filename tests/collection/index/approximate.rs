//! The approximate graph: what it finds, what it costs to keep it up to date, and damage.

use std::fs;

use clipscope_core::index::approximate::Graph;

use super::command::{SIX, clipscope, good, photos};
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
    assert!(built.measured_recall().recall_at_10 >= 0.98, "{:?}", built.measured_recall());
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
    assert!(Graph::outside(&index) >= Some(3));
    assert_eq!(names(&old, b"photo 3"), ["renamed.jpg"]);
    assert!(names(&old, b"photo 4").is_empty());
    assert_eq!(names(&old, b"new"), ["new.jpg"], "what the graph does not hold is looked at");
    assert_eq!(names(&old, b"photo 5"), ["0005.jpg", "copy.jpg"]);
    drop(old);
    let built = Graph::build(&index).unwrap();
    assert_eq!(names(&built, b"new"), ["new.jpg"]);
    assert_eq!(names(&built, b"photo 5"), ["0005.jpg", "copy.jpg"]);
    assert_eq!(Graph::outside(&index), Some(0));
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

#[test]
fn the_program_builds_the_graph_searches_it_and_says_its_recall() {
    let (folder, cache) = (photos(&SIX[..4]), tempfile::tempdir().unwrap());
    let dir = folder.path().to_str().unwrap();
    good(clipscope(cache.path(), &["index", dir, "-q"]));
    let missing = clipscope(cache.path(), &["search", dir, "pizza", "--approximate"]);
    assert_eq!(missing.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("index --approximate"));
    let built = clipscope(cache.path(), &["index", dir, "--approximate"]);
    let said = String::from_utf8_lossy(&built.stderr).into_owned();
    assert!(said.contains("recall@10 1.0000 over 4 queries"), "{said}");
    good(built);
    let text = good(clipscope(cache.path(), &["search", dir, "pizza", "--approximate"]));
    assert!(text.contains("(4 photos, approximate, recall@10 1.0000 over 4 queries)"), "{text}");
    let json = good(clipscope(cache.path(), &["search", dir, "pizza", "--approximate", "--json"]));
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["approximate"]["recall_at_10"], 1.0);
    assert_eq!(json["results"][0]["file"], "food/pizza.jpg");
    let exact = good(clipscope(cache.path(), &["search", dir, "pizza", "--json"]));
    assert!(!exact.contains("approximate"), "{exact}");
    fs::copy(folder.path().join(SIX[0]), folder.path().join("food/copy.jpg")).unwrap();
    let later = clipscope(cache.path(), &["index", dir]);
    let said = String::from_utf8_lossy(&later.stderr).into_owned();
    assert!(said.contains("are not in the graph"), "{said}");
}
