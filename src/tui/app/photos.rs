//! The photos on screen: which, where, and which of them are still to be made ready.

use ratatui::layout::{Rect, Size};

use super::overlay::{Overlay, Page};
use super::state::App;
use crate::tui::effect::Effect;
use crate::tui::jobs::{PhotoKey, Picture};
use crate::tui::layout::Panel;
use crate::tui::settings::ImageMode;

/// From this width on, the photos of row and column stand side by side.
const PAIR: u16 = 44;

/// Where a photo goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhotoFrame {
    /// Its place in the data set.
    pub place: usize,
    /// Says whose photo it is, when there are two.
    pub sign: &'static str,
    /// Where the picture goes.
    pub room: Rect,
    /// Where its name goes.
    pub name: Rect,
}

impl PhotoFrame {
    /// The picture that fits, if there is any room.
    #[must_use]
    pub fn key(&self) -> Option<PhotoKey> {
        let Rect { width, height, .. } = self.room;
        (width > 0 && height > 0).then_some(PhotoKey { place: self.place, size: Size::new(width, height) })
    }
}

impl App {
    /// The photos under the cursor: that of its row and, if there is room, that of its column.
    #[must_use]
    pub fn photo_frames(&self) -> Vec<PhotoFrame> {
        let area = match &self.overlay {
            Overlay::Page(Page::Photo) => {
                let area = self.plan().full_photo().0;
                let title = 1.min(area.height);
                Some(Rect { y: area.y + title, height: area.height - title, ..area })
            }
            Overlay::Page(Page::Help | Page::LeftOut) | Overlay::Models(_) => None,
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
        self.photos.get(key)
    }

    /// Asks for a photo on screen that is not ready.
    pub(super) fn request_photos(&mut self) {
        if self.images == ImageMode::Off {
            return;
        }
        let keys: Vec<PhotoKey> = self.photo_frames().iter().filter_map(PhotoFrame::key).collect();
        let items = &self.first.dataset.items;
        let job = self.photos.request(keys, |place| Some(items.get(place)?.source.clone()));
        self.effects.extend(job.map(Effect::Job));
    }
}
