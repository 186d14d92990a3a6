//! The state of the screen of an index, and the one function that changes it.
//!
//! Must not draw, or ask for anything but what is visible.

use std::sync::Arc;
use std::time::Duration;

use ratatui::layout::{Rect, Size};

use crate::tui::Action;
use crate::tui::effect::Effect;
use crate::tui::error::Left;
use crate::tui::grid_plan::{GridPlan, GridRequest, GridSlot, Zoom};
use crate::tui::jobs::{PhotoKey, Picture, RankDone, RankQuery};
use crate::tui::keymap::{Keymap, Mode, ScreenKind};
use crate::tui::model::InputLine;
use crate::tui::notice::Notice;
use crate::tui::palette::ThemeName;
use crate::tui::photos::Photos;
use crate::tui::settings::{ImageMode, Settings};
use crate::tui::theme::Theme;
use clipscope_analysis::Matrix;
use clipscope_base::display_safe::display_path;
use clipscope_core::dataset::PhotoSource;
use clipscope_core::index::Index;

/// Columns that a row label may take.
const LABEL: usize = 24;

/// The scores of the visible cells.
#[derive(Debug, Clone)]
pub struct Window {
    rows: Vec<usize>,
    cols: Vec<usize>,
    /// `[rows, cols]`, in the order of the plan.
    pub scores: Matrix,
}

/// The state.
pub struct Browser {
    /// Time since the start of the program; set before each update.
    pub now: Duration,
    /// The index on screen.
    pub index: Arc<Index>,
    /// The models it was made with, and the device.
    pub models: String,
    /// The words that must stand on every screen when the shared space is a stand-in.
    pub stand_in: Option<&'static str>,
    /// Colors.
    pub theme: Theme,
    /// The theme still follows the background of the terminal, once that is known.
    pub theme_follows: bool,
    /// Which key does what.
    pub keys: Keymap,
    /// How photos are drawn.
    pub images: ImageMode,
    /// Size of the screen.
    pub size: Size,
    /// Something on screen has changed since the last frame.
    pub redraw: bool,
    /// Photos found by the phrase, as places of the index, best first; all photos without one.
    pub found: Option<(String, Vec<usize>)>,
    /// Row and column of the cursor, as positions on the axes.
    pub cursor: (usize, usize),
    /// The phrase that is typed, while its line is open.
    pub line: Option<InputLine>,
    /// The ranking beside the grid.
    pub list: Option<RankDone>,
    /// The help page is open.
    pub help: bool,
    /// Its first visible line.
    pub help_scroll: usize,
    /// A message that goes away by itself.
    pub notice: Option<Notice>,
    pub(crate) window: Option<Window>,
    pub(super) photos: Photos,
    /// What the newest ranking was asked for.
    pub(super) wanted: Option<RankQuery>,
    pub(super) offset: (usize, usize),
    pub(super) zoom: Zoom,
    /// One category for all; the grid plan wants to be told.
    categories: Vec<usize>,
    pub(super) effects: Vec<Effect<RankQuery>>,
}

impl Browser {
    /// The state before anything has happened.
    #[must_use]
    pub fn new(
        index: Arc<Index>,
        models: String,
        stand_in: Option<&'static str>,
        theme: Theme,
        images: ImageMode,
        size: Size,
    ) -> Self {
        let categories = vec![0; index.len()];
        Self {
            now: Duration::ZERO,
            index,
            models,
            stand_in,
            theme,
            theme_follows: false,
            keys: Keymap::default().on(ScreenKind::Index),
            images,
            size,
            redraw: true,
            found: None,
            cursor: (0, 0),
            line: None,
            list: None,
            help: false,
            help_scroll: 0,
            notice: None,
            window: None,
            photos: Photos::default(),
            wanted: None,
            offset: (0, 0),
            zoom: Zoom::Level(1),
            categories,
            effects: Vec::new(),
        }
    }

    /// Takes up what the user has chosen beforehand.
    pub fn take_settings(&mut self, settings: &Settings) {
        self.theme_follows = settings.theme.fixed().is_none();
        self.theme = self.theme.with(settings);
        self.keys = settings.keys.clone().on(ScreenKind::Index);
    }

    /// Makes the first frame ready and asks for what it lacks.
    #[must_use]
    pub fn start(&mut self) -> Vec<Effect<RankQuery>> {
        self.settle();
        std::mem::take(&mut self.effects)
    }

    /// What keys mean at the moment.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match (&self.line, self.help) {
            (Some(_), _) => Mode::Phrase,
            (None, true) => Mode::Page,
            (None, false) => Mode::Main,
        }
    }

    /// Number of rows and columns.
    #[must_use]
    pub fn len(&self) -> usize {
        self.found.as_ref().map_or(self.index.len(), |(_, places)| places.len())
    }

    /// Whether nothing is shown.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The place at a position of an axis.
    #[must_use]
    pub fn place(&self, position: usize) -> Option<usize> {
        match &self.found {
            Some((_, places)) => places.get(position).copied(),
            None => (position < self.index.len()).then_some(position),
        }
    }

    /// The name of a photo, safe to show.
    #[must_use]
    pub fn name(&self, place: usize) -> String {
        self.index.entry(place).map_or_else(String::new, |entry| display_path(&entry.path).into_owned())
    }

    /// The grid, the photo and the list.
    #[must_use]
    pub fn areas(&self) -> [Rect; 3] {
        let body = Rect::new(0, 1, self.size.width, self.size.height.saturating_sub(3));
        let side = if body.width >= 64 { body.width * 2 / 5 } else { 0 };
        let grid = Rect { width: body.width - side, ..body };
        let photo = if body.height >= 16 { body.height / 2 } else { 0 };
        let right = Rect { x: grid.right(), width: side, ..body };
        [
            grid,
            Rect { height: photo, ..right },
            Rect { y: right.y + photo, height: right.height - photo, ..right },
        ]
    }

    fn request(&self) -> GridRequest<'_> {
        let area = self.areas()[0];
        let categories = &self.categories[..self.len().min(self.categories.len())];
        GridRequest {
            area: Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area },
            row_categories: categories,
            col_categories: categories,
            grouped: false,
            label_width: LABEL,
            zoom: self.zoom,
            offset: self.offset,
        }
    }

    /// Where the cells stand.
    #[must_use]
    pub fn plan(&self) -> GridPlan {
        GridPlan::new(&self.request())
    }

    /// When something will change without an action: the next time [`Action::Tick`] is due.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        self.notice.as_ref().map(|notice| notice.until)
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.notice = Some(Notice::new(text, self.now));
    }

    /// The only way in which the state changes.
    pub fn update(&mut self, action: Action) -> Vec<Effect<RankQuery>> {
        self.redraw |= !matches!(action, Action::Tick);
        match action {
            Action::Do(command) => self.command(command),
            Action::Type(text) => {
                if let Some(line) = &mut self.line {
                    line.insert(&text);
                    self.phrase_changed();
                }
            }
            Action::Click { .. } if self.help => {}
            Action::Click { x, y } => {
                if let Some(at) = self.plan().at(x, y) {
                    self.cursor = at;
                }
            }
            Action::Wheel { down, .. } if self.help => self.scroll_help(if down { 3 } else { -3 }),
            Action::Wheel { down, .. } => self.step(if down { 3 } else { -3 }, 0),
            Action::Resize { width, height } => self.size = Size::new(width, height),
            Action::Photo(done) => self.photos.take(done),
            Action::Ranked(done) => self.ranked(done),
            Action::Background(color) if self.theme_follows => {
                self.theme.name = ThemeName::for_background(color);
            }
            Action::Graphics(picker) => self.photos.set_picker(picker),
            Action::Terminate(signal) => self.effects.push(Effect::Leave(Left::Signal(signal))),
            Action::TerminalGone => self.effects.push(Effect::Leave(Left::TerminalGone)),
            Action::Continued => self.effects.push(Effect::Reenter),
            Action::Stop => self.effects.push(Effect::Suspend { group: false }),
            Action::CannotStop => self.say("cannot suspend: no shell here could resume the program"),
            // The rest is the dashboard's.
            _ => {}
        }
        self.settle();
        std::mem::take(&mut self.effects)
    }

    /// Takes in a ranking, unless another one has been asked for since.
    fn ranked(&mut self, done: RankDone) {
        if self.wanted.as_ref() != Some(&done.query) {
            return;
        }
        if let (RankQuery::Phrase(phrase), Ok(hits)) = (&done.query, &done.result) {
            self.found = Some((phrase.clone(), hits.iter().map(|hit| hit.row).collect()));
            self.cursor = (0, 0);
            self.offset = (0, 0);
        }
        self.list = Some(done);
    }

    /// After every action: what follows from it.
    fn settle(&mut self) {
        if self.notice.as_ref().is_some_and(|notice| notice.is_over(self.now)) {
            self.notice = None;
            self.redraw = true;
        }
        self.offset = GridPlan::offset_showing(&self.request(), self.cursor.0, self.cursor.1);
        self.look();
        // Without a phrase the list follows the cursor.
        if let (None, Some(place)) = (&self.found, self.place(self.cursor.0))
            && self.line.is_none()
            && self.wanted != Some(RankQuery::Near(place))
        {
            self.wanted = Some(RankQuery::Near(place));
            self.effects.push(Effect::Own(RankQuery::Near(place)));
        }
        self.request_photo();
    }

    /// Has the scores of the visible cells ready. Of a block of photos the first stands for all.
    fn look(&mut self) {
        let plan = self.plan();
        let places = |slots: &[GridSlot]| -> Vec<usize> {
            slots.iter().filter_map(|slot| self.place(slot.first)).collect()
        };
        let (rows, cols) = (places(&plan.rows), places(&plan.cols));
        if self.window.as_ref().is_none_or(|window| window.rows != rows || window.cols != cols) {
            let scores = self.index.window(&rows, &cols);
            self.window = Some(Window { rows, cols, scores });
        }
    }

    /// The room for the photo of the cursor's row.
    #[must_use]
    pub fn photo_key(&self) -> Option<PhotoKey> {
        let area = self.areas()[1];
        let size = Size::new(area.width.saturating_sub(2), area.height.saturating_sub(2));
        let place = self.place(self.cursor.0)?;
        (size.width > 0 && size.height > 0).then_some(PhotoKey { place, size })
    }

    /// The picture for the cursor's row, or why there is none; `None` while it is not ready.
    pub(super) fn photo(&self) -> Option<&Result<Picture, String>> {
        self.photos.get(self.photo_key()?)
    }

    fn request_photo(&mut self) {
        if self.images == ImageMode::Off {
            return;
        }
        let key = self.photo_key();
        let source = |place| self.index.file(place).map(PhotoSource::File);
        self.effects.extend(self.photos.request(key, source).map(Effect::Job));
    }
}
