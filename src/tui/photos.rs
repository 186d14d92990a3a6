//! Photos made ready for the terminal: which there are, and which one is on its way.
//!
//! Must not know which photos are on screen, or where their files are.

use std::sync::Arc;

use ratatui_image::picker::Picker;

use super::jobs::{Job, PhotoDone, PhotoJob, PhotoKey, Picture};
use super::model::Newest;
use clipscope_core::dataset::PhotoSource;

/// Photos kept ready.
const KEPT: usize = 24;

/// The photos that are ready, the newest last.
#[derive(Debug, Clone, Default)]
pub(crate) struct Photos {
    picker: Option<Arc<Picker>>,
    ready: Vec<PhotoDone>,
    asked: Newest<PhotoKey>,
}

impl Photos {
    /// Takes in how the terminal draws pictures. What was made for another way is made again.
    pub fn set_picker(&mut self, picker: Arc<Picker>) {
        *self = Self { picker: Some(picker), ..Self::default() };
    }

    /// The picture at `key`, or why there is none; `None` while it is not ready.
    pub fn get(&self, key: PhotoKey) -> Option<&Result<Picture, String>> {
        self.ready.iter().find(|photo| photo.key == key).map(|photo| &photo.result)
    }

    /// The job for the first of `keys` that is not ready. One photo is made at a time.
    pub fn request(
        &mut self,
        keys: impl IntoIterator<Item = PhotoKey>,
        source: impl FnOnce(usize) -> Option<PhotoSource>,
    ) -> Option<Job> {
        if self.asked.is_out() {
            return None;
        }
        let picker = self.picker.clone()?;
        let key = keys.into_iter().find(|&key| self.get(key).is_none())?;
        let source = source(key.place)?;
        self.asked.ask(key);
        Some(Job::Photo(PhotoJob { key, source, picker }))
    }

    /// Takes in a photo, unless it was made for another way of drawing pictures.
    pub fn take(&mut self, done: PhotoDone) {
        if !self.asked.answered(&done.key) {
            return;
        }
        self.ready.retain(|photo| photo.key != done.key);
        self.ready.push(done);
        let surplus = self.ready.len().saturating_sub(KEPT);
        self.ready.drain(..surplus);
    }
}
