//! What the user can ask for.
//!
//! Owns the commands and their names in the configuration file; which key asks for which is the business of
//! [`keymap`](super::keymap).

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
