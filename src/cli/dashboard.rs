//! Opens the dashboard, with the pipeline as its engine.

use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::Receiver;
use image::RgbImage;

use super::args::{Common, ImagesArgument};
use super::{Failure, run};
use crate::dataset::{Dataset, Source};
use crate::embedding::{Event, Pipeline, PipelineOptions};
use crate::models::{DecodeLimits, ModelSet, ModelsInfo, decode_photo};
use crate::tui::{self, ColorMode, Engine, ImageMode, Left, Run, Settings, TextVectors};

/// The exit code: 0, or 128 and the number of the signal that ended the dashboard.
pub(super) fn run(dataset: Option<&Path>, images: ImagesArgument, common: &Common) -> Result<u8, Failure> {
    let dataset = run::open_dataset(dataset, common)?;
    let set = run::open_models(common)?;
    let engine = PipelineEngine { set, options: run::pipeline_options(common, 0) };
    let settings = Settings {
        color: if common.no_color { ColorMode::None } else { ColorMode::Auto },
        images: match images {
            ImagesArgument::Auto => ImageMode::Auto,
            ImagesArgument::Half => ImageMode::Half,
            ImagesArgument::Off => ImageMode::Off,
        },
    };
    tui::run(dataset, Arc::new(engine), &settings).map(Left::exit_code).map_err(Failure::input)
}

/// The dashboard's engine: the embedding pipeline and the models in use.
struct PipelineEngine {
    set: ModelSet,
    options: PipelineOptions,
}

impl Engine for PipelineEngine {
    fn models(&self) -> ModelsInfo {
        self.set.info()
    }

    fn start(&self, dataset: Arc<Dataset>, generation: u64) -> Box<dyn Run> {
        let options = PipelineOptions { generation, ..self.options.clone() };
        Box::new(PipelineRun(Pipeline::start(dataset, self.set.clone(), &options)))
    }

    fn embed_caption(&self, text: &str) -> Result<TextVectors, String> {
        let vectors = self.set.embed_caption(text).map_err(|error| error.to_string())?;
        Ok(vectors.into_iter().map(|(role, vector)| (role, vector.into())).collect())
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
