//! The layout of a grid: how large the cells are, and where the visible rows and columns are.
//!
//! A plan holds only what is visible, however large the grid is. Must not draw or look at scores.

use ratatui::layout::Rect;

/// How a cell is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellKind {
    /// As a number in this many columns.
    Digits(u16),
    /// As a density glyph in this many columns.
    Glyph(u16),
    /// As one character for two blocks, one above the other, each of this many rows and columns.
    Dense(usize),
}

impl CellKind {
    const LARGE: [Self; 5] =
        [Self::Digits(6), Self::Digits(4), Self::Digits(3), Self::Glyph(2), Self::Glyph(1)];

    fn level(level: usize) -> Self {
        Self::LARGE.get(level).copied().unwrap_or_else(|| {
            // 1, 2, 3, 4, 6, 8, 12, 16, 24, …
            let step = level - Self::LARGE.len();
            let power = 1usize << step.div_ceil(2).min(40);
            Self::Dense(if step > 0 && step.is_multiple_of(2) { power / 2 * 3 } else { power })
        })
    }

    /// Width in columns of the screen.
    #[must_use]
    pub fn width(self) -> u16 {
        match self {
            Self::Digits(width) | Self::Glyph(width) => width,
            Self::Dense(_) => 1,
        }
    }

    /// Items in one character, across and down.
    #[must_use]
    pub fn items(self) -> (usize, usize) {
        match self {
            Self::Digits(_) | Self::Glyph(_) => (1, 1),
            Self::Dense(block) => (block, 2 * block),
        }
    }

    fn fits(self, rows: usize, cols: usize, width: u16, height: u16) -> bool {
        let (across, down) = self.items();
        let fits_across =
            cols.div_ceil(across).saturating_mul(usize::from(self.width())) <= usize::from(width);
        // Digits are worth some scrolling.
        let room = if matches!(self, Self::Dense(_)) { usize::from(height) } else { 3 * usize::from(height) };
        fits_across && rows.div_ceil(down) <= room
    }
}

/// How large the cells are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zoom {
    /// As large as the panel allows.
    #[default]
    Fit,
    /// A step that the user chose; 0 is the largest.
    Level(usize),
}

/// A row or column of cells: `count` items of an axis from `first` on, drawn at `at`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridSlot {
    /// Position of its first item on the axis.
    pub first: usize,
    /// How many items it stands for.
    pub count: usize,
    /// Column or row of the screen.
    pub at: u16,
}

impl GridSlot {
    /// Whether it stands for the item at a position of the axis.
    #[must_use]
    pub fn holds(&self, position: usize) -> bool {
        (self.first..self.first + self.count).contains(&position)
    }
}

/// What a plan depends on.
#[derive(Debug, Clone, Copy)]
pub struct GridRequest<'a> {
    /// The area inside the panel.
    pub area: Rect,
    /// Category of each row in display order.
    pub row_categories: &'a [usize],
    /// Category of each column in display order.
    pub col_categories: &'a [usize],
    /// Whether items of one category stand together, so that lines between them mean something.
    pub grouped: bool,
    /// Width of the longest row label in columns of the screen.
    pub label_width: usize,
    /// How large the cells are.
    pub zoom: Zoom,
    /// Positions of the first visible row and column.
    pub offset: (usize, usize),
}

/// The layout of the grid's panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridPlan {
    /// How cells are drawn.
    pub cell: CellKind,
    /// The zoom step in use.
    pub level: usize,
    /// The last zoom step that still changes something.
    pub last_level: usize,
    /// Row labels.
    pub labels: Rect,
    /// Category names above the columns.
    pub band: Rect,
    /// Column numbers.
    pub numbers: Rect,
    /// The cells.
    pub cells: Rect,
    /// The cursor in words, and the legend.
    pub readout: Rect,
    /// Visible rows.
    pub rows: Vec<GridSlot>,
    /// Visible columns.
    pub cols: Vec<GridSlot>,
    /// Columns of the screen with a line between categories.
    pub col_lines: Vec<u16>,
    /// Rows of the screen with a line between categories.
    pub row_lines: Vec<u16>,
    row_lines_fit: bool,
}

impl GridPlan {
    /// Plans the panel.
    #[must_use]
    pub fn new(request: &GridRequest<'_>) -> Self {
        let area = request.area;
        let (row_count, col_count) = (request.row_categories.len(), request.col_categories.len());
        let readout_height = if area.height >= 14 { 3 } else { area.height.min(1) };
        let head = if area.height >= 8 { 2 } else { 0 };
        let number_width = row_count.max(1).ilog10() as usize + 1;
        // Gutter, number, space, label, space.
        let label_room = usize::from(area.width) / 3;
        let label_width =
            (number_width + 3 + request.label_width).min(label_room.max(number_width + 2)) as u16;
        let label_width = label_width.min(area.width);
        let top = area.y + head;
        let height = area.height.saturating_sub(head + readout_height);
        let cells = Rect {
            x: area.x + label_width,
            y: top,
            width: area.width - label_width,
            height: height.min(area.height),
        };

        let lines_across = if request.grouped { changes(request.col_categories) } else { 0 };
        let room = cells.width.saturating_sub(u16::try_from(lines_across).unwrap_or(u16::MAX));
        let fit = |level: &usize| {
            let cell = CellKind::level(*level);
            let width = if matches!(cell, CellKind::Dense(_)) { cells.width } else { room };
            cell.fits(row_count, col_count, width, cells.height)
        };
        let best = (0..48).find(fit).unwrap_or(0);
        let last_level = (CellKind::LARGE.len()..48).find(fit).unwrap_or(CellKind::LARGE.len()).max(best);
        let level = match request.zoom {
            Zoom::Fit => best,
            Zoom::Level(level) => level.min(last_level),
        };
        let cell = CellKind::level(level);
        let lines = request.grouped && !matches!(cell, CellKind::Dense(_));
        let (across, down) = cell.items();
        // Not counted where nothing is grouped: there may be a million rows.
        let row_lines_fit = lines && row_count + changes(request.row_categories) <= usize::from(cells.height);
        let (cols, col_lines) = slots(
            request.col_categories,
            request.offset.1,
            across,
            cell.width(),
            cells.x,
            cells.width,
            lines,
        );
        let (rows, row_lines) = slots(
            request.row_categories,
            request.offset.0,
            down,
            1,
            cells.y,
            cells.height,
            lines && row_lines_fit,
        );
        let above = |offset: u16| Rect { y: area.y + offset, height: u16::from(head > 0), ..cells };
        Self {
            cell,
            level,
            last_level,
            labels: Rect { x: area.x, y: top, width: label_width, height: cells.height },
            band: above(0),
            numbers: above(1),
            cells,
            readout: Rect { y: area.y + area.height - readout_height, height: readout_height, ..area },
            rows,
            cols,
            col_lines,
            row_lines,
            row_lines_fit,
        }
    }

    /// The row and column at a cell of the screen, as positions on the axes.
    #[must_use]
    pub fn at(&self, x: u16, y: u16) -> Option<(usize, usize)> {
        let col = self.cols.iter().find(|slot| (slot.at..slot.at + self.cell.width()).contains(&x))?;
        let row = self.rows.iter().find(|slot| slot.at == y)?;
        Some((row.first, col.first))
    }

    /// The offset nearest to the current one at which `row` and `col` are visible and no room is wasted.
    #[must_use]
    pub fn offset_showing(request: &GridRequest<'_>, row: usize, col: usize) -> (usize, usize) {
        let plan = Self::new(request);
        let (across, down) = plan.cell.items();
        let lines = request.grouped && !matches!(plan.cell, CellKind::Dense(_));
        let rows = Scroll {
            categories: request.row_categories,
            items: down,
            size: 1,
            room: plan.cells.height,
            lines: lines && plan.row_lines_fit,
        };
        let cols = Scroll {
            categories: request.col_categories,
            items: across,
            size: plan.cell.width(),
            room: plan.cells.width,
            lines,
        };
        (rows.showing(request.offset.0, row), cols.showing(request.offset.1, col))
    }
}

/// What scrolling along one axis depends on.
struct Scroll<'a> {
    categories: &'a [usize],
    items: usize,
    size: u16,
    room: u16,
    lines: bool,
}

impl Scroll<'_> {
    fn showing(&self, offset: usize, wanted: usize) -> usize {
        // Whole slots, so that blocks do not change their members while scrolling.
        let wanted = wanted / self.items * self.items;
        let most = usize::from(self.room / self.size.max(1)).max(1);
        let mut offset = (offset / self.items * self.items).min(wanted);
        offset = offset.max(wanted.saturating_sub((most - 1) * self.items));
        while offset < wanted && !self.shows(offset, wanted) {
            offset += self.items;
        }
        let last = self.categories.len().saturating_sub(1) / self.items * self.items;
        while offset >= self.items && self.shows(offset - self.items, last) {
            offset -= self.items;
        }
        offset
    }

    fn shows(&self, offset: usize, wanted: usize) -> bool {
        let (slots, _) = slots(self.categories, offset, self.items, self.size, 0, self.room, self.lines);
        slots.last().is_some_and(|slot| slot.first >= wanted)
    }
}

/// How often neighbors differ.
fn changes(categories: &[usize]) -> usize {
    categories.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// The visible slots of an axis, and where the lines between categories are.
fn slots(
    categories: &[usize],
    offset: usize,
    items: usize,
    size: u16,
    start: u16,
    room: u16,
    lines: bool,
) -> (Vec<GridSlot>, Vec<u16>) {
    let (mut slots, mut line_places) = (Vec::new(), Vec::new());
    let end = start.saturating_add(room);
    let mut at = start;
    let mut first = offset;
    while first < categories.len() {
        if lines && first > offset && categories[first] != categories[first - 1] {
            if at >= end {
                break;
            }
            line_places.push(at);
            at += 1;
        }
        if at.saturating_add(size) > end {
            break;
        }
        slots.push(GridSlot { first, count: items.min(categories.len() - first), at });
        at += size;
        first += items;
    }
    (slots, line_places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(categories: &[usize], area: Rect, zoom: Zoom) -> GridRequest<'_> {
        GridRequest {
            area,
            row_categories: categories,
            col_categories: categories,
            grouped: true,
            label_width: 12,
            zoom,
            offset: (0, 0),
        }
    }

    fn five_of_four() -> Vec<usize> {
        (0..20).map(|item| item / 4).collect()
    }

    #[test]
    fn cells_shrink_with_the_panel() {
        let categories = five_of_four();
        let cell = |width, height| {
            GridPlan::new(&request(&categories, Rect::new(0, 1, width, height), Zoom::Fit)).cell
        };
        assert_eq!(cell(160, 40), CellKind::Digits(6));
        assert_eq!(cell(104, 40), CellKind::Digits(4));
        assert_eq!(cell(84, 24), CellKind::Digits(3));
        assert_eq!(cell(64, 20), CellKind::Glyph(2));
        assert_eq!(cell(40, 20), CellKind::Glyph(1));
        assert_eq!(cell(31, 16), CellKind::Dense(1));
        assert_eq!(cell(31, 10), CellKind::Dense(2));
        assert_eq!(cell(0, 0), CellKind::Digits(6));
    }

    #[test]
    fn thousands_of_items_fit_and_only_visible_ones_are_planned() {
        let categories: Vec<usize> = (0..5000).map(|item| item / 100).collect();
        let plan = GridPlan::new(&request(&categories, Rect::new(0, 0, 100, 50), Zoom::Fit));
        assert_eq!(plan.cell, CellKind::Dense(64));
        assert_eq!((plan.rows.len(), plan.cols.len()), (40, 79));
        let plan = GridPlan::new(&request(&categories, Rect::new(0, 0, 100, 50), Zoom::Level(0)));
        assert!(plan.rows.len() <= 50 && plan.cols.len() <= 13);
        assert!(plan.last_level > 5);
    }

    #[test]
    fn the_cursor_is_always_made_visible() {
        let many: Vec<usize> = (0..700).map(|item| item / 9).collect();
        let blocks: Vec<CellKind> = (5..14).map(CellKind::level).collect();
        assert_eq!(blocks, [1, 2, 3, 4, 6, 8, 12, 16, 24].map(CellKind::Dense));
        for count in [1, 2, 20, 700] {
            let categories = &many[..count];
            for (width, height) in [(30, 6), (33, 9), (48, 19), (80, 40), (160, 50)] {
                for level in [None, Some(0), Some(2), Some(4), Some(5), Some(7)] {
                    let zoom = level.map_or(Zoom::Fit, Zoom::Level);
                    let mut request = request(categories, Rect::new(0, 0, width, height), zoom);
                    for cursor in [0, count / 2, count - 1, count / 3] {
                        request.offset = GridPlan::offset_showing(&request, cursor, cursor);
                        let plan = GridPlan::new(&request);
                        let shows = |slots: &[GridSlot]| slots.iter().any(|slot| slot.holds(cursor));
                        assert!(
                            shows(&plan.rows) && shows(&plan.cols),
                            "{cursor} of {count} at {width}×{height}, {zoom:?}: {:?}",
                            request.offset
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn lines_stand_between_categories() {
        let categories = five_of_four();
        let plan = GridPlan::new(&request(&categories, Rect::new(0, 0, 160, 40), Zoom::Fit));
        assert_eq!((plan.col_lines.len(), plan.row_lines.len()), (4, 4));
        let left = plan.cells.x;
        assert_eq!(plan.col_lines[0], left + 24);
        assert_eq!(plan.at(left + 25, plan.cells.y), Some((0, 4)));
        assert_eq!(plan.at(left + 24, plan.cells.y), None);
    }

    #[test]
    fn no_items_make_an_empty_plan() {
        let plan = GridPlan::new(&request(&[], Rect::new(0, 0, 80, 20), Zoom::Fit));
        assert!(plan.rows.is_empty() && plan.cols.is_empty());
        assert_eq!(GridPlan::offset_showing(&request(&[], Rect::new(0, 0, 80, 20), Zoom::Fit), 0, 0), (0, 0));
    }
}
