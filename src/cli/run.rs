//! From arguments to vectors: what every command does before its own work.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Failure;
use super::args::Common;
use crate::analysis::NULL_CAPTIONS;
use crate::dataset::{Dataset, OpenOptions, Skipped};
use crate::display_safe::display_safe;
use crate::embedding::{Embeddings, EventKind, Pipeline, PipelineOptions, Unit, VectorCache};
use crate::models::{ModelSet, ModelStore, SetName};
use crate::report::RunNotes;

/// Opens the data set asked for, or the photos that ship.
pub(super) fn open_dataset(path: Option<&Path>, common: &Common) -> Result<Dataset, Failure> {
    let options = OpenOptions { captions: common.captions.clone(), ..OpenOptions::default() };
    Ok(match path {
        Some(path) => Dataset::open(path, &options)?,
        None => Dataset::bundled_with(&options)?,
    })
}

/// Opens the model set asked for, or the best one installed.
pub(super) fn open_models(common: &Common) -> Result<ModelSet, Failure> {
    let (device, store) = (common.device.into(), model_store(common)?);
    Ok(match common.models {
        Some(name) => ModelSet::open(name.into(), device, &store)?,
        None => ModelSet::open_default(device, &store)?,
    })
}

/// Opens the model set that goes by `name` on the command line, as an index remembers it.
pub(super) fn open_models_named(name: &str, common: &Common) -> Result<ModelSet, Failure> {
    let known = [SetName::Mini, SetName::Reference].into_iter().find(|known| known.name() == name);
    let name = known.ok_or_else(|| {
        Failure::new(
            Failure::MODELS,
            format!("it was made with the models '{name}', which this program has not"),
        )
    })?;
    Ok(ModelSet::open(name, common.device.into(), &model_store(common)?)?)
}

/// Where published weights are kept: the folder asked for, or the user's cache folder.
pub(super) fn model_store(common: &Common) -> Result<ModelStore, Failure> {
    let root = cache_root(common).ok_or_else(|| {
        Failure::input("there is no home folder for downloaded models; give --cache-dir DIR")
    })?;
    Ok(ModelStore::new(root))
}

/// How to run the pipeline for these arguments.
pub(super) fn pipeline_options(common: &Common, generation: u64) -> PipelineOptions {
    PipelineOptions {
        threads: common.threads,
        cache: cache_root(common).map(VectorCache::new),
        null_captions: NULL_CAPTIONS.map(String::from).to_vec(),
        generation,
    }
}

/// The folder asked for, or the user's cache folder. A user without a home has none.
fn cache_root(common: &Common) -> Option<PathBuf> {
    use etcetera::BaseStrategy as _;
    if let Some(folder) = &common.cache_dir {
        return Some(folder.clone());
    }
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.cache_dir().join("clipscope"))
}

/// The outcome of a finished run.
pub(super) struct Finished {
    pub embeddings: Embeddings,
    pub notes: RunNotes,
    pub elapsed: Duration,
    pub cached: usize,
    pub computed: usize,
}

/// Embeds the whole data set, with a progress bar on a terminal.
pub(super) fn embed_all(
    dataset: &Arc<Dataset>,
    set: &ModelSet,
    common: &Common,
) -> Result<Finished, Failure> {
    let captions: Vec<(usize, &str)> = dataset
        .items
        .iter()
        .enumerate()
        .flat_map(|(item, entry)| entry.captions.iter().map(move |text| (item, text.as_str())))
        .collect();
    let total = dataset.items.len() + captions.len();
    let progress = progress_bar("embedding", total, common.quiet);
    let pipeline = Pipeline::start(Arc::clone(dataset), set.clone(), &pipeline_options(common, 0));
    let mut finished = Finished {
        embeddings: Embeddings::new(dataset.items.len(), captions.len()),
        notes: RunNotes::default(),
        elapsed: Duration::ZERO,
        cached: 0,
        computed: 0,
    };
    // Events come in the order of the workers; notes are sorted so that reports do not depend on it.
    let mut skipped: Vec<(Unit, Skipped)> = Vec::new();
    let mut truncated: Vec<usize> = Vec::new();
    while let Ok(event) = pipeline.events().recv() {
        finished.embeddings.record(&event.kind);
        match event.kind {
            EventKind::Embedded { unit, cached, truncated: cut, .. } => {
                if let Unit::Caption(caption) = unit
                    && cut
                {
                    truncated.push(caption);
                }
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
                if !common.quiet {
                    let (file, reason) = (display_safe(&file), display_safe(&reason));
                    progress.suspend(|| eprintln!("clipscope: skipped {file}: {reason}"));
                }
                progress.inc(1);
                skipped.push((unit, Skipped { file, reason }));
            }
            EventKind::Notice(text) => {
                progress.suspend(|| eprintln!("clipscope: {}", display_safe(&text)));
            }
            EventKind::Failed(reason) => return Err(Failure::new(Failure::MODELS, reason)),
            EventKind::Finished { elapsed } => {
                finished.elapsed = elapsed;
                break;
            }
        }
    }
    progress.finish_and_clear();
    skipped.sort_by_key(|(unit, _)| *unit);
    truncated.sort_unstable();
    finished.notes.skipped = skipped.into_iter().map(|(_, skipped)| skipped).collect();
    finished.notes.truncated_captions =
        truncated.into_iter().map(|caption| captions[caption].1.to_string()).collect();
    Ok(finished)
}

pub(super) fn progress_bar(what: &str, total: usize, quiet: bool) -> ProgressBar {
    let bar = ProgressBar::new(total as u64);
    if quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let template = format!("{what} {{bar:30}} {{pos}}/{{len}}  {{per_sec}}  {{eta}} left");
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    bar
}
