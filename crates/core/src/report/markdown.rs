//! The report as Markdown, for issues, wikis and notebooks.

use std::fmt::Write as _;

use super::against::{self, Against};
use super::contents::{PhotoNote, Report};
use super::display::{self, NONE, confidence, mark, plain};
use super::missing::Contents;
use super::rows::{self, Missing, Row};
use crate::comparison::{protocol, telling};
use clipscope_analysis::{Bridge, PreClip, Retrieval, Share};
use clipscope_base::display_safe::display_safe;
use clipscope_base::words::count;
use clipscope_networks::Modality;

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    let dataset = &report.dataset;
    let stand_in = report.models.stand_in.map(|text| format!(" ({text})")).unwrap_or_default();
    // Writing to a `String` cannot fail, so the results of `writeln!` are dropped.
    let _ = writeln!(out, "# clipscope: {}\n", cell(&dataset.path));
    let _ = writeln!(
        out,
        "{}, {}, {}; models `{}`{stand_in} on {}.\n",
        count(dataset.images, "photo"),
        count(dataset.captions, "caption"),
        count(dataset.categories.len(), "category"),
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
    match report.nothing_to_compare() {
        Some(why) => {
            let _ = writeln!(out, "Nothing can be compared: {why}.\n");
        }
        None => numbers(&mut out, report, &stand_in),
    }
    if let Some(found) = &report.against {
        against(&mut out, report, found);
    }
    left_out(&mut out, report);
    out
}

fn numbers(out: &mut String, report: &Report, stand_in: &str) {
    let (found, contents) = (&report.evaluation, &report.contents);
    if let Some((answer, missing)) = rows::answers(report) {
        let _ = writeln!(out, "## What changed\n\n| approach | question | share |\n|---|---|---|");
        for row in answer {
            let _ = writeln!(out, "| {} | {} | {} |", row.approach, row.question, display::share(row.share));
        }
        out.push('\n');
        not_defined(out, &missing);
    }
    if let Some(pre_clip) = &found.pre_clip {
        structures(out, pre_clip, contents);
    }
    if let Some(found) = &found.bridge {
        bridge(out, found, contents);
    }
    if let Some(clip) = &found.clip {
        match contents.no_captions() {
            Some(why) => {
                let _ = writeln!(out, "## CLIP{stand_in}\n\nNot defined: {why}.\n");
            }
            None => retrieval(out, clip, contents, stand_in),
        }
    }
}

/// Photos and captions side by side. What neither has is in no row.
fn structures(out: &mut String, found: &PreClip, contents: &Contents) {
    let (image, text) = (&found.image, &found.text);
    let _ = writeln!(out, "## Pre-CLIP\n");
    let photos = rows::structure(image, contents, Modality::Image);
    let captions = rows::structure(text, contents, Modality::Text);
    if photos.iter().chain(&captions).any(|row| row.value.is_ok()) {
        let _ = writeln!(out, "| | photos ({}-d) | captions ({}-d) |\n|---|---|---|", image.dim, text.dim);
    }
    for (photos, captions) in photos.iter().zip(&captions) {
        let shown = |row: &Row<'_>| row.value.as_ref().map_or_else(|_| NONE.into(), ToString::to_string);
        if photos.value.is_ok() || captions.value.is_ok() {
            let _ = writeln!(out, "| {} | {} | {} |", photos.name, shown(photos), shown(captions));
        }
    }
    out.push('\n');
    for (what, rows) in [("Photos", photos), ("Captions", captions)] {
        let (there, missing) = rows::sorted(rows);
        for Missing { why, names } in missing {
            let names = if there.is_empty() { String::new() } else { format!(": {}", names.join(", ")) };
            let _ = writeln!(out, "{what}, not defined{names} ({why}).\n");
        }
    }
}

fn bridge(out: &mut String, found: &Bridge, contents: &Contents) {
    let _ = writeln!(out, "## Bridge\n");
    let rows = rows::bridge(found, contents);
    if rows.iter().any(|row| row.value.is_ok()) {
        let _ = writeln!(
            out,
            "{} of photo and first caption. {} {}\n",
            count(found.items, "pair"),
            protocol(found),
            rows::bridge_settings(found)
        );
    }
    table(out, rows);
}

fn retrieval(out: &mut String, clip: &Retrieval, contents: &Contents, stand_in: &str) {
    for (way, found, candidates) in
        [("image→text", &clip.image_to_text, "caption"), ("text→image", &clip.text_to_image, "photo")]
    {
        let _ = writeln!(out, "## CLIP{stand_in}: {way}\n");
        table(out, rows::direction(found, contents, candidates));
    }
    let _ = writeln!(out, "## CLIP{stand_in}: both directions\n");
    table(out, rows::both_directions(clip, contents));

    if rows::categories_differ(clip) {
        let _ = writeln!(out, "| category | queries | top-1 | category top-1 | MRR |\n|---|---|---|---|---|");
        for row in &clip.per_category {
            let top1 = telling(row.top1);
            let shown = |share: Option<Share>| share.map_or_else(|| NONE.into(), display::share);
            let mrr = row.mrr.filter(|_| top1.is_some()).map_or_else(|| NONE.into(), plain);
            let (name, category) = (cell(&row.category), shown(telling(row.category_top1)));
            let _ = writeln!(out, "| {name} | {} | {} | {category} | {mrr} |", row.n, shown(top1));
        }
        out.push('\n');
    }
    let _ = writeln!(out, "| photo | rank | best caption | cosine | confidence |\n|---|---|---|---|---|");
    for image in &clip.images {
        let rank = image.rank.map_or_else(|| NONE.into(), |rank| rank.to_string());
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

fn against(out: &mut String, report: &Report, found: &Against) {
    let _ = writeln!(out, "\n## {}\n", cell(&against::heading(found)));
    for remark in against::remarks(report, found) {
        let _ = writeln!(out, "{}\n", cell(&remark));
    }
    for (title, rows) in against::sections(found) {
        let _ = writeln!(out, "### {title}\n");
        table(out, rows);
    }
}

fn left_out(out: &mut String, report: &Report) {
    let dataset = &report.dataset;
    if !dataset.skipped.is_empty() {
        let _ = writeln!(out, "\n## Left out or incomplete\n\n| what | why |\n|---|---|");
        for skipped in &dataset.skipped {
            let _ = writeln!(out, "| {} | {} |", cell(&skipped.file), cell(&skipped.reason_behind_file()));
        }
    }
    if !dataset.truncated_captions.is_empty() {
        let _ = writeln!(out, "\n## Captions cut at the token limit\n");
        for caption in &dataset.truncated_captions {
            let _ = writeln!(out, "- {}", cell(caption));
        }
    }
    if !dataset.photo_notes.is_empty() {
        let _ = writeln!(out, "\n## Used, with a note\n\n| photo | note |\n|---|---|");
        for PhotoNote { file, note } in &dataset.photo_notes {
            let _ = writeln!(out, "| {} | {} |", cell(file), cell(note));
        }
    }
    if let Some(timing) = report.timing {
        let _ = writeln!(out, "\n## Timing\n");
        table(out, rows::timing(timing));
    }
}

/// The numbers there are as a table, then a paragraph for each reason why others are missing.
fn table(out: &mut String, rows: Vec<Row<'_>>) {
    let (there, missing) = rows::sorted(rows);
    if there.is_empty()
        && let [Missing { why, .. }] = missing.as_slice()
    {
        let _ = writeln!(out, "Not defined: {why}.\n");
        return;
    }
    if !there.is_empty() {
        let _ = writeln!(out, "| | |\n|---|---|");
        for (row, value) in &there {
            let part = if row.part { "– " } else { "" };
            let file = row.file.map(|file| format!(", {}", cell(file))).unwrap_or_default();
            let _ = writeln!(out, "| {part}{} | {value}{file} |", row.name);
        }
        out.push('\n');
    }
    not_defined(out, &missing);
}

fn not_defined(out: &mut String, missing: &[Missing]) {
    for Missing { why, names } in missing {
        let _ = writeln!(out, "Not defined: {} ({why}).\n", names.join(", "));
    }
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
