//! The networks, and what the import has to replace in each of them.

use std::fs;
use std::path::Path;

use crate::rewrite::Counts;

/// What the import replaces in each network, by its folder below `models/`.
///
/// The numbers are exact. Fewer mean that the importer's output has changed and the network became
/// slower without a word: see to `rewrite` rather than lower them.
pub const NETWORKS: [(&str, Counts); 9] = [
    ("clip-vit-b32-gelu/text", Counts { layers: 98, functions: 48, fused: 24 }),
    ("clip-vit-b32-gelu/vision", Counts { layers: 100, functions: 48, fused: 24 }),
    ("clip-vit-b32/text", Counts { layers: 98, functions: 48, fused: 24 }),
    ("clip-vit-b32/vision", Counts { layers: 100, functions: 48, fused: 24 }),
    ("distilbert-512", Counts { layers: 50, functions: 24, fused: 12 }),
    ("distiluse", Counts { layers: 50, functions: 24, fused: 12 }),
    ("mini/all-minilm-l6-v2", Counts { layers: 50, functions: 24, fused: 12 }),
    ("mini/efficientnet-lite0", Counts { layers: 50, functions: 0, fused: 42 }),
    ("resnet50", Counts { layers: 54, functions: 0, fused: 65 }),
];

const TABLE: &str = "crates/import-graphs/src/networks.rs";

/// A folder below `models/` that holds a graph.
#[derive(Debug, PartialEq)]
pub struct Network {
    /// The folder's path below `models/`, with `/` between its parts.
    pub folder: String,
    /// The module's name: the folder with every other character than a letter or digit as an underscore.
    pub name: String,
}

impl Network {
    fn new(folder: String) -> Self {
        let name = folder.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        Self { folder, name }
    }
}

/// Finds the networks below `models`, sorted by folder.
pub fn find(models: &Path) -> Result<Vec<Network>, String> {
    let mut networks = Vec::new();
    collect(models, "", &mut networks)?;
    if networks.is_empty() {
        return Err(format!("no folder below {} holds a graph.onnx", models.display()));
    }
    networks.sort_by(|a, b| a.folder.cmp(&b.folder));
    Ok(networks)
}

fn collect(folder: &Path, below: &str, networks: &mut Vec<Network>) -> Result<(), String> {
    let problem = |error| format!("reading the folder {}: {error}", folder.display());
    for entry in fs::read_dir(folder).map_err(problem)? {
        let path = entry.map_err(problem)?.path();
        if path.is_dir() {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let below = if below.is_empty() { name.into_owned() } else { format!("{below}/{name}") };
            collect(&path, &below, networks)?;
        } else if path.file_name().is_some_and(|name| name == "graph.onnx") {
            networks.push(Network::new(below.to_owned()));
        }
    }
    Ok(())
}

/// Compares what an import replaced with the numbers stated for the network.
///
/// # Errors
/// When the network is not in the table or a number differs; the message says what to do.
pub fn compare_with_stated(
    network: &Network,
    found: Counts,
    stated: &[(&str, Counts)],
) -> Result<(), String> {
    let line = format!("(\"{}\", {found:?})", network.folder);
    let Some((_, stated)) = stated.iter().find(|(folder, _)| *folder == network.folder) else {
        return Err(format!("its numbers are not stated; add {line} to NETWORKS in {TABLE}"));
    };
    let differences: Vec<String> = [
        ("layers replaced", found.layers, stated.layers),
        ("functions replaced", found.functions, stated.functions),
        ("layers fused", found.fused, stated.fused),
    ]
    .into_iter()
    .filter(|(_, found, stated)| found != stated)
    .map(|(what, found, stated)| format!("{what}: {found}, stated are {stated}"))
    .collect();
    if differences.is_empty() {
        return Ok(());
    }
    let remedy =
        if found.layers < stated.layers || found.functions < stated.functions || found.fused < stated.fused {
            "the importer's output has changed, see crates/import-graphs/src/rewrite".to_owned()
        } else {
            format!("state {line} in {TABLE}")
        };
    Err(format!("{}; {remedy}", differences.join("; ")))
}

/// What is wrong with networks that are stated but have no graph.
pub fn stated_without_graph(networks: &[Network]) -> Vec<String> {
    NETWORKS
        .iter()
        .filter(|(folder, _)| networks.iter().all(|network| network.folder != *folder))
        .map(|(folder, _)| {
            format!("models/{folder}/graph.onnx is missing; restore it or remove its line from {TABLE}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOUND: Counts = Counts { layers: 5, functions: 2, fused: 3 };

    fn network() -> Network {
        Network::new("mini/some-net.1".to_owned())
    }

    #[test]
    fn a_module_is_named_after_its_folder() {
        assert_eq!(network().name, "mini_some_net_1");
    }

    #[test]
    fn networks_are_found_at_any_depth() {
        let models = tempfile::tempdir().unwrap();
        for folder in ["b", "a/two", "a/one", "c"] {
            fs::create_dir_all(models.path().join(folder)).unwrap();
        }
        for file in ["b/graph.onnx", "a/two/graph.onnx", "a/one/graph.onnx", "c/card.json"] {
            fs::write(models.path().join(file), "").unwrap();
        }
        let folders: Vec<String> = find(models.path()).unwrap().into_iter().map(|n| n.folder).collect();
        assert_eq!(folders, ["a/one", "a/two", "b"]);
    }

    #[test]
    fn the_stated_numbers_are_accepted() {
        assert_eq!(compare_with_stated(&network(), FOUND, &[("mini/some-net.1", FOUND)]), Ok(()));
    }

    #[test]
    fn fewer_fused_layers_than_stated_fail_with_both_numbers() {
        let stated = [("mini/some-net.1", Counts { fused: 4, ..FOUND })];
        let problem = compare_with_stated(&network(), FOUND, &stated).unwrap_err();
        assert!(problem.contains("layers fused: 3, stated are 4"), "{problem}");
        assert!(problem.contains("importer's output has changed"), "{problem}");
    }

    #[test]
    fn more_than_stated_asks_for_the_new_numbers() {
        let stated = [("mini/some-net.1", Counts { functions: 1, ..FOUND })];
        let problem = compare_with_stated(&network(), FOUND, &stated).unwrap_err();
        assert!(problem.contains("functions replaced: 2, stated are 1"), "{problem}");
        assert!(problem.contains("Counts { layers: 5, functions: 2, fused: 3 }"), "{problem}");
    }

    #[test]
    fn a_network_that_is_not_stated_fails_with_the_line_to_add() {
        let problem = compare_with_stated(&network(), FOUND, &[]).unwrap_err();
        assert!(
            problem.contains("(\"mini/some-net.1\", Counts { layers: 5, functions: 2, fused: 3 })"),
            "{problem}"
        );
    }

    #[test]
    fn a_stated_network_without_a_graph_fails() {
        let problems = stated_without_graph(&[Network::new("resnet50".to_owned())]);
        assert_eq!(problems.len(), NETWORKS.len() - 1);
        assert!(problems.iter().any(|problem| problem.contains("models/distiluse/graph.onnx is missing")));
    }
}
