//! Everything that can happen to the dashboard.
//!
//! Keys, mouse, resize, ticks, signals and the results of workers all become an [`Action`];
//! [`update`](super::app::update) is the only function that takes one.

use std::sync::Arc;

use ratatui_image::picker::Picker;

use super::jobs::{CompareDone, LookDone, PhotoDone};
use crate::embedding::Event;

/// Something happened.
#[derive(Debug, Clone)]
pub enum Action {
    /// The user asked for something.
    Do(Command),
    /// The mouse button went down on this cell of the screen.
    Click {
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
    /// The terminal has this size now.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// Time has passed.
    Tick,
    /// News from the embedding workers.
    Embedding(Event),
    /// The embedding workers ended without a last event.
    RunEnded,
    /// New numbers.
    Compared(CompareDone),
    /// A photo is ready to be drawn.
    Photo(PhotoDone),
    /// Scores that the numbers do not hold were looked up.
    Looked(LookDone),
    /// How the terminal draws pictures is known.
    Graphics(Arc<Picker>),
    /// A signal asks the program to end: its number.
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

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// What a key can ask for. Every command stands in the key table of [`keymap`](super::keymap).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Command {
            $($(#[$doc])* $name,)+
        }

        impl Command {
            /// Every command.
            pub const ALL: &[Self] = &[$(Self::$name,)+];
        }
    };
}

commands! {
    /// Leave the dashboard.
    Quit,
    /// Stop the process, as a shell's Ctrl-Z does.
    Suspend,
    /// Move the cursor one column to the left.
    Left,
    /// Move the cursor one row down.
    Down,
    /// Move the cursor one row up.
    Up,
    /// Move the cursor one column to the right.
    Right,
    /// Move up by what is visible, in the grid or in the panel in focus.
    PageUp,
    /// Move down by what is visible, in the grid or in the panel in focus.
    PageDown,
    /// Move to the first column.
    RowStart,
    /// Move to the last column.
    RowEnd,
    /// Move to the first row.
    First,
    /// Move to the last row.
    Last,
    /// Show the photos among themselves.
    ShowImages,
    /// Show the captions among themselves.
    ShowTexts,
    /// Show the bridge between the two.
    ShowBridge,
    /// Show the shared space.
    ShowClip,
    /// Give the focus to the next panel.
    NextPanel,
    /// Give the focus to the previous panel.
    PreviousPanel,
    /// Show the photo with its ranking on the whole screen.
    Open,
    /// Back to the grid.
    Back,
    /// Move to the next item whose best match is wrong.
    NextMistake,
    /// Move to the previous item whose best match is wrong.
    PreviousMistake,
    /// Larger cells.
    ZoomIn,
    /// Smaller cells.
    ZoomOut,
    /// Cells as large as the panel allows.
    ZoomFit,
    /// Turn from image→text to text→image and to both.
    TurnDirection,
    /// Put rows and columns in the next order.
    NextOrder,
    /// Show or leave the help page.
    Help,
    /// Show or leave the list of what was left out.
    LeftOut,
}
