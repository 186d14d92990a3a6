//! The photos under the cursor.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Pen;
use crate::tui::app::{App, PhotoFrame};
use crate::tui::jobs::Picture;
use crate::tui::settings::ImageMode;
use crate::tui::text;
use clipscope_networks::Modality;

/// Draws the photos, each with its name below.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    let frames = app.photo_frames();
    if frames.is_empty() {
        pen.text(area.x, area.y, area.width, "no photos", app.theme.dim());
    }
    for frame in &frames {
        picture(app, pen, frame);
        name(app, pen, frame);
    }
}

fn picture(app: &App, pen: &mut Pen<'_>, frame: &PhotoFrame) {
    let photo = frame.key().and_then(|key| app.photo(key));
    draw_picture(pen, frame.room, app.images, photo);
}

/// Draws a photo in the middle of its room, or why it cannot be shown.
pub fn draw_picture(
    pen: &mut Pen<'_>,
    room: Rect,
    images: ImageMode,
    photo: Option<&Result<Picture, String>>,
) {
    match photo {
        _ if images == ImageMode::Off => words(pen, room, "photos are off (--images)"),
        Some(Ok(picture)) => {
            let size = picture.0.size();
            let left = room.x + room.width.saturating_sub(size.width) / 2;
            let top = room.y + room.height.saturating_sub(size.height) / 2;
            let target = Rect::new(left, top, size.width.min(room.width), size.height.min(room.height));
            pen.widget(target, ratatui_image::Image::new(&picture.0));
        }
        Some(Err(reason)) => words(pen, room, &format!("cannot be shown: {reason}")),
        None => words(pen, room, "…"),
    }
}

fn name(app: &App, pen: &mut Pen<'_>, frame: &PhotoFrame) {
    let area = frame.name;
    let category = app.catalog.category_of(Modality::Image, frame.place).unwrap_or(0);
    let x = pen.text(area.x, area.y, area.width, frame.sign, app.theme.strong());
    let x = pen.text(x, area.y, area.right().saturating_sub(x), "■ ", app.theme.category(category));
    let name = app.catalog.photos.get(frame.place).map_or("", |photo| &photo.file);
    pen.text(x, area.y, area.right().saturating_sub(x), name, Style::new());
}

fn words(pen: &mut Pen<'_>, area: Rect, words: &str) {
    for (line, y) in text::wrap(words, usize::from(area.width)).iter().zip(area.y..area.bottom()) {
        pen.text(area.x, y, area.width, line, pen.theme.dim());
    }
}
