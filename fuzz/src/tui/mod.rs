//! What a configuration names.

#[path = "../../../src/tui/ascii.rs"]
mod ascii;
#[path = "../../../src/tui/command.rs"]
pub mod command;
#[path = "../../../src/tui/grid_plan.rs"]
pub mod grid_plan;
#[path = "../../../src/tui/key.rs"]
pub mod key;
#[path = "../../../src/tui/keymap.rs"]
pub mod keymap;
#[path = "../../../src/tui/palette.rs"]
pub mod palette;
#[path = "../../../src/tui/settings.rs"]
pub mod settings;
#[path = "../../../src/tui/theme.rs"]
pub mod theme;

pub use command::Command;
pub use palette::ThemeName;
pub use settings::{ColorMode, ImageMode, Settings, ThemeChoice};
