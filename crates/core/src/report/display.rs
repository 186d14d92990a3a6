//! How numbers and marks are written for people, in every report.

use clipscope_analysis::Share;
use clipscope_analysis::retrieval::{Candidate, ImageResult};

/// Three decimals.
pub(super) fn plain(value: f64) -> String {
    format!("{value:.3}")
}

/// A share with its counts, its 95 % interval and the chance level. Where trials have photos in common, also how many
/// independent ones the interval is computed for.
pub(super) fn share(share: Share) -> String {
    let [low, high] = share.interval();
    let worth =
        if share.is_dependent() { format!(", {:.0} independent", share.independent) } else { String::new() };
    format!(
        "{:.3}  ({}/{}{worth})  95 % [{low:.2}, {high:.2}]  chance {}",
        share.value,
        share.hits,
        share.n,
        chance(share.chance)
    )
}

/// A share for a table: value, 95 % interval and chance level, in at most 27 columns.
pub(super) fn brief(share: Option<Share>) -> String {
    share.map_or_else(
        || NONE.into(),
        |share| {
            let [low, high] = share.interval();
            format!("{:.3} [{low:.2}, {high:.2}] {}", share.value, chance(share.chance))
        },
    )
}

/// A share of the softmax as a percentage.
pub(super) fn confidence(value: f64) -> String {
    format!("{:.0}%", value * 100.0)
}

/// A value with its p-value, if there is one.
pub(super) fn with_p(value: f64, p: Option<f64>) -> String {
    let p = p.map(|p| format!("  p = {p:.3}")).unwrap_or_default();
    format!("{}{p}", plain(value))
}

/// A cell of a table without a number.
pub(super) const NONE: &str = "–";

/// A chance level. Small ones keep two significant digits.
fn chance(value: f64) -> String {
    if value > 0.0 && value < 0.01 { format!("{value:.1e}") } else { format!("{value:.3}") }
}

/// Whether the best caption is correct; neither mark if the photo has no caption that could be found.
pub(super) fn mark(image: &ImageResult, best: &Candidate) -> char {
    match (image.rank, best.correct) {
        (None, _) => '–',
        (_, true) => '✓',
        (_, false) => '✗',
    }
}
