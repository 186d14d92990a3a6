//! How numbers are written for people: one way, everywhere.

use clipscope_analysis::Share;

/// Three decimals, or "not defined".
pub fn plain(value: Option<f64>) -> String {
    value.map_or_else(|| "not defined".into(), |value| format!("{value:.3}"))
}

/// A share with its counts, its 95 % interval and the chance level.
pub fn share(share: Option<Share>) -> String {
    share.map_or_else(
        || "not defined".into(),
        |share| {
            let [low, high] = share.interval();
            format!(
                "{:.3}  ({}/{})  95 % [{low:.2}, {high:.2}]  chance {}",
                share.value,
                share.hits,
                share.n,
                chance(share.chance)
            )
        },
    )
}

/// A share for a table: value, 95 % interval and chance level, in at most 27 columns.
pub fn brief(share: Option<Share>) -> String {
    share.map_or_else(
        || "–".into(),
        |share| {
            let [low, high] = share.interval();
            format!("{:.3} [{low:.2}, {high:.2}] {}", share.value, chance(share.chance))
        },
    )
}

/// A share of the softmax as a percentage.
pub fn confidence(value: f64) -> String {
    format!("{:.0}%", value * 100.0)
}

/// A value with its p-value, or the value alone.
pub fn with_p(value: Option<f64>, p: Option<f64>) -> String {
    let p = p.map(|p| format!("  p = {p:.3}")).unwrap_or_default();
    format!("{}{p}", plain(value))
}

/// Small chance levels keep two significant digits.
pub fn chance(value: f64) -> String {
    if value > 0.0 && value < 0.01 { format!("{value:.1e}") } else { format!("{value:.3}") }
}
