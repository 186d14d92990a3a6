//! Decodes, scales and encodes a photo for the terminal, on a worker.

use std::fmt;
use std::sync::Arc;

use image::DynamicImage;
use ratatui::layout::Size;
use ratatui_image::Resize;
use ratatui_image::picker::Picker;
use ratatui_image::protocol::Protocol;

use super::guarded::guarded;
use crate::tui::engine::Engine;
use clipscope_core::dataset::PhotoSource;

/// A photo and the room for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PhotoKey {
    /// Its place in the data set.
    pub place: usize,
    /// Columns and rows it may take.
    pub size: Size,
}

/// A photo to be prepared.
#[derive(Clone)]
pub struct PhotoJob {
    pub key: PhotoKey,
    /// Where its bytes are.
    pub source: PhotoSource,
    /// How the terminal draws pictures.
    pub picker: Arc<Picker>,
}

impl fmt::Debug for PhotoJob {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PhotoJob").field("key", &self.key).finish_non_exhaustive()
    }
}

/// A photo ready to be drawn.
#[derive(Clone)]
pub struct Picture(pub Arc<Protocol>);

impl fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Picture").field(&self.0.size()).finish()
    }
}

/// A photo, or why it cannot be shown.
#[derive(Debug, Clone)]
pub struct PhotoDone {
    pub key: PhotoKey,
    pub result: Result<Picture, String>,
}

pub(super) fn perform(engine: &dyn Engine, job: PhotoJob) -> PhotoDone {
    let result = guarded(|| {
        let photo = engine.decode(&job.source)?;
        if photo.width() == 0 || photo.height() == 0 {
            return Err("the photo has no pixels".into());
        }
        let fit = Resize::Scale(Some(image::imageops::FilterType::Triangle));
        job.picker
            .new_protocol(DynamicImage::ImageRgb8(photo), job.key.size, fit)
            .map(|protocol| Picture(Arc::new(protocol)))
            .map_err(|error| error.to_string())
    });
    PhotoDone { key: job.key, result }
}
