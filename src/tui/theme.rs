//! Colours, and what stands in for them where there are none.
//!
//! Views name 24-bit colours; [`Theme::downgrade`] turns a whole frame into what the terminal has. Must not draw.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use super::settings::ColorMode;

/// Glyphs of rising density; the last is full.
pub const DENSITY: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// Anchors of the sequential scale, dark to light with rising luminance (viridis), so that it also reads in grey.
const SEQUENTIAL: [[u8; 3]; 5] = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];

/// One per category, repeating; distinct for the common kinds of colour blindness (Okabe & Ito 2008).
const CATEGORIES: [[u8; 3]; 7] = [
    [230, 159, 0],
    [86, 180, 233],
    [0, 158, 115],
    [240, 228, 66],
    [0, 114, 178],
    [213, 94, 0],
    [204, 121, 167],
];

/// The colours of the 16-colour palette as most terminals have them.
const ANSI: [([u8; 3], Color); 16] = [
    ([0, 0, 0], Color::Black),
    ([205, 0, 0], Color::Red),
    ([0, 205, 0], Color::Green),
    ([205, 205, 0], Color::Yellow),
    ([0, 0, 238], Color::Blue),
    ([205, 0, 205], Color::Magenta),
    ([0, 205, 205], Color::Cyan),
    ([229, 229, 229], Color::Gray),
    ([127, 127, 127], Color::DarkGray),
    ([255, 0, 0], Color::LightRed),
    ([0, 255, 0], Color::LightGreen),
    ([255, 255, 0], Color::LightYellow),
    ([92, 92, 255], Color::LightBlue),
    ([255, 0, 255], Color::LightMagenta),
    ([0, 255, 255], Color::LightCyan),
    ([255, 255, 255], Color::White),
];

/// The styles of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// What the terminal has; never `Auto`.
    pub color: ColorMode,
}

impl Theme {
    /// A theme for a terminal with these colours; `Auto` counts as none.
    #[must_use]
    pub fn new(color: ColorMode) -> Self {
        Self { color: if color == ColorMode::Auto { ColorMode::None } else { color } }
    }

    /// Whether colours can be seen at all.
    #[must_use]
    pub fn has_color(&self) -> bool {
        self.color != ColorMode::None
    }

    /// Secondary text.
    #[must_use]
    pub fn dim(&self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// Headings and the names of keys.
    #[must_use]
    pub fn strong(&self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// What is selected: the tab, the panel in focus, the row of the cursor.
    #[must_use]
    pub fn selected(&self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Something that must not be overlooked, as the words "stand-in, not CLIP".
    #[must_use]
    pub fn warning(&self) -> Style {
        Style::new().fg(Color::Rgb(230, 159, 0)).add_modifier(Modifier::BOLD)
    }

    /// A right match.
    #[must_use]
    pub fn good(&self) -> Style {
        Style::new().fg(Color::Rgb(0, 158, 115))
    }

    /// A wrong match or a failure.
    #[must_use]
    pub fn bad(&self) -> Style {
        Style::new().fg(Color::Rgb(213, 94, 0))
    }

    /// The mark of a category.
    #[must_use]
    pub fn category(&self, category: usize) -> Style {
        Style::new().fg(rgb(CATEGORIES[category % CATEGORIES.len()]))
    }

    /// The colour of a heat map cell; `share` from 0 (low) to 1 (high).
    #[must_use]
    pub fn heat(&self, share: f32) -> Color {
        rgb(scale(share))
    }

    /// Black or white, whichever reads better on [`Theme::heat`] of the same share.
    #[must_use]
    pub fn on_heat(&self, share: f32) -> Color {
        if luminance(scale(share)) > 0.4 { Color::Rgb(0, 0, 0) } else { Color::Rgb(255, 255, 255) }
    }

    /// The glyph whose density stands for `share`, from 0 to 1; never a space, so that a cell is told from no cell.
    #[must_use]
    pub fn glyph(&self, share: f32) -> char {
        let steps = DENSITY.len() - 1;
        let step = (share.clamp(0.0, 1.0) * steps as f32) as usize;
        match DENSITY[step.min(steps)] {
            ' ' => '·',
            glyph => glyph,
        }
    }

    /// Replaces 24-bit colours by what the terminal has. Without colours, pictures made of half blocks become density
    /// glyphs.
    pub fn downgrade(&self, buffer: &mut Buffer) {
        let convert: fn([u8; 3]) -> Color = match self.color {
            ColorMode::True => return,
            ColorMode::Ansi256 => |color| Color::Indexed(nearest_256(color)),
            ColorMode::Ansi16 => nearest_16,
            ColorMode::None | ColorMode::Auto => |_| Color::Reset,
        };
        let none = !self.has_color();
        for cell in &mut buffer.content {
            if none && matches!(cell.symbol(), "▀" | "▄") {
                let glyph = DENSITY[(picture_luminance(cell.fg, cell.bg) * 4.99) as usize];
                cell.set_char(glyph);
            } else if none && cell.symbol() == " " && matches!(cell.bg, Color::Rgb(..)) {
                let glyph = DENSITY[(picture_luminance(cell.bg, cell.bg) * 4.99) as usize];
                cell.set_char(glyph);
            }
            for color in [&mut cell.fg, &mut cell.bg, &mut cell.underline_color] {
                if let Color::Rgb(r, g, b) = *color {
                    *color = convert([r, g, b]);
                }
            }
        }
    }
}

fn rgb([r, g, b]: [u8; 3]) -> Color {
    Color::Rgb(r, g, b)
}

fn picture_luminance(upper: Color, lower: Color) -> f32 {
    let of = |color| match color {
        Color::Rgb(r, g, b) => luminance([r, g, b]),
        _ => 0.0,
    };
    (of(upper) + of(lower)) / 2.0
}

/// The sequential scale at `share`, clamped to 0..=1.
fn scale(share: f32) -> [u8; 3] {
    let last = SEQUENTIAL.len() - 1;
    let place = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) } * last as f32;
    let low = (place as usize).min(last - 1);
    let part = place - low as f32;
    let mix = |channel: usize| {
        let (a, b) = (f32::from(SEQUENTIAL[low][channel]), f32::from(SEQUENTIAL[low + 1][channel]));
        (a + (b - a) * part).round() as u8
    };
    [mix(0), mix(1), mix(2)]
}

/// Perceived lightness from 0 to 1 (weights of ITU-R BT.709 on the encoded values, which is enough to choose between
/// black and white).
fn luminance([r, g, b]: [u8; 3]) -> f32 {
    (0.2126 * f32::from(r) + 0.7152 * f32::from(g) + 0.0722 * f32::from(b)) / 255.0
}

fn distance(a: [u8; 3], b: [u8; 3]) -> u32 {
    // Weighted by how strongly the eye sees each channel.
    [2, 4, 3]
        .iter()
        .zip(a.iter().zip(b))
        .map(|(weight, (&a, b))| weight * u32::from(a.abs_diff(b)).pow(2))
        .sum()
}

/// The nearest of the 6×6×6 cube and the 24 greys of the 256-colour palette.
fn nearest_256(color: [u8; 3]) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let level =
        |value: u8| (0..6u8).min_by_key(|&level| LEVELS[usize::from(level)].abs_diff(value)).unwrap_or(0);
    let [r, g, b] = color.map(level);
    let cube = [r, g, b].map(|level| LEVELS[usize::from(level)]);
    let mean = color.iter().map(|&value| u32::from(value)).sum::<u32>() / 3;
    let grey = (mean.saturating_sub(3) / 10).min(23) as u8;
    let grey_value = 8 + 10 * grey;
    if distance(color, [grey_value; 3]) < distance(color, cube) {
        232 + grey
    } else {
        16 + 36 * r + 6 * g + b
    }
}

fn nearest_16(color: [u8; 3]) -> Color {
    ANSI.iter().min_by_key(|(known, _)| distance(color, *known)).map_or(Color::Reset, |(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    #[test]
    fn the_scale_rises_in_luminance() {
        let steps: Vec<f32> = (0..=20).map(|step| luminance(scale(step as f32 / 20.0))).collect();
        assert!(steps.windows(2).all(|pair| pair[0] < pair[1]), "{steps:?}");
        assert_eq!(scale(f32::NAN), SEQUENTIAL[0]);
        assert_eq!((scale(-1.0), scale(2.0)), (SEQUENTIAL[0], SEQUENTIAL[4]));
    }

    #[test]
    fn glyphs_get_denser_and_are_never_blank() {
        let theme = Theme::new(ColorMode::None);
        let glyphs: String =
            [-1.0, 0.0, 0.3, 0.5, 0.8, 1.0, 2.0].map(|share| theme.glyph(share)).iter().collect();
        assert_eq!(glyphs, "··░▒▓██");
    }

    #[test]
    fn palettes_are_hit_exactly_where_they_can_be() {
        assert_eq!(nearest_256([255, 0, 0]), 196);
        assert_eq!(nearest_256([0, 0, 0]), 16);
        assert_eq!(nearest_256([128, 128, 128]), 244);
        assert_eq!(nearest_16([250, 250, 250]), Color::White);
        assert_eq!(nearest_16([1, 2, 3]), Color::Black);
    }

    #[test]
    fn no_color_leaves_none_and_keeps_pictures_visible() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 1));
        buffer[(0, 0)].set_char('▀').set_fg(Color::Rgb(255, 255, 255)).set_bg(Color::Rgb(255, 255, 255));
        buffer[(1, 0)].set_char('x').set_fg(Color::Rgb(1, 2, 3));
        Theme::new(ColorMode::None).downgrade(&mut buffer);
        assert_eq!((buffer[(0, 0)].symbol(), buffer[(1, 0)].symbol()), ("█", "x"));
        assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    }
}
