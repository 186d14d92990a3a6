//! ASCII replacements for terminals and fonts that have nothing else.
//!
//! A finished frame is converted, so that views need not know. Signs keep their width; a wide character becomes `?` and a
//! space.

use ratatui::buffer::Buffer;
use ratatui::style::Color;
use unicode_width::UnicodeWidthStr;

use super::palette::luminance;

/// Glyphs of rising density.
const DENSITY: [char; 5] = [' ', '.', ':', '+', '#'];

/// Replaces every character that is not ASCII.
pub fn replace(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if cell.symbol().is_ascii() {
            continue;
        }
        if matches!(cell.symbol(), "▀" | "▄") {
            half_block(cell);
            continue;
        }
        let wide = cell.symbol().width() > 1;
        let sign = match cell.symbol() {
            "─" | "–" | "−" => '-',
            "│" | "┊" | "├" | "┤" => '|',
            "┌" | "└" | "┬" | "┼" | "╶" => '+',
            "░" => '.',
            "▒" => ':',
            "▓" => '+',
            "█" => '#',
            "▏" | "▎" | "▍" | "▌" => '.',
            "▋" | "▊" | "▉" => ':',
            "·" => '.',
            "≡" => '#',
            "…" | "≈" => '~',
            "×" | "✗" => 'x',
            "✓" => 'v',
            "■" => '*',
            "●" => 'o',
            "→" => '>',
            "←" => '<',
            "↑" | "▲" => '^',
            "↓" | "▼" | "▾" => 'v',
            "≤" => '<',
            "“" | "”" => '"',
            "⟨" => '<',
            "⟩" => '>',
            _ => '?',
        };
        cell.set_char(sign);
        if wide {
            // The cell after it is never drawn, so its blank is drawn here.
            cell.set_symbol("? ");
        }
    }
}

/// Turns two colors in one character into one, or into a density without colors.
fn half_block(cell: &mut ratatui::buffer::Cell) {
    let (Color::Rgb(a, b, c), Color::Rgb(d, e, f)) = (cell.fg, cell.bg) else {
        cell.set_char('+');
        return;
    };
    let mean = |a: u8, b: u8| a.midpoint(b);
    let color = [mean(a, d), mean(b, e), mean(c, f)];
    cell.set_char(DENSITY[(luminance(color) * 4.99) as usize]);
    cell.set_fg(Color::Rgb(a, b, c));
    cell.set_bg(Color::Rgb(color[0], color[1], color[2]));
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn nothing_beyond_ascii_is_left_and_columns_stay() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 24, 1));
        buffer.set_string(0, 0, "─│█▒✓✗… 飛行 é ⟨U+7⟩ → 👩‍👩‍👧", Style::new());
        buffer[(23, 0)].set_char('▀').set_fg(Color::Rgb(9, 9, 9)).set_bg(Color::Rgb(0, 0, 0));
        replace(&mut buffer);
        let text: String = buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect();
        assert!(text.is_ascii(), "{text}");
        assert!(text.starts_with("-|#:vx~ ? "), "{text}");
    }
}
