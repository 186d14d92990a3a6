//! Generates the Rust code of every network from its graph-only ONNX file.
//!
//! Each folder below `models/` that holds a `graph.onnx` is one network. Its large parameters are
//! declared as external data, so the importer expects a weights file beside the graph. A sparse
//! file of the length that `weights.json` names (`external_bytes`) stands in for it: it takes no
//! disk space, and no weights enter the build. The parameters are filled at run time, through the
//! weight map (see `src/weight_map.rs`).

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use burn_onnx::{LoadStrategy, ModelGen};

#[path = "build/rewrite.rs"]
mod rewrite;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=build/rewrite.rs");
    let out_dir = PathBuf::from(env::var("OUT_DIR")?);
    let root = Path::new("../../models");
    let mut folders = Vec::new();
    find_networks(root, &mut folders)?;
    folders.sort();
    for folder in folders {
        generate(root, &folder, &out_dir)
            .map_err(|error| format!("importing {}: {error}", folder.display()))?;
    }
    Ok(())
}

/// Collects the folders below `folder` that hold a `graph.onnx`.
fn find_networks(folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed={}", folder.display());
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find_networks(&path, found)?;
        } else if path.file_name().is_some_and(|name| name == "graph.onnx") {
            found.push(folder.to_path_buf());
        }
    }
    Ok(())
}

/// Writes `OUT_DIR/graphs/<name>.rs`, where the name is the folder's path below `models/` with
/// every other character than a letter or digit as an underscore.
fn generate(root: &Path, folder: &Path, out_dir: &Path) -> Result<(), Box<dyn Error>> {
    let graph = folder.join("graph.onnx");
    let map_path = folder.join("weights.json");
    println!("cargo:rerun-if-changed={}", graph.display());
    println!("cargo:rerun-if-changed={}", map_path.display());
    let name: String = folder
        .strip_prefix(root)?
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .collect();
    let external_bytes = external_bytes(&fs::read_to_string(&map_path)?)?;

    let work = out_dir.join("import").join(&name);
    fs::create_dir_all(&work)?;
    let copy = work.join(format!("{name}.onnx"));
    fs::copy(&graph, &copy)?;
    let stand_in = work.join("graph.weights");
    fs::File::create(&stand_in)?.set_len(external_bytes)?;
    let input = copy.to_str().ok_or("the build folder's path is not UTF-8")?;
    ModelGen::new().input(input).out_dir("graphs/").load_strategy(LoadStrategy::None).run_from_script();
    // The importer also writes the stand-in's zeros as a Burnpack of full size.
    let _ = fs::remove_file(out_dir.join("graphs").join(format!("{name}.bpk")));
    fs::remove_dir_all(&work)?;
    let code = out_dir.join("graphs").join(format!("{name}.rs"));
    fs::write(&code, rewrite::rewrite(&fs::read_to_string(&code)?)?)?;
    Ok(())
}

/// Reads the one number of the weight map that the build needs.
fn external_bytes(map: &str) -> Result<u64, Box<dyn Error>> {
    let map: serde_json::Value = serde_json::from_str(map)?;
    map["external_bytes"].as_u64().ok_or_else(|| "weights.json names no external_bytes".into())
}
