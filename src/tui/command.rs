//! The commands of the user.
//!
//! Owns the commands and their names in the configuration file. Must not know their keys: [`bindings`](super::bindings) has
//! a row for every command.

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// A command of the user, bound to keys in the key table.
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

/// The former name of [`Command::Models`], which configurations may have.
pub const FORMER_MODELS: &str = "next-models";

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
        // What it was called while the key changed to the next set at once.
        let name = if name == FORMER_MODELS { "models" } else { name };
        Self::ALL.iter().copied().find(|command| command.name() == name)
    }
}

commands! {
    /// Quit the program.
    Quit,
    /// Stop the process, like Ctrl-Z in a shell.
    Suspend,
    /// Move the cursor one column to the left.
    Left,
    /// Move the cursor one row down.
    Down,
    /// Move the cursor one row up.
    Up,
    /// Move the cursor one column to the right.
    Right,
    /// Move up one screen, in the grid or in the panel in focus.
    PageUp,
    /// Move down one screen, in the grid or in the panel in focus.
    PageDown,
    /// Move to the first column.
    RowStart,
    /// Move to the last column.
    RowEnd,
    /// Move to the first row.
    First,
    /// Move to the last row.
    Last,
    /// Compare photos with photos.
    ShowImages,
    /// Compare captions with captions.
    ShowTexts,
    /// Show the bridge between the two separate spaces.
    ShowBridge,
    /// Show the shared space.
    ShowClip,
    /// Focus the next panel.
    NextPanel,
    /// Focus the previous panel.
    PreviousPanel,
    /// Show the photo and its ranking full screen.
    Open,
    /// Go back to the grid.
    Back,
    /// Move to the next item whose best match is wrong.
    NextMistake,
    /// Move to the previous item whose best match is wrong.
    PreviousMistake,
    /// Make the cells larger.
    ZoomIn,
    /// Make the cells smaller.
    ZoomOut,
    /// Make the cells as large as fits.
    ZoomFit,
    /// Show or hide the model sets: use one, fetch one, compare with one.
    Models,
    /// Use the model set under the cursor, or fetch what it lacks.
    UseModels,
    /// Compare with the model set under the cursor.
    CompareWith,
    /// Stop the fetch, or close the page of models.
    StopFetch,
    /// Match image→text, text→image, or both.
    TurnDirection,
    /// Put rows and columns in the next order.
    NextOrder,
    /// Open the line for a phrase that ranks photos or captions.
    FindPhrase,
    /// Edit the caption of the cursor.
    EditCaption,
    /// Undo the last edit.
    Undo,
    /// Save edited captions to their file.
    Save,
    /// Close the line and keep its result.
    Keep,
    /// Close the line and change nothing.
    Cancel,
    /// Choose the next photo found.
    ChooseNext,
    /// Choose the previous photo found.
    ChoosePrevious,
    /// Move one character left in the line.
    LineLeft,
    /// Move one character right in the line.
    LineRight,
    /// Move to the start of the line.
    LineStart,
    /// Move to the end of the line.
    LineEnd,
    /// Delete the previous character.
    Backspace,
    /// Delete the next character.
    Delete,
    /// Delete the previous word.
    DeleteWord,
    /// Clear the line.
    ClearLine,
    /// Show the next approach, or the other model set, beside this one, or neither.
    Compare,
    /// Choose the format of an export.
    Export,
    /// Export the grid as CSV.
    ExportCsv,
    /// Export grid, cursor and lists as JSON.
    ExportJson,
    /// Export the grid as a picture.
    ExportPng,
    /// Copy the row of the cursor to the terminal's clipboard.
    Copy,
    /// Switch the color scale of the heat map: fitted, from 0 to 1, or around 0.
    TurnScale,
    /// Switch to the next theme.
    TurnTheme,
    /// Switch drawing with ASCII only on or off.
    Ascii,
    /// Show or hide the help page.
    Help,
    /// Show or hide the list of what was left out.
    LeftOut,
}
