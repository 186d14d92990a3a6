//! The committed files: comparing them with what the graphs give, and writing them.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use crate::print::HEADER;
use crate::rewrite::Counts;

/// The Rust of one network.
pub struct Graph {
    pub name: String,
    pub code: String,
    pub counts: Counts,
}

impl Graph {
    fn file(&self) -> String {
        format!("{}.rs", self.name)
    }
}

/// Compares the files in `folder` with the graphs.
///
/// # Errors
/// One message for each file that differs, is missing or belongs to no graph.
pub fn compare(folder: &Path, graphs: &[Graph]) -> Result<(), Vec<String>> {
    let remedy = "run `cargo run -p import-graphs` and commit the result";
    let mut problems = Vec::new();
    for graph in graphs {
        let path = folder.join(graph.file());
        match fs::read_to_string(&path) {
            Ok(committed) if committed == graph.code => println!("{}: up to date", graph.name),
            Ok(committed) => problems.push(format!(
                "{}: {} differs from what the graph gives, first in line {}; {remedy}",
                graph.name,
                path.display(),
                first_difference(&committed, &graph.code)
            )),
            Err(error) if error.kind() == ErrorKind::NotFound => {
                problems.push(format!("{}: {} is missing; {remedy}", graph.name, path.display()));
            }
            Err(error) => problems.push(format!("{}: reading {}: {error}", graph.name, path.display())),
        }
    }
    let left_over = left_over(folder, graphs).map_err(|problem| vec![problem])?;
    problems.extend(left_over.into_iter().map(|file| {
        format!("{}: left over, no graph below models/ gives it; {remedy}", folder.join(file).display())
    }));
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Writes the files that differ into `folder` and removes this tool's files that no graph gives.
pub fn write(folder: &Path, graphs: &[Graph]) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("making {}: {error}", folder.display()))?;
    for graph in graphs {
        let path = folder.join(graph.file());
        // An unchanged file keeps its time, so that nothing is built again.
        let same = fs::read_to_string(&path).is_ok_and(|committed| committed == graph.code);
        if !same {
            fs::write(&path, &graph.code).map_err(|error| format!("writing {}: {error}", path.display()))?;
        }
        let Counts { layers, functions, fused } = graph.counts;
        let state = if same { "unchanged" } else { "written" };
        println!("{}: {state}; {layers} layers, {functions} functions, {fused} fused", graph.name);
    }
    for file in left_over(folder, graphs)? {
        let path = folder.join(&file);
        if !fs::read_to_string(&path).is_ok_and(|text| text.starts_with(HEADER)) {
            return Err(format!("{} was not written by this tool; move it elsewhere", path.display()));
        }
        fs::remove_file(&path).map_err(|error| format!("removing {}: {error}", path.display()))?;
        println!("{file}: removed, no graph gives it");
    }
    Ok(())
}

/// The names in `folder` that belong to no graph.
fn left_over(folder: &Path, graphs: &[Graph]) -> Result<BTreeSet<String>, String> {
    let problem = |error| format!("reading the folder {}: {error}", folder.display());
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeSet::new()),
        entries => entries.map_err(problem)?,
    };
    let mut names = BTreeSet::new();
    for entry in entries {
        names.insert(entry.map_err(problem)?.file_name().to_string_lossy().into_owned());
    }
    for graph in graphs {
        names.remove(&graph.file());
    }
    Ok(names)
}

/// The number of the first line in which two texts differ.
fn first_difference(a: &str, b: &str) -> usize {
    a.lines().zip(b.lines()).take_while(|(a, b)| a == b).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(name: &str) -> Graph {
        let code = format!("{HEADER}`models/{name}/graph.onnx`.\n\nstruct Model;\n");
        Graph { name: name.to_owned(), code, counts: Counts::default() }
    }

    /// A folder with the files of `first` and `second`, as written.
    fn written() -> (tempfile::TempDir, [Graph; 2]) {
        let folder = tempfile::tempdir().unwrap();
        let graphs = [graph("first"), graph("second")];
        write(folder.path(), &graphs).unwrap();
        (folder, graphs)
    }

    #[test]
    fn what_was_written_passes_the_check() {
        let (folder, graphs) = written();
        assert_eq!(compare(folder.path(), &graphs), Ok(()));
    }

    #[test]
    fn a_changed_file_fails_the_check_by_name_and_line() {
        let (folder, graphs) = written();
        let path = folder.path().join("second.rs");
        fs::write(&path, graphs[1].code.replace("Model", "Other")).unwrap();
        let problems = compare(folder.path(), &graphs).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert!(problems[0].starts_with("second: "), "{problems:?}");
        assert!(problems[0].contains("first in line 3"), "{problems:?}");
    }

    #[test]
    fn a_missing_file_fails_the_check() {
        let (folder, graphs) = written();
        fs::remove_file(folder.path().join("first.rs")).unwrap();
        let problems = compare(folder.path(), &graphs).unwrap_err();
        assert!(problems.len() == 1 && problems[0].contains("first.rs is missing"), "{problems:?}");
    }

    #[test]
    fn a_missing_folder_fails_the_check_for_every_network() {
        let folder = tempfile::tempdir().unwrap();
        let graphs = [graph("first"), graph("second")];
        assert_eq!(compare(&folder.path().join("graphs"), &graphs).unwrap_err().len(), 2);
    }

    #[test]
    fn a_file_that_no_graph_gives_fails_the_check_and_is_removed_by_writing() {
        let (folder, graphs) = written();
        let problems = compare(folder.path(), &graphs[..1]).unwrap_err();
        assert!(problems.len() == 1 && problems[0].contains("second.rs: left over"), "{problems:?}");
        write(folder.path(), &graphs[..1]).unwrap();
        assert_eq!(compare(folder.path(), &graphs[..1]), Ok(()));
    }

    #[test]
    fn a_file_of_somebody_else_is_not_removed() {
        let (folder, graphs) = written();
        let path = folder.path().join("notes.rs");
        fs::write(&path, "// mine\n").unwrap();
        assert!(write(folder.path(), &graphs).unwrap_err().contains("not written by this tool"));
        assert!(path.exists());
    }
}
