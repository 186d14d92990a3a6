//! The answer to a query: as text, JSON, or paths.

use std::path::PathBuf;

use serde::Serialize;

use super::super::failure::Failure;
use super::super::options::SearchOptions;
use super::super::output::print;
use super::terms::Query;
use clipscope_base::display_safe::{display_path, display_safe, json_safe};
use clipscope_base::words::count;
use clipscope_core::index::Recall;
use clipscope_networks::ModelsInfo;

/// The answer, as `--json` prints it.
#[derive(Serialize)]
pub struct Answer {
    pub schema: u32,
    pub query: Query,
    pub models: ModelsInfo,
    /// The index searched, if there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    /// How good the approximate search is, where not every vector was compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approximate: Option<Recall>,
    pub searched: usize,
    pub results: Vec<Hit>,
}

/// A photo that was found.
#[derive(Serialize)]
pub struct Hit {
    pub rank: usize,
    pub file: String,
    pub score: f32,
    #[serde(skip)]
    pub path: PathBuf,
}

/// Prints the answer in the form asked for.
pub fn print_answer(answer: &Answer, options: &SearchOptions) -> Result<(), Failure> {
    let bytes = if options.json {
        let text = serde_json::to_string_pretty(answer).map_err(Failure::input)?;
        (json_safe(&text).into_owned() + "\n").into_bytes()
    } else if options.null {
        answer
            .results
            .iter()
            .flat_map(|hit| [hit.path.as_os_str().as_encoded_bytes(), b"\0"].concat())
            .collect()
    } else if options.paths {
        answer
            .results
            .iter()
            .map(|hit| format!("{}\n", display_path(&hit.path)))
            .collect::<String>()
            .into_bytes()
    } else {
        plain(answer, options.min_score).into_bytes()
    };
    print(&bytes)
}

fn plain(answer: &Answer, min_score: Option<f32>) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    if let Some(stand_in) = answer.models.stand_in {
        let _ = writeln!(out, "models {} ({stand_in})", answer.models.set.name());
    }
    if let Some(index) = &answer.index {
        let how = answer.approximate.map(|recall| format!(", {recall}")).unwrap_or_default();
        let _ = writeln!(out, "index {index} ({}{how})", count(answer.searched, "photo"));
    }
    for hit in &answer.results {
        let _ = writeln!(out, "{:>4}  {:.3}  {}", hit.rank, hit.score, display_safe(&hit.file));
    }
    if answer.results.is_empty() {
        let _ = match min_score {
            Some(least) if answer.searched > 0 => writeln!(out, "no photo reaches --min-score {least}"),
            _ => writeln!(out, "no photos found"),
        };
    }
    out
}
