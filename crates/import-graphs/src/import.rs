//! Runs burn-onnx on one graph.

use std::any::Any;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use burn_onnx::{LoadStrategy, ModelGen};

/// The source that burn-onnx writes for the graph in `folder`.
///
/// The graph declares its large parameters as external data, so the importer expects a weights file
/// beside it. A sparse file of the length that `weights.json` names (`external_bytes`) stands in for
/// it; weights are filled in at run time, through the weight map. The importer also writes the
/// stand-in's zeros as a Burnpack of full size, up to 550 MB in the folder for temporary files.
pub fn import(folder: &Path, name: &str) -> Result<String, String> {
    let external_bytes = external_bytes(&folder.join("weights.json"))?;
    let work = tempfile::tempdir().map_err(|error| format!("making a temporary folder: {error}"))?;
    let graph = work.path().join(format!("{name}.onnx"));
    fs::copy(folder.join("graph.onnx"), &graph).map_err(|error| format!("copying graph.onnx: {error}"))?;
    fs::File::create(work.path().join("graph.weights"))
        .and_then(|file| file.set_len(external_bytes))
        .map_err(|error| format!("making a stand-in for the weights: {error}"))?;

    let out = work.path().join("out");
    let (Some(input), Some(out_dir)) = (graph.to_str(), out.to_str()) else {
        return Err(format!("the temporary folder's path is not UTF-8: {}", work.path().display()));
    };
    silence();
    // The importer panics where it fails.
    catch_unwind(AssertUnwindSafe(|| {
        ModelGen::new().input(input).out_dir(out_dir).load_strategy(LoadStrategy::None).run_from_cli();
    }))
    .map_err(|panic| format!("burn-onnx cannot import graph.onnx: {}", message(&*panic)))?;
    let source = out.join(format!("{name}.rs"));
    fs::read_to_string(&source).map_err(|error| format!("reading what burn-onnx wrote: {error}"))
}

/// Keeps the importer from writing its log to the standard output.
fn silence() {
    // Fails if a subscriber is set already, and then the importer sets none either.
    let _ = tracing::subscriber::set_global_default(tracing::subscriber::NoSubscriber::new());
}

/// The one number of the weight map that an import needs.
fn external_bytes(map: &Path) -> Result<u64, String> {
    let text = fs::read_to_string(map).map_err(|error| format!("reading weights.json: {error}"))?;
    let map: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("reading weights.json: {error}"))?;
    map["external_bytes"].as_u64().ok_or_else(|| "weights.json names no external_bytes".to_owned())
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it gives no reason")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_map_without_the_length_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("weights.json"), "{}").unwrap();
        assert_eq!(import(folder.path(), "net").unwrap_err(), "weights.json names no external_bytes");
    }

    #[test]
    fn a_graph_that_burn_onnx_cannot_read_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("weights.json"), r#"{ "external_bytes": 8 }"#).unwrap();
        fs::write(folder.path().join("graph.onnx"), "not a graph").unwrap();
        let problem = import(folder.path(), "net").unwrap_err();
        assert!(problem.starts_with("burn-onnx cannot import graph.onnx: "), "{problem}");
    }
}
