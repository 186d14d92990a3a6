//! The screen of an index: photo × photo similarity of a collection of any size, and its search.
//!
//! Owns its state and the one function that changes it, [`Browser::update`]; [`commands`] is the part of it that answers
//! the keys, [`view`] reads only, [`session`] runs it. Nothing here grows with the collection but one number a photo for
//! the axes: names are read from the mapped index when they are shown, and scores are asked of it for the visible cells
//! only. Must not compute a number: similarities and rankings are those of [`clipscope_core::index::Index`].

mod commands;
mod session;
pub mod view;

use std::sync::Arc;

use ratatui::layout::{Rect, Size};
use ratatui_image::picker::Picker;

pub use session::run;

use super::Action;
use super::error::Left;
use super::grid_plan::{GridPlan, Request, Zoom};
use super::jobs::{PhotoJob, PhotoKey, Picture};
use super::keymap::{Binding, Keymap, Mode};
use super::model::InputLine;
use super::palette::ThemeName;
use super::settings::ImageMode;
use super::theme::Theme;
use clipscope_analysis::Matrix;
use clipscope_analysis::nearest::Hit;
use clipscope_base::display_safe::display_path;
use clipscope_core::dataset::PhotoSource;
use clipscope_core::index::{Index, Recall};

/// Photos in a ranking.
pub const RANKED: usize = 500;
/// Columns that a row label may take.
const LABEL: usize = 24;

/// What takes time or touches the world.
#[derive(Debug)]
pub enum Ask {
    /// Rank the photos for a phrase.
    Phrase(String),
    /// Rank the photos by similarity with this place.
    Near(usize),
    /// Make a photo ready to be drawn.
    Photo(PhotoJob),
    /// Stop the process until the user continues it.
    Suspend {
        /// The other processes of the job stop too.
        group: bool,
    },
    /// Enter the terminal's modes again.
    Reenter,
    /// Leave.
    Leave(Left),
}

/// A ranking, or why there is none.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// What was asked for.
    pub query: Wanted,
    /// The best places and their scores, or the reason, safe to show.
    pub result: Result<Vec<Hit>, String>,
    /// Not every vector was looked at.
    pub recall: Option<Recall>,
}

/// What a ranking is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A phrase.
    Phrase(String),
    /// The photo at a place.
    Near(usize),
}

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
    /// What is shown.
    pub index: Arc<Index>,
    /// The models it was made with, and what they really are.
    pub models: String,
    /// The words that must stand on every screen when the shared space is a stand-in.
    pub stand_in: Option<&'static str>,
    /// Colours.
    pub theme: Theme,
    /// The theme is that of the terminal's background, once it has said.
    pub theme_follows: bool,
    /// Which key does what.
    pub keys: Keymap,
    /// How photos are drawn.
    pub images: ImageMode,
    /// Size of the screen.
    pub size: Size,
    /// Something on screen has changed since the last frame.
    pub redraw: bool,
    /// Photos of the phrase, as places, best first; all photos without one.
    pub found: Option<(String, Vec<usize>)>,
    /// Row and column of the cursor, as positions on the axes.
    pub cursor: (usize, usize),
    /// The phrase that is typed.
    pub line: Option<InputLine>,
    /// The ranking beside the grid.
    pub list: Option<Ranked>,
    /// The key table is shown.
    pub help: bool,
    /// Its first visible line.
    pub help_scroll: usize,
    /// A message, safe to show.
    pub notice: Option<String>,
    pub(crate) window: Option<Window>,
    pub(crate) photo: Option<(PhotoKey, Result<Picture, String>)>,
    photo_wanted: Option<PhotoKey>,
    wanted: Option<Wanted>,
    picker: Option<Arc<Picker>>,
    offset: (usize, usize),
    zoom: Zoom,
    /// One category for all; the grid plan wants to be told.
    categories: Vec<usize>,
    asks: Vec<Ask>,
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
            index,
            models,
            stand_in,
            theme,
            theme_follows: false,
            keys: Keymap::default(),
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
            photo: None,
            photo_wanted: None,
            wanted: None,
            picker: None,
            offset: (0, 0),
            zoom: Zoom::Level(1),
            categories,
            asks: Vec::new(),
        }
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

    /// The rows of the key table that hold on this screen.
    pub fn help_rows(&self) -> impl Iterator<Item = &Binding> {
        let here = |row: &&Binding| {
            row.modes.iter().any(|mode| matches!(mode, Mode::Main | Mode::Page | Mode::Phrase))
        };
        self.keys.rows().iter().filter(|row| Self::knows(row.command)).filter(here)
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

    fn request(&self) -> Request<'_> {
        let area = self.areas()[0];
        let categories = &self.categories[..self.len().min(self.categories.len())];
        Request {
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

    /// The only way in which the state changes.
    pub fn update(&mut self, action: Action) -> Vec<Ask> {
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
            Action::Photo(done) => {
                self.photo_wanted = None;
                self.photo = Some((done.key, done.result));
            }
            Action::Background(color) if self.theme_follows => {
                self.theme.name = ThemeName::for_background(color);
            }
            Action::Graphics(picker) => self.picker = Some(picker),
            Action::Terminate(signal) => self.asks.push(Ask::Leave(Left::Signal(signal))),
            Action::TerminalGone => self.asks.push(Ask::Leave(Left::TerminalGone)),
            Action::Continued => self.asks.push(Ask::Reenter),
            Action::Stop => self.asks.push(Ask::Suspend { group: false }),
            Action::CannotStop => self.notice = Some("there is no shell to come back from".into()),
            _ => {}
        }
        self.settle();
        std::mem::take(&mut self.asks)
    }

    /// Takes in a ranking.
    pub fn ranked(&mut self, ranked: Ranked) -> Vec<Ask> {
        self.redraw = true;
        let current = self.wanted.as_ref() == Some(&ranked.query);
        if current {
            if let (Wanted::Phrase(phrase), Ok(hits)) = (&ranked.query, &ranked.result) {
                self.found = Some((phrase.clone(), hits.iter().map(|hit| hit.row).collect()));
                self.cursor = (0, 0);
                self.offset = (0, 0);
            }
            self.list = Some(ranked);
        }
        self.settle();
        std::mem::take(&mut self.asks)
    }

    /// After every action: what follows from it.
    fn settle(&mut self) {
        self.offset = GridPlan::offset_showing(&self.request(), self.cursor.0, self.cursor.1);
        self.look();
        // Without a phrase the list follows the cursor.
        if let (None, Some(place)) = (&self.found, self.place(self.cursor.0))
            && self.line.is_none()
            && self.wanted != Some(Wanted::Near(place))
        {
            self.wanted = Some(Wanted::Near(place));
            self.asks.push(Ask::Near(place));
        }
        self.request_photo();
    }

    /// Has the scores of the visible cells ready. Of a block of photos the first stands for all.
    fn look(&mut self) {
        let plan = self.plan();
        let places = |slots: &[super::grid_plan::Slot]| -> Vec<usize> {
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

    fn request_photo(&mut self) {
        if self.images == ImageMode::Off || self.photo_wanted.is_some() {
            return;
        }
        let (Some(key), Some(picker)) = (self.photo_key(), &self.picker) else { return };
        if self.photo.as_ref().is_some_and(|(shown, _)| *shown == key) {
            return;
        }
        let Some(file) = self.index.file(key.place) else { return };
        self.photo_wanted = Some(key);
        let source = PhotoSource::File(file);
        self.asks.push(Ask::Photo(PhotoJob { key, source, picker: Arc::clone(picker) }));
    }
}
