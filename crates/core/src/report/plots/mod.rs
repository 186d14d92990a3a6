//! Labeled heat maps as PNG files, one per grid.
//!
//! The font is compiled in, so that the pictures are the same on every machine.

mod axis;
mod error;
mod grids;
mod heat_map;
mod layout;
mod write;

pub use axis::HeatMapAxis;
pub use error::PlotError;
pub use heat_map::HeatMap;
pub use write::{WrittenPlots, write_all};
