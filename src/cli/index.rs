//! `clipscope index`: builds the index of a folder, brings it up to date, and keeps watching if asked to.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use super::common::Common;
use super::failure::Failure;
use super::options::IndexOptions;
use super::output::{print, tell};
use super::progress::{self, Counted};
use super::watch::Watch;
use super::{approximate, run};
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_base::words::count;
use clipscope_core::dataset::{Dataset, DatasetKind, Item, PhotoSource};
use clipscope_core::embedding::{EventKind, Pipeline, PipelineOptions, Unit};
use clipscope_core::index::{
    self, EmbedOutcome, IndexModels, IndexWriter, ListedPhoto, Opened, Unlisted, UpdateCounts,
};
use clipscope_core::report::PhotoNote;
use clipscope_networks::{ModelSet, Role};

/// Skipped photos that are named; the rest are only counted.
const SHOWN: usize = 20;

/// Which update of a run this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// The one that was asked for.
    First,
    /// One that `--watch` makes after a change.
    Again,
}

/// The exit code: 0, or 128 and the number of the signal that ended `--watch`.
pub(super) fn run(options: &IndexOptions, common: &Common) -> Result<u8, Failure> {
    let set = run::open_models(common)?;
    let root = root_of(&options.folder)?;
    let folder = options.out.clone().unwrap_or_else(|| root.join(index::FOLDER));
    // Watching begins before the first update, so that nothing falls between the two.
    let watch = if options.watch { Some(Watch::start(&root, &folder)?) } else { None };
    let indexing =
        Indexing { options, root: &root, folder: &folder, set: &set, common, watch: watch.as_ref() };
    let mut said = HashSet::new();
    let mut update = |pass: Pass| indexing.update(pass, &mut said);
    update(Pass::First)?;
    let Some(watch) = &watch else { return Ok(0) };
    if !common.quiet {
        tell(format_args!("clipscope: watching {}; press Ctrl-C to stop", display_path(&root)));
    }
    let mut failed = false;
    while watch.wait(failed) {
        failed = match update(Pass::Again) {
            // The last photo may come back, a manifest may be half written, or another process may be at work.
            Err(failure) if failure.code == Failure::INPUT => {
                tell(format_args!("clipscope: {}", display_safe(&failure.message)));
                true
            }
            other => other.map(|()| false)?,
        };
    }
    Ok(watch.ended().unwrap_or(0))
}

/// The folder that names in the index are relative to: the data set's own, or that of its manifest, with links resolved.
fn root_of(path: &Path) -> Result<PathBuf, Failure> {
    let fail = |error: std::io::Error| Failure::input(format!("cannot read {}: {error}", display_path(path)));
    let path = path.canonicalize().map_err(fail)?;
    Ok(match path.parent() {
        Some(parent) if path.is_file() => parent.to_owned(),
        _ => path,
    })
}

/// What every update of a run has in common.
struct Indexing<'a> {
    options: &'a IndexOptions,
    root: &'a Path,
    folder: &'a Path,
    set: &'a ModelSet,
    common: &'a Common,
    watch: Option<&'a Watch>,
}

impl Indexing<'_> {
    /// Brings the index up to date. `said` holds what earlier updates said of skipped photos.
    fn update(&self, pass: Pass, said: &mut HashSet<u64>) -> Result<(), Failure> {
        let Self { options, root, folder, set, common, watch } = *self;
        let started = Instant::now();
        let dataset = run::open_dataset(&options.folder, common)?;
        let (mut writer, opened) = IndexWriter::open(folder, root, IndexModels::of(set)?)?;
        if !common.quiet {
            match &opened {
                Opened::New | Opened::Kept => {}
                Opened::OtherModels(other) => {
                    tell(format_args!(
                        "clipscope: the index was built with the models '{}'; building it again",
                        display_safe(other)
                    ));
                }
                Opened::Repaired(damage) => {
                    tell(format_args!(
                        "clipscope: the index was damaged ({}); restoring what is missing",
                        display_safe(damage)
                    ));
                }
            }
        }
        let listed: Vec<ListedPhoto> = dataset.items.iter().filter_map(|item| listed(root, item)).collect();
        let bar = progress::bar(listed.len() as u64, Counted::Items, common).with_message("indexing");
        let mut skips = Skips { bar: &bar, quiet: common.quiet, shown: 0, first: None, said };
        for skipped in &dataset.skipped {
            skips.say(&skipped.file, &skipped.reason_behind_file());
        }
        let set = set.only(Role::ClipImage);
        let mut notes = Vec::new();
        let embed = |photos: &[usize]| match watch.and_then(Watch::ended) {
            Some(code) => Err(Failure::new(code, "stopped by a signal; finished vectors are kept")),
            None => embed(&set, common, photos.iter().map(|&photo| &listed[photo]), &mut notes),
        };
        let report = |counts: &UpdateCounts, skipped: Option<(usize, &str)>| {
            bar.set_position(counts.done() as u64);
            // Photos that were there already say nothing about how long the rest will take.
            if counts.done() == counts.unchanged {
                bar.reset_eta();
            }
            if let Some((photo, reason)) = skipped {
                skips.say(&display_path(&listed[photo].name), reason);
            }
        };
        // A manifest that is being written while it is watched names less than it will.
        let unlisted = match dataset.origin.kind {
            DatasetKind::FolderTree => Unlisted::Keep,
            _ if pass == Pass::Again => Unlisted::Keep,
            _ => Unlisted::Remove,
        };
        let result = index::update(&mut writer, &listed, unlisted, embed, report);
        let first = skips.first.take();
        bar.finish_and_clear();
        let counts = result?;
        if !common.quiet {
            run::tell_notes(&notes);
            let line = summary(&counts, dataset.skipped.len(), writer.len(), folder, started.elapsed());
            print(format!("{line}\n").as_bytes())?;
            if counts.unlisted > 0 {
                tell(format_args!(
                    "clipscope: kept {} no longer listed but still on disk",
                    count(counts.unlisted, "photo")
                ));
            }
        }
        let large = index::is_large(writer.len(), writer.models().dim);
        let photos = writer.len();
        drop(writer);
        if photos == 0 {
            // Otherwise it was said above.
            let why = first
                .filter(|_| common.quiet)
                .map(|(file, reason)| format!(" ({file}: {reason})"))
                .unwrap_or_default();
            let path = display_path(&options.folder);
            return Err(Failure::input(format!(
                "no photo of {path} could be embedded{why}; check the files"
            )));
        }
        approximate::after_update(options, folder, large, common)
    }
}

fn listed(root: &Path, item: &Item) -> Option<ListedPhoto> {
    let PhotoSource::File(path) = &item.source else { return None };
    // A manifest may name photos beside its own folder only; a path outside stays whole.
    let name = path.strip_prefix(root).unwrap_or(path).to_owned();
    Some(ListedPhoto { name, path: path.clone() })
}

fn summary(counts: &UpdateCounts, refused: usize, photos: usize, folder: &Path, took: Duration) -> String {
    format!(
        "{} in {}: {} embedded, {} reused (same content), {} unchanged, {} removed, {} skipped, {:.1} s",
        count(photos, "photo"),
        display_path(folder),
        counts.embedded,
        counts.reused,
        counts.unchanged,
        counts.removed,
        counts.skipped + refused,
        took.as_secs_f64()
    )
}

/// Reports skipped photos.
struct Skips<'a> {
    bar: &'a ProgressBar,
    quiet: bool,
    shown: usize,
    /// The first photo of this update, safe to display, and the reason.
    first: Option<(String, String)>,
    /// Hashes of what this and earlier updates had to say; nothing is said twice.
    said: &'a mut HashSet<u64>,
}

impl Skips<'_> {
    fn say(&mut self, file: &str, reason: &str) {
        let (file, reason) = (display_safe(file), display_safe(reason));
        self.first.get_or_insert_with(|| (file.to_string(), reason.to_string()));
        let mut hasher = DefaultHasher::new();
        (&file, &reason).hash(&mut hasher);
        if !self.said.insert(hasher.finish()) || self.quiet || self.shown > SHOWN {
            return;
        }
        self.shown += 1;
        self.bar.suspend(|| match self.shown {
            0..=SHOWN => tell(format_args!("clipscope: skipped {file}: {reason}")),
            _ => tell(format_args!("clipscope: more photos were skipped; see the count in the summary")),
        });
    }
}

/// Embeds photos in the shared space; one outcome for each, in order. What there is to tell about their files goes to `notes`.
fn embed<'a>(
    set: &ModelSet,
    common: &Common,
    photos: impl Iterator<Item = &'a ListedPhoto>,
    notes: &mut Vec<PhotoNote>,
) -> Result<Vec<EmbedOutcome>, Failure> {
    let items: Vec<Item> = photos
        .map(|photo| Item {
            file: photo.name.display().to_string(),
            source: PhotoSource::File(photo.path.clone()),
            category: String::new(),
            captions: Vec::new(),
        })
        .collect();
    let lost = || EmbedOutcome::Skipped("not embedded".into());
    let mut outcomes: Vec<EmbedOutcome> = items.iter().map(|_| lost()).collect();
    // The index is the cache.
    let options = PipelineOptions { threads: common.threads(), ..PipelineOptions::default() };
    let dataset = Arc::new(Dataset::from_items("", items));
    let pipeline = Pipeline::start(Arc::clone(&dataset), set.clone(), &options);
    while let Ok(event) = pipeline.events().recv() {
        match event.kind {
            EventKind::Embedded { unit: Unit::Photo(photo), vectors, .. } => {
                let vector = vectors.into_iter().find(|(role, _)| *role == Role::ClipImage);
                if let (Some(outcome), Some((_, vector))) = (outcomes.get_mut(photo), vector) {
                    *outcome = EmbedOutcome::Vector(vector.to_vec());
                }
            }
            EventKind::Skipped { unit: Unit::Photo(photo), reason } => {
                if let Some(outcome) = outcomes.get_mut(photo) {
                    *outcome = EmbedOutcome::Skipped(reason);
                }
            }
            EventKind::Noted { photo, note } => {
                let file = dataset.items[photo].file.clone();
                notes.push(PhotoNote { file, note: note.into() });
            }
            EventKind::Failed(reason) => return Err(Failure::new(Failure::MODELS, reason)),
            EventKind::Finished { .. } => break,
            _ => {}
        }
    }
    Ok(outcomes)
}
