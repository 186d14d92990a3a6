//! The data behind the dashboard.
//!
//! Owns what the state, the workers and the views have in common. Must not know the state, a job, an action or a view.

mod axis;
mod catalog;
mod fetching;
mod grid;
mod input_line;
mod newest;
mod overview;
mod progress;
mod ranked_list;
mod refresh;
mod results;
mod set_rows;
mod side;

pub(crate) use axis::Clusters;
pub use axis::{Axis, Order};
pub use catalog::Catalog;
pub use fetching::Fetching;
pub use grid::{GridId, GridView, Linked};
pub use input_line::InputLine;
pub use newest::Newest;
pub(crate) use overview::Overview;
pub use progress::RunState;
pub use ranked_list::{Direction, Mark, RankedItem, RankedList};
pub use results::{Effort, Results, ScoreRange};
pub use set_rows::{FetchNews, FetchStage, NetworkRow, NetworkState, SetRow};
pub use side::{STAND_IN, Side, SideId};
