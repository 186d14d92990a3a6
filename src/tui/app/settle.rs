//! What every action ends with: starting jobs that are due, and rebuilding derived parts.

use std::sync::Arc;

use super::App;
use crate::tui::effect::Effect;
use crate::tui::jobs::{Job, LookDone, LookJob, LookRequest};
use crate::tui::model::{Axis, GridId, Results, Side, SideId};

impl App {
    /// Ends every action. After `news` more of its kind may follow at once, and what they change is rebuilt after the last.
    pub(super) fn settle(&mut self, news: bool) {
        if self.notice.as_ref().is_some_and(|notice| notice.is_over(self.now)) {
            self.notice = None;
            self.redraw = true;
        }
        if self.axes_stale && !news {
            self.rebuild_axes();
        }
        self.switch_when_free();
        self.embed_phrase_when_due();
        self.embed_caption_when_due();
        self.settle_sides();
        if !std::mem::take(&mut self.view_stale) {
            return;
        }
        self.follow_cursor();
        self.request_photos();
        self.request_scores();
        self.request_clusters();
        self.rebuild_lists();
    }

    /// Asks for visible scores that no matrix holds, for one grid at a time.
    fn request_scores(&mut self) {
        if self.asked.looks.is_out() {
            return;
        }
        let grids = [Some(GridId::main(self.approach)), self.linked.as_ref().map(|linked| linked.id)];
        let wanted = grids
            .into_iter()
            .flatten()
            .filter_map(|grid| Some((grid, self.side(grid.side)?)))
            // Vectors that are being embedded again are looked up once they are compared.
            .filter(|(grid, side)| grid.side == SideId::First || side.has_own_numbers())
            .filter_map(|(grid, side)| Some((grid, side, side.results.as_ref()?)))
            .filter(|(grid, _, results)| results.lacks_matrix(grid.approach))
            .map(|(grid, side, results)| (self.look_request(grid, side, results), side, results))
            .find(|(request, ..)| self.looked.iter().all(|looked| looked.request != *request));
        let Some((request, side, results)) = wanted else { return };
        let job = LookJob {
            request: request.clone(),
            results: Arc::clone(results),
            embeddings: side.embeddings.clone(),
            models: side.models.clone(),
        };
        self.asked.looks.ask(request);
        self.effects.push(Effect::Job(Job::Look(Box::new(job))));
    }

    /// A request for the visible part of a grid and for the row and column of its cursor.
    fn look_request(&self, id: GridId, side: &Side, results: &Results) -> LookRequest {
        let approach = id.approach;
        let main = id == GridId::main(self.approach);
        let grid = if main { self.grid() } else { self.linked_grid() };
        let cursor = self.carried(self.cursor, self.approach, approach);
        let (mut rows, mut cols) = (vec![cursor.0], vec![cursor.1]);
        if let Some(grid) = grid {
            let plan = grid.plan();
            // The first item of a block stands for all of it; a half-block character holds two blocks.
            let (across, down) = plan.cell.items();
            let blocks = (down / across.max(1)).max(1);
            let half = down / blocks;
            let first = |axis: &Axis, position: usize| axis.places.get(position).copied();
            for slot in &plan.rows {
                rows.extend((0..blocks).filter_map(|block| first(grid.rows, slot.first + block * half)));
            }
            cols.extend(plan.cols.iter().filter_map(|slot| first(grid.cols, slot.first)));
        }
        let known = |modality, place: &usize| results.of(modality).position(*place).is_some();
        for (places, modality) in [(&mut rows, approach.rows()), (&mut cols, approach.cols())] {
            places.retain(|place| known(modality, place));
            places.sort_unstable();
            places.dedup();
        }
        LookRequest {
            version: side.refresh.shown(),
            grid: id,
            rows,
            cols,
            // Only the lists of the main grid need whole lines.
            row: Some(cursor.0).filter(|place| main && known(approach.rows(), place)),
            col: Some(cursor.1).filter(|place| main && known(approach.cols(), place)),
        }
    }

    /// Takes in looked-up scores.
    pub(super) fn looked_done(&mut self, done: LookDone) {
        if !self.asked.looks.answered(&done.request) {
            return;
        }
        self.redraw = true;
        if let Err(reason) = &done.result {
            let reason = reason.clone();
            self.say(reason);
        }
        self.looked.retain(|looked| looked.request.grid != done.request.grid);
        self.looked.push(done);
    }
}
