//! How numbers are written for people: one way, everywhere.

use crate::analysis::Share;

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

/// Small chance levels keep two significant digits.
pub fn chance(value: f64) -> String {
    if value > 0.0 && value < 0.01 { format!("{value:.1e}") } else { format!("{value:.3}") }
}
