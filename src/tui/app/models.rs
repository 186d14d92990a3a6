//! Changing to another model set.

use std::sync::Arc;

use super::{App, Progress};
use crate::tui::jobs::Effect;
use clipscope_core::embedding::Embeddings;
use clipscope_networks::ModelsInfo;

impl App {
    /// Takes up another model set: what the old vectors gave is forgotten, and everything is embedded
    /// anew. Edited captions stay.
    pub(super) fn take_models(&mut self, models: ModelsInfo) {
        self.redraw = true;
        self.say(format!("models: {}", models.set.name()));
        self.models = models;
        self.embeddings = Embeddings::new(self.catalog.photos.len(), self.catalog.captions.len());
        self.results = None;
        self.failure = None;
        self.looked.clear();
        self.clusters = None;
        self.edits.forget_vectors();
        self.left_out = self.dataset.skipped.clone();
        self.notes.clear();
        self.refresh.wanted = false;
        // A comparison of the old vectors may still be at work.
        self.refresh.oldest = self.refresh.version + 1;
        self.rebuild_axes();
        self.drop_second();
        self.generation += 1;
        self.run = self.generation;
        self.progress = Progress::new(self.catalog.photos.len(), self.catalog.captions.len(), self.now);
        self.effects.push(Effect::Start { dataset: Arc::clone(&self.dataset), generation: self.generation });
    }
}
