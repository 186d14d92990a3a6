//! Writes the Rust of every network from its graph.
//!
//! Each folder below `models/` that holds a `graph.onnx` is one network. burn-onnx turns the graph
//! into Rust, [`rewrite`] puts the layers of `crates/networks/src/kernels` in place of Burn's, and the
//! result is committed as `crates/networks/src/graphs/<name>.rs`. `--check` writes nothing and fails
//! if the committed files are not what the graphs give.

#![forbid(unsafe_code)]

mod committed;
mod import;
mod networks;
mod print;
mod rewrite;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

use committed::Graph;
use networks::Network;

/// Write the Rust of every network from models/**/graph.onnx into crates/networks/src/graphs
#[derive(Parser)]
struct Arguments {
    /// Write nothing; fail if the committed files are not what the graphs give
    #[arg(long)]
    check: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let problems = match run(arguments.check) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(problems) => problems,
    };
    for problem in problems {
        eprintln!("import-graphs: {problem}");
    }
    ExitCode::FAILURE
}

/// Imports every network and then compares or writes; what is wrong, if anything is.
fn run(check: bool) -> Result<(), Vec<String>> {
    let one = |problem: String| vec![problem];
    let root = repository().map_err(one)?;
    let networks = networks::find(&root.join("models")).map_err(one)?;
    let mut problems = networks::stated_without_graph(&networks);
    let mut graphs = Vec::new();
    for network in networks {
        match graph(&root, &network) {
            Ok(graph) => graphs.push(graph),
            Err(problem) => problems.push(format!("models/{}: {problem}", network.folder)),
        }
    }
    // A network that cannot be imported must not cost the others their files.
    if !problems.is_empty() {
        return Err(problems);
    }
    let folder = root.join("crates/networks/src/graphs");
    if check { committed::compare(&folder, &graphs) } else { committed::write(&folder, &graphs).map_err(one) }
}

/// The Rust of one network, with as many replacements as are stated for it.
fn graph(root: &Path, network: &Network) -> Result<Graph, String> {
    let source = import::import(&root.join("models").join(&network.folder), &network.name)?;
    let (file, counts) = rewrite::rewrite(&source)?;
    networks::compare_with_stated(network, counts, &networks::NETWORKS)?;
    let code = print::print(root, network, &file)?;
    Ok(Graph { name: network.name.clone(), code, counts })
}

/// The closest folder above the working directory that holds the graphs and this tool.
fn repository() -> Result<PathBuf, String> {
    let here = std::env::current_dir().map_err(|error| format!("the working directory: {error}"))?;
    here.ancestors()
        .find(|folder| folder.join("models").is_dir() && folder.join("crates/import-graphs").is_dir())
        .map(Path::to_path_buf)
        .ok_or_else(|| format!("{} is not inside the repository; run this tool there", here.display()))
}
