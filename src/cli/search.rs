//! `clipscope search`: the best photos of a folder or an index for phrases and photos.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::common::Common;
use super::failure::Failure;
use super::options::SearchOptions;
use super::output::tell;
use super::query::{self, Answer, Hit, PHOTOS};
use super::run::Notes;
use super::{qdrant, run};
use clipscope_analysis::{Vectors, retrieval, similarity};
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_base::words::count;
use clipscope_core::dataset::{Dataset, PhotoSource};
use clipscope_core::index::{self as store, Finder, Index, IndexModels};
use clipscope_networks::ModelSet;

/// What to search: an index, or a folder whose photos are embedded first.
enum Collection {
    Index(Box<Index>),
    Folder(Arc<Dataset>),
}

pub(super) fn run(options: &SearchOptions, common: &Common) -> Result<(), Failure> {
    if options.null && std::io::stdout().is_terminal() {
        let message = "-0 prints names unescaped, for a pipe; use --paths on a terminal";
        return Err(Failure::new(Failure::USAGE, message));
    }
    if let Some(url) = &options.engine {
        return qdrant::search(url, options, common);
    }
    let phrases = query::phrases(&options.query)?;
    let Some(folder) = &options.folder else {
        return Err(Failure::new(Failure::USAGE, "give the folder to search, or --engine"));
    };
    let (collection, set) = open(folder, common)?;
    let (query, vector) = query::embed(options, &phrases, &set, common)?;
    let min_score = options.min_score.unwrap_or(f32::NEG_INFINITY);
    let mut approximate = None;
    let (searched, results, index) = match collection {
        Collection::Index(index) if index.is_empty() => {
            let folder = display_path(index.folder());
            return Err(Failure::input(format!(
                "{folder}: the index holds no photo; run 'clipscope index' again"
            )));
        }
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
    query::print_answer(&answer, options)
}

/// A name below a folder, separated by '/'; bytes that are not UTF-8 are escaped.
fn shown_name(name: &Path) -> String {
    name.to_str().map_or_else(|| display_path(name).into_owned(), str::to_owned)
}

/// Opens what to search, and the models: those of the index, unless others were asked for.
fn open(path: &Path, common: &Common) -> Result<(Collection, ModelSet), Failure> {
    if let Some(folder) = store::find(path) {
        match open_index(&folder, common) {
            Ok((index, set)) => return Ok((Collection::Index(Box::new(index)), set)),
            // A folder can be searched without its index.
            Err(failure) if folder != path => {
                tell(format_args!(
                    "clipscope: not using the index: {}; embedding the photos instead",
                    display_safe(&failure.message)
                ));
            }
            Err(failure) => return Err(failure),
        }
    }
    let mut dataset = run::open_dataset(path, common)?;
    // Captions play no part in a search; leaving them out saves embedding them.
    for item in &mut dataset.items {
        item.captions.clear();
    }
    Ok((Collection::Folder(Arc::new(dataset)), run::open_models(common)?))
}

/// Opens an index with the models that it was made with.
pub(super) fn open_index(folder: &Path, common: &Common) -> Result<(Index, ModelSet), Failure> {
    let index = Index::open(folder)?;
    let set = if common.models.is_made() {
        run::open_models(common)?
    } else {
        run::open_models_named(&index.models().set, common)?
    };
    let made = IndexModels::of(&set)?;
    if (made.key, made.dim) != (index.models().key, index.models().dim) {
        return Err(Failure::input(format!(
            "it was built with the models '{}' ({} components), not with '{}'; run 'clipscope index' again",
            display_safe(&index.models().set),
            index.models().dim,
            set.name().name()
        )));
    }
    if index.lost() > 0 && !common.quiet {
        tell(format_args!(
            "clipscope: the index is damaged and has lost {}; 'clipscope index' restores what is lost",
            count(index.lost(), "photo")
        ));
    }
    Ok((index, set))
}

/// Chooses how to answer one query. Opening the graph takes longer than comparing every vector once, so it is used only on
/// request.
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
    let finished = run::embed_all(dataset, &set.only(role), common, Notes::AtOnce)?;
    let places: Vec<usize> =
        (0..dataset.items.len()).filter(|&place| finished.embeddings.get(role, place).is_some()).collect();
    let info = set.info();
    let tower = info.require(role)?;
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
