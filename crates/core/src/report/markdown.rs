//! The report as Markdown, for issues, wikis and notebooks.

use std::fmt::Write as _;

use super::Report;
use super::number::{confidence, plain, share, with_p};
use super::text::mark;
use crate::comparison::{answer_rows, protocol};
use clipscope_analysis::retrieval::{Direction, R_AT};
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
    notes(&mut out, report);
    out
}

fn bridge(out: &mut String, found: &Bridge) {
    let unrelated = &found.two_afc_unrelated;
    let range =
        unrelated.all_range.map(|[low, high]| format!("  95 % [{low:.2}, {high:.2}]")).unwrap_or_default();
    let rows = [
        ("pairs of photo and first caption", found.items.to_string()),
        ("kept", format!("the {} largest cosines, to the power {}", found.kept_cosines(), found.power)),
        ("seed, permutations", format!("{}, {}", found.seed, found.permutations)),
        ("unbiased linear CKA", with_p(found.cka_unbiased, found.cka_p)),
        ("RSA", with_p(found.rsa, found.rsa_p)),
        (
            "mutual k-NN",
            found.mutual_knn.as_ref().map_or_else(
                || "not defined".into(),
                |knn| format!("{}, chance {:.3}, k = {}", with_p(Some(knn.value), knn.p), knn.chance, knn.k),
            ),
        ),
        ("one of two (2-AFC)", share(found.two_afc.all)),
        ("one of two across categories", share(found.two_afc.across)),
        ("one of two within a category", share(found.two_afc.within)),
        (
            "one of two on shuffled captions",
            format!("{}{range}, {} shuffles", plain(unrelated.all), unrelated.shuffles),
        ),
        ("hold-out, one a category", share(found.holdout.as_ref().map(|holdout| holdout.accuracy))),
    ];
    let _ = writeln!(out, "## Bridge\n\n{}\n", protocol(found));
    table(out, &rows);
}

fn retrieval(out: &mut String, clip: &Retrieval, stand_in: &str) {
    for (way, found) in [("image→text", &clip.image_to_text), ("text→image", &clip.text_to_image)] {
        let _ = writeln!(out, "## CLIP{stand_in}: {way}\n");
        table(out, &direction(found));
    }
    let mut rows = vec![
        ("one of two (2-AFC)", share(clip.two_afc.all)),
        ("one of two across categories", share(clip.two_afc.across)),
        ("one of two within a category", share(clip.two_afc.within)),
        ("group score", share(clip.group_score)),
        ("mean margin", plain(clip.mean_margin)),
    ];
    if let Some(worst) = &clip.worst_image {
        rows.push(("smallest margin", format!("{:.3}, {}", worst.margin, cell(&worst.file))));
    }
    if let Some(null) = &clip.null_captions {
        rows.push(("best null caption, mean", plain(null.mean)));
        rows.push(("own beats every null caption", share(null.beaten)));
    }
    let _ = writeln!(out, "## CLIP{stand_in}: both ways\n");
    table(out, &rows);

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

fn notes(out: &mut String, report: &Report) {
    let dataset = &report.dataset;
    if !dataset.skipped.is_empty() {
        let _ = writeln!(out, "\n## Left out or not taken as given\n\n| what | why |\n|---|---|");
        for skipped in &dataset.skipped {
            let _ = writeln!(out, "| {} | {} |", cell(&skipped.file), cell(&skipped.reason));
        }
    }
    if !dataset.truncated_captions.is_empty() {
        let _ = writeln!(out, "\n## Captions longer than a tower reads (the end was not seen)\n");
        for caption in &dataset.truncated_captions {
            let _ = writeln!(out, "- {}", cell(caption));
        }
    }
    if let Some(timing) = report.timing {
        let _ = writeln!(out, "\n## Timing\n");
        let rows = [
            ("embedding", format!("{:.2} s", timing.embedding_s)),
            ("analysis", format!("{:.2} s", timing.analysis_s)),
            ("from the cache", format!("{} of {}", timing.cached, timing.cached + timing.computed)),
        ];
        table(out, &rows);
    }
}

fn structures(out: &mut String, image: &Structure, text: &Structure) {
    let _ = writeln!(
        out,
        "## Pre-CLIP\n\n| | photos ({}-d) | captions ({}-d) |\n|---|---|---|",
        image.dim, text.dim
    );
    let mut row = |name: &str, of: fn(&Structure) -> String| {
        let _ = writeln!(out, "| {name} | {} | {} |", of(image), of(text));
    };
    row("intra-category cosine", |side| plain(side.intra));
    row("inter-category cosine", |side| plain(side.inter));
    row("separation", |side| plain(side.separation));
    row("AUC same category", |side| plain(side.auc));
    row("silhouette", |side| plain(side.silhouette));
    row("nearest has category", |side| share(side.nn_category_accuracy));
    out.push('\n');
}

fn direction(found: &Direction) -> Vec<(&'static str, String)> {
    const NAMES: [&str; 3] = ["top-1 (R@1)", "R@5", "R@10"];
    debug_assert_eq!(R_AT, [1, 5, 10]);
    let mut rows: Vec<(&'static str, String)> =
        NAMES.into_iter().zip(found.r_at).map(|(name, recall)| (name, share(recall))).collect();
    rows.push(("category top-1", share(found.category_top1)));
    rows.push(("MRR", plain(found.mrr)));
    rows.push(("median rank", plain(found.median_rank)));
    rows
}

fn table(out: &mut String, rows: &[(&str, String)]) {
    let _ = writeln!(out, "| | |\n|---|---|");
    for (name, value) in rows {
        let _ = writeln!(out, "| {name} | {value} |");
    }
    out.push('\n');
}

/// Text that can neither leave its cell nor become markup, also no link: `://` and `www.` alone make one on GitHub.
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
