//! Shares with their interval and chance level, as numbers and as bars.

use ratatui::text::Span;

use crate::tui::text;
use crate::tui::theme::Theme;
use clipscope_analysis::Share;

/// Columns of a share as numbers.
pub const WIDTH: usize = 19;
/// Columns of a bar.
const BAR: usize = 21;

/// A share, its interval and its chance level, in [`WIDTH`] columns.
pub fn spans(theme: &Theme, share: &Share) -> [Span<'static>; 3] {
    let style = if share.beats_chance() { theme.good() } else { theme.warning() };
    [
        Span::styled(format!("{} ", text::share(share.value)), style),
        Span::raw(format!("{}–{} ", text::share(share.lo), text::share(share.hi))),
        Span::styled(text::chance(share.chance), theme.dim()),
    ]
}

/// A share as a bar from 0 to 1: `├` and `┤` the interval, `●` the share, `┊` chance.
pub fn bar(share: &Share) -> String {
    let place = |value: f64| ((value.clamp(0.0, 1.0) * (BAR - 1) as f64).round() as usize).min(BAR - 1);
    let (low, high) = (place(share.lo), place(share.hi));
    let mut bar: Vec<char> = (0..BAR).map(|at| if (low..=high).contains(&at) { '─' } else { '·' }).collect();
    bar[low] = '├';
    bar[high] = '┤';
    bar[place(share.chance)] = '┊';
    bar[place(share.value)] = '●';
    bar.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_drawn_to_scale() {
        let share = Share::new(10, 20, 0.05).unwrap();
        assert_eq!(bar(&share), "·┊····├───●───┤······");
        let all = Share::new(20, 20, 1.0).unwrap();
        assert_eq!(bar(&all).chars().count(), BAR);
    }
}
