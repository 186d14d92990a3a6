//! Where the user has moved the borders between panels to.

use ratatui::layout::Rect;

/// A border between panels that the mouse can move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Divider {
    /// Between the grid and what is beside it, or between two grids.
    Columns,
    /// Below the photo.
    Photo,
    /// Above the accuracy.
    Accuracy,
}

/// Positions of the borders in thousandths of the room; `None` leaves a border to the plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Splits {
    /// Width of the grid.
    pub columns: Option<u16>,
    /// Height of the photo, of the height beside the grid.
    pub photo: Option<u16>,
    /// Top of the accuracy, of the same height.
    pub accuracy: Option<u16>,
}

impl Splits {
    /// Moves a border to a cell of the screen. No part gets smaller than a fifth of the room.
    #[must_use]
    pub fn moved(self, divider: Divider, body: Rect, x: u16, y: u16) -> Self {
        let share = |at: u16, start: u16, length: u16| {
            let part = u32::from(at.saturating_sub(start)) * 1000 / u32::from(length.max(1));
            part.clamp(200, 800) as u16
        };
        match divider {
            Divider::Columns => Self { columns: Some(share(x, body.x, body.width)), ..self },
            Divider::Photo => {
                let photo =
                    share(y, body.y, body.height).min(self.accuracy.unwrap_or(800).saturating_sub(100));
                Self { photo: Some(photo), ..self }
            }
            Divider::Accuracy => {
                let accuracy = share(y, body.y, body.height).max(self.photo.unwrap_or(200) + 100);
                Self { accuracy: Some(accuracy), ..self }
            }
        }
    }
}
