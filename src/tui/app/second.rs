//! A second model set beside the one in use, while the two are compared.
//!
//! It has its own vectors and numbers; rows, columns, order and cursor are those of the set in use.

use std::sync::Arc;
use std::time::Duration;

use super::{App, Axis, Linked, Progress, Refresh, Results};
use crate::tui::jobs::{CompareDone, CompareJob, Effect, Effort, Job};
use clipscope_base::display_safe::display_safe;
use clipscope_core::dataset::{Dataset, Skipped};
use clipscope_core::embedding::{Embeddings, Event, EventKind};
use clipscope_networks::ModelsInfo;

/// What is known of the second model set.
pub struct Second {
    /// Which models.
    pub models: ModelsInfo,
    /// How far its embedding is.
    pub progress: Progress,
    /// Its numbers, once there are some.
    pub results: Option<Arc<Results>>,
    /// Why there are no new numbers, safe to show.
    pub failure: Option<String>,
    /// What it left out, safe to show.
    pub left_out: Vec<Skipped>,
    pub(super) embeddings: Embeddings,
    pub(super) refresh: Refresh,
    /// What it embeds: when captions are edited this is not the data set on screen any more.
    dataset: Arc<Dataset>,
    generation: u64,
}

impl Second {
    /// Whether the numbers at hand are of the vectors at hand, not of those before an edit.
    pub(super) fn has_own_numbers(&self) -> bool {
        self.refresh.shown > 0
    }
}

impl App {
    /// Asks for the second model set; the answer is [`App::second_started`], or a reason why there is none.
    pub(super) fn ask_for_second(&mut self) {
        self.generation += 1;
        self.second_asked = Some((self.generation, Arc::clone(&self.dataset)));
        let dataset = Arc::clone(&self.dataset);
        self.effects.push(Effect::StartSecond { dataset, generation: self.generation });
    }

    /// Ends the comparison of two model sets.
    pub(super) fn drop_second(&mut self) {
        self.second_asked = None;
        self.looked.retain(|looked| !looked.request.grid.second);
        if self.second.take().is_some() {
            self.effects.push(Effect::EndSecond);
        }
        if self.linked.as_ref().is_some_and(|linked| linked.second) {
            self.linked = None;
        }
    }

    /// Puts the second set beside the one in use. Its events follow.
    pub(super) fn second_started(&mut self, models: ModelsInfo) {
        let Some((generation, dataset)) = self.second_asked.take() else { return };
        self.redraw = true;
        let (photos, captions) = (self.catalog.photos.len(), self.catalog.captions.len());
        let old = self.second.take();
        // No version is given twice: scores that were looked up belong to one.
        let version = old.as_ref().map_or(0, |old| old.refresh.version);
        self.second = Some(Second {
            models,
            progress: Progress::new(photos, captions, self.now),
            // Until there are newer numbers, those of the same models.
            results: old.and_then(|old| old.results),
            failure: None,
            left_out: Vec::new(),
            embeddings: Embeddings::new(photos, captions),
            refresh: Refresh { version, ..Refresh::default() },
            dataset,
            generation,
        });
        if self.linked.as_ref().is_none_or(|linked| !linked.second) {
            let (rows, cols) = (Axis::default(), Axis::default());
            self.linked = Some(Linked { approach: self.approach, second: true, rows, cols, offset: (0, 0) });
        }
        self.rebuild_axes();
    }

    /// There is no second set, or none any more, and why.
    pub(super) fn second_refused(&mut self, reason: String) {
        self.redraw = true;
        // One that stayed, with captions as they were, would be asked for again at once.
        self.drop_second();
        self.say(reason);
    }

    /// Takes in news of its embedding.
    pub(super) fn second_embedded(&mut self, event: Event) {
        let Some(second) = self.second.as_mut().filter(|second| second.generation == event.generation) else {
            return;
        };
        self.redraw = true;
        second.progress.record(&event.kind);
        second.embeddings.record(&event.kind);
        match event.kind {
            EventKind::Embedded { .. } => second.refresh.wanted = true,
            EventKind::Finished { .. } => {
                second.refresh.wanted = true;
                second.refresh.not_before = Duration::ZERO;
            }
            EventKind::Failed(reason) => second.failure = Some(display_safe(&reason).into_owned()),
            EventKind::Skipped { reason, .. } => {
                second.refresh.wanted = true;
                let file = format!("models {}", second.models.set.name());
                second.left_out.push(Skipped { file, reason: display_safe(&reason).into_owned() });
            }
            EventKind::Notice(text) => self.notes.push(display_safe(&text).into_owned()),
        }
    }

    /// Takes in its numbers.
    pub(super) fn second_compared(&mut self, done: CompareDone) {
        let now = self.now;
        let Some(second) = self.second.as_mut().filter(|second| second.generation == done.generation) else {
            return;
        };
        self.redraw = true;
        second.refresh.done(done.version, done.took, now, second.progress.is_running());
        match done.result {
            Ok(results) => (second.results, second.failure) = (Some(results), None),
            Err(reason) => second.failure = Some(reason),
        }
    }

    /// Has its numbers computed when it is time; embeds anew when captions were edited.
    pub(super) fn settle_second(&mut self) {
        let Some(second) = &mut self.second else { return };
        let running = second.progress.is_running();
        let job = second.refresh.due(self.now).map(|version| {
            Effect::Job(Job::Compare(Box::new(CompareJob {
                version,
                generation: second.generation,
                second: true,
                dataset: Arc::clone(&second.dataset),
                embeddings: second.embeddings.clone(),
                models: second.models.clone(),
                effort: if running { Effort::Preview } else { Effort::Whole },
            })))
        });
        let stale = !Arc::ptr_eq(&second.dataset, &self.dataset);
        self.effects.extend(job);
        if stale && self.edit.is_none() && self.second_asked.is_none() {
            self.ask_for_second();
        }
    }
}
