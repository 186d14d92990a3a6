//! The report as plain text.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::against::{self, Against};
use super::contents::{PhotoNote, Report};
use super::display::{self, NONE, brief, confidence, mark};
use super::missing::Contents;
use super::rows::{self, Missing, Row};
use crate::comparison::{protocol, telling};
use clipscope_analysis::retrieval::Direction;
use clipscope_analysis::{Bridge, Retrieval};
use clipscope_base::display_safe::display_safe;
use clipscope_base::words::count;
use clipscope_networks::Modality;

/// The most columns of a line, as long as no word is wider.
const WIDTH: usize = 100;
const FILE_WIDTH: usize = 34;
const CAPTION_WIDTH: usize = 40;

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    head(&mut out, report);
    match report.nothing_to_compare() {
        Some(why) => {
            let _ = writeln!(out, "\nNothing can be compared: {why}.");
        }
        None => numbers(&mut out, report),
    }
    if let Some(found) = &report.against {
        against(&mut out, report, found);
    }
    left_out(&mut out, report);
    out
}

fn numbers(out: &mut String, report: &Report) {
    let contents = &report.contents;
    if let Some(pre_clip) = &report.evaluation.pre_clip {
        section(out, "Pre-CLIP: each modality by itself, in the space of its own network");
        for (what, found, modality) in
            [("photos", &pre_clip.image, Modality::Image), ("captions", &pre_clip.text, Modality::Text)]
        {
            let _ = writeln!(out, "{what} ({}-d)", found.dim);
            lines(out, rows::structure(found, contents, modality));
        }
    }
    if let Some(found) = &report.evaluation.bridge {
        bridge(out, found, contents);
    }
    if let Some(clip) = &report.evaluation.clip {
        let what = match report.models.stand_in {
            Some(stand_in) => format!("CLIP: one space for both ({stand_in})"),
            None => "CLIP: one space for both".into(),
        };
        section(out, &what);
        match contents.no_captions() {
            Some(why) => wrapped_line(out, &format!("not defined: {why}")),
            None => retrieval(out, clip, contents),
        }
    }
    answer(out, report);
}

/// Writing to a `String` cannot fail, so the results of `writeln!` below are dropped.
fn head(out: &mut String, report: &Report) {
    let dataset = &report.dataset;
    let _ = writeln!(
        out,
        "Data set  {}: {}, {}, {}",
        display_safe(&dataset.path),
        count(dataset.images, "photo"),
        count(dataset.captions, "caption"),
        count(dataset.categories.len(), "category"),
    );
    if let Some(selection) = &dataset.selection {
        let _ = writeln!(out, "          {selection}");
    }
    let _ = writeln!(out, "Models    {} on {}", report.models_name(), report.models.device.name());
    for tower in &report.models.towers {
        let _ = writeln!(
            out,
            "          {:<15} {}, {}-d",
            tower.role.name(),
            display_safe(&tower.name),
            tower.dim
        );
    }
    for network in &report.models.missing {
        for role in &network.roles {
            let name = display_safe(&network.name);
            let _ = writeln!(out, "          {:<15} {name} is not installed", role.name());
        }
    }
}

fn section(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n{title}\n{}", "─".repeat(title.width()));
}

/// The numbers there are, then a line for each reason why others are missing.
fn lines(out: &mut String, rows: Vec<Row<'_>>) {
    let (there, missing) = rows::sorted(rows);
    for (row, value) in &there {
        let indent = if row.part { "  " } else { "" };
        let file = row.file.map(|file| format!("  {}", display_safe(file))).unwrap_or_default();
        let _ = writeln!(out, "  {:<26} {value}{file}", format!("{indent}{}", row.name));
    }
    match missing.as_slice() {
        [only] if there.is_empty() => wrapped_line(out, &format!("not defined: {}", only.why)),
        missing => missing_lines(out, missing),
    }
}

fn missing_lines(out: &mut String, missing: &[Missing]) {
    for Missing { why, names } in missing {
        wrapped_line(out, &format!("not defined: {} ({why})", names.join(", ")));
    }
}

/// A line that goes on below itself when it is too long.
fn wrapped_line(out: &mut String, line: &str) {
    let mut used = 0;
    for word in line.split(' ') {
        if used > 0 && used + 1 + word.width() > WIDTH {
            out.push_str("\n   ");
            used = 3;
        }
        out.push_str(if used == 0 { "  " } else { " " });
        out.push_str(word);
        used += if used == 0 { 2 } else { 1 } + word.width();
    }
    out.push('\n');
}

fn bridge(out: &mut String, found: &Bridge, contents: &Contents) {
    section(out, "Bridge: what the two separate spaces share, without training");
    let rows = rows::bridge(found, contents);
    if rows.iter().any(|row| row.value.is_ok()) {
        let _ = writeln!(
            out,
            "{} of photo and first caption.\n{}\n{}",
            count(found.items, "pair"),
            protocol(found),
            rows::bridge_settings(found),
        );
    }
    lines(out, rows);
}

/// What each approach can tell, side by side.
fn answer(out: &mut String, report: &Report) {
    let Some((rows, missing)) = rows::answers(report) else { return };
    section(out, "What changed");
    let width = rows.iter().map(|row| row.approach.width()).max().unwrap_or(0);
    for row in &rows {
        let share = display::share(row.share);
        let _ = writeln!(out, "  {:<width$}  {}\n  {:width$}  {share}", row.approach, row.question, "");
    }
    missing_lines(out, &missing);
}

fn direction(out: &mut String, what: &str, found: &Direction, contents: &Contents, candidates: &str) {
    let _ = writeln!(out, "{what} ({}, {})", count(found.n, "query"), count(found.candidates, "candidate"));
    lines(out, rows::direction(found, contents, candidates));
}

fn retrieval(out: &mut String, clip: &Retrieval, contents: &Contents) {
    direction(out, "image→text", &clip.image_to_text, contents, "caption");
    direction(out, "text→image", &clip.text_to_image, contents, "photo");
    let _ = writeln!(out, "both directions");
    lines(out, rows::both_directions(clip, contents));
    if rows::categories_differ(clip) {
        categories(out, clip);
    }
    photos(out, clip);
}

/// The differences to another report.
fn against(out: &mut String, report: &Report, found: &Against) {
    let heading = against::heading(found);
    section(out, &display_safe(&heading));
    for remark in against::remarks(report, found) {
        wrapped_line(out, &display_safe(&remark));
    }
    for (title, rows) in against::sections(found) {
        let _ = writeln!(out, "{title}");
        lines(out, rows);
    }
}

fn categories(out: &mut String, clip: &Retrieval) {
    let _ = writeln!(
        out,
        "\n  {:<20} {:>7}  {:<27} {:<27} {:>6}",
        "category", "queries", "top-1, 95 %, chance", "category top-1, 95 %, chance", "MRR"
    );
    for row in &clip.per_category {
        let top1 = telling(row.top1);
        let mrr = row.mrr.filter(|_| top1.is_some());
        let _ = writeln!(
            out,
            "  {} {:>7}  {:<27} {:<28} {:>6}",
            fit(&row.category, 20),
            row.n,
            brief(top1),
            brief(telling(row.category_top1)),
            mrr.map_or_else(|| NONE.into(), display::plain),
        );
    }
}

fn photos(out: &mut String, clip: &Retrieval) {
    let _ = writeln!(
        out,
        "\n  {} {:>4}  {:>6} {:>5}  best caption (conf.: softmax share)",
        fit("photo", FILE_WIDTH),
        "rank",
        "cosine",
        "conf."
    );
    for image in &clip.images {
        let rank = image.rank.map_or_else(|| "-".into(), |rank| rank.to_string());
        let best = image.top_k.first().map_or_else(String::new, |best| {
            format!(
                "{:>6.3} {:>5}  {} {}",
                best.score,
                confidence(best.confidence),
                mark(image, best),
                fit(&best.caption, CAPTION_WIDTH).trim_end()
            )
        });
        let _ = writeln!(out, "  {} {rank:>4}  {best}", fit(&image.file, FILE_WIDTH));
    }
}

fn left_out(out: &mut String, report: &Report) {
    let dataset = &report.dataset;
    if !dataset.skipped.is_empty() {
        section(out, &format!("Left out or incomplete: {}", dataset.skipped.len()));
        for skipped in &dataset.skipped {
            let _ = writeln!(
                out,
                "  {}: {}",
                display_safe(&skipped.file),
                display_safe(&skipped.reason_behind_file())
            );
        }
    }
    if !dataset.truncated_captions.is_empty() {
        section(out, "Captions cut at the token limit");
        for caption in &dataset.truncated_captions {
            let _ = writeln!(out, "  {}", fit(caption, 90).trim_end());
        }
    }
    if !dataset.photo_notes.is_empty() {
        section(out, &format!("Used, with a note: {}", dataset.photo_notes.len()));
        for PhotoNote { file, note } in &dataset.photo_notes {
            let _ = writeln!(out, "  {}: {}", display_safe(file), display_safe(note));
        }
    }
    if let Some(timing) = report.timing {
        section(out, "Timing");
        lines(out, rows::timing(timing));
    }
}

/// Makes a text safe, then cuts or pads it to exactly `width` columns.
fn fit(text: &str, width: usize) -> String {
    let safe = display_safe(text);
    let full = safe.width();
    if full <= width {
        return format!("{safe}{}", " ".repeat(width - full));
    }
    let mut out = String::new();
    let mut used = 0;
    for c in safe.chars() {
        let next = c.width().unwrap_or(0);
        if used + next + 1 > width {
            break;
        }
        used += next;
        out.push(c);
    }
    out.push('…');
    out + &" ".repeat(width - used - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fitted_text_has_exactly_the_width_asked_for() {
        for text in ["", "short", "exactly ten", "a caption that is much too long", "写真の説明文です長い"]
        {
            for width in [1, 10, 11] {
                assert_eq!(fit(text, width).width(), width, "{text:?} {width}");
            }
        }
    }

    #[test]
    fn fitted_text_carries_no_control_character() {
        assert!(!fit("a\x1b[31mb", 20).contains('\x1b'));
    }
}
