//! The report as Markdown, for issues, wikis and notebooks.

use std::fmt::Write as _;

use super::contents::Report;
use super::display::{confidence, count, mark, plain, share};
use super::rows::{self, Row};
use crate::comparison::{answer_rows, protocol};
use clipscope_analysis::{Bridge, Retrieval, Structure};
use clipscope_base::display_safe::display_safe;

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    let dataset = &report.dataset;
    let stand_in = report.models.stand_in.map(|text| format!(" ({text})")).unwrap_or_default();
    // Writing to a `String` cannot fail, so the results of `writeln!` are dropped.
    let _ = writeln!(out, "# clipscope: {}\n", cell(&dataset.path));
    let _ = writeln!(
        out,
        "{} photos, {} captions, {} categories; models `{}`{stand_in} on {}.\n",
        dataset.images,
        dataset.captions,
        dataset.categories.len(),
        report.models.set.name(),
        report.models.device.name(),
    );
    for network in &report.models.missing {
        let roles: Vec<String> = network.roles.iter().map(|role| format!("`{}`", role.name())).collect();
        let _ = writeln!(out, "No {}: {} is not installed.\n", roles.join(", "), cell(&network.name));
    }
    if let Some(selection) = &dataset.selection {
        let _ = writeln!(out, "Selected: {selection}.\n");
    }
    let found = &report.evaluation;
    if let Some(answer) = answer_rows(found) {
        let _ = writeln!(out, "## What changed\n\n| approach | question | share |\n|---|---|---|");
        for row in answer {
            let _ = writeln!(out, "| {} | {} | {} |", row.approach, row.question, share(row.share));
        }
        out.push('\n');
    }
    if let Some(pre_clip) = &found.pre_clip {
        structures(&mut out, &pre_clip.image, &pre_clip.text);
    }
    if let Some(found) = &found.bridge {
        bridge(&mut out, found);
    }
    if let Some(clip) = &found.clip {
        retrieval(&mut out, clip, &stand_in);
    }
    left_out(&mut out, report);
    out
}

fn structures(out: &mut String, image: &Structure, text: &Structure) {
    let _ = writeln!(
        out,
        "## Pre-CLIP\n\n| | photos ({}-d) | captions ({}-d) |\n|---|---|---|",
        image.dim, text.dim
    );
    for (photos, captions) in rows::structure(image).into_iter().zip(rows::structure(text)) {
        let _ = writeln!(out, "| {} | {} | {} |", photos.name, photos.value, captions.value);
    }
    out.push('\n');
}

fn bridge(out: &mut String, found: &Bridge) {
    let _ = writeln!(
        out,
        "## Bridge\n\n{} of photo and first caption. {} {}\n",
        count(found.items, "pair"),
        protocol(found),
        rows::bridge_settings(found)
    );
    table(out, rows::bridge(found));
}

fn retrieval(out: &mut String, clip: &Retrieval, stand_in: &str) {
    for (way, found) in [("image→text", &clip.image_to_text), ("text→image", &clip.text_to_image)] {
        let _ = writeln!(out, "## CLIP{stand_in}: {way}\n");
        table(out, rows::direction(found));
    }
    let _ = writeln!(out, "## CLIP{stand_in}: both directions\n");
    table(out, rows::both_directions(clip));

    let _ = writeln!(out, "| category | queries | top-1 | category top-1 | MRR |\n|---|---|---|---|---|");
    for row in &clip.per_category {
        let (top1, category) = (share(row.top1), share(row.category_top1));
        let name = cell(&row.category);
        let _ = writeln!(out, "| {name} | {} | {top1} | {category} | {} |", row.n, plain(row.mrr));
    }
    let _ = writeln!(out, "\n| photo | rank | best caption | cosine | confidence |\n|---|---|---|---|---|");
    for image in &clip.images {
        let rank = image.rank.map_or_else(|| "–".into(), |rank| rank.to_string());
        let best = image.top_k.first().map_or_else(
            || "| |".into(),
            |best| {
                let (caption, share) = (cell(&best.caption), confidence(best.confidence));
                format!("{} {caption} | {:.3} | {share}", mark(image, best), best.score)
            },
        );
        let _ = writeln!(out, "| {} | {rank} | {best} |", cell(&image.file));
    }
}

fn left_out(out: &mut String, report: &Report) {
    let dataset = &report.dataset;
    if !dataset.skipped.is_empty() {
        let _ = writeln!(out, "\n## Left out or incomplete\n\n| what | why |\n|---|---|");
        for skipped in &dataset.skipped {
            let _ = writeln!(out, "| {} | {} |", cell(&skipped.file), cell(&skipped.reason));
        }
    }
    if !dataset.truncated_captions.is_empty() {
        let _ = writeln!(out, "\n## Captions cut at the token limit\n");
        for caption in &dataset.truncated_captions {
            let _ = writeln!(out, "- {}", cell(caption));
        }
    }
    if let Some(timing) = report.timing {
        let _ = writeln!(out, "\n## Timing\n");
        table(out, rows::timing(timing));
    }
}

fn table<'a>(out: &mut String, rows: impl IntoIterator<Item = Row<'a>>) {
    let _ = writeln!(out, "| | |\n|---|---|");
    for row in rows {
        let part = if row.part { "– " } else { "" };
        let file = row.file.map(|file| format!(", {}", cell(file))).unwrap_or_default();
        let _ = writeln!(out, "| {part}{} | {}{file} |", row.name, row.value);
    }
    out.push('\n');
}

/// Escapes text so that it can neither leave its cell nor become markup, links included: GitHub makes one of `://` or `www.`
/// alone.
fn cell(text: &str) -> String {
    let mut out = String::new();
    let text = display_safe(text);
    for (at, c) in text.char_indices() {
        let (before, behind) = text.split_at(at);
        let www = || before.len() >= 3 && before.as_bytes()[at - 3..].eq_ignore_ascii_case(b"www");
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' => {
                out.push('\\');
                out.push(c);
            }
            ':' if behind.starts_with("://") => out.push_str("\\:"),
            '.' if www() => out.push_str("\\."),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn a_cell_cannot_be_left() {
        assert_eq!(cell("a|b <i>&`\x07"), "a\\|b &lt;i&gt;&amp;\\`⟨U+0007⟩");
        assert_eq!(cell("~~x~~ 1:2."), "\\~\\~x\\~\\~ 1:2.");
        assert_eq!(cell("http://x.y WWW.x.y 飛w.x"), "http\\://x.y WWW\\.x.y 飛w.x");
    }
}
