//! Progress on a terminal.
//!
//! Owns how far a bar has come, in words: nothing is said of speed and time before they can be estimated.

use std::time::Duration;

use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::common::Common;

/// What a bar counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counted {
    Items,
    Bytes,
}

/// A progress bar with speed and time left.
pub(super) fn bar(total: u64, counted: Counted, common: &Common) -> ProgressBar {
    let bar = ProgressBar::new(total);
    if common.quiet {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let template = match counted {
        Counted::Items => "{msg} {bar:30} {pos}/{len}{speed}{left}",
        Counted::Bytes => "{msg} {bar:24} {bytes}/{total_bytes}{speed}{left}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        let style = style
            .with_key("speed", move |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = out.write_str(&speed(state.pos(), state.per_sec(), counted));
            })
            .with_key("left", |state: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = out.write_str(&left(state.pos(), state.eta()));
            });
        bar.set_style(style);
    }
    bar
}

fn speed(done: u64, per_second: f64, counted: Counted) -> String {
    match counted {
        _ if done == 0 || !per_second.is_finite() || per_second <= 0.0 => String::new(),
        Counted::Items => format!("  {per_second:.1}/s"),
        Counted::Bytes => format!("  {}/s", HumanBytes(per_second as u64)),
    }
}

fn left(done: u64, estimate: Duration) -> String {
    match estimate {
        _ if done == 0 || estimate < Duration::from_secs(1) => String::new(),
        estimate => format!("  {:#} left", HumanDuration(estimate)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_said_before_there_is_an_estimate() {
        let second = Duration::from_secs(1);
        assert_eq!(left(0, Duration::ZERO) + &left(0, 90 * second), "");
        assert_eq!(left(3, Duration::from_millis(400)), "");
        assert_eq!(left(3, 4 * second), "  4s left");
        for none in [0.0, f64::NAN, f64::INFINITY] {
            assert_eq!(speed(1, none, Counted::Items) + &speed(0, 7.0, Counted::Bytes), "");
        }
        assert_eq!(speed(2, 3.46, Counted::Items), "  3.5/s");
        assert_eq!(speed(2, 2048.0, Counted::Bytes), "  2.00 KiB/s");
    }
}
