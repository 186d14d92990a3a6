//! `clipscope search`: the best photos of a folder or an index for phrases and photos.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::args::{Common, SearchOptions};
use super::{Failure, index, print, run, tell};
use clipscope_analysis::Vectors;
use clipscope_analysis::nearest;
use clipscope_analysis::{retrieval, similarity};
use clipscope_base::display_safe::{display_path, display_safe, json_safe};
use clipscope_core::dataset::{Dataset, Item, PhotoSource};
use clipscope_core::index::{self as store, Finder, Index, Recall};
use clipscope_networks::{Modality, ModelSet, ModelsInfo, Role};

/// The answer, as `--json` prints it.
#[derive(Serialize)]
struct Answer {
    schema: u32,
    query: Query,
    models: ModelsInfo,
    /// The index that was searched, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<String>,
    /// Not every vector was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    approximate: Option<Recall>,
    searched: usize,
    results: Vec<Hit>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Query {
    Text(String),
    Image(String),
    Terms(Vec<Term>),
}

/// One part of a query: what is looked for, or what is taken away from it.
#[derive(Serialize)]
pub(super) struct Term {
    sign: Sign,
    #[serde(flatten)]
    what: What,
}

#[derive(Serialize, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sign {
    #[serde(rename = "+")]
    Plus,
    #[serde(rename = "-")]
    Minus,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    Text(String),
    Image(String),
}

#[derive(Serialize)]
struct Hit {
    rank: usize,
    file: String,
    score: f32,
    #[serde(skip)]
    path: PathBuf,
}

/// What is searched: an index, or a folder whose photos are embedded now.
enum Collection {
    Index(Box<Index>),
    Folder(Arc<Dataset>),
}

/// Phrases and photos are both looked for in the shared space.
pub(super) const PHOTOS: Role = Role::ClipImage;

pub(super) fn run(options: &SearchOptions, common: &Common) -> Result<(), Failure> {
    if options.null && std::io::stdout().is_terminal() {
        let message = "-0 writes names as they are, for a pipe; use --paths on a terminal";
        return Err(Failure::new(Failure::USAGE, message));
    }
    if let Some(url) = &options.engine {
        return super::engine::search(url, options, common);
    }
    let phrases = phrases(&options.query)?;
    let Some(folder) = &options.folder else {
        return Err(Failure::new(Failure::USAGE, "give the folder to search, or --engine"));
    };
    let (collection, set) = open(folder, common)?;
    let (query, vector) = query(options, &phrases, &set, common)?;
    let min_score = options.min_score.unwrap_or(f32::NEG_INFINITY);
    let mut approximate = None;
    let (searched, results, index) = match collection {
        Collection::Index(index) => {
            let finder = finder(options, *index)?;
            let found = finder.search(vector.row(0), options.top_k, min_score)?;
            approximate = finder.recall();
            let index = finder.index();
            let hits = found.into_iter().enumerate().filter_map(|(position, found)| {
                let (name, path) = (index.entry(found.row)?.path, index.file(found.row)?);
                Some(Hit { rank: position + 1, file: shown_name(&name), score: found.score, path })
            });
            (index.len(), hits.collect(), Some(display_path(index.folder()).into_owned()))
        }
        Collection::Folder(dataset) => {
            let (searched, hits) = search_folder(options, &dataset, &set, &vector, min_score, common)?;
            (searched, hits, None)
        }
    };
    let answer = Answer { schema: 1, query, models: set.info(), index, approximate, searched, results };
    print_answer(&answer, options)
}

/// Prints what an engine found, paths with their scores, the best first.
pub(super) fn answer(
    query: Query,
    set: &ModelSet,
    searched: usize,
    hits: impl Iterator<Item = (String, f32)>,
    options: &SearchOptions,
) -> Result<(), Failure> {
    let min_score = options.min_score.unwrap_or(f32::NEG_INFINITY);
    let hits = hits.filter(|&(_, score)| score >= min_score).enumerate();
    let results = hits.map(|(position, (file, score))| {
        let path = PathBuf::from(&file);
        Hit { rank: position + 1, file, score, path }
    });
    let results = results.collect();
    let (index, approximate) = (None, None);
    print_answer(
        &Answer { schema: 1, query, models: set.info(), index, approximate, searched, results },
        options,
    )
}

fn print_answer(answer: &Answer, options: &SearchOptions) -> Result<(), Failure> {
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
        plain(answer).into_bytes()
    };
    print(&bytes)
}

/// A name below a folder, '/' separated; bytes that are no text are shown with escapes.
fn shown_name(name: &Path) -> String {
    name.to_str().map_or_else(|| display_path(name).into_owned(), str::to_owned)
}

/// The phrases of a query with their signs: `a + b - c`.
pub(super) fn phrases(tokens: &[String]) -> Result<Vec<(Sign, &str)>, Failure> {
    let usage = |message: &str| Failure::new(Failure::USAGE, message);
    let mut phrases = Vec::new();
    let mut sign = Some(Sign::Plus);
    for (position, token) in tokens.iter().enumerate() {
        match (token.trim(), sign) {
            // At the beginning a sign may follow the photos of --image.
            ("+", None) => sign = Some(Sign::Plus),
            ("-", None) => sign = Some(Sign::Minus),
            ("+", Some(_)) if position == 0 => sign = Some(Sign::Plus),
            ("-", Some(_)) if position == 0 => sign = Some(Sign::Minus),
            ("+" | "-", Some(_)) => {
                return Err(usage("two signs follow each other; put a phrase between them"));
            }
            ("", _) => return Err(usage("the QUERY is empty; say what to look for")),
            (phrase, Some(found)) => {
                phrases.push((found, phrase));
                sign = None;
            }
            (_, None) => {
                return Err(usage(
                    "put phrases of several words in quotes, and a '+' or '-' between two phrases",
                ));
            }
        }
    }
    if sign.is_some() && !tokens.is_empty() {
        return Err(usage("the QUERY ends with a sign; say what to add or take away"));
    }
    Ok(phrases)
}

/// What is searched, and with which models: those of the index, unless others were asked for.
fn open(path: &Path, common: &Common) -> Result<(Collection, ModelSet), Failure> {
    if let Some(folder) = store::find(path) {
        match open_index(&folder, common) {
            Ok((index, set)) => return Ok((Collection::Index(Box::new(index)), set)),
            // A folder can be searched without its index.
            Err(failure) if folder != path => {
                tell(format_args!(
                    "clipscope: the index is not used: {}; the photos are embedded",
                    display_safe(&failure.message)
                ));
            }
            Err(failure) => return Err(failure),
        }
    }
    let mut dataset = run::open_dataset(Some(path), common)?;
    // Captions play no part in a search; leaving them out saves embedding them.
    for item in &mut dataset.items {
        item.captions.clear();
    }
    Ok((Collection::Folder(Arc::new(dataset)), run::open_models(common)?))
}

/// Opens an index with the models that it was made with.
pub(super) fn open_index(folder: &Path, common: &Common) -> Result<(Index, ModelSet), Failure> {
    let index = Index::open(folder)?;
    let set = match common.models {
        Some(_) => run::open_models(common)?,
        None => run::open_models_named(&index.made().set, common)?,
    };
    let made = index::made_by(&set)?;
    if (made.key, made.dim) != (index.made().key, index.made().dim) {
        return Err(Failure::input(format!(
            "it was made with other models ('{}', {} components) than '{}'; run 'clipscope index' again",
            display_safe(&index.made().set),
            index.made().dim,
            set.name().name()
        )));
    }
    if index.lost() > 0 && !common.quiet {
        tell(format_args!(
            "clipscope: {} photos of the index are lost to damage; 'clipscope index' brings them back",
            index.lost()
        ));
    }
    Ok((index, set))
}

/// How one query is best answered. Opening the graph takes longer than looking at every vector once, so it is only used when
/// it is asked for.
#[cfg_attr(not(feature = "approximate"), allow(unused_variables))]
fn finder(options: &SearchOptions, index: Index) -> Result<Finder, Failure> {
    let index = Arc::new(index);
    #[cfg(feature = "approximate")]
    if options.approximate {
        return Finder::approximate(index)
            .map_err(|error| Failure::input(format!("{error}; run 'clipscope index --approximate'")));
    }
    Ok(Finder::exact(index))
}

fn search_folder(
    options: &SearchOptions,
    dataset: &Arc<Dataset>,
    set: &ModelSet,
    vector: &Vectors,
    min_score: f32,
    common: &Common,
) -> Result<(usize, Vec<Hit>), Failure> {
    let role = PHOTOS;
    let finished = run::embed_all(dataset, &set.only(role), common)?;
    let places: Vec<usize> =
        (0..dataset.items.len()).filter(|&place| finished.embeddings.get(role, place).is_some()).collect();
    let info = set.info();
    let tower = info.tower(role).ok_or_else(no_image_tower)?;
    let photos = finished.embeddings.vectors(tower, &places).map_err(Failure::input)?;
    let scores = similarity(vector, &photos).map_err(Failure::input)?;
    let best = retrieval::top_k(scores.row(0), options.top_k);
    let hits = best.into_iter().filter(|&place| scores.get(0, place) >= min_score);
    let hits = hits.enumerate().map(|(position, place)| {
        let item = &dataset.items[places[place]];
        let path = match &item.source {
            PhotoSource::File(path) => path.clone(),
            PhotoSource::Bundled(_) => PathBuf::from(&item.file),
        };
        Hit { rank: position + 1, file: item.file.clone(), score: scores.get(0, place), path }
    });
    Ok((photos.rows(), hits.collect()))
}

fn plain(answer: &Answer) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    if let Some(stand_in) = answer.models.stand_in {
        let _ = writeln!(out, "models {} ({stand_in})", answer.models.set.name());
    }
    if let Some(index) = &answer.index {
        let how = answer.approximate.map(|recall| format!(", {recall}")).unwrap_or_default();
        let _ = writeln!(out, "index {index} ({} photos{how})", answer.searched);
    }
    for hit in &answer.results {
        let _ = writeln!(out, "{:>4}  {:.3}  {}", hit.rank, hit.score, display_safe(&hit.file));
    }
    if answer.results.is_empty() {
        let _ = writeln!(out, "no photo scores enough");
    }
    out
}

/// The query and its vector in the shared space, `[1, dim]`.
pub(super) fn query(
    options: &SearchOptions,
    phrases: &[(Sign, &str)],
    set: &ModelSet,
    common: &Common,
) -> Result<(Query, Vectors), Failure> {
    let (mut terms, mut vectors) = (Vec::new(), Vec::new());
    for file in &options.image {
        terms.push(Term { sign: Sign::Plus, what: What::Image(display_path(file).into_owned()) });
        vectors.push((1.0, photo(set, file, common)?));
    }
    for &(sign, text) in phrases {
        terms.push(Term { sign, what: What::Text(text.to_owned()) });
        vectors.push((if sign == Sign::Plus { 1.0 } else { -1.0 }, phrase(set, text)?));
    }
    let parts: Vec<(f32, &Vectors)> = vectors.iter().map(|(weight, vector)| (*weight, vector)).collect();
    let vector = nearest::combine(&parts).map_err(|error| {
        Failure::new(
            Failure::USAGE,
            format!("the terms of the QUERY give no direction ({error}); change one"),
        )
    })?;
    let single = if terms.len() == 1 { terms.pop_if(|term| term.sign == Sign::Plus) } else { None };
    let query = match single.map(|term| term.what) {
        Some(What::Text(text)) => Query::Text(text),
        Some(What::Image(file)) => Query::Image(file),
        None => Query::Terms(terms),
    };
    Ok((query, vector))
}

/// The phrase in the shared space, `[1, dim]`.
pub(super) fn phrase(set: &ModelSet, text: &str) -> Result<Vectors, Failure> {
    let role = Role::ClipText;
    debug_assert_eq!(role.modality(), Modality::Text);
    let found = set.only(role).embed_caption(text)?.into_iter().find(|(found, _)| *found == role);
    let (_, vector) =
        found.ok_or_else(|| Failure::new(Failure::MODELS, "the model set has no text tower"))?;
    Vectors::from_rows(vector.len(), [vector.as_slice()])
        .map_err(|error| Failure::input(format!("'{text}' cannot be compared: {error}")))
}

/// A photo in the shared space, `[1, dim]`.
fn photo(set: &ModelSet, file: &Path, common: &Common) -> Result<Vectors, Failure> {
    let role = Role::ClipImage;
    let name = display_path(file).into_owned();
    let item = Item {
        file: name.clone(),
        source: PhotoSource::File(file.to_path_buf()),
        category: String::new(),
        captions: Vec::new(),
    };
    let dataset = Arc::new(Dataset::from_items(name.clone(), vec![item]));
    let finished = run::embed_all(&dataset, &set.only(role), common)?;
    let info = set.info();
    let tower = info.tower(role).ok_or_else(no_image_tower)?;
    // A photo that cannot be embedded has ended the run above.
    finished.embeddings.vectors(tower, &[0]).map_err(|error| Failure::input(format!("{name}: {error}")))
}

fn no_image_tower() -> Failure {
    Failure::new(Failure::MODELS, "the model set has no image tower of a shared space")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(tokens: &[&str]) -> Result<Vec<(Sign, String)>, u8> {
        let tokens: Vec<String> = tokens.iter().map(|token| (*token).to_owned()).collect();
        let found = phrases(&tokens).map_err(|failure| failure.code)?;
        Ok(found.into_iter().map(|(sign, text)| (sign, text.to_owned())).collect())
    }

    #[test]
    fn signs_stand_between_phrases() {
        let plus = |text: &str| (Sign::Plus, text.to_owned());
        let minus = |text: &str| (Sign::Minus, text.to_owned());
        assert_eq!(parsed(&["a car"]), Ok(vec![plus("a car")]));
        assert_eq!(parsed(&["a", "+", "b c", "-", "d"]), Ok(vec![plus("a"), plus("b c"), minus("d")]));
        assert_eq!(parsed(&["+", "at night", "-", "people"]), Ok(vec![plus("at night"), minus("people")]));
        assert_eq!(parsed(&["-", "people"]), Ok(vec![minus("people")]));
        assert_eq!(parsed(&[]), Ok(vec![]));
        for wrong in [&["a", "b"][..], &["a", "+"], &["+"], &["a", "+", "-", "b"], &["a", "+", " "], &[" "]] {
            assert_eq!(parsed(wrong), Err(Failure::USAGE), "{wrong:?}");
        }
    }
}
