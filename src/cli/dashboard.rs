//! Opens the dashboard, with the pipeline as its engine.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use crossbeam_channel::Receiver;
use image::RgbImage;

use super::args::Common;
use super::{Failure, run};
use crate::dataset::{Dataset, Source};
use crate::display_safe::display_safe;
use crate::embedding::{Event, Pipeline, PipelineOptions};
use crate::models::{DecodeLimits, DeviceKind, ModelSet, ModelStore, ModelsInfo, SetName, decode_photo};
use crate::report::plots::HeatMap;
use crate::tui::engine::GridPicture;
use crate::tui::{self, Engine, Left, Run, Settings, TextVectors};

/// The exit code: 0, or 128 and the number of the signal that ended the dashboard.
pub(super) fn run(dataset: Option<&Path>, settings: Settings, common: &Common) -> Result<u8, Failure> {
    let dataset = run::open_dataset(dataset, common)?;
    let set = run::open_models(common)?;
    let engine = PipelineEngine {
        set: RwLock::new(set),
        device: common.device.into(),
        store: run::model_store(common)?,
        options: run::pipeline_options(common, 0),
    };
    tui::run(dataset, Arc::new(engine), settings).map(Left::exit_code).map_err(Failure::input)
}

/// The dashboard's engine: the embedding pipeline and the models in use.
struct PipelineEngine {
    set: RwLock<ModelSet>,
    device: DeviceKind,
    store: ModelStore,
    options: PipelineOptions,
}

impl PipelineEngine {
    /// The set in use. Its towers are shared, so this copies nothing.
    fn set(&self) -> ModelSet {
        self.set.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The other set. Nothing is loaded yet.
    fn open_next(&self) -> Result<ModelSet, String> {
        let next = match self.set().name() {
            SetName::Mini => SetName::Reference,
            SetName::Reference => SetName::Mini,
        };
        ModelSet::open(next, self.device, &self.store)
            .map_err(|error| display_safe(&error.to_string()).into_owned())
    }

    fn embed(&self, dataset: Arc<Dataset>, set: ModelSet, generation: u64) -> Box<dyn Run> {
        let options = PipelineOptions { generation, ..self.options.clone() };
        Box::new(PipelineRun(Pipeline::start(dataset, set, &options)))
    }
}

impl Engine for PipelineEngine {
    fn models(&self) -> ModelsInfo {
        self.set().info()
    }

    fn next_models(&self) -> Result<ModelsInfo, String> {
        let set = self.open_next()?;
        let info = set.info();
        *self.set.write().unwrap_or_else(PoisonError::into_inner) = set;
        Ok(info)
    }

    fn start(&self, dataset: Arc<Dataset>, generation: u64) -> Box<dyn Run> {
        self.embed(dataset, self.set(), generation)
    }

    fn start_second(
        &self,
        dataset: Arc<Dataset>,
        generation: u64,
    ) -> Result<(ModelsInfo, Box<dyn Run>), String> {
        let set = self.open_next()?;
        let info = set.info();
        Ok((info, self.embed(dataset, set, generation)))
    }

    fn embed_caption(&self, text: &str) -> Result<TextVectors, String> {
        let vectors = self.set().embed_caption(text).map_err(|error| error.to_string())?;
        Ok(vectors.into_iter().map(|(role, vector)| (role, vector.into())).collect())
    }

    fn plot(&self, picture: &GridPicture<'_>) -> Result<Vec<u8>, String> {
        let map = HeatMap {
            title: picture.title.clone(),
            matrix: picture.matrix,
            rows: picture.rows.clone(),
            cols: picture.cols.clone(),
            row_breaks: picture.row_breaks.clone(),
            col_breaks: picture.col_breaks.clone(),
            axes: picture.axes,
            measure: "score",
        };
        map.png().map_err(|error| error.to_string())
    }

    fn decode(&self, source: &Source) -> Result<RgbImage, String> {
        let bytes = source.read().map_err(|error| error.to_string())?;
        // The workers decode at the same time; take the share of one more.
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        decode_photo(&bytes, DecodeLimits::for_workers(workers + 1)).map_err(|error| error.to_string())
    }
}

struct PipelineRun(Pipeline);

impl Run for PipelineRun {
    fn events(&self) -> &Receiver<Event> {
        self.0.events()
    }
}
