//! Which photos are on screen, how large, and which are still to be made ready.

use ratatui::layout::{Rect, Size};

use super::overlay::{Overlay, Page};
use super::state::App;
use crate::tui::effect::Effect;
use crate::tui::jobs::{Job, PhotoDone, PhotoJob, PhotoKey, Picture};
use crate::tui::layout::Panel;
use crate::tui::settings::ImageMode;

/// Photos kept ready.
const KEPT: usize = 24;
/// From this width on, the photos of row and column stand side by side.
const PAIR: u16 = 44;

/// A photo and the room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhotoFrame {
    /// Its place in the data set.
    pub place: usize,
    /// Whose photo it is, when there are two.
    pub sign: &'static str,
    /// The room for the picture.
    pub room: Rect,
    /// The line for its name.
    pub name: Rect,
}

impl PhotoFrame {
    /// The picture that fits the room, if there is any room.
    #[must_use]
    pub fn key(&self) -> Option<PhotoKey> {
        let Rect { width, height, .. } = self.room;
        (width > 0 && height > 0).then_some(PhotoKey { place: self.place, size: Size::new(width, height) })
    }
}

impl App {
    /// The photos under the cursor: that of its row, and where there is room that of its column.
    #[must_use]
    pub fn photo_frames(&self) -> Vec<PhotoFrame> {
        let area = match &self.overlay {
            Overlay::Page(Page::Photo) => {
                let area = self.plan().full_photo().0;
                let title = 1.min(area.height);
                Some(Rect { y: area.y + title, height: area.height - title, ..area })
            }
            Overlay::Page(Page::Help | Page::LeftOut) => None,
            _ => self.plan().inside(Panel::Photo),
        };
        let Some(area) = area.filter(|area| !area.is_empty()) else { return Vec::new() };
        let Some(row) = self.catalog.photo_of(self.approach.rows(), self.cursor.0) else { return Vec::new() };
        let frame = |place, sign, area: Rect| PhotoFrame {
            place,
            sign,
            room: Rect { height: area.height - 1, ..area },
            name: Rect { y: area.bottom() - 1, height: 1, ..area },
        };
        match self.catalog.photo_of(self.approach.cols(), self.cursor.1) {
            Some(col) if col != row && area.width >= PAIR => {
                let half = area.width / 2;
                let right = Rect { x: area.x + half, width: area.width - half, ..area };
                vec![frame(row, "row ", Rect { width: half - 1, ..area }), frame(col, "col ", right)]
            }
            _ => vec![frame(row, "", area)],
        }
    }

    /// The picture at `key`, when it is ready.
    #[must_use]
    pub fn photo(&self, key: PhotoKey) -> Option<&Result<Picture, String>> {
        self.photos.iter().find(|photo| photo.key == key).map(|photo| &photo.result)
    }

    /// Asks for a photo on screen that is not ready, one at a time.
    pub(super) fn request_photos(&mut self) {
        if self.asked.photos.is_out() || self.images == ImageMode::Off {
            return;
        }
        let Some(picker) = self.picker.clone() else { return };
        let frames = self.photo_frames();
        let Some(key) = frames.iter().filter_map(PhotoFrame::key).find(|&key| self.photo(key).is_none())
        else {
            return;
        };
        let Some(item) = self.dataset().items.get(key.place) else { return };
        let source = item.source.clone();
        self.asked.photos.ask(key);
        self.effects.push(Effect::Job(Job::Photo(PhotoJob { key, source, picker })));
    }

    /// Takes in a photo that is ready.
    pub(super) fn photo_ready(&mut self, done: PhotoDone) {
        // Else it was made for another way of drawing pictures.
        if !self.asked.photos.answered(&done.key) {
            return;
        }
        self.redraw = true;
        self.photos.retain(|photo| photo.key != done.key);
        self.photos.push(done);
        let surplus = self.photos.len().saturating_sub(KEPT);
        self.photos.drain(..surplus);
    }
}
