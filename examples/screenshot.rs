//! Makes the pictures and the recording of the README from the running program.
//!
//! ```sh
//! cargo build --release && cargo run --release --example screenshot
//! ```
//! Starts the real program in a pseudo-terminal, types keys, and writes what the terminal shows as
//! SVG to `docs/`, and all that the program sends to it during a session as `docs/clipscope.cast`
//! (asciicast version 2, for `asciinema play`).

use std::fmt::Write as _;
use std::path::Path;

use clipscope_test_support::pty::Terminal;
use clipscope_test_support::pty::vt100::{Cell, Color, Screen};

const CELL_WIDTH: f32 = 8.4;
const CELL_HEIGHT: f32 = 17.0;
const FOREGROUND: (u8, u8, u8) = (220, 220, 220);
const BACKGROUND: (u8, u8, u8) = (18, 18, 22);

/// One picture: file, size, and the keys typed before it is taken.
struct Shot {
    file: &'static str,
    columns: u16,
    rows: u16,
    keys: &'static [&'static str],
}

const SHOTS: [Shot; 7] = [
    Shot { file: "clip.svg", columns: 190, rows: 54, keys: &["4", "j", "j", "j", "j", "j"] },
    Shot { file: "images.svg", columns: 190, rows: 54, keys: &["1", "j", "j"] },
    Shot { file: "bridge.svg", columns: 190, rows: 54, keys: &["3", "j"] },
    Shot {
        file: "edit.svg",
        columns: 190,
        rows: 54,
        keys: &["4", "g", "e", "\x15", "the evening sky burns behind black hills"],
    },
    Shot { file: "compare.svg", columns: 190, rows: 54, keys: &["4", "j", "j", "c"] },
    Shot { file: "small.svg", columns: 80, rows: 24, keys: &["4", "n"] },
    Shot { file: "help.svg", columns: 120, rows: 40, keys: &["?"] },
];

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = root.join("target/release/clipscope");
    let program = program.to_str().expect("the path is UTF-8");
    let cache = tempfile::tempdir().expect("a temporary folder");
    for shot in &SHOTS {
        let arguments = ["--images", "half"];
        let mut terminal = Terminal::clipscope(program, cache.path(), &arguments, shot.columns, shot.rows);
        terminal.wait_for("all photos", |text| text.contains("20/20")).expect("the dashboard fills");
        terminal.settle();
        for keys in shot.keys {
            terminal.send(keys);
            // A caption is embedded a moment after the last key.
            std::thread::sleep(std::time::Duration::from_millis(600));
            terminal.settle();
        }
        let svg = svg(terminal.parser().screen(), shot.columns, shot.rows);
        let file = root.join("docs").join(shot.file);
        std::fs::write(&file, svg).expect("docs/ can be written");
        println!("{}", file.display());
        terminal.send("q");
    }
    record(root, program);
}

/// Columns and rows of the recording.
const RECORDED: (u16, u16) = (120, 36);
/// The session recorded: keys, and how long they are looked at, in tenths of a second. The photos among
/// themselves, the shared space, an edited caption, a phrase, and a comparison.
const SESSION: [(&str, u64); 16] = [
    ("1", 20),
    ("j", 8),
    ("j", 12),
    ("3", 20),
    ("4", 15),
    ("n", 12),
    ("n", 15),
    ("e", 10),
    ("\x15", 5),
    ("the evening sky ", 12),
    ("burns behind black hills", 25),
    ("\x1b", 8),
    ("/", 5),
    ("pizza on a plate", 25),
    ("\r", 10),
    ("c", 25),
];

/// Plays the session and writes what the program sends.
fn record(root: &Path, program: &str) {
    let cache = tempfile::tempdir().expect("a temporary folder");
    let (columns, rows) = RECORDED;
    let mut terminal = Terminal::clipscope(program, cache.path(), &["--images", "half"], columns, rows);
    terminal.wait_for("all photos", |text| text.contains("20/20")).expect("the dashboard fills");
    terminal.settle();
    for (keys, tenths) in SESSION {
        // One by one, as they are typed.
        for key in keys.chars() {
            terminal.send(&key.to_string());
            std::thread::sleep(std::time::Duration::from_millis(60));
        }
        std::thread::sleep(std::time::Duration::from_millis(100 * tenths));
    }
    let header = serde_json::json!({
        "version": 2, "width": columns, "height": rows, "idle_time_limit": 2.5, "title": "clipscope",
        "env": {"TERM": "xterm-256color"},
    });
    let mut cast = format!("{header}\n");
    let mut rest = Vec::new();
    for (time, bytes) in terminal.output() {
        rest.extend_from_slice(&bytes);
        // A character may be cut between two reads.
        let whole = match std::str::from_utf8(&rest) {
            Ok(text) => text.len(),
            Err(error) => error.valid_up_to(),
        };
        let text = String::from_utf8(rest.drain(..whole).collect()).expect("checked above");
        let event = serde_json::json!([(time.as_secs_f64() * 1e3).round() / 1e3, "o", text]);
        let _ = writeln!(cast, "{event}");
    }
    let file = root.join("docs/clipscope.cast");
    std::fs::write(&file, cast).expect("docs/ can be written");
    println!("{}", file.display());
    terminal.send("q");
}

/// The screen as SVG: a rectangle per run of one background, a text per run of one style.
fn svg(screen: &Screen, columns: u16, rows: u16) -> String {
    let (width, height) = (f32::from(columns) * CELL_WIDTH, f32::from(rows) * CELL_HEIGHT);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"{}\"/>\n",
        hex(BACKGROUND)
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let style = style(screen, row, column);
            let start = column;
            let mut text = String::new();
            while column < columns && self::style(screen, row, column) == style {
                let cell = screen.cell(row, column);
                let wide = cell.is_some_and(Cell::is_wide);
                match cell.map(Cell::contents) {
                    Some(contents) if !contents.is_empty() => text.push_str(contents),
                    _ => text.push(' '),
                }
                column += if wide { 2 } else { 1 };
            }
            let (x, y) = (f32::from(start) * CELL_WIDTH, f32::from(row) * CELL_HEIGHT);
            let run = f32::from(column - start) * CELL_WIDTH;
            let (foreground, background, bold) = style;
            if background != BACKGROUND {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{}\"/>",
                    run + 0.3,
                    CELL_HEIGHT + 0.3,
                    hex(background)
                );
            }
            if !text.trim().is_empty() {
                let weight = if bold { " font-weight=\"bold\"" } else { "" };
                let _ = writeln!(
                    out,
                    "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{run:.1}\" xml:space=\"preserve\" \
                     fill=\"{}\"{weight}>{}</text>",
                    y + 13.0,
                    hex(foreground),
                    escape(&text)
                );
            }
        }
    }
    out.push_str("</svg>\n");
    out
}

type Rgb = (u8, u8, u8);

fn style(screen: &Screen, row: u16, column: u16) -> (Rgb, Rgb, bool) {
    let Some(cell) = screen.cell(row, column) else { return (FOREGROUND, BACKGROUND, false) };
    let mut foreground = color(cell.fgcolor(), FOREGROUND);
    let mut background = color(cell.bgcolor(), BACKGROUND);
    if cell.inverse() {
        std::mem::swap(&mut foreground, &mut background);
    }
    if cell.dim() {
        foreground = mix(foreground, background);
    }
    (foreground, background, cell.bold())
}

fn mix(a: Rgb, b: Rgb) -> Rgb {
    let half = |a: u8, b: u8| ((u16::from(a) * 3 + u16::from(b) * 2) / 5) as u8;
    (half(a.0, b.0), half(a.1, b.1), half(a.2, b.2))
}

fn color(color: Color, default: Rgb) -> Rgb {
    const ANSI: [Rgb; 16] = [
        (0, 0, 0),
        (205, 60, 60),
        (80, 180, 80),
        (200, 170, 60),
        (80, 120, 220),
        (180, 90, 190),
        (60, 170, 180),
        (200, 200, 200),
        (110, 110, 110),
        (240, 90, 90),
        (110, 220, 110),
        (240, 210, 90),
        (120, 160, 255),
        (220, 130, 230),
        (100, 220, 230),
        (255, 255, 255),
    ];
    match color {
        Color::Default => default,
        Color::Rgb(r, g, b) => (r, g, b),
        Color::Idx(index @ 0..=15) => ANSI[usize::from(index)],
        Color::Idx(index @ 16..=231) => {
            let level = |step: u8| if step == 0 { 0 } else { 55 + step * 40 };
            let index = index - 16;
            (level(index / 36), level(index / 6 % 6), level(index % 6))
        }
        Color::Idx(index) => {
            let gray = 8 + (index - 232) * 10;
            (gray, gray, gray)
        }
    }
}

fn hex((r, g, b): Rgb) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
