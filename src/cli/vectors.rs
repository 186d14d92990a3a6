//! `--vectors`: files of vectors in place of networks, for the report and the dashboard.
//!
//! Owns what is said about the files. Must not know how they are read.

use std::sync::Arc;

use crossbeam_channel::{Receiver, bounded, unbounded};
use image::RgbImage;

use super::common::Common;
use super::dashboard::{decode, draw};
use super::failure::Failure;
use super::output::tell;
use super::run::{self, Finished, Notes};
use crate::tui::engine::GridPicture;
use crate::tui::model::{SetRow, SideId};
use crate::tui::{Engine, Run, TextVectors};
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_base::words::count;
use clipscope_core::dataset::{Dataset, PhotoSource, Skipped};
use clipscope_core::embedding::{Event, EventKind};
use clipscope_core::vector_files::{Unmatched, VectorFiles};
use clipscope_networks::ModelsInfo;

const NO_TEXT_NETWORK: &str =
    "a new text needs a network, and --vectors brings none; start with --models SET";
const NO_OTHER_SET: &str = "the vectors come from files; start without --vectors to use a model set";

/// Reads the files for a data set, and says what they do not give.
pub(super) fn read(dataset: &Dataset, common: &Common) -> Result<VectorFiles, Failure> {
    let files = VectorFiles::read(&common.vectors, dataset).map_err(Failure::input)?;
    if !common.quiet {
        for Skipped { file, reason } in unmatched(&files) {
            tell(format_args!("clipscope: {file}: {reason}"));
        }
        for remark in files.remarks() {
            tell(format_args!("clipscope: {remark}"));
        }
    }
    Ok(files)
}

/// The vectors of a data set, as if it had been embedded. Rows that nothing matches are among what was left out.
pub(super) fn finished(
    files: &VectorFiles,
    dataset: &Dataset,
    common: &Common,
    notes: Notes,
) -> Result<Finished, Failure> {
    let (sender, events) = unbounded();
    for kind in files.events(dataset) {
        let _ = sender.send(Event { generation: 0, kind });
    }
    let mut finished = run::collect(dataset, &events, common, notes)?;
    finished.notes.skipped.extend(unmatched(files));
    Ok(finished)
}

/// For each file, how many of its rows belong to nothing. Both texts are safe to show.
fn unmatched(files: &VectorFiles) -> Vec<Skipped> {
    let skipped = |file: Unmatched| {
        let examples: Vec<_> = file.examples.iter().map(|example| display_safe(example)).collect();
        let belong = if file.unmatched == 1 { "belongs" } else { "belong" };
        let (rows, dots) = (count(file.rows, "row"), if file.unmatched > 3 { ", …" } else { "" });
        Skipped {
            file: display_path(&file.file).into_owned(),
            reason: format!(
                "{} of its {rows} {belong} to no photo or caption of the data set: {}{dots}",
                file.unmatched,
                examples.join(", ")
            ),
        }
    };
    files.unmatched().into_iter().map(skipped).collect()
}

/// The dashboard's engine where vectors come from files.
pub(super) struct FileEngine(Arc<VectorFiles>);

impl FileEngine {
    pub fn new(files: VectorFiles) -> Self {
        Self(Arc::new(files))
    }
}

impl Engine for FileEngine {
    fn models(&self) -> ModelsInfo {
        self.0.models().clone()
    }

    fn open_next(&self, _side: SideId) -> Result<ModelsInfo, String> {
        Err(NO_OTHER_SET.into())
    }

    fn sets(&self) -> Result<Vec<SetRow>, String> {
        Err(NO_OTHER_SET.into())
    }

    fn start(&self, _side: SideId, dataset: Arc<Dataset>, generation: u64) -> Box<dyn Run> {
        let (sender, events) = bounded(256);
        let (files, failed) = (Arc::clone(&self.0), sender.clone());
        // It ends when the run is dropped, since nobody receives any more.
        let started = std::thread::Builder::new().name("tui-vectors".into()).spawn(move || {
            let notices = unmatched(&files)
                .into_iter()
                .map(|Skipped { file, reason }| EventKind::Notice(format!("{file}: {reason}")));
            for kind in notices.chain(files.events(&dataset)) {
                if sender.send(Event { generation, kind }).is_err() {
                    return;
                }
            }
        });
        if started.is_err() {
            let kind = EventKind::Failed("no thread could be started; close other programs".into());
            let _ = failed.try_send(Event { generation, kind });
        }
        Box::new(FileRun(events))
    }

    fn embed_caption(&self, _text: &str) -> Result<TextVectors, String> {
        Err(NO_TEXT_NETWORK.into())
    }

    fn plot(&self, picture: &GridPicture<'_>) -> Result<Vec<u8>, String> {
        draw(picture)
    }

    fn decode(&self, source: &PhotoSource) -> Result<RgbImage, String> {
        decode(source)
    }
}

struct FileRun(Receiver<Event>);

impl Run for FileRun {
    fn events(&self) -> &Receiver<Event> {
        &self.0
    }
}
