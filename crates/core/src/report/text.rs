//! The report as plain text.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::contents::Report;
use super::display::{brief, confidence, count, mark};
use super::rows::{self, Row};
use crate::comparison::{answer_rows, protocol};
use clipscope_analysis::retrieval::Direction;
use clipscope_analysis::{Bridge, Retrieval, Structure};
use clipscope_base::display_safe::display_safe;

const FILE_WIDTH: usize = 34;
const CAPTION_WIDTH: usize = 40;

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    head(&mut out, report);
    if let Some(pre_clip) = &report.evaluation.pre_clip {
        section(&mut out, "Pre-CLIP: each modality by itself, in the space of its own network");
        structure(&mut out, "photos", &pre_clip.image);
        structure(&mut out, "captions", &pre_clip.text);
    }
    if let Some(found) = &report.evaluation.bridge {
        bridge(&mut out, found);
    }
    if let Some(clip) = &report.evaluation.clip {
        let what = match report.models.stand_in {
            Some(stand_in) => format!("CLIP: one space for both ({stand_in})"),
            None => "CLIP: one space for both".into(),
        };
        section(&mut out, &what);
        retrieval(&mut out, clip);
    }
    answer(&mut out, report);
    left_out(&mut out, report);
    out
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
        if dataset.categories.len() == 1 {
            "1 category".into()
        } else {
            format!("{} categories", dataset.categories.len())
        },
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

fn lines<'a>(out: &mut String, rows: impl IntoIterator<Item = Row<'a>>) {
    for row in rows {
        let indent = if row.part { "  " } else { "" };
        let file = row.file.map(|file| format!("  {}", display_safe(file))).unwrap_or_default();
        let _ = writeln!(out, "  {:<26} {}{file}", format!("{indent}{}", row.name), row.value);
    }
}

fn structure(out: &mut String, what: &str, found: &Structure) {
    let _ = writeln!(out, "{what} ({}-d)", found.dim);
    lines(out, rows::structure(found));
}

fn bridge(out: &mut String, found: &Bridge) {
    section(out, "Bridge: what the two separate spaces share, without training");
    let _ = writeln!(
        out,
        "{} of photo and first caption.\n{}\n{}",
        count(found.items, "pair"),
        protocol(found),
        rows::bridge_settings(found),
    );
    lines(out, rows::bridge(found));
}

/// What each approach can tell, side by side.
fn answer(out: &mut String, report: &Report) {
    let Some(rows) = answer_rows(&report.evaluation) else { return };
    section(out, "What changed");
    for row in rows {
        let share = super::display::share(row.share);
        let _ = writeln!(out, "  {:<10} {}\n             {share}", row.approach, row.question);
    }
}

fn direction(out: &mut String, what: &str, found: &Direction) {
    let _ = writeln!(out, "{what} ({} queries, {} candidates)", found.n, found.candidates);
    lines(out, rows::direction(found));
}

fn retrieval(out: &mut String, clip: &Retrieval) {
    direction(out, "image→text", &clip.image_to_text);
    direction(out, "text→image", &clip.text_to_image);
    let _ = writeln!(out, "both directions");
    lines(out, rows::both_directions(clip));

    let _ = writeln!(
        out,
        "\n  {:<20} {:>7}  {:<27} {:<27} {:>6}",
        "category", "queries", "top-1, 95 %, chance", "category top-1, 95 %, chance", "MRR"
    );
    for row in &clip.per_category {
        let _ = writeln!(
            out,
            "  {} {:>7}  {:<27} {:<28} {:>6}",
            fit(&row.category, 20),
            row.n,
            brief(row.top1),
            brief(row.category_top1),
            row.mrr.map_or_else(|| "–".into(), |mrr| format!("{mrr:.3}")),
        );
    }

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
            let _ = writeln!(out, "  {}: {}", display_safe(&skipped.file), display_safe(&skipped.reason));
        }
    }
    if !dataset.truncated_captions.is_empty() {
        section(out, "Captions cut at the token limit");
        for caption in &dataset.truncated_captions {
            let _ = writeln!(out, "  {}", fit(caption, 90).trim_end());
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
