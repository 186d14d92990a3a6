//! The photo under the cursor.

use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Pen;
use crate::models::Modality;
use crate::tui::app::App;
use crate::tui::settings::ImageMode;
use crate::tui::text;

/// The photo in `area`, its name on the last line.
pub fn draw(app: &App, pen: &mut Pen<'_>, area: Rect) {
    if area.height == 0 || area.width == 0 {
        return;
    }
    let Some(place) = app.cursor_photo() else {
        pen.text(area.x, area.y, area.width, "no photos", app.theme.dim());
        return;
    };
    let name_line = area.bottom() - 1;
    let category = app.catalog.category_of(Modality::Image, place).unwrap_or(0);
    let x = pen.text(area.x, name_line, area.width, "■ ", app.theme.category(category));
    let name = app.catalog.photos.get(place).map_or("", |photo| &photo.file);
    pen.text(x, name_line, area.right().saturating_sub(x), name, Style::new());

    let room = Rect { height: area.height - 1, ..area };
    if app.images == ImageMode::Off {
        words(app, pen, room, "photos are off (--images)");
        return;
    }
    let Some(key) = app.photo_key() else { return };
    match app.photo(key) {
        Some(Ok(picture)) => {
            let size = picture.0.size();
            let left = room.x + room.width.saturating_sub(size.width) / 2;
            let top = room.y + room.height.saturating_sub(size.height) / 2;
            let target = Rect::new(left, top, size.width.min(room.width), size.height.min(room.height));
            pen.widget(target, ratatui_image::Image::new(&picture.0));
        }
        Some(Err(reason)) => words(app, pen, room, &format!("cannot be shown: {reason}")),
        None => words(app, pen, room, "…"),
    }
}

fn words(app: &App, pen: &mut Pen<'_>, area: Rect, words: &str) {
    for (line, y) in text::wrap(words, usize::from(area.width)).iter().zip(area.y..area.bottom()) {
        pen.text(area.x, y, area.width, line, app.theme.dim());
    }
}
