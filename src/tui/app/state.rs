//! The state of the dashboard.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::Size;

use super::edits::Edits;
use super::overlay::{Edit, Overlay, Page, Phrase};
use crate::tui::approach::Approach;
use crate::tui::effect::Effect;
use crate::tui::grid_plan::Zoom;
use crate::tui::jobs::{LookDone, LookRequest};
use crate::tui::keymap::{Keymap, Mode};
use crate::tui::layout::{Divider, Grids, Panel, Plan, Splits};
use crate::tui::model::{
    Axis, Catalog, Clusters, Direction, Fetching, Linked, Newest, Order, Overview, RankedList, SetRow, Side,
    SideId,
};
use crate::tui::notice::Notice;
use crate::tui::photos::Photos;
use crate::tui::settings::{ColorMode, ImageMode, Settings};
use crate::tui::theme::Theme;
use clipscope_core::dataset::{Dataset, Skipped};
use clipscope_networks::ModelsInfo;

/// Questions to workers and to the engine that wait for an answer.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    /// Model sets to be opened.
    pub models: Newest<SideId>,
    /// Scores to be looked up.
    pub looks: Newest<LookRequest>,
    /// An order by clusters, for an approach and a version of its numbers.
    pub clusters: Newest<(Approach, u64)>,
    /// Captions to be saved.
    pub saving: Newest<()>,
}

/// Everything the dashboard remembers.
pub struct App {
    /// Time since the start of the dashboard; set before each update.
    pub now: Duration,
    /// Something on screen has changed since the last frame.
    pub redraw: bool,
    /// Size of the screen.
    pub size: Size,
    /// Colors.
    pub theme: Theme,
    /// The theme still follows the background of the terminal, once that is known.
    pub theme_follows: bool,
    /// Which key does what.
    pub keys: Keymap,
    /// How photos are drawn.
    pub images: ImageMode,
    /// The data set as it is shown.
    pub catalog: Catalog,
    /// The model set in use.
    pub first: Side,
    /// The model set it is compared with.
    pub second: Option<Side>,
    /// The tab.
    pub approach: Approach,
    /// The rows of the grid.
    pub rows: Axis,
    /// The columns of the grid.
    pub cols: Axis,
    /// Row and column of the cursor, as places in the data set.
    pub cursor: (usize, usize),
    /// First visible row and column, as positions on the axes.
    pub offset: (usize, usize),
    /// The grid beside it, in a comparison of two approaches or of two model sets.
    pub linked: Option<Linked>,
    /// How large the cells are.
    pub zoom: Zoom,
    /// The order of rows and columns.
    pub order: Order,
    /// Which way photos and captions are matched.
    pub direction: Direction,
    /// The panel in focus.
    pub focus: Panel,
    /// The panel beside the grid where two panels fit.
    pub beside: Panel,
    /// Where the user has moved the borders between panels to.
    pub splits: Splits,
    pub(crate) dragged: Option<Divider>,
    /// What lies over the panels.
    pub overlay: Overlay,
    /// First visible line of each panel; a page of text uses that of the grid.
    pub scroll: [usize; 4],
    /// What matches the cursor's row and column best.
    pub lists: Vec<RankedList>,
    /// Where exports are written.
    pub export_folder: PathBuf,
    /// A message that goes away by itself.
    pub notice: Option<Notice>,
    /// The model sets there are, once they were looked up.
    pub sets: Vec<SetRow>,
    /// Why they are not known, safe to show.
    pub sets_failure: Option<String>,
    /// The fetch that runs.
    pub fetching: Option<Fetching>,
    /// The set whose fetch failed last, and why, safe to show.
    pub fetch_failure: Option<(String, String)>,
    /// The page of models has been open.
    pub(crate) offer_seen: bool,
    /// A set that was fetched and waits for its turn.
    pub(crate) switch_to: Option<String>,
    pub(crate) edits: Edits,
    pub(crate) asked: Asked,
    /// The last number given to a run, a comparison or a text.
    pub(crate) number: u64,
    /// The cursor when the order was chosen, which "similar" refers to.
    pub(crate) order_anchor: (usize, usize),
    /// The newest order by clusters.
    pub(crate) clusters: Option<Clusters>,
    pub(crate) photos: Photos,
    /// Looked-up scores, at most one answer for each grid.
    pub(crate) looked: Vec<LookDone>,
    /// A cache filled while drawing. It never changes what is drawn.
    pub(crate) overviews: RefCell<Vec<Arc<Overview>>>,
    /// Rows and columns have changed and must be rebuilt after the last event that waits.
    pub(crate) axes_stale: bool,
    /// What depends on the cursor, the numbers and the user's choices must be rebuilt.
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
        let mut app = Self {
            now: Duration::ZERO,
            redraw: true,
            size,
            theme: Theme::new(color),
            theme_follows: false,
            keys: Keymap::default(),
            images,
            catalog,
            first: Side::new(models, Arc::new(dataset)),
            second: None,
            approach: Approach::Clip,
            rows: Axis::default(),
            cols: Axis::default(),
            cursor: (0, 0),
            offset: (0, 0),
            linked: None,
            zoom: Zoom::Fit,
            order: Order::default(),
            direction: Direction::default(),
            focus: Panel::Grid,
            beside: Panel::Accuracy,
            splits: Splits::default(),
            dragged: None,
            overlay: Overlay::None,
            scroll: [0; 4],
            lists: Vec::new(),
            export_folder: PathBuf::from("."),
            notice: None,
            sets: Vec::new(),
            sets_failure: None,
            fetching: None,
            fetch_failure: None,
            offer_seen: false,
            switch_to: None,
            edits: Edits::default(),
            asked: Asked::default(),
            number: 0,
            order_anchor: (0, 0),
            clusters: None,
            photos: Photos::default(),
            looked: Vec::new(),
            overviews: RefCell::default(),
            axes_stale: false,
            view_stale: true,
            effects: Vec::new(),
        };
        app.rebuild_axes();
        app
    }

    /// Applies what the user chose before the start.
    pub fn take_settings(&mut self, settings: &Settings) {
        self.theme_follows = settings.theme.fixed().is_none();
        self.theme.name = settings.theme.fixed().unwrap_or_default();
        self.theme.ascii = settings.ascii;
        self.theme.scale = settings.scale;
        self.zoom = settings.zoom;
        self.keys = settings.keys.clone();
    }

    /// Starts the embedding.
    #[must_use]
    pub fn start(&mut self) -> Vec<Effect> {
        self.start_run(SideId::First);
        self.ask_for_sets();
        std::mem::take(&mut self.effects)
    }

    /// The data set, with the captions as they are on screen.
    #[must_use]
    pub fn dataset(&self) -> &Arc<Dataset> {
        &self.first.dataset
    }

    /// A model set, if it is there.
    #[must_use]
    pub fn side(&self, id: SideId) -> Option<&Side> {
        match id {
            SideId::First => Some(&self.first),
            SideId::Second => self.second.as_ref(),
        }
    }

    pub(crate) fn side_mut(&mut self, id: SideId) -> Option<&mut Side> {
        match id {
            SideId::First => Some(&mut self.first),
            SideId::Second => self.second.as_mut(),
        }
    }

    /// The model sets, the one in use first.
    pub fn sides(&self) -> impl Iterator<Item = &Side> {
        SideId::ALL.into_iter().filter_map(|id| self.side(id))
    }

    /// The next number for a run, a comparison or a text.
    pub(crate) fn next_number(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    /// What keys mean at the moment.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.overlay.mode()
    }

    /// The page in the place of the panels, if there is one.
    #[must_use]
    pub fn page(&self) -> Option<Page> {
        match self.overlay {
            Overlay::Page(page) => Some(page),
            _ => None,
        }
    }

    /// The phrase that is typed, while its line is open.
    #[must_use]
    pub fn phrase(&self) -> Option<&Phrase> {
        match &self.overlay {
            Overlay::Phrase(phrase) => Some(phrase),
            _ => None,
        }
    }

    /// The caption that is edited, while its line is open.
    #[must_use]
    pub fn edit(&self) -> Option<&Edit> {
        match &self.overlay {
            Overlay::Edit(edit) => Some(edit),
            _ => None,
        }
    }

    /// What was left out of the data set, and by the model sets.
    pub fn all_left_out(&self) -> impl Iterator<Item = &Skipped> {
        self.dataset().skipped.iter().chain(self.sides().flat_map(|side| &side.left_out))
    }

    /// Remarks of the workers: on the run, and on files that were used all the same.
    pub fn notes(&self) -> impl Iterator<Item = String> {
        self.sides().flat_map(Side::remarks)
    }

    /// Where the panels are.
    #[must_use]
    pub fn plan(&self) -> Plan {
        let plan = |grids| Plan::new(self.size, self.focus, self.beside, grids, self.splits);
        let planned = plan(if self.linked.is_some() { Grids::Two } else { Grids::One });
        // Typing needs its panel: where two grids leave no room for it, the second one gives way.
        let needed = match self.overlay {
            Overlay::Phrase(_) => Panel::TopK,
            Overlay::Edit(_) => Panel::Accuracy,
            Overlay::None | Overlay::Page(_) | Overlay::Models(_) | Overlay::Export => return planned,
        };
        if planned.linked().is_some() && planned.panel(needed).is_none() { plan(Grids::One) } else { planned }
    }

    /// When something changes without an action: the next time [`Action::Tick`](crate::tui::Action::Tick) is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        let numbers = self.sides().filter_map(|side| side.refresh.deadline()).min();
        let notice = self.notice.as_ref().map(|notice| notice.until);
        let text = match &self.overlay {
            Overlay::Phrase(phrase) => phrase.texts.wanted(),
            Overlay::Edit(edit) => edit.texts.wanted(),
            Overlay::None | Overlay::Page(_) | Overlay::Models(_) | Overlay::Export => None,
        };
        let axes = self.axes_stale.then_some(Duration::ZERO);
        [numbers, notice, text, axes].into_iter().flatten().min()
    }

    pub(crate) fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::new(text, self.now));
    }
}
