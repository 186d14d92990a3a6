//! Everything that can happen to either screen.
//!
//! Keys, mouse, resize, ticks, signals and the results of workers all become an [`Action`];
//! [`update`](super::app::update) is the only function that takes one.

use std::sync::Arc;

use ratatui_image::picker::Picker;

use super::command::Command;
use super::jobs::{
    ClusterDone, CompareDone, ExportDone, LookDone, PhotoDone, RankDone, SaveDone, SetsDone, TextDone,
};
use super::model::{FetchNews, SideId};
use super::palette::Rgb;
use clipscope_core::embedding::Event;
use clipscope_networks::ModelsInfo;

/// Something happened.
#[derive(Debug, Clone)]
pub enum Action {
    /// The user asked for something.
    Do(Command),
    /// The user typed or pasted text into a line.
    Type(String),
    /// The mouse button went down on this cell of the screen.
    Click {
        /// Column, from the left.
        x: u16,
        /// Row, from the top.
        y: u16,
    },
    /// The mouse moved to this cell with its button down.
    Drag {
        /// Column, from the left.
        x: u16,
        /// Row, from the top.
        y: u16,
    },
    /// The mouse wheel was turned over this cell.
    Wheel {
        /// Column, from the left.
        x: u16,
        /// Row, from the top.
        y: u16,
        /// Towards the user.
        down: bool,
    },
    /// The terminal was resized.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// Time has passed.
    Tick,
    /// An event of the embedding workers.
    Embedding(Event),
    /// The embedding workers of a side ended.
    RunEnded(SideId),
    /// New numbers.
    Compared(CompareDone),
    /// A photo is ready to be drawn.
    Photo(PhotoDone),
    /// Scores that no matrix has were looked up.
    Looked(LookDone),
    /// An order by clusters was found.
    Clustered(ClusterDone),
    /// The photos of an index were ranked.
    Ranked(RankDone),
    /// Something the user typed was embedded.
    Text(TextDone),
    /// Saving captions has ended.
    Saved(SaveDone),
    /// An export has ended.
    Exported(ExportDone),
    /// How the terminal draws pictures is known.
    Graphics(Arc<Picker>),
    /// The background of the terminal is known.
    Background(Rgb),
    /// The model set asked for is open.
    ModelsOpened {
        /// For which side.
        side: SideId,
        /// The models.
        models: Box<ModelsInfo>,
    },
    /// The model set asked for cannot be opened.
    ModelsRefused {
        /// For which side.
        side: SideId,
        /// Why, safe to show.
        reason: String,
    },
    /// The model sets there are.
    Sets(SetsDone),
    /// How far a fetch is.
    Fetching {
        /// The number of the fetch.
        number: u64,
        /// How far it is.
        news: FetchNews,
    },
    /// A fetch has ended.
    Fetched {
        /// The number of the fetch.
        number: u64,
        /// Why it failed, safe to show.
        result: Result<(), String>,
    },
    /// A signal asks the program to end; its number.
    Terminate(i32),
    /// The process was continued after a stop.
    Continued,
    /// A signal asks the process to stop.
    Stop,
    /// The process was asked to stop where no shell could continue it.
    CannotStop,
    /// The terminal is gone.
    TerminalGone,
}
