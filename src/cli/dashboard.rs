//! Opens the dashboard or the screen of an index, with the pipeline behind it.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crossbeam_channel::Receiver;
use image::RgbImage;

use super::common::Common;
use super::failure::Failure;
use super::model_choice::ModelChoice;
use super::options::Pick;
use super::output::print;
use super::vectors::{self, FileEngine};
use super::{model_page, run, search};
use crate::tui::engine::GridPicture;
use crate::tui::model::{FetchNews, SetRow, SideId};
use crate::tui::{self, Engine, Left, Run, Settings, TextVectors};
use clipscope_base::display_safe::{display_path, display_safe};
use clipscope_base::priority::{self, Priority};
use clipscope_base::words::count;
use clipscope_core::dataset::{Dataset, PhotoSource};
use clipscope_core::embedding::{Event, Pipeline, PipelineOptions};
use clipscope_core::index;
use clipscope_core::report::plots::{HeatMap, HeatMapAxis};
use clipscope_networks::fetch::Fetcher;
use clipscope_networks::{
    Catalog, DecodeLimits, DeviceKind, ModelError, ModelSet, ModelStore, ModelsInfo, Role, SetDefinition,
    decode_photo,
};

/// The exit code: 0, or 128 plus the number of the signal that ended the dashboard.
pub(super) fn run(
    dataset: Option<&Path>,
    pick: &Pick,
    settings: Settings,
    common: &Common,
) -> Result<u8, Failure> {
    if let Some(folder) = index_asked_for(dataset) {
        let (index, set) = search::open_index(folder, common)?;
        let engine = Arc::new(PipelineEngine::new(set.only(Role::ClipText), common)?);
        return tui::browse::run(Arc::new(index), engine, &settings)
            .map(Left::exit_code)
            .map_err(Failure::input);
    }
    // Sets up the threads of the analysis before their first use. If they already run, the screen is only less smooth.
    let _ =
        rayon::ThreadPoolBuilder::new().start_handler(|_| priority::lower(Priority::Numbers)).build_global();
    let dataset = run::open_part(dataset, pick, common)?;
    let engine: Arc<dyn Engine> = if common.vectors.is_empty() {
        Arc::new(PipelineEngine::new(run::open_models(common)?, common)?)
    } else {
        Arc::new(FileEngine::new(vectors::read(&dataset, common)?))
    };
    tui::run(dataset, engine, settings).map(Left::exit_code).map_err(Failure::input)
}

/// The path, if it is an index. A folder with an index inside still opens as a data set.
pub(super) fn index_asked_for(path: Option<&Path>) -> Option<&Path> {
    path.filter(|path| index::find(path).is_some_and(|found| found == *path))
}

/// Describes an index where there is no terminal.
pub(super) fn plain_index(folder: &Path, common: &Common) -> Result<(), Failure> {
    let (index, set) = search::open_index(folder, common)?;
    let info = set.info();
    let stand_in = info.stand_in.map(|words| format!(" ({words})")).unwrap_or_default();
    let (root, folder) = (display_path(index.root()), display_path(folder));
    let text = format!(
        "index of {root}\n{}, models {}{stand_in}, {} components\n\
         search it with: clipscope search {folder} QUERY\n",
        count(index.len(), "photo"),
        info.set.name(),
        index.models().dim
    );
    print(text.as_bytes())
}

/// The dashboard's engine: the embedding pipeline and the models in use.
struct PipelineEngine {
    set: RwLock<ModelSet>,
    /// The set beside it, from its opening until its run takes it.
    second: Mutex<Option<ModelSet>>,
    /// What was asked for, and the sets of the configuration.
    choice: ModelChoice,
    /// The set of the start.
    own: SetDefinition,
    device: DeviceKind,
    store: ModelStore,
    options: PipelineOptions,
}

impl PipelineEngine {
    fn new(set: ModelSet, common: &Common) -> Result<Self, Failure> {
        Ok(Self {
            own: model_page::definition(&set.info()),
            set: RwLock::new(set),
            second: Mutex::new(None),
            choice: common.models.clone(),
            device: common.device(),
            store: run::model_store(common)?,
            options: run::pipeline_options(common, 0),
        })
    }

    /// The set in use. Its towers are shared, so nothing is copied.
    fn set(&self) -> ModelSet {
        self.set.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The sets there are. The one in use is among them, also where it was put together on the command line.
    fn catalog(&self) -> Result<Catalog, String> {
        let safe = |message: String| display_safe(&message).into_owned();
        let mut catalog = self.choice.catalog(&self.store).map_err(|failure| safe(failure.message))?;
        if catalog.set(self.own.name.name()).is_err() {
            catalog.add_set(self.own.clone()).map_err(|error| safe(error.to_string()))?;
        }
        Ok(catalog)
    }

    /// Gives an opened set to a side.
    fn give(&self, side: SideId, set: ModelSet) -> ModelsInfo {
        let info = set.info();
        match side {
            SideId::First => *self.set.write().unwrap_or_else(PoisonError::into_inner) = set,
            SideId::Second => *self.second.lock().unwrap_or_else(PoisonError::into_inner) = Some(set),
        }
        info
    }

    /// Opens the next set, in the order of the catalog, that is here at least in part. Nothing is loaded yet.
    fn next_set(&self) -> Result<ModelSet, String> {
        let safe = |message: &str| display_safe(message).into_owned();
        let catalog = self.catalog()?;
        let current = self.set();
        let sets: Vec<&SetDefinition> = catalog.sets().collect();
        let at = sets.iter().position(|set| set.name == *current.name());
        let after = at.map_or(0, |at| at + 1);
        let mut reason = None;
        for set in sets.iter().cycle().skip(after).take(sets.len()).filter(|set| set.name != *current.name())
        {
            match ModelSet::open(&catalog, set, self.device, &self.store) {
                Ok(set) => return Ok(set),
                Err(error) => reason = reason.or(Some(safe(&error.to_string()))),
            }
        }
        Err(reason.unwrap_or_else(|| "there is no other model set".into()))
    }
}

impl Engine for PipelineEngine {
    fn models(&self) -> ModelsInfo {
        self.set().info()
    }

    fn open_next(&self, side: SideId) -> Result<ModelsInfo, String> {
        Ok(self.give(side, self.next_set()?))
    }

    fn sets(&self) -> Result<Vec<SetRow>, String> {
        model_page::rows(&self.catalog()?, &self.store).map_err(|error| error.to_string())
    }

    fn open(&self, name: &str, side: SideId) -> Result<ModelsInfo, String> {
        let safe = |error: ModelError| display_safe(&error.to_string()).into_owned();
        let catalog = self.catalog()?;
        let set = catalog.set(name).map_err(safe)?;
        let set = ModelSet::open(&catalog, set, self.device, &self.store).map_err(safe)?;
        Ok(self.give(side, set))
    }

    fn fetch(&self, name: &str, tell: &mut dyn FnMut(FetchNews), stop: &AtomicBool) -> Result<(), String> {
        let fetcher = Fetcher::from_env(self.store.downloads()).map_err(|error| error.to_string())?;
        model_page::fetch(&self.catalog()?, name, &self.store, &fetcher, tell, stop)
    }

    fn start(&self, side: SideId, dataset: Arc<Dataset>, generation: u64) -> Box<dyn Run> {
        let set = match side {
            SideId::First => None,
            SideId::Second => self.second.lock().unwrap_or_else(PoisonError::into_inner).take(),
        };
        let options = PipelineOptions { generation, background: true, ..self.options.clone() };
        Box::new(PipelineRun(Pipeline::start(dataset, set.unwrap_or_else(|| self.set()), &options)))
    }

    fn embed_caption(&self, text: &str) -> Result<TextVectors, String> {
        let vectors = self.set().embed_caption(text).map_err(|error| error.to_string())?;
        Ok(vectors.into_iter().map(|(role, vector)| (role, vector.into())).collect())
    }

    fn plot(&self, picture: &GridPicture<'_>) -> Result<Vec<u8>, String> {
        draw(picture)
    }

    fn decode(&self, source: &PhotoSource) -> Result<RgbImage, String> {
        decode(source)
    }
}

/// A grid as a PNG file.
pub(super) fn draw(picture: &GridPicture<'_>) -> Result<Vec<u8>, String> {
    let axis = |what, labels: &[String], breaks: &[usize]| HeatMapAxis {
        what,
        labels: labels.to_vec(),
        breaks: breaks.to_vec(),
        blocks: Vec::new(),
    };
    let map = HeatMap {
        title: picture.title.clone(),
        matrix: picture.matrix,
        rows: axis(picture.axes.0, &picture.rows, &picture.row_breaks),
        cols: axis(picture.axes.1, &picture.cols, &picture.col_breaks),
        measure: "score",
    };
    map.png().map_err(|error| error.to_string())
}

/// A photo to be shown: upright, RGB.
pub(super) fn decode(source: &PhotoSource) -> Result<RgbImage, String> {
    let bytes = source.read().map_err(|error| error.to_string())?;
    decode_photo(&bytes, &DecodeLimits::default()).map_err(|error| error.to_string())
}

struct PipelineRun(Pipeline);

impl Run for PipelineRun {
    fn events(&self) -> &Receiver<Event> {
        self.0.events()
    }
}
