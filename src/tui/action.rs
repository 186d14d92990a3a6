//! Everything that can happen to the dashboard.
//!
//! Keys, mouse, resize, ticks, signals and the results of workers all become an [`Action`];
//! [`update`](super::app::update) is the only function that takes one.

use std::sync::Arc;

use ratatui_image::picker::Picker;

use super::jobs::{ClusterDone, CompareDone, ExportDone, LookDone, PhotoDone, SaveDone, TextDone};
use super::palette::Rgb;
use crate::embedding::Event;
use crate::models::ModelsInfo;

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
    /// An order in which similar items stand together was found.
    Clustered(ClusterDone),
    /// Something the user typed was embedded.
    Text(TextDone),
    /// Captions were saved, or not.
    Saved(SaveDone),
    /// A file was written, or not.
    Exported(ExportDone),
    /// How the terminal draws pictures is known.
    Graphics(Arc<Picker>),
    /// The background of the terminal is known.
    Background(Rgb),
    /// Another model set is in use.
    ModelsChanged(Box<ModelsInfo>),
    /// The model set stays, and why; safe to show.
    ModelsStay(String),
    /// The second model set has started embedding.
    SecondStarted(Box<ModelsInfo>),
    /// There is no second model set, and why; safe to show.
    SecondRefused(String),
    /// Its embedding ended without a last event.
    SecondEnded,
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

            fn camel(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }
        }
    };
}

impl Command {
    /// The name in the configuration file, such as `edit-caption`.
    #[must_use]
    pub fn name(self) -> String {
        let mut name = String::new();
        for character in self.camel().chars() {
            if character.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(character.to_ascii_lowercase());
        }
        name
    }

    /// The command of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|command| command.name() == name)
    }
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
    /// Change to the next model set that is installed.
    NextModels,
    /// Turn from image→text to text→image and to both.
    TurnDirection,
    /// Put rows and columns in the next order.
    NextOrder,
    /// Open the line for a phrase that ranks photos or captions.
    FindPhrase,
    /// Open the caption of the cursor for editing.
    EditCaption,
    /// Take the last kept edit back.
    Undo,
    /// Save edited captions in their file.
    Save,
    /// Close the line and keep what it did.
    Keep,
    /// Close the line as if it had not been opened.
    Cancel,
    /// Move along the ranking of the phrase.
    ChooseNext,
    /// Move back along the ranking of the phrase.
    ChoosePrevious,
    /// Move in the line, one character to the left.
    LineLeft,
    /// Move in the line, one character to the right.
    LineRight,
    /// Move to the start of the line.
    LineStart,
    /// Move to the end of the line.
    LineEnd,
    /// Take out the character to the left.
    Backspace,
    /// Take out the character to the right.
    Delete,
    /// Take out the word to the left.
    DeleteWord,
    /// Take out the whole line.
    ClearLine,
    /// Put the next approach beside the one on screen, or the other model set, or none.
    Compare,
    /// Choose what to export.
    Export,
    /// Write the grid as CSV.
    ExportCsv,
    /// Write grid, cursor and lists as JSON.
    ExportJson,
    /// Write the grid as a picture.
    ExportPng,
    /// Send the row of the cursor to the terminal's clipboard.
    Copy,
    /// Turn the colours of the heat map: fitted, from 0 to 1, around zero.
    TurnScale,
    /// Turn the colours of the dashboard.
    TurnTheme,
    /// Draw with ASCII only, or not.
    Ascii,
    /// Show or leave the help page.
    Help,
    /// Show or leave the list of what was left out.
    LeftOut,
}
