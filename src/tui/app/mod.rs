//! The state of the dashboard.
//!
//! Owns everything that is on screen and what changes it: [`update`] is the only function that takes an
//! [`Action`](super::Action), and views only read. What needs time or the outside world leaves as an
//! [`Effect`](super::Effect). Must not draw, read files, compute a metric or look at a clock: [`App::now`] is set by the
//! event loop before each update.

mod axis;
mod catalog;
mod edit;
mod export;
mod grid;
mod line;
mod lists;
mod mistakes;
mod models;
mod moves;
mod overview;
mod photos;
mod phrase;
mod progress;
mod refresh;
mod results;
mod second;
mod update;

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Size;
use ratatui_image::picker::Picker;

pub use axis::{Axis, Order};
pub use catalog::{Caption, Catalog, Photo};
pub use edit::Edit;
pub use grid::{GridId, GridView, Linked};
pub use line::InputLine;
pub use lists::{Entry, Mark, RankedList};
pub(crate) use overview::Overview;
pub use photos::PhotoSlot;
pub use phrase::Phrase;
pub use progress::{Progress, RunState};
pub use results::{Places, Range, Results};
pub use second::Second;
pub use update::update;

use super::approach::Approach;
use super::grid_plan::{GridPlan, Zoom};
use super::jobs::{Effect, LookDone, LookRequest, PhotoKey, Picture};
use super::keymap::{Keymap, Mode};
use super::layout::{Divider, Panel, Plan, Splits};
use super::settings::{ColorMode, ImageMode, Settings};
use super::theme::Theme;
use clipscope_core::dataset::{Dataset, Skipped};
use clipscope_core::embedding::Embeddings;
use clipscope_networks::ModelsInfo;

/// Which way photos and captions are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// Photos look for captions.
    #[default]
    ImageToText,
    /// Captions look for photos.
    TextToImage,
    /// Both are shown.
    Both,
}

impl Direction {
    fn next(self) -> Self {
        match self {
            Self::ImageToText => Self::TextToImage,
            Self::TextToImage => Self::Both,
            Self::Both => Self::ImageToText,
        }
    }

    /// The name shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ImageToText => "image→text",
            Self::TextToImage => "text→image",
            Self::Both => "both directions",
        }
    }
}

/// What covers the grid and its panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Page {
    /// Nothing.
    #[default]
    None,
    /// The photo and its ranking.
    Photo,
    /// The keys.
    Help,
    /// What was left out, and why.
    LeftOut,
}

/// A message that goes away by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Safe to show.
    pub text: String,
    /// When it goes, since the start of the dashboard.
    pub until: Duration,
}

/// A photo on its way to the screen.
#[derive(Debug, Clone)]
pub(crate) struct ShownPhoto {
    pub key: PhotoKey,
    pub result: Result<Picture, String>,
}

/// When the numbers are computed anew.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refresh {
    /// Something has changed since the last job was started.
    pub wanted: bool,
    /// A job is at work.
    pub running: bool,
    /// Not before, so that comparing does not take the processor from embedding.
    pub not_before: Duration,
    /// Of the last job.
    pub version: u64,
    /// Results of older jobs come from another model set.
    pub oldest: u64,
    /// Of the numbers at hand.
    pub shown: u64,
}

impl Refresh {
    /// When the next job is due.
    fn deadline(&self) -> Option<Duration> {
        (self.wanted && !self.running).then_some(self.not_before)
    }

    /// The version of the job to be started now, if one is due.
    fn due(&mut self, now: Duration) -> Option<u64> {
        if self.deadline().is_none_or(|deadline| now < deadline) {
            return None;
        }
        self.wanted = false;
        self.running = true;
        self.version += 1;
        Some(self.version)
    }

    /// A job has answered.
    fn done(&mut self, version: u64, took: Duration, now: Duration, embedding: bool) {
        let pause =
            if embedding { (took * refresh::PAUSE).min(refresh::LONGEST_PAUSE) } else { Duration::ZERO };
        (self.running, self.shown, self.not_before) = (false, version, now + pause);
    }
}

/// The state.
pub struct App {
    /// Time since the start of the dashboard; set before each update.
    pub now: Duration,
    /// Something on screen has changed since the last frame.
    pub redraw: bool,
    /// Size of the screen.
    pub size: Size,
    /// Colours.
    pub theme: Theme,
    /// The theme still follows the background of the terminal, once that is known.
    pub theme_follows: bool,
    /// Which key does what.
    pub keys: Keymap,
    /// How photos are drawn.
    pub images: ImageMode,
    /// The models in use.
    pub models: ModelsInfo,
    /// What is compared.
    pub dataset: Arc<Dataset>,
    /// The same, as it is shown.
    pub catalog: Catalog,
    /// How far the embedding is.
    pub progress: Progress,
    /// What was left out, safe to show.
    pub left_out: Vec<Skipped>,
    /// What the workers noticed that cost no item, safe to show.
    pub notes: Vec<String>,
    /// The numbers, once there are some.
    pub results: Option<Arc<Results>>,
    /// Why there are no new numbers, safe to show.
    pub failure: Option<String>,
    /// The tab.
    pub approach: Approach,
    /// The rows of the grid.
    pub rows: Axis,
    /// The columns of the grid.
    pub cols: Axis,
    /// Row and column of the cursor, as places in the data set.
    pub cursor: (usize, usize),
    /// First visible row and column.
    pub offset: (usize, usize),
    /// The grid beside it, in a comparison of two approaches.
    pub linked: Option<Linked>,
    /// The second model set, in a comparison of two.
    pub second: Option<Second>,
    pub(crate) second_asked: Option<(u64, Arc<Dataset>)>,
    /// How large the cells are.
    pub zoom: Zoom,
    /// The order of rows and columns.
    pub order: Order,
    /// Which way photos and captions are matched.
    pub direction: Direction,
    /// The panel in focus.
    pub focus: Panel,
    /// The panel beside the grid where two fit.
    pub side: Panel,
    /// Where the user has moved the borders between panels to.
    pub splits: Splits,
    pub(crate) dragged: Option<Divider>,
    /// What covers the panels.
    pub page: Page,
    /// First visible line of each panel, and of a page of text in the place of the grid's.
    pub scroll: [usize; 4],
    /// What matches the cursor's row and column best.
    pub lists: Vec<RankedList>,
    /// The phrase that is typed, while its line is open.
    pub phrase: Option<Phrase>,
    /// The caption that is edited, while its line is open.
    pub edit: Option<Edit>,
    /// The user chooses what to export.
    pub exporting: bool,
    /// Where exports are written.
    pub export_folder: PathBuf,
    /// A message that goes away by itself.
    pub notice: Option<Notice>,
    pub(crate) edits: edit::Edits,
    pub(crate) text_jobs: u64,
    /// The cursor when the order was chosen: what "similar" refers to.
    pub(crate) order_anchor: (usize, usize),
    /// The newest order by clusters, and the one that is being made.
    pub(crate) clusters: Option<axis::Clusters>,
    pub(crate) clusters_wanted: Option<(Approach, u64)>,
    /// Rises with every run, of either model set.
    pub(crate) generation: u64,
    /// The newest run of the set in use.
    pub(crate) run: u64,
    pub(crate) embeddings: Embeddings,
    pub(crate) refresh: Refresh,
    pub(crate) picker: Option<Arc<Picker>>,
    pub(crate) photos: Vec<ShownPhoto>,
    pub(crate) photo_wanted: Option<PhotoKey>,
    pub(crate) looked: Vec<LookDone>,
    pub(crate) look_wanted: Option<LookRequest>,
    /// Views fill it: it changes how fast a frame is, never what is in it.
    pub(crate) overviews: RefCell<Vec<Arc<Overview>>>,
    /// Rows and columns have changed and are made anew once for all of the news that wait.
    pub(crate) axes_stale: bool,
    /// What follows from the cursor, the numbers and the choices of the user must be made anew.
    pub(crate) view_stale: bool,
    pub(crate) effects: Vec<Effect>,
}

impl App {
    /// The state before anything has happened. [`App::start`] must follow.
    #[must_use]
    pub fn new(
        dataset: Dataset,
        models: ModelsInfo,
        color: ColorMode,
        images: ImageMode,
        size: Size,
    ) -> Self {
        let catalog = Catalog::new(&dataset);
        let (photos, captions) = (catalog.photos.len(), catalog.captions.len());
        let left_out = dataset.skipped.clone();
        let mut app = Self {
            now: Duration::ZERO,
            redraw: true,
            size,
            theme: Theme::new(color),
            theme_follows: false,
            keys: Keymap::default(),
            images,
            models,
            dataset: Arc::new(dataset),
            catalog,
            progress: Progress::new(photos, captions, Duration::ZERO),
            left_out,
            notes: Vec::new(),
            results: None,
            failure: None,
            approach: Approach::Clip,
            rows: Axis::default(),
            cols: Axis::default(),
            cursor: (0, 0),
            offset: (0, 0),
            linked: None,
            second: None,
            second_asked: None,
            zoom: Zoom::Fit,
            order: Order::default(),
            direction: Direction::default(),
            focus: Panel::Grid,
            side: Panel::Accuracy,
            splits: Splits::default(),
            dragged: None,
            page: Page::None,
            scroll: [0; 4],
            lists: Vec::new(),
            phrase: None,
            edit: None,
            exporting: false,
            export_folder: PathBuf::from("."),
            notice: None,
            edits: edit::Edits::default(),
            text_jobs: 0,
            order_anchor: (0, 0),
            clusters: None,
            clusters_wanted: None,
            generation: 0,
            run: 0,
            embeddings: Embeddings::new(photos, captions),
            refresh: Refresh::default(),
            picker: None,
            photos: Vec::new(),
            photo_wanted: None,
            looked: Vec::new(),
            look_wanted: None,
            overviews: RefCell::default(),
            axes_stale: false,
            view_stale: true,
            effects: Vec::new(),
        };
        app.rebuild_axes();
        app
    }

    /// Takes up what the user has chosen beforehand.
    pub fn take_settings(&mut self, settings: &Settings) {
        self.theme_follows = settings.theme.fixed().is_none();
        self.theme.name = settings.theme.fixed().unwrap_or_default();
        self.theme.ascii = settings.ascii;
        self.theme.scale = settings.scale;
        self.zoom = settings.zoom;
        self.keys = settings.keys.clone();
    }

    /// Asks for the embedding to start.
    #[must_use]
    pub fn start(&mut self) -> Vec<Effect> {
        self.generation += 1;
        self.run = self.generation;
        self.progress = Progress::new(self.catalog.photos.len(), self.catalog.captions.len(), self.now);
        self.effects.push(Effect::Start { dataset: Arc::clone(&self.dataset), generation: self.generation });
        std::mem::take(&mut self.effects)
    }

    /// What keys mean at the moment.
    #[must_use]
    pub fn mode(&self) -> Mode {
        if self.phrase.is_some() {
            return Mode::Phrase;
        }
        if self.edit.is_some() {
            return Mode::Edit;
        }
        if self.exporting {
            return Mode::Export;
        }
        match self.page {
            Page::None => Mode::Main,
            Page::Photo => Mode::Photo,
            Page::Help | Page::LeftOut => Mode::Page,
        }
    }

    /// What was left out, also by the second model set.
    pub fn all_left_out(&self) -> impl Iterator<Item = &Skipped> {
        self.left_out.iter().chain(self.second.iter().flat_map(|second| &second.left_out))
    }

    /// Where the panels stand.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let plan = |compare| Plan::new(self.size, self.focus, self.side, compare, self.splits);
        let compared = plan(self.linked.is_some());
        // What is typed is for one panel: where two grids leave no room for it, the second one gives way.
        let needed = match (&self.phrase, &self.edit) {
            (Some(_), _) => Panel::TopK,
            (None, Some(_)) => Panel::Accuracy,
            (None, None) => return compared,
        };
        if compared.linked().is_some() && compared.panel(needed).is_none() { plan(false) } else { compared }
    }

    /// Where the cells of the grid stand; `None` while the grid is not on screen.
    #[must_use]
    pub fn grid_plan(&self) -> Option<GridPlan> {
        self.grid().map(|grid| grid.plan())
    }

    /// The scores that were looked up for a grid.
    pub(crate) fn looked_up(&self, grid: GridId) -> Option<&LookDone> {
        self.looked.iter().find(|looked| looked.request.grid == grid)
    }

    /// When something will change without an action: the next time [`Action::Tick`](super::Action::Tick) is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let compare = self.refresh.deadline();
        let second = self.second.as_ref().and_then(|second| second.refresh.deadline());
        let notice = self.notice.as_ref().map(|notice| notice.until);
        let phrase = self.phrase.as_ref().and_then(|phrase| phrase.due);
        let edit = self.edit.as_ref().and_then(|edit| edit.due);
        let axes = self.axes_stale.then_some(Duration::ZERO);
        [compare, second, notice, phrase, edit, axes].into_iter().flatten().min()
    }

    pub(crate) fn say(&mut self, text: impl Into<String>) {
        const SHOWN: Duration = Duration::from_secs(6);
        self.notice = Some(Notice { text: text.into(), until: self.now + SHOWN });
    }
}
