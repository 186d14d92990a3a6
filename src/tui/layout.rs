//! Where the panels are on a screen of any size.
//!
//! Pure functions of the size and the focus. Views draw by a [`Plan`], and [`update`](super::app::update) uses the same plan
//! to find what the mouse points at and how much is visible. Must not draw.

use ratatui::layout::{Position, Rect, Size};

pub use super::splits::{Divider, Splits};
use clipscope_core::comparison::ANSWERS;

/// Below this many columns nothing useful fits.
pub const MIN_WIDTH: u16 = 30;
/// Below this many rows nothing useful fits.
pub const MIN_HEIGHT: u16 = 8;
/// From this width on, all panels are shown.
const WIDE: u16 = 120;
/// From this height on, all panels are shown.
const TALL: u16 = 30;
/// From this width on, two panels are shown.
const MEDIUM: u16 = 64;
/// Columns beside the grid: a rule and a share with its name, interval and chance level.
const SIDE: u16 = 29;
/// From this width on, two rows of the answer fit on a line.
const TWO_ANSWERS: u16 = 78;
/// Rows that two grids keep when the answer stands below them.
const GRIDS: u16 = 8;

/// A panel of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Panel {
    /// The heat map.
    #[default]
    Grid,
    /// The photo under the cursor.
    Photo,
    /// What matches the cursor best.
    TopK,
    /// The numbers over the whole data set.
    Accuracy,
}

impl Panel {
    /// Every panel, in the order of the focus.
    pub const ALL: [Self; 4] = [Self::Grid, Self::Photo, Self::TopK, Self::Accuracy];

    /// The next panel; after the last, the first.
    #[must_use]
    pub fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    /// The previous panel; before the first, the last.
    #[must_use]
    pub fn previous(self) -> Self {
        Self::ALL[(self as usize + Self::ALL.len() - 1) % Self::ALL.len()]
    }
}

/// How many grids are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grids {
    /// The grid of the approach.
    One,
    /// A second one beside it.
    Two,
}

/// How many panels fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// No panel.
    TooSmall,
    /// The panel in focus.
    One,
    /// The grid and one other.
    Two,
    /// All panels.
    Four,
}

/// The areas of one frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// How many panels fit.
    pub shape: Shape,
    /// Tabs, models and data set.
    pub header: Rect,
    /// Progress and messages.
    pub status: Rect,
    /// Key hints.
    pub footer: Rect,
    /// Everything between header and status.
    pub body: Rect,
    panels: [Option<Rect>; 4],
    /// The second grid and its numbers.
    linked: [Option<Rect>; 2],
    /// The answer, below two grids.
    answer: Option<Rect>,
}

impl Plan {
    /// The plan for a screen of `size`. `beside` is the panel beside the grid where two panels fit.
    #[must_use]
    pub fn new(size: Size, focus: Panel, beside: Panel, grids: Grids, splits: Splits) -> Self {
        let Size { width, height } = size;
        let whole = Rect::new(0, 0, width, height);
        if width < MIN_WIDTH || height < MIN_HEIGHT {
            return Self {
                shape: Shape::TooSmall,
                header: Rect::ZERO,
                status: Rect::ZERO,
                footer: Rect::ZERO,
                body: whole,
                panels: [None; 4],
                linked: [None; 2],
                answer: None,
            };
        }
        let row = |y| Rect::new(0, y, width, 1);
        let body = Rect::new(0, 1, width, height - 3);
        let of = |room: u16, share: u16| (u32::from(room) * u32::from(share) / 1000) as u16;
        let columns = |planned: u16| splits.columns.map_or(planned, |share| of(width, share));
        let mut panels = [None; 4];
        let mut linked = [None; 2];
        let mut answer = None;
        let shape = if grids == Grids::Two && can_compare(size) {
            let tall = height >= TALL;
            let lines = 1 + (ANSWERS as u16).div_ceil(answers_in_a_line(width));
            let (room, below) = split_rows(body, body.height.saturating_sub(lines));
            let room = if room.height < GRIDS { body } else { room };
            answer = (room != body).then_some(below);
            let (grids, numbers) = split_rows(room, if tall { room.height * 3 / 5 } else { room.height });
            let (left, right) = split_columns(grids, columns(width / 2));
            panels[Panel::Grid as usize] = Some(left);
            linked[0] = Some(right);
            if tall {
                let (left, right) = split_columns(numbers, columns(width / 2));
                panels[Panel::Accuracy as usize] = Some(left);
                linked[1] = Some(right);
            }
            Shape::Two
        } else if width >= WIDE && height >= TALL {
            let (grid, side) = split_columns(body, columns((width * 11 / 20).max(width.saturating_sub(100))));
            let photo = (side.height * 2 / 5).min(side.width / 2 + 2);
            let photo = splits.photo.map_or(photo, |share| of(side.height, share));
            let (photo, rest) = split_rows(side, photo);
            let top_k = splits
                .accuracy
                .map_or(rest.height * 2 / 5, |share| of(side.height, share).saturating_sub(photo.height));
            let (top_k, accuracy) = split_rows(rest, top_k);
            panels = [Some(grid), Some(photo), Some(top_k), Some(accuracy)];
            Shape::Four
        } else if width >= MEDIUM {
            let (grid, rest) = split_columns(body, columns((width * 3 / 5).min(width - SIDE)));
            panels[Panel::Grid as usize] = Some(grid);
            let beside = if beside == Panel::Grid { Panel::Accuracy } else { beside };
            panels[beside as usize] = Some(rest);
            Shape::Two
        } else {
            panels[focus as usize] = Some(body);
            Shape::One
        };
        let (status, footer) = (row(height - 2), row(height - 1));
        Self { shape, header: row(0), status, footer, body, panels, linked, answer }
    }

    /// The panel with its title, if it is shown.
    #[must_use]
    pub fn panel(&self, panel: Panel) -> Option<Rect> {
        self.panels[panel as usize]
    }

    /// The panel without its title line and, unless it stands at the left edge, without the rule on its left.
    #[must_use]
    pub fn inside(&self, panel: Panel) -> Option<Rect> {
        let area = self.panel(panel)?;
        let left = u16::from(area.x > 0).min(area.width);
        let top = 1.min(area.height);
        Some(Rect::new(area.x + left, area.y + top, area.width - left, area.height - top))
    }

    /// The second grid with its title, if there is one.
    #[must_use]
    pub fn linked(&self) -> Option<Rect> {
        self.linked[0]
    }

    /// The second grid without its title and the rule on its left.
    #[must_use]
    pub fn linked_inside(&self) -> Option<Rect> {
        self.linked[0].map(inside_rule)
    }

    /// The numbers of the second grid, with their title.
    #[must_use]
    pub fn linked_numbers(&self) -> Option<Rect> {
        self.linked[1]
    }

    /// The answer: the approaches compared in numbers, below two grids, if there is room.
    #[must_use]
    pub fn answer(&self) -> Option<Rect> {
        self.answer
    }

    /// The panel under a cell of the screen.
    #[must_use]
    pub fn at(&self, x: u16, y: u16) -> Option<Panel> {
        let position = Position::new(x, y);
        Panel::ALL.into_iter().find(|&panel| self.panel(panel).is_some_and(|area| area.contains(position)))
    }

    /// The border under a cell of the screen.
    #[must_use]
    pub fn divider_at(&self, x: u16, y: u16) -> Option<Divider> {
        if self.shape == Shape::Four {
            let begins =
                |panel| self.panel(panel).filter(|area| area.y == y && (area.x..area.right()).contains(&x));
            if begins(Panel::TopK).is_some() {
                return Some(Divider::Photo);
            }
            if begins(Panel::Accuracy).is_some() {
                return Some(Divider::Accuracy);
            }
        }
        let grid = self.panel(Panel::Grid).filter(|_| matches!(self.shape, Shape::Two | Shape::Four))?;
        let bottom = self.answer.map_or(self.body.bottom(), |answer| answer.y);
        let within = (self.body.y..bottom).contains(&y);
        (within && x == grid.right()).then_some(Divider::Columns)
    }

    /// The room for a page of text: without its title and the column at its left.
    #[must_use]
    pub fn page_text(&self) -> Rect {
        inside_rule(self.body)
    }

    /// The room for the ranking beside or below the full photo: without its title and, beside it, without the rule.
    #[must_use]
    pub fn ranking(&self) -> Rect {
        let (photo, ranking) = self.full_photo();
        if ranking.y == photo.y { inside_rule(ranking) } else { below_title(ranking) }
    }

    /// The photo and its ranking on the whole screen: side by side on a wide one, else one above the other.
    #[must_use]
    pub fn full_photo(&self) -> (Rect, Rect) {
        if self.body.width >= MEDIUM {
            split_columns(self.body, self.body.width * 3 / 5)
        } else {
            split_rows(self.body, self.body.height / 2)
        }
    }
}

/// How many rows of the answer fit on a line.
#[must_use]
pub fn answers_in_a_line(width: u16) -> u16 {
    if width >= TWO_ANSWERS { 2 } else { 1 }
}

/// Whether two grids side by side can be read.
#[must_use]
pub fn can_compare(size: Size) -> bool {
    size.width >= MEDIUM && size.height >= MIN_HEIGHT
}

/// A panel without its title and the rule on its left.
#[must_use]
pub fn inside_rule(area: Rect) -> Rect {
    let (left, top) = (1.min(area.width), 1.min(area.height));
    Rect::new(area.x + left, area.y + top, area.width - left, area.height - top)
}

/// A panel without its title.
#[must_use]
pub fn below_title(area: Rect) -> Rect {
    let top = 1.min(area.height);
    Rect { y: area.y + top, height: area.height - top, ..area }
}

fn split_columns(area: Rect, left: u16) -> (Rect, Rect) {
    let left = left.min(area.width);
    (Rect { width: left, ..area }, Rect { x: area.x + left, width: area.width - left, ..area })
}

fn split_rows(area: Rect, top: u16) -> (Rect, Rect) {
    let top = top.min(area.height);
    (Rect { height: top, ..area }, Rect { y: area.y + top, height: area.height - top, ..area })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(width: u16, height: u16) -> Plan {
        Plan::new(Size::new(width, height), Panel::Grid, Panel::Photo, Grids::One, Splits::default())
    }

    #[test]
    fn the_shape_follows_the_size() {
        assert_eq!(plan(0, 0).shape, Shape::TooSmall);
        assert_eq!(plan(20, 5).shape, Shape::TooSmall);
        assert_eq!(plan(40, 12).shape, Shape::One);
        assert_eq!(plan(80, 24).shape, Shape::Two);
        assert_eq!(plan(200, 60).shape, Shape::Four);
        assert_eq!(plan(200, 20).shape, Shape::Two);
    }

    #[test]
    fn panels_lie_inside_the_screen_and_never_overlap() {
        for width in (0..320).step_by(7) {
            for height in 0..90 {
                let plan = plan(width, height);
                let screen = Rect::new(0, 0, width, height);
                let areas: Vec<Rect> = Panel::ALL.iter().filter_map(|&panel| plan.panel(panel)).collect();
                for (index, area) in areas.iter().enumerate() {
                    assert_eq!(area.intersection(screen), *area, "{width}×{height}");
                    for other in &areas[index + 1..] {
                        assert!(area.intersection(*other).is_empty(), "{width}×{height}: {area} {other}");
                    }
                    assert!(!area.intersects(plan.status) && !area.intersects(plan.header));
                }
                assert_eq!(areas.is_empty(), plan.shape == Shape::TooSmall);
            }
        }
    }

    #[test]
    fn two_grids_stand_side_by_side() {
        for (width, height) in [(64, 8), (80, 24), (200, 60)] {
            let plan =
                Plan::new(Size::new(width, height), Panel::Grid, Panel::Photo, Grids::Two, Splits::default());
            let (left, right) = (plan.panel(Panel::Grid).unwrap(), plan.linked().unwrap());
            assert_eq!((left.x, left.right(), left.height), (0, right.x, right.height));
            assert_eq!(right.right(), width);
            assert_eq!(plan.linked_numbers().is_some(), height >= TALL);
            assert_eq!(plan.answer().is_some(), height >= 24);
        }
        for width in 64..220 {
            for height in 8..90 {
                let plan = Plan::new(
                    Size::new(width, height),
                    Panel::Grid,
                    Panel::Photo,
                    Grids::Two,
                    Splits::default(),
                );
                let areas = [plan.panel(Panel::Grid), plan.linked(), plan.linked_numbers(), plan.answer()];
                let areas: Vec<Rect> = areas.into_iter().flatten().collect();
                for (index, area) in areas.iter().enumerate() {
                    assert_eq!(area.intersection(plan.body), *area, "{width}×{height}");
                    assert!(
                        areas[index + 1..].iter().all(|other| !area.intersects(*other)),
                        "{width}×{height}"
                    );
                }
                // The whole answer wherever a usual terminal has room for it.
                assert_eq!(plan.answer().is_some(), height >= if width < TWO_ANSWERS { 20 } else { 16 });
            }
        }
        assert_eq!(
            Plan::new(Size::new(63, 24), Panel::Grid, Panel::Photo, Grids::Two, Splits::default()).linked(),
            None
        );
    }

    #[test]
    fn the_focus_goes_around() {
        assert_eq!(Panel::Accuracy.next(), Panel::Grid);
        assert_eq!(Panel::Grid.previous(), Panel::Accuracy);
    }
}
