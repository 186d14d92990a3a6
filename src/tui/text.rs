//! Fits text and numbers into columns of the screen.
//!
//! Must not be given text that has not been through [`clipscope_base::display_safe`].

use std::time::Duration;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Width of `text` in columns.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// `text` in at most `columns` columns; a cut text ends in `…`.
#[must_use]
pub fn cut(text: &str, columns: usize) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let Some(room) = columns.checked_sub(1) else { return String::new() };
    let mut cut = String::new();
    let mut used = 0;
    for character in text.graphemes(true) {
        let next = width(character);
        if used + next > room {
            break;
        }
        used += next;
        cut.push_str(character);
    }
    cut.push('…');
    cut
}

/// `text` in exactly `columns` columns, cut or filled with spaces.
#[must_use]
pub fn fit(text: &str, columns: usize) -> String {
    let mut fitted = cut(text, columns);
    fitted.extend(std::iter::repeat_n(' ', columns.saturating_sub(width(&fitted))));
    fitted
}

/// `text` as lines of at most `columns` columns, broken at spaces if there are any.
#[must_use]
pub fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    if columns == 0 {
        return lines;
    }
    let mut line = String::new();
    let mut used = 0;
    for word in text.split_whitespace() {
        let mut word = word.to_owned();
        if used > 0 && used + 1 + width(&word) <= columns {
            line.push(' ');
            used += 1;
        } else if used > 0 {
            lines.push(std::mem::take(&mut line));
            used = 0;
        }
        // A word longer than a line is broken anywhere.
        while width(&word) > columns {
            let (mut end, mut taken) = (0, 0);
            for character in word.graphemes(true) {
                let next = width(character);
                if taken + next > columns && end > 0 {
                    break;
                }
                taken += next;
                end += character.len();
            }
            lines.push(word.drain(..end).collect());
        }
        used += width(&word);
        line.push_str(&word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    lines
}

/// A score, right-aligned in `columns` columns: with three decimals in six or more, two in four or five (without the leading
/// zero), hundredths in three.
#[must_use]
pub fn score(value: f32, columns: usize) -> String {
    let digits = match columns {
        6.. => format!("{value:.3}"),
        4 | 5 => {
            let text = format!("{value:.2}");
            match text.strip_prefix("-0.") {
                Some(rest) => format!("-.{rest}"),
                None => text.strip_prefix('0').map_or(text.clone(), str::to_owned),
            }
        }
        _ => format!("{:.0}", value * 100.0),
    };
    let digits = if digits.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
        digits.replace('-', "")
    } else {
        digits
    };
    format!("{digits:>columns$}")
}

/// A share as it stands in tables: `0.95`.
#[must_use]
pub fn share(value: f64) -> String {
    format!("{value:.2}")
}

/// A chance level in four columns: `0.05`, or `3e-3` where two decimals would round it to zero.
#[must_use]
pub fn chance(value: f64) -> String {
    if value > 0.0 && value < 0.01 { format!("{value:.0e}") } else { share(value) }
}

/// A number with three decimals, or `–` if it is not defined.
#[must_use]
pub fn number(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"))
}

/// A p-value. The smallest that `permutations` allow is a bound.
#[must_use]
pub fn p_value(p: Option<f64>, permutations: usize) -> String {
    match p {
        None => String::new(),
        Some(p) if p * (permutations + 1) as f64 <= 1.5 => format!("p ≤ {p:.3}"),
        Some(p) => format!("p = {p:.3}"),
    }
}

/// A duration in its two largest units.
pub fn span(time: Duration) -> String {
    match time.as_secs() + 1 {
        seconds @ ..=90 => format!("{seconds} s"),
        seconds @ ..=5_400 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        seconds => format!("{} h {:02} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

/// A number of bytes, with three digits: `577 MiB`, `1.19 GiB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1_024 {
        return format!("{bytes} B");
    }
    let (mut value, mut unit) = (bytes as f64 / 1_024.0, 0);
    // What would be rounded to 1000 takes the next unit.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        (value, unit) = (value / 1_024.0, unit + 1);
    }
    let unit = UNITS[unit];
    match value {
        ..9.995 => format!("{value:.2} {unit}"),
        ..99.95 => format!("{value:.1} {unit}"),
        _ => format!("{value:.0} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_their_two_largest_units() {
        let spans = [0, 89, 90, 5_399, 5_400, 90_000].map(|seconds| span(Duration::from_secs(seconds)));
        assert_eq!(spans, ["1 s", "90 s", "1 min 31 s", "90 min 00 s", "1 h 30 min", "25 h 00 min"]);
    }

    #[test]
    fn bytes_have_three_digits() {
        let shown = [0, 1_023, 1_024, 10_235, 102_300, 1_023_999, 605_247_071, 1_280_000_000, 13_000_000];
        let shown: Vec<String> = shown.map(bytes).into();
        assert_eq!(
            shown,
            [
                "0 B", "1023 B", "1.00 KiB", "10.0 KiB", "99.9 KiB", "0.98 MiB", "577 MiB", "1.19 GiB",
                "12.4 MiB"
            ]
        );
    }

    #[test]
    fn cutting_counts_columns_not_characters() {
        assert_eq!(cut("blue biplane", 12), "blue biplane");
        assert_eq!(cut("blue biplane", 6), "blue …");
        assert_eq!(cut("飛行機の写真", 5), "飛行…");
        assert_eq!(cut("飛行機", 4), "飛…");
        // A family of emoji is one character, two columns wide.
        assert_eq!(cut("👩\u{200d}👩\u{200d}👧👩\u{200d}👩\u{200d}👧!", 3), "👩\u{200d}👩\u{200d}👧…");
        assert_eq!(cut("a👩\u{200d}👧b", 3), "a…");
        assert_eq!((cut("abc", 0).as_str(), cut("abc", 1).as_str(), cut("", 0).as_str()), ("", "…", ""));
        assert_eq!(fit("ab", 4), "ab  ");
        assert_eq!(width(&fit("飛行機", 4)), 4);
    }

    #[test]
    fn long_words_are_broken_and_short_ones_kept_whole() {
        assert_eq!(wrap("a blue biplane", 8), ["a blue", "biplane"]);
        assert_eq!(wrap("biplane", 3), ["bip", "lan", "e"]);
        assert_eq!(wrap("飛行機", 1), ["飛", "行", "機"]);
        assert_eq!(wrap("👍🏽👍🏽", 2), ["👍🏽", "👍🏽"]);
        assert!(wrap("x", 0).is_empty() && wrap("  ", 5).is_empty());
        assert_eq!(wrap("a biplanes b", 4), ["a", "bipl", "anes", "b"]);
    }

    #[test]
    fn scores_fill_their_columns() {
        assert_eq!((score(0.3125, 6).as_str(), score(-0.5, 7).as_str()), (" 0.312", " -0.500"));
        assert_eq!(
            (score(0.31, 4).as_str(), score(-0.03, 4).as_str(), score(1.0, 4).as_str()),
            (" .31", "-.03", "1.00")
        );
        assert_eq!(
            (score(0.31, 3).as_str(), score(-0.03, 3).as_str(), score(1.0, 3).as_str()),
            (" 31", " -3", "100")
        );
        assert_eq!((score(-0.001, 3).as_str(), score(-0.0001, 6).as_str()), ("  0", " 0.000"));
    }

    #[test]
    fn no_chance_level_is_rounded_to_none() {
        let shown: Vec<String> = [0.0, 1.0 / 300.0, 1e-6, 0.0099, 0.01, 0.25].map(chance).into();
        assert_eq!(shown, ["0.00", "3e-3", "1e-6", "1e-2", "0.01", "0.25"]);
    }

    #[test]
    fn the_smallest_p_value_is_a_bound() {
        assert_eq!(p_value(Some(1.0 / 1001.0), 1000), "p ≤ 0.001");
        assert_eq!(p_value(Some(0.25), 1000), "p = 0.250");
        assert_eq!(p_value(None, 0), "");
    }
}
