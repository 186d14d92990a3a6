//! The two model sets: the one in use, and the one it is compared with.
//!
//! Each has its own vectors and numbers; rows, columns, order and cursor follow those of the set in use.

use std::sync::Arc;

use super::App;
use super::overlay::Overlay;
use crate::tui::effect::{DashboardEffect, Effect};
use crate::tui::jobs::{CompareDone, CompareJob, Job};
use crate::tui::model::{Effort, GridId, Linked, Results, RunState, Side, SideId};
use clipscope_base::display_safe::display_safe;
use clipscope_core::dataset::Skipped;
use clipscope_core::embedding::{Event, EventKind, Unit};
use clipscope_networks::ModelsInfo;

/// Up to this many photos, the complete comparison keeps up with typing.
const QUICK: usize = 200;

impl App {
    /// Asks for a model set, or for the next one that is installed: in place of the one in use, or beside it.
    pub(super) fn ask_for_models(&mut self, id: SideId, set: Option<String>) {
        self.asked.models.ask(id);
        self.effects.push(Effect::Own(DashboardEffect::OpenModels { side: id, set }));
    }

    /// Takes in a model set that was asked for and starts embedding with it. Edited captions stay.
    pub(super) fn models_opened(&mut self, id: SideId, models: ModelsInfo) {
        if !self.asked.models.answered(&id) {
            return;
        }
        self.redraw = true;
        let mut side = Side::new(models, Arc::clone(self.dataset()));
        match id {
            SideId::First => {
                self.say(format!("models: {}", side.models.set.name()));
                self.first = side;
                self.forget_vectors();
                self.drop_second();
            }
            SideId::Second => {
                // Opened again after an edit: the old numbers are shown until there are new ones.
                side.results = self.second.take().and_then(|old| old.results);
                self.second = Some(side);
                if self.linked.as_ref().is_none_or(|linked| linked.id.side == SideId::First) {
                    self.linked = Some(Linked::new(GridId { approach: self.approach, side: id }));
                }
            }
        }
        self.rebuild_axes();
        self.start_run(id);
    }

    /// Handles a model set that cannot be opened.
    pub(super) fn models_refused(&mut self, id: SideId, reason: String) {
        let _ = self.asked.models.answered(&id);
        self.redraw = true;
        if id == SideId::Second {
            // If it stayed, with captions that are out of date, it would be asked for again at once.
            self.drop_second();
        }
        self.say(reason);
    }

    /// Forgets everything derived from the vectors of the set that was in use.
    fn forget_vectors(&mut self) {
        self.looked.clear();
        self.asked.looks.forget();
        self.clusters = None;
        self.asked.clusters.forget();
        self.edits.forget_undo();
    }

    /// Ends the comparison of two model sets.
    pub(super) fn drop_second(&mut self) {
        self.asked.models.forget();
        self.asked.looks.forget();
        self.looked.retain(|looked| looked.request.grid.side == SideId::First);
        if self.second.take().is_some() {
            self.effects.push(Effect::Own(DashboardEffect::End(SideId::Second)));
        }
        if self.linked.as_ref().is_some_and(|linked| linked.id.side == SideId::Second) {
            self.linked = None;
        }
    }

    /// Starts the embedding of a side.
    pub(super) fn start_run(&mut self, id: SideId) {
        let (generation, now) = (self.next_number(), self.now);
        let Some(side) = self.side_mut(id) else { return };
        side.start(generation, now);
        let dataset = Arc::clone(&side.dataset);
        self.effects.push(Effect::Own(DashboardEffect::Start { side: id, dataset, generation }));
    }

    /// Handles the end of a side's embedding.
    pub(super) fn run_ended(&mut self, id: SideId) {
        if let Some(side) = self.side_mut(id).filter(|side| side.progress.is_running()) {
            side.progress.state = RunState::Failed("the embedding stopped without a reason".into());
            self.redraw = true;
        }
    }

    /// Takes in news from the embedding workers. Those of an earlier run are dropped.
    pub(super) fn embedded(&mut self, event: Event) {
        let is_of = |id: &SideId| self.side(*id).is_some_and(|side| side.run == event.generation);
        let Some(id) = SideId::ALL.into_iter().find(is_of) else { return };
        let Some(side) = self.side_mut(id) else { return };
        side.progress.record(&event.kind);
        side.embeddings.record(&event.kind);
        match event.kind {
            EventKind::Embedded { .. } => side.refresh.want(),
            // Both sides read the same files.
            EventKind::Noted { .. } if id == SideId::Second => {}
            EventKind::Noted { photo, note } => side.note_photo(photo, note),
            EventKind::Skipped { unit, reason } => self.leave_out(id, unit, &reason),
            EventKind::Notice(text) => {
                let text = display_safe(&text).into_owned();
                side.notes.push(text.clone());
                if id == SideId::First {
                    self.say(text);
                }
            }
            EventKind::Failed(reason) => match id {
                // Nothing more will come: compare what is there. The status line says why.
                SideId::First => {
                    side.refresh.hurry();
                    if side.results.is_some() {
                        side.refresh.want();
                    }
                }
                // The status line belongs to the first side; here the numbers say why.
                SideId::Second => side.failure = Some(display_safe(&reason).into_owned()),
            },
            EventKind::Finished { .. } => side.refresh.want_now(),
        }
        self.redraw = true;
    }

    fn leave_out(&mut self, id: SideId, unit: Unit, reason: &str) {
        let reason = display_safe(reason).into_owned();
        let file = match id {
            SideId::First => self.name_of(unit),
            SideId::Second => {
                let models = self.second.as_ref().map_or("", |second| second.models.set.name());
                format!("models {models}")
            }
        };
        let Some(side) = self.side_mut(id) else { return };
        side.left_out.push(Skipped { file, reason });
        side.refresh.want();
        // Rows and columns follow the set in use.
        self.axes_stale |= id == SideId::First;
    }

    /// The name of an item in the list of what was left out.
    fn name_of(&self, unit: Unit) -> String {
        let photo = |place: usize| self.catalog.photos.get(place).map_or("", |photo| &photo.file);
        match unit {
            Unit::Photo(place) => photo(place).to_owned(),
            Unit::Caption(place) => self.catalog.captions.get(place).map_or_else(String::new, |caption| {
                format!("{}, caption “{}”", photo(caption.photo), caption.text)
            }),
            Unit::NullCaption(_) => "a null caption".into(),
        }
    }

    /// Starts the comparisons that are due; opens the second side again when captions were edited.
    pub(super) fn settle_sides(&mut self) {
        for id in SideId::ALL {
            if let Some(job) = self.compare_job(id) {
                self.effects.push(Effect::Job(Job::Compare(Box::new(job))));
            }
        }
        let stale = self.second.as_ref().is_some_and(|second| !Arc::ptr_eq(&second.dataset, self.dataset()));
        if stale && self.edit().is_none() && !self.asked.models.is_out() {
            let set = self.second.as_ref().map(|second| second.models.set.name().to_owned());
            self.ask_for_models(SideId::Second, set);
        }
    }

    /// The comparison of a side, when it is due.
    fn compare_job(&mut self, id: SideId) -> Option<CompareJob> {
        let now = self.now;
        if !self.side(id)?.refresh.is_due(now) {
            return None;
        }
        let version = self.next_number();
        let typing = id == SideId::First && self.edit().is_some() && self.catalog.photos.len() > QUICK;
        let side = self.side_mut(id)?;
        side.refresh.start(version);
        Some(CompareJob {
            side: id,
            version,
            dataset: Arc::clone(&side.dataset),
            embeddings: side.embeddings.clone(),
            models: side.models.clone(),
            effort: match (side.progress.is_running(), typing) {
                (true, _) => Effort::Preview,
                (false, true) => Effort::Typing,
                (false, false) => Effort::Whole,
            },
        })
    }

    /// Takes in new numbers. Those of other vectors are dropped.
    pub(super) fn compared(&mut self, done: CompareDone) {
        let now = self.now;
        let Some(side) = self.side_mut(done.side) else { return };
        let embedding = side.progress.is_running();
        if !side.refresh.end(done.version, done.took, now, embedding) {
            return;
        }
        match done.result {
            Ok(results) => {
                side.refresh.show(done.version);
                side.failure = None;
                side.results = Some(Arc::clone(&results));
                if done.side == SideId::First {
                    self.follow_numbers(done.version, &results);
                }
            }
            Err(reason) => side.failure = Some(reason),
        }
        self.redraw = true;
    }

    /// Updates what depends on the numbers of the set in use.
    fn follow_numbers(&mut self, version: u64, results: &Arc<Results>) {
        if let Overlay::Edit(edit) = &mut self.overlay {
            // Other changes are not the effect of what is typed.
            edit.rebase(version, results);
        }
        self.rebuild_axes();
        self.phrase_changed();
    }
}
