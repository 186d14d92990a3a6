//! Colors and signs, and their replacements on terminals that have fewer.
//!
//! Views use 24-bit colors; [`Theme::downgrade`] converts a finished frame to what the terminal has. Must not draw.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

use super::ascii;
use super::palette::{Colors, Rgb, ThemeName, between, luminance, nearest_16, nearest_256};
use super::scale::Scale;
use super::settings::{ColorMode, Settings};

/// Glyphs of rising density; the last is full.
const DENSITY: [char; 5] = ['·', '░', '▒', '▓', '█'];
/// The same for scores below zero.
const NEGATIVE: [char; 4] = ['·', '-', '=', '≡'];
/// Glyphs of pictures: the first is empty.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];

/// The styles of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// How many colors the terminal has; never `Auto`.
    pub color: ColorMode,
    /// The set of colors.
    pub name: ThemeName,
    /// The colors of the heat map.
    pub scale: Scale,
    /// Only ASCII is drawn.
    pub ascii: bool,
}

impl Theme {
    /// A theme for a terminal with these colors; `Auto` counts as none.
    #[must_use]
    pub fn new(color: ColorMode) -> Self {
        let color = if color == ColorMode::Auto { ColorMode::None } else { color };
        Self { color, name: ThemeName::default(), scale: Scale::default(), ascii: false }
    }

    /// The theme with what the user has chosen beforehand; how many colors there are stays.
    #[must_use]
    pub fn with(self, settings: &Settings) -> Self {
        let name = settings.theme.fixed().unwrap_or_default();
        Self { name, scale: settings.scale, ascii: settings.ascii, ..self }
    }

    fn colors(&self) -> &'static Colors {
        self.name.colors()
    }

    /// Whether colors can be seen at all.
    #[must_use]
    pub fn has_color(&self) -> bool {
        self.color != ColorMode::None
    }

    /// Secondary text.
    #[must_use]
    pub fn dim(&self) -> Style {
        // Dim text is the first thing lost on bad screens.
        if self.name == ThemeName::HighContrast {
            Style::new()
        } else {
            Style::new().add_modifier(Modifier::DIM)
        }
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

    /// Something that must not be overlooked, like the words "stand-in, not CLIP".
    #[must_use]
    pub fn warning(&self) -> Style {
        Style::new().fg(color(self.colors().warning)).add_modifier(Modifier::BOLD)
    }

    /// A right match.
    #[must_use]
    pub fn good(&self) -> Style {
        Style::new().fg(color(self.colors().good))
    }

    /// A wrong match or a failure.
    #[must_use]
    pub fn bad(&self) -> Style {
        Style::new().fg(color(self.colors().bad))
    }

    /// The mark of a category.
    #[must_use]
    pub fn category(&self, category: usize) -> Style {
        let categories = &self.colors().categories;
        Style::new().fg(color(categories[category % categories.len()]))
    }

    /// The color of a heat map cell; `share` from 0 (low) to 1 (high).
    #[must_use]
    pub fn heat(&self, share: f32) -> Color {
        color(self.heat_rgb(share))
    }

    fn heat_rgb(&self, share: f32) -> Rgb {
        let colors = self.colors();
        between(if self.scale == Scale::Diverging { &colors.diverging } else { &colors.sequential }, share)
    }

    /// Black or white, whichever reads better on [`Theme::heat`] of the same share.
    #[must_use]
    pub fn on_heat(&self, share: f32) -> Color {
        if luminance(self.heat_rgb(share)) > 0.4 { Color::Rgb(0, 0, 0) } else { Color::Rgb(255, 255, 255) }
    }

    /// The glyph whose density stands for `share`, from 0 to 1. Never a space, which would look like no cell. In a scale around
    /// zero the lower half has glyphs of its own.
    #[must_use]
    pub fn glyph(&self, share: f32) -> char {
        let pick = |glyphs: &[char], share: f32| {
            let step = (share.clamp(0.0, 1.0) * glyphs.len() as f32) as usize;
            glyphs[step.min(glyphs.len() - 1)]
        };
        match self.scale {
            Scale::Diverging if share < 0.5 => pick(&NEGATIVE, 1.0 - 2.0 * share),
            Scale::Diverging => pick(&DENSITY, 2.0 * share - 1.0),
            Scale::Fitted | Scale::Fixed => pick(&DENSITY, share),
        }
    }

    /// Replaces 24-bit colors and non-ASCII signs by what the terminal has. Without colors, pictures made of half blocks become
    /// density glyphs.
    pub fn downgrade(&self, buffer: &mut Buffer) {
        if self.ascii {
            ascii::replace(buffer);
        }
        let convert: fn(Rgb) -> Color = match self.color {
            ColorMode::True => return,
            ColorMode::Ansi256 => |color| Color::Indexed(nearest_256(color)),
            ColorMode::Ansi16 => nearest_16,
            ColorMode::None | ColorMode::Auto => |_| Color::Reset,
        };
        let none = !self.has_color();
        for cell in &mut buffer.content {
            if none && matches!(cell.symbol(), "▀" | "▄") {
                cell.set_char(SHADES[(picture_luminance(cell.fg, cell.bg) * 4.99) as usize]);
            } else if none && cell.symbol() == " " && matches!(cell.bg, Color::Rgb(..)) {
                cell.set_char(SHADES[(picture_luminance(cell.bg, cell.bg) * 4.99) as usize]);
            }
            for color in [&mut cell.fg, &mut cell.bg, &mut cell.underline_color] {
                if let Color::Rgb(r, g, b) = *color {
                    *color = convert([r, g, b]);
                }
            }
        }
    }
}

fn color([r, g, b]: Rgb) -> Color {
    Color::Rgb(r, g, b)
}

fn picture_luminance(upper: Color, lower: Color) -> f32 {
    let of = |color| match color {
        Color::Rgb(r, g, b) => luminance([r, g, b]),
        _ => 0.0,
    };
    (of(upper) + of(lower)) / 2.0
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;

    use super::*;

    #[test]
    fn glyphs_get_denser_and_are_never_blank() {
        let mut theme = Theme::new(ColorMode::None);
        let glyphs = |theme: &Theme, shares: &[f32]| {
            shares.iter().map(|&share| theme.glyph(share)).collect::<String>()
        };
        assert_eq!(glyphs(&theme, &[-1.0, 0.0, 0.3, 0.5, 0.7, 1.0, 2.0]), "··░▒▓██");
        theme.scale = Scale::Diverging;
        assert_eq!(glyphs(&theme, &[0.0, 0.2, 0.3, 0.49, 0.5, 0.75, 0.85, 1.0]), "≡=-··▒▓█");
    }

    #[test]
    fn text_on_the_heat_map_is_readable_in_every_theme() {
        for name in ThemeName::ALL {
            for scale in [Scale::Fitted, Scale::Diverging] {
                let theme = Theme { name, scale, ..Theme::new(ColorMode::True) };
                for step in 0..=20 {
                    let share = step as f32 / 20.0;
                    let of = |color| match color {
                        Color::Rgb(r, g, b) => luminance([r, g, b]),
                        _ => unreachable!("only 24-bit colors are named"),
                    };
                    let contrast = (of(theme.heat(share)) - of(theme.on_heat(share))).abs();
                    assert!(contrast > 0.39, "{name:?} {scale:?} {share}: {contrast}");
                }
            }
        }
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
