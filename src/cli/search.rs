//! `clipscope search`: the best photos of a folder for a phrase or for another photo.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use super::args::{Common, SearchOptions};
use super::{Failure, print, run};
use crate::analysis::{retrieval, similarity};
use crate::dataset::{Dataset, Item, Source};
use crate::display_safe::{display_path, display_safe, json_safe};
use crate::embedding::Vectors;
use crate::models::{Modality, ModelSet, Role};

/// The answer, as `--json` prints it.
#[derive(Serialize)]
struct Answer {
    schema: u32,
    query: Query,
    models: crate::models::ModelsInfo,
    searched: usize,
    results: Vec<Hit>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Query {
    Text(String),
    Image(String),
}

#[derive(Serialize)]
struct Hit {
    rank: usize,
    file: String,
    score: f32,
}

pub(super) fn run(options: &SearchOptions, common: &Common) -> Result<(), Failure> {
    let mut dataset = run::open_dataset(Some(&options.folder), common)?;
    // Captions play no part in a search; leaving them out saves embedding them.
    for item in &mut dataset.items {
        item.captions.clear();
    }
    let dataset = Arc::new(dataset);
    let set = run::open_models(common)?;
    // Phrases and photos are both looked for in the shared space.
    let role = Role::ClipImage;
    let (query, vector) = match (&options.query, &options.image) {
        (Some(text), None) => (Query::Text(text.clone()), phrase(&set, text)?),
        (None, Some(file)) => {
            (Query::Image(display_path(file).into_owned()), photo(&set, file, role, common)?)
        }
        _ => return Err(Failure::new(Failure::USAGE, "give a QUERY or --image FILE, one of the two")),
    };
    let finished = run::embed_all(&dataset, &set, common)?;
    let places: Vec<usize> =
        (0..dataset.items.len()).filter(|&place| finished.embeddings.get(role, place).is_some()).collect();
    let rows = places.iter().filter_map(|&place| finished.embeddings.get(role, place));
    let photos = Vectors::from_rows(vector.dim(), rows).map_err(Failure::input)?;
    let scores = similarity(&vector, &photos).map_err(Failure::input)?;
    let results: Vec<Hit> = retrieval::ranking(scores.row(0))
        .into_iter()
        .take(options.top_k)
        .enumerate()
        .map(|(position, place)| Hit {
            rank: position + 1,
            file: dataset.items[places[place]].file.clone(),
            score: scores.get(0, place),
        })
        .collect();
    let info = set.info();
    let answer = Answer { schema: 1, query, models: info, searched: photos.rows(), results };
    let text = if options.json {
        let text = serde_json::to_string_pretty(&answer).map_err(Failure::input)?;
        json_safe(&text).into_owned() + "\n"
    } else {
        plain(&answer)
    };
    print(text.as_bytes())
}

fn plain(answer: &Answer) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    if let Some(stand_in) = answer.models.stand_in {
        let _ = writeln!(out, "models {} ({stand_in})", answer.models.set.name());
    }
    for hit in &answer.results {
        let _ = writeln!(out, "{:>4}  {:.3}  {}", hit.rank, hit.score, display_safe(&hit.file));
    }
    out
}

/// The phrase in the shared space, `[1, dim]`.
fn phrase(set: &ModelSet, text: &str) -> Result<Vectors, Failure> {
    if text.trim().is_empty() {
        return Err(Failure::new(Failure::USAGE, "the QUERY is empty; say what to look for"));
    }
    let vectors = set.embed_caption(text)?;
    one_row(vectors, Role::ClipText, text)
}

/// A photo in the space of `role`, `[1, dim]`.
fn photo(set: &ModelSet, file: &Path, role: Role, common: &Common) -> Result<Vectors, Failure> {
    let name = display_path(file).into_owned();
    let item = Item {
        file: name.clone(),
        source: Source::File(file.to_path_buf()),
        category: String::new(),
        captions: Vec::new(),
    };
    let dataset = Arc::new(Dataset::from_items(name.clone(), vec![item]));
    let finished = run::embed_all(&dataset, set, common)?;
    // A photo that cannot be embedded has ended the run above.
    let vector =
        finished.embeddings.get(role, 0).ok_or_else(|| Failure::input(format!("{name}: no vector")))?;
    Vectors::from_rows(vector.len(), [vector]).map_err(Failure::input)
}

fn one_row(vectors: Vec<(Role, Vec<f32>)>, role: Role, what: &str) -> Result<Vectors, Failure> {
    debug_assert_eq!(role.modality(), Modality::Text);
    let found = vectors.into_iter().find(|(found, _)| *found == role).map(|(_, vector)| vector);
    let vector = found.ok_or_else(|| Failure::new(Failure::MODELS, "the model set has no text tower"))?;
    Vectors::from_rows(vector.len(), [vector.as_slice()])
        .map_err(|error| Failure::input(format!("'{what}' cannot be compared: {error}")))
}
