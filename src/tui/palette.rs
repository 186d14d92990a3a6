//! The colors of each theme, and their nearest neighbors in the palettes of terminals.
//!
//! Must not know what is drawn.

use ratatui::style::Color;

/// Red, green, blue.
pub type Rgb = [u8; 3];

/// A set of colors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeName {
    /// For dark backgrounds.
    #[default]
    Dark,
    /// For light backgrounds.
    Light,
    /// Grayscale and pure colors.
    HighContrast,
    /// Distinct for the common kinds of color blindness, including the marks of right and wrong.
    ColorBlind,
}

impl ThemeName {
    /// Every theme, in the order in which the key turns through them.
    pub const ALL: [Self; 4] = [Self::Dark, Self::Light, Self::HighContrast, Self::ColorBlind];

    /// The name used on the command line and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dark => "dark",
            Self::Light => "light",
            Self::HighContrast => "high-contrast",
            Self::ColorBlind => "colour-blind",
        }
    }

    /// The theme that suits a background.
    pub(super) fn for_background(color: Rgb) -> Self {
        if luminance(color) > 0.5 { Self::Light } else { Self::Dark }
    }

    pub(super) fn next(self) -> Self {
        Self::ALL[(self as usize + 1) % Self::ALL.len()]
    }

    pub(super) fn colors(self) -> &'static Colors {
        match self {
            Self::Dark => &DARK,
            Self::Light => &LIGHT,
            Self::HighContrast => &HIGH_CONTRAST,
            Self::ColorBlind => &COLOR_BLIND,
        }
    }
}

/// The colors of a theme.
#[derive(Debug)]
pub(super) struct Colors {
    /// From low to high.
    pub sequential: [Rgb; 5],
    /// From negative over zero to positive.
    pub diverging: [Rgb; 5],
    pub good: Rgb,
    pub bad: Rgb,
    pub warning: Rgb,
    /// One per category, repeating.
    pub categories: [Rgb; 7],
}

/// Distinct for the common kinds of color blindness (Okabe & Ito 2008).
const BRIGHT: [Rgb; 7] = [
    [230, 159, 0],
    [86, 180, 233],
    [0, 158, 115],
    [240, 228, 66],
    [0, 114, 178],
    [213, 94, 0],
    [204, 121, 167],
];
/// The same hues, dark enough for a light background.
const DEEP: [Rgb; 7] =
    [[150, 96, 0], [20, 110, 165], [0, 110, 80], [125, 112, 0], [0, 78, 130], [165, 62, 0], [150, 62, 110]];

const DARK: Colors = Colors {
    // Viridis: rising luminance, so that it also reads in gray.
    sequential: [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]],
    diverging: [[80, 150, 255], [40, 75, 130], [40, 40, 44], [140, 62, 40], [255, 130, 70]],
    good: [0, 178, 130],
    bad: [230, 105, 10],
    warning: [230, 159, 0],
    categories: BRIGHT,
};

const LIGHT: Colors = Colors {
    sequential: [[238, 245, 252], [186, 212, 236], [112, 166, 209], [42, 106, 174], [10, 42, 100]],
    diverging: [[24, 74, 160], [140, 178, 224], [244, 244, 244], [232, 166, 132], [168, 52, 10]],
    good: [0, 110, 80],
    bad: [180, 60, 0],
    warning: [150, 96, 0],
    categories: DEEP,
};

const HIGH_CONTRAST: Colors = Colors {
    sequential: [[0, 0, 0], [70, 70, 70], [135, 135, 135], [200, 200, 200], [255, 255, 255]],
    diverging: [[0, 160, 255], [0, 70, 120], [0, 0, 0], [130, 60, 0], [255, 140, 0]],
    good: [0, 255, 0],
    bad: [255, 80, 80],
    warning: [255, 255, 0],
    categories: [
        [255, 255, 255],
        [255, 255, 0],
        [0, 255, 255],
        [255, 0, 255],
        [0, 255, 0],
        [255, 128, 0],
        [128, 160, 255],
    ],
};

const COLOR_BLIND: Colors = Colors {
    // Blue to yellow, as cividis.
    sequential: [[0, 34, 78], [62, 76, 108], [124, 123, 120], [188, 175, 110], [254, 232, 56]],
    diverging: [[86, 180, 233], [40, 90, 125], [40, 40, 44], [130, 90, 10], [240, 170, 20]],
    good: [86, 180, 233],
    bad: [230, 159, 0],
    warning: [240, 228, 66],
    categories: BRIGHT,
};

/// A color interpolated between five anchors; `share` is clamped to 0..=1.
pub(super) fn between(anchors: &[Rgb; 5], share: f32) -> Rgb {
    let last = anchors.len() - 1;
    let place = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) } * last as f32;
    let low = (place as usize).min(last - 1);
    let part = place - low as f32;
    let mix = |channel: usize| {
        let (a, b) = (f32::from(anchors[low][channel]), f32::from(anchors[low + 1][channel]));
        (a + (b - a) * part).round() as u8
    };
    [mix(0), mix(1), mix(2)]
}

/// Perceived lightness from 0 to 1, by the weights of ITU-R BT.709 on encoded values: good enough to choose between black
/// and white.
pub(super) fn luminance([r, g, b]: Rgb) -> f32 {
    (0.2126 * f32::from(r) + 0.7152 * f32::from(g) + 0.0722 * f32::from(b)) / 255.0
}

fn distance(a: Rgb, b: Rgb) -> u32 {
    // Weighted by how strongly the eye sees each channel.
    [2, 4, 3]
        .iter()
        .zip(a.iter().zip(b))
        .map(|(weight, (&a, b))| weight * u32::from(a.abs_diff(b)).pow(2))
        .sum()
}

/// The nearest color of the 256-color palette: of its 6×6×6 cube and its 24 grays.
pub(super) fn nearest_256(color: Rgb) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let level =
        |value: u8| (0..6u8).min_by_key(|&level| LEVELS[usize::from(level)].abs_diff(value)).unwrap_or(0);
    let [r, g, b] = color.map(level);
    let cube = [r, g, b].map(|level| LEVELS[usize::from(level)]);
    let mean = color.iter().map(|&value| u32::from(value)).sum::<u32>() / 3;
    let gray = (mean.saturating_sub(3) / 10).min(23) as u8;
    let gray_value = 8 + 10 * gray;
    if distance(color, [gray_value; 3]) < distance(color, cube) {
        232 + gray
    } else {
        16 + 36 * r + 6 * g + b
    }
}

/// The colors of the 16-color palette as most terminals have them.
const ANSI: [(Rgb, Color); 16] = [
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

/// The nearest color of the 16-color palette.
pub(super) fn nearest_16(color: Rgb) -> Color {
    ANSI.iter().min_by_key(|(known, _)| distance(color, *known)).map_or(Color::Reset, |(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequential_scales_run_one_way_in_luminance() {
        for theme in ThemeName::ALL {
            let scale = &theme.colors().sequential;
            let steps: Vec<f32> =
                (0..=20).map(|step| luminance(between(scale, step as f32 / 20.0))).collect();
            let rises = steps.windows(2).all(|pair| pair[0] < pair[1]);
            let falls = steps.windows(2).all(|pair| pair[0] > pair[1]);
            assert!(if theme == ThemeName::Light { falls } else { rises }, "{theme:?}: {steps:?}");
            assert_eq!(between(scale, f32::NAN), scale[0]);
            assert_eq!((between(scale, -1.0), between(scale, 2.0)), (scale[0], scale[4]));
        }
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
    fn themes_turn_through_all_and_suit_their_background() {
        let turned = std::iter::successors(Some(ThemeName::default()), |theme| Some(theme.next()));
        assert_eq!(
            turned.take(5).collect::<Vec<_>>()[..],
            [&ThemeName::ALL[..], &ThemeName::ALL[..1]].concat()
        );
        assert_eq!(ThemeName::for_background([255, 255, 240]), ThemeName::Light);
        assert_eq!(ThemeName::for_background([30, 30, 60]), ThemeName::Dark);
    }
}
