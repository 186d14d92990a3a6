//! What follows from the state: jobs that have become due, and derived parts that must be made anew.

use std::sync::Arc;
use std::time::Duration;

use super::{App, GridId, Second};
use crate::tui::jobs::{CompareDone, CompareJob, Effect, Effort, Job, LookDone, LookJob, LookRequest};
use clipscope_base::display_safe::display_safe;
use clipscope_core::dataset::Skipped;
use clipscope_core::embedding::{Event, EventKind, Unit};

/// Up to so many photos the whole comparison is quick enough to follow the keys.
const QUICK: usize = 200;
/// While photos arrive, comparing takes one part of the time in this many, so that embedding goes on…
pub(super) const PAUSE: u32 = 4;
/// … and waits at most this long.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60);

impl App {
    /// Takes in news from the embedding workers.
    pub(super) fn embedded(&mut self, event: Event) {
        if event.generation != self.run {
            self.second_embedded(event);
            return;
        }
        self.redraw = true;
        self.progress.record(&event.kind);
        self.embeddings.record(&event.kind);
        match event.kind {
            EventKind::Embedded { .. } => self.refresh.wanted = true,
            EventKind::Skipped { unit, reason } => self.leave_out(unit, &reason),
            EventKind::Notice(text) => {
                let text = display_safe(&text).into_owned();
                self.notes.push(text.clone());
                self.say(text);
            }
            EventKind::Failed(_) => {
                // Nothing more comes: what is there is compared wholly.
                self.refresh.wanted |= self.results.is_some();
                self.refresh.not_before = Duration::ZERO;
            }
            EventKind::Finished { .. } => {
                self.refresh.wanted = true;
                self.refresh.not_before = Duration::ZERO;
            }
        }
    }

    fn leave_out(&mut self, unit: Unit, reason: &str) {
        let file = match unit {
            Unit::Photo(place) => self.catalog.photos.get(place).map(|photo| photo.file.clone()),
            Unit::Caption(place) => self.catalog.captions.get(place).map(|caption| {
                let photo = self.catalog.photos.get(caption.photo).map_or("", |photo| &photo.file);
                format!("{photo}, caption “{}”", caption.text)
            }),
            Unit::NullCaption(_) => Some("a meaningless caption of the comparison".into()),
        };
        let reason = display_safe(reason).into_owned();
        self.left_out.push(Skipped { file: file.unwrap_or_default(), reason });
        self.refresh.wanted = true;
        self.axes_stale = true;
    }

    /// Takes in new numbers.
    pub(super) fn compared(&mut self, done: CompareDone) {
        if done.second {
            self.second_compared(done);
            return;
        }
        self.redraw = true;
        if done.version < self.refresh.oldest {
            self.refresh.running = false;
            return;
        }
        let shown = self.refresh.shown;
        self.refresh.done(done.version, done.took, self.now, self.progress.is_running());
        match done.result {
            Ok(results) => {
                if let Some(edit) = &mut self.edit
                    && edit.moved.is_none_or(|first| done.version < first)
                {
                    // What has changed is not the doing of what is typed.
                    edit.baseline = Arc::clone(&results);
                }
                self.results = Some(results);
                self.failure = None;
                self.rebuild_axes();
                self.phrase_changed();
            }
            Err(reason) => {
                self.refresh.shown = shown;
                self.failure = Some(reason);
            }
        }
    }

    /// Takes in scores that were looked up.
    pub(super) fn looked_done(&mut self, done: LookDone) {
        self.redraw = true;
        self.look_wanted = None;
        let second = done.request.grid.second;
        if second && self.second.is_none() || !second && done.request.version < self.refresh.oldest {
            return;
        }
        if let Err(reason) = &done.result {
            let reason = reason.clone();
            self.say(reason);
        }
        self.looked.retain(|looked| looked.request.grid != done.request.grid);
        self.looked.push(done);
    }

    /// After every action: what has become due. `news` says that more of its kind may follow at once: what they change is
    /// made anew after the last of them.
    pub(super) fn settle(&mut self, news: bool) {
        if self.notice.as_ref().is_some_and(|notice| notice.until <= self.now) {
            self.notice = None;
            self.redraw = true;
        }
        if self.axes_stale && !news {
            self.rebuild_axes();
        }
        self.embed_phrase_when_due();
        self.embed_caption_when_due();
        self.compare_when_due();
        self.settle_second();
        if !std::mem::take(&mut self.view_stale) {
            return;
        }
        self.follow_cursor();
        self.request_photos();
        self.request_scores();
        self.request_clusters();
        self.rebuild_lists();
    }

    fn compare_when_due(&mut self) {
        let Some(version) = self.refresh.due(self.now) else { return };
        let effort = match (self.progress.is_running(), &self.edit) {
            (true, _) => Effort::Preview,
            (false, Some(_)) if self.catalog.photos.len() > QUICK => Effort::Typing,
            (false, _) => Effort::Whole,
        };
        self.effects.push(Effect::Job(Job::Compare(Box::new(CompareJob {
            version,
            generation: self.run,
            second: false,
            dataset: Arc::clone(&self.dataset),
            embeddings: self.embeddings.clone(),
            models: self.models.clone(),
            effort,
        }))));
    }

    /// Asks for scores on screen that no matrix holds, for one grid at a time.
    fn request_scores(&mut self) {
        if self.look_wanted.is_some() {
            return;
        }
        let grids = [Some(GridId::main(self.approach)), self.linked.as_ref().map(super::Linked::id)];
        let wanted = grids
            .into_iter()
            .flatten()
            .filter(|grid| !grid.second || self.second.as_ref().is_some_and(Second::has_own_numbers))
            .filter_map(|grid| Some((grid, self.numbers(grid)?)))
            .filter(|(grid, results)| results.lacks_matrix(grid.approach))
            .map(|(grid, results)| (self.look_request(results, grid), Arc::clone(results)))
            .find(|(request, _)| self.looked.iter().all(|looked| looked.request != *request));
        let Some((request, results)) = wanted else { return };
        let (embeddings, models) = match &self.second {
            Some(second) if request.grid.second => (&second.embeddings, &second.models),
            _ => (&self.embeddings, &self.models),
        };
        let (embeddings, models) = (embeddings.clone(), models.clone());
        self.look_wanted = Some(request.clone());
        self.effects.push(Effect::Job(Job::Look(Box::new(LookJob { request, results, embeddings, models }))));
    }

    /// What is visible of an approach's grid, and the row and column of its cursor.
    fn look_request(&self, results: &super::Results, id: GridId) -> LookRequest {
        let approach = id.approach;
        let main = id == GridId::main(self.approach);
        let grid = if main { self.grid() } else { self.linked_grid() };
        let cursor = self.carried(self.cursor, self.approach, approach);
        let (mut rows, mut cols) = (vec![cursor.0], vec![cursor.1]);
        if let Some(grid) = grid {
            let plan = grid.plan();
            // Of a block of items the first stands for all; half blocks hold two blocks.
            let (across, down) = plan.cell.items();
            let blocks = (down / across.max(1)).max(1);
            let half = down / blocks;
            let first = |axis: &super::Axis, position: usize| axis.places.get(position).copied();
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
            version: match &self.second {
                Some(second) if id.second => second.refresh.shown,
                _ => self.refresh.shown,
            },
            grid: id,
            rows,
            cols,
            // Only the lists of the main grid need whole lines.
            row: Some(cursor.0).filter(|place| main && known(approach.rows(), place)),
            col: Some(cursor.1).filter(|place| main && known(approach.cols(), place)),
        }
    }
}
