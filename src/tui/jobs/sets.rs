//! Looks through the model sets there are, on a worker: it touches the disk.

use super::guarded::guarded;
use crate::tui::engine::Engine;
use crate::tui::model::SetRow;

/// The model sets, or why they cannot be listed, safe to show.
pub type SetsDone = Result<Vec<SetRow>, String>;

pub(super) fn perform(engine: &dyn Engine) -> SetsDone {
    guarded(|| engine.sets())
}
