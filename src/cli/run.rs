//! From arguments to vectors: what every command does before its own work.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::common::Common;
use super::failure::Failure;
use super::model_choice;
use super::options::Pick;
use super::output::tell;
use super::progress::{self, Counted};
use clipscope_analysis::NULL_CAPTIONS;
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_base::words::count;
use clipscope_core::dataset::{Dataset, DatasetError, OpenOptions, Skipped};
use clipscope_core::embedding::{Embeddings, EventKind, Pipeline, PipelineOptions, Unit, VectorCache};
use clipscope_core::index;
use clipscope_core::report::{PhotoNote, RunNotes};
use clipscope_networks::{ModelSet, ModelStore};

/// Opens the data set at `path`, which must be given.
pub(super) fn open_dataset(path: &Path, common: &Common) -> Result<Dataset, Failure> {
    refuse_index(path)?;
    Ok(Dataset::open(path, &open_options(&Pick::default(), common))?)
}

/// Opens part of a data set or of the bundled photos, and says which part.
pub(super) fn open_part(path: Option<&Path>, pick: &Pick, common: &Common) -> Result<Dataset, Failure> {
    let options = open_options(pick, common);
    let dataset = match path {
        Some(path) => {
            refuse_index(path)?;
            Dataset::open(path, &options).map_err(|error| match error {
                DatasetError::NotFound { .. } => {
                    Failure::input(format!("{error}, or leave it out for the bundled photos"))
                }
                error => error.into(),
            })?
        }
        None => Dataset::bundled_with(&options)?,
    };
    if let Some(selection) = dataset.selection.filter(|_| !common.quiet) {
        tell(format_args!("clipscope: {selection}"));
    }
    Ok(dataset)
}

/// Refuses an index where a data set is needed: it holds the vectors of photos, not the photos.
pub(super) fn refuse_index(path: &Path) -> Result<(), Failure> {
    if index::find(path).is_none_or(|found| found != path) {
        return Ok(());
    }
    let path = display_path(path);
    Err(Failure::input(format!("{path}: an index, not a data set; give the folder of the photos")))
}

pub(super) fn open_options(pick: &Pick, common: &Common) -> OpenOptions {
    OpenOptions {
        captions: common.captions.clone(),
        limit: pick.limit,
        sample: pick.sample.map(|count| (count, pick.seed)),
    }
}

/// Opens the model set asked for, or the best one installed.
pub(super) fn open_models(common: &Common) -> Result<ModelSet, Failure> {
    common.models.open(common.device(), &model_store(common)?)
}

/// Opens the model set called `name`, as an index remembers it.
pub(super) fn open_models_named(name: &str, common: &Common) -> Result<ModelSet, Failure> {
    let catalog = common.models.catalog()?;
    let definition = catalog.set(name).map_err(|_| {
        Failure::new(
            Failure::MODELS,
            format!("it was built with the models '{name}', which this build does not include"),
        )
    })?;
    Ok(ModelSet::open(&catalog, definition, common.device(), &model_store(common)?)?)
}

/// The store of published weights, in the folder asked for or the user's cache folder.
pub(super) fn model_store(common: &Common) -> Result<ModelStore, Failure> {
    let root = cache_root(common).ok_or_else(|| {
        Failure::input("there is no home folder to keep downloaded models in; give --cache-dir DIR")
    })?;
    Ok(ModelStore::new(root).with_hub_cache(&|name| std::env::var(name).ok()))
}

/// The options of the pipeline for these arguments.
pub(super) fn pipeline_options(common: &Common, generation: u64) -> PipelineOptions {
    PipelineOptions {
        threads: common.threads(),
        cache: cache_root(common).map(VectorCache::new),
        null_captions: NULL_CAPTIONS.map(String::from).to_vec(),
        generation,
        background: false,
    }
}

/// The folder asked for, or the user's cache folder; `None` for a user without a home.
fn cache_root(common: &Common) -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    if let Some(folder) = &common.cache_dir {
        return Some(folder.clone());
    }
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.cache_dir().join("clipscope"))
}

/// The outcome of embedding a data set.
pub(super) struct Finished {
    pub embeddings: Embeddings,
    pub notes: RunNotes,
    pub elapsed: Duration,
    /// SHA-256 of each photo that was embedded.
    pub contents: Vec<[u8; 32]>,
    pub cached: usize,
    pub computed: usize,
}

/// Where it is said what was skipped, and why. It is said once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Notes {
    /// On stderr, as soon as it happens.
    AtOnce,
    /// In the report that is printed. Where nobody sees that, stderr counts them.
    InReport,
}

/// Embeds the whole data set, with a progress bar on a terminal.
///
/// Skipped items are reported once a photo has been embedded. Where none is, the error says it all: one line with the
/// first photo and the reason.
pub(super) fn embed_all(
    dataset: &Arc<Dataset>,
    set: &ModelSet,
    common: &Common,
    notes: Notes,
) -> Result<Finished, Failure> {
    let captions: Vec<(usize, &str)> = dataset
        .items
        .iter()
        .enumerate()
        .flat_map(|(item, entry)| entry.captions.iter().map(move |text| (item, text.as_str())))
        .collect();
    let total = dataset.items.len() + captions.len();
    if !common.quiet {
        model_choice::tell_missing(set);
    }
    let progress = progress::bar(total as u64, Counted::Items, common).with_message("embedding");
    let pipeline = Pipeline::start(Arc::clone(dataset), set.clone(), &pipeline_options(common, 0));
    let mut finished = Finished {
        embeddings: Embeddings::new(dataset.items.len(), captions.len()),
        notes: RunNotes::default(),
        elapsed: Duration::ZERO,
        contents: vec![[0; 32]; dataset.items.len()],
        cached: 0,
        computed: 0,
    };
    // Events come in the order of the workers; notes are sorted so that reports do not depend on it.
    let mut skipped: Vec<(Unit, Skipped)> = Vec::new();
    let mut said = 0;
    let mut photos = 0;
    let mut truncated: Vec<usize> = Vec::new();
    let mut noted: Vec<(usize, &'static str)> = Vec::new();
    loop {
        // Workers that end without a last event have hit a bug: the result is incomplete.
        let event = pipeline.events().recv().map_err(|_| {
            Failure::input(
                "embedding stopped early (internal error); run the command again: finished vectors are kept",
            )
        })?;
        finished.embeddings.record(&event.kind);
        match event.kind {
            EventKind::Embedded { unit, content, cached, truncated: cut, .. } => {
                if let Unit::Photo(photo) = unit {
                    finished.contents[photo] = content;
                }
                if let Unit::Caption(caption) = unit
                    && cut
                {
                    truncated.push(caption);
                }
                photos += usize::from(matches!(unit, Unit::Photo(_)));
                if !matches!(unit, Unit::NullCaption(_)) {
                    *(if cached { &mut finished.cached } else { &mut finished.computed }) += 1;
                    progress.inc(1);
                }
            }
            EventKind::Skipped { unit, reason } => {
                let file = match unit {
                    Unit::Photo(photo) => dataset.items[photo].file.clone(),
                    Unit::Caption(caption) => {
                        let (item, text) = captions[caption];
                        format!("{} (caption '{text}')", dataset.items[item].file)
                    }
                    Unit::NullCaption(index) => format!("null caption {index}"),
                };
                progress.inc(1);
                skipped.push((unit, Skipped { file, reason }));
            }
            EventKind::Noted { photo, note } => noted.push((photo, note)),
            EventKind::Notice(text) => {
                progress.suspend(|| tell(format_args!("clipscope: {}", display_safe(&text))));
            }
            EventKind::Failed(reason) => return Err(Failure::new(Failure::MODELS, reason)),
            EventKind::Finished { elapsed } => {
                finished.elapsed = elapsed;
                break;
            }
        }
        if photos > 0 && !common.quiet && notes == Notes::AtOnce {
            for (_, Skipped { file, reason }) in &skipped[said..] {
                let (file, reason) = (display_safe(file), display_safe(reason));
                progress.suspend(|| tell(format_args!("clipscope: skipped {file}: {reason}")));
            }
            said = skipped.len();
        }
    }
    progress.finish_and_clear();
    skipped.sort_by_key(|(unit, _)| *unit);
    if photos == 0 && !dataset.items.is_empty() {
        return Err(nothing_embedded(dataset, skipped.first().map(|(_, first)| first)));
    }
    if notes == Notes::InReport && !skipped.is_empty() && !common.quiet && !std::io::stdout().is_terminal() {
        let items = count(skipped.len(), "item");
        tell(format_args!("clipscope: {items} left out; the report says why"));
    }
    truncated.sort_unstable();
    noted.sort_unstable();
    finished.notes.photo_notes = noted
        .into_iter()
        .map(|(photo, note)| PhotoNote { file: dataset.items[photo].file.clone(), note: note.into() })
        .collect();
    if !common.quiet {
        tell_notes(&finished.notes.photo_notes);
    }
    finished.notes.skipped = skipped.into_iter().map(|(_, skipped)| skipped).collect();
    finished.notes.truncated_captions =
        truncated.into_iter().map(|caption| captions[caption].1.to_string()).collect();
    Ok(finished)
}

/// Says what is wrong with the files of photos that were used, in one line.
pub(super) fn tell_notes(notes: &[PhotoNote]) {
    let Some(PhotoNote { file, note }) = notes.first() else { return };
    let rest = match notes.len() {
        1 => String::new(),
        2 => " (and 1 more photo)".into(),
        count => format!(" (and {} more photos)", count - 1),
    };
    tell(format_args!("clipscope: note on {}: {}{rest}", display_safe(file), display_safe(note)));
}

fn nothing_embedded(dataset: &Dataset, first: Option<&Skipped>) -> Failure {
    let Some(Skipped { file, reason }) = first else {
        return Failure::input(format!("no photo of {} could be embedded; check the files", dataset.path));
    };
    let why = format!("{file}: {reason}");
    if dataset.path == *file {
        return Failure::input(why);
    }
    Failure::input(format!("no photo of {} could be embedded ({why}); check the files", dataset.path))
}
