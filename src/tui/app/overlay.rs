//! What lies over the grid and its panels and has the keyboard: a page, a line that is typed in, or a question.

use std::sync::Arc;
use std::time::Duration;

use super::edits::CaptionBefore;
use crate::tui::keymap::Mode;
use crate::tui::model::{InputLine, Newest, Results};

/// What lies over the panels. One thing at a time: a line or a question is opened only where nothing is open, and a page
/// takes the place of another page.
#[derive(Debug, Clone, Default)]
pub enum Overlay {
    /// Nothing.
    #[default]
    None,
    /// A page in the place of the panels.
    Page(Page),
    /// The line for a phrase.
    Phrase(Box<Phrase>),
    /// The line for a caption.
    Edit(Box<Edit>),
    /// The question what to export.
    Export,
    /// The page of models.
    Models(Box<ModelsPage>),
}

impl Overlay {
    /// What keys mean.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match self {
            Self::None => Mode::Main,
            Self::Page(Page::Photo) => Mode::Photo,
            Self::Page(Page::Help | Page::LeftOut) => Mode::Page,
            Self::Phrase(_) => Mode::Phrase,
            Self::Edit(_) => Mode::Edit,
            Self::Export => Mode::Export,
            Self::Models(_) => Mode::Models,
        }
    }
}

/// A page in the place of the panels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The photo and its ranking.
    Photo,
    /// The keys.
    Help,
    /// What was left out, and why.
    LeftOut,
}

/// The page of models.
#[derive(Debug, Clone, Default)]
pub struct ModelsPage {
    /// The name of the set under the cursor; `None` until it is known which sets there are.
    pub chosen: Option<String>,
    /// The name of the set that the user is asked about: whether to fetch it.
    pub asked: Option<String>,
}

/// A phrase and what it finds.
#[derive(Debug, Clone, Default)]
pub struct Phrase {
    /// What is typed.
    pub line: InputLine,
    /// The texts that are embedded, by number.
    pub(crate) texts: Newest<u64>,
    /// The newest ranking: its text, the numbers and the scores.
    pub(crate) ranked: Option<(String, Arc<Results>, Vec<f32>)>,
    /// Why there is no ranking, safe to show.
    pub(crate) failure: Option<String>,
    /// The chosen row of the ranking.
    pub chosen: usize,
    /// Where the cursor was before.
    pub(crate) before: (usize, usize),
    /// Typing is finished; the line closes when the last text is embedded.
    pub(crate) closing: bool,
}

/// A caption being edited.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Its place among all captions.
    pub place: usize,
    /// What is typed.
    pub line: InputLine,
    /// The numbers before the edit.
    pub baseline: Arc<Results>,
    /// Why the text is not compared, safe to show.
    pub failure: Option<String>,
    /// The texts that are embedded, by number.
    pub(crate) texts: Newest<u64>,
    pub(crate) before: CaptionBefore,
    /// The first comparison with what is typed; `None` before there is one.
    pub(crate) moved: Option<u64>,
    /// Typing is finished; the line closes when the last text is embedded.
    pub(crate) closing: bool,
}

impl Edit {
    /// Takes numbers as those before the edit, unless they are of what is typed.
    pub(crate) fn rebase(&mut self, version: u64, results: &Arc<Results>) {
        if self.moved.is_none_or(|first| version < first) {
            self.baseline = Arc::clone(results);
        }
    }
}

/// Keys that follow each other faster are embedded together.
pub(crate) const DEBOUNCE: Duration = Duration::from_millis(50);
