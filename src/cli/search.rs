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
pub(super) enum Query {
    Text(String),
    Image(String),
}

#[derive(Serialize)]
struct Hit {
    rank: usize,
    file: String,
    score: f32,
}

/// Phrases and photos are both looked for in the shared space.
pub(super) const PHOTOS: Role = Role::ClipImage;

pub(super) fn run(options: &SearchOptions, common: &Common) -> Result<(), Failure> {
    if let Some(url) = &options.engine {
        return super::engine::search(url, options, common);
    }
    let mut dataset = run::open_dataset(options.folder.as_deref(), common)?;
    // Captions play no part in a search; leaving them out saves embedding them.
    for item in &mut dataset.items {
        item.captions.clear();
    }
    let dataset = Arc::new(dataset);
    let set = run::open_models(common)?;
    let role = PHOTOS;
    let (query, vector) = query(&set, options.query.as_deref(), options.image.as_deref(), common)?;
    let finished = run::embed_all(&dataset, &set, common)?;
    let places: Vec<usize> =
        (0..dataset.items.len()).filter(|&place| finished.embeddings.get(role, place).is_some()).collect();
    let rows = places.iter().filter_map(|&place| finished.embeddings.get(role, place));
    let photos = Vectors::from_rows(vector.dim(), rows).map_err(Failure::input)?;
    let scores = similarity(&vector, &photos).map_err(Failure::input)?;
    let best = retrieval::ranking(scores.row(0)).into_iter().take(options.top_k);
    let hits = best.map(|place| (dataset.items[places[place]].file.clone(), scores.get(0, place)));
    answer(query, &set, photos.rows(), hits, options)
}

/// The question asked, and its vector, `[1, dim]`.
pub(super) fn query(
    set: &ModelSet,
    text: Option<&str>,
    image: Option<&Path>,
    common: &Common,
) -> Result<(Query, Vectors), Failure> {
    match (text, image) {
        (Some(text), None) => Ok((Query::Text(text.to_owned()), phrase(set, text)?)),
        (None, Some(file)) => {
            Ok((Query::Image(display_path(file).into_owned()), photo(set, file, PHOTOS, common)?))
        }
        _ => Err(Failure::new(Failure::USAGE, "give a QUERY or --image FILE, one of the two")),
    }
}

/// Prints photos with their scores, the best first.
pub(super) fn answer(
    query: Query,
    set: &ModelSet,
    searched: usize,
    hits: impl Iterator<Item = (String, f32)>,
    options: &SearchOptions,
) -> Result<(), Failure> {
    let results =
        hits.enumerate().map(|(position, (file, score))| Hit { rank: position + 1, file, score }).collect();
    let answer = Answer { schema: 1, query, models: set.info(), searched, results };
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
