//! What was drawn, as text for snapshots.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};

/// Runs of equal style of each row, beside the text.
pub fn styles(buffer: &Buffer) -> String {
    let mut out = String::new();
    for (y, row) in buffer.content.chunks(usize::from(buffer.area.width.max(1))).enumerate() {
        let mut runs: Vec<(usize, String)> = Vec::new();
        for (x, cell) in row.iter().enumerate() {
            let name = |color: Color| match color {
                Color::Rgb(r, g, b) => format!("{r:02x}{g:02x}{b:02x}"),
                Color::Reset => "-".into(),
                other => format!("{other:?}"),
            };
            let mut style = format!("{}/{}", name(cell.fg), name(cell.bg));
            if cell.modifier != Modifier::empty() {
                write!(style, "/{:?}", cell.modifier).unwrap();
            }
            if runs.last().is_none_or(|(_, last)| *last != style) {
                runs.push((x, style));
            }
        }
        runs.retain(|(_, style)| style != "-/-");
        let runs: Vec<String> = runs.into_iter().map(|(x, style)| format!("{x}:{style}")).collect();
        writeln!(out, "{y}: {}", runs.join(" ")).unwrap();
    }
    out
}
