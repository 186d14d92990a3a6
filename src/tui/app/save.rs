//! Saving edited captions in their files.

use std::sync::Arc;

use super::App;
use crate::tui::effect::Effect;
use crate::tui::jobs::{CaptionToSave, Job, SaveDone, SaveJob};

impl App {
    /// How many captions differ from their file.
    #[must_use]
    pub fn unsaved(&self) -> usize {
        self.edits.unsaved().len()
    }

    /// Saves every caption that differs from its file.
    pub(super) fn save(&mut self) {
        if self.unsaved() == 0 {
            self.say("every caption is as it is in the file");
            return;
        }
        if self.asked.saving.is_out() {
            return;
        }
        let captions = self.edits.unsaved().filter_map(|(place, old)| {
            let caption = self.catalog.captions.get(place)?;
            let photo = self.catalog.photos.get(caption.photo)?;
            Some(CaptionToSave {
                place,
                file: self.dataset().items.get(caption.photo)?.file.clone(),
                number: place - photo.captions.start,
                old: old.clone(),
                text: self.caption_text(place)?,
            })
        });
        let captions = captions.collect();
        self.asked.saving.ask(());
        let dataset = Arc::clone(self.dataset());
        self.effects.push(Effect::Job(Job::Save(SaveJob { dataset, captions })));
    }

    /// Takes in the outcome of saving.
    pub(super) fn saved(&mut self, done: SaveDone) {
        let _ = self.asked.saving.answered(&());
        self.redraw = true;
        for (place, text) in &done.saved {
            let now = self.caption_text(*place);
            self.edits.note_saved(*place, text, now.as_deref());
        }
        let count = done.saved.len();
        let what = if count == 1 { "the caption is".into() } else { format!("{count} captions are") };
        match (done.failure, done.files.as_slice()) {
            (Some(reason), []) => self.say(reason),
            (Some(reason), _) => self.say(format!("{what} saved; another could not be saved: {reason}")),
            (None, [file]) => {
                self.say(format!("{what} saved in {file}; the old file is beside it, with .bak"))
            }
            (None, files) => {
                let files = files.len();
                self.say(format!("{what} saved in {files} files; the old ones are beside them, with .bak"));
            }
        }
    }
}
