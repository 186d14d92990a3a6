//! The report as Markdown, for issues, wikis and notebooks.

use std::fmt::Write as _;

use super::Report;
use super::number::{plain, share};
use crate::analysis::Structure;
use crate::analysis::retrieval::{Direction, R_AT};
use crate::display_safe::display_safe;

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
    if let (Some(pre_clip), Some(bridge), Some(clip)) = (&found.pre_clip, &found.bridge, &found.clip) {
        let _ = writeln!(out, "## What changed\n\n| approach | question | share |\n|---|---|---|");
        for row in super::answer_rows(pre_clip, bridge, clip) {
            let _ = writeln!(out, "| {} | {} | {} |", row.approach, row.question, share(row.share));
        }
        out.push('\n');
    }
    if let Some(pre_clip) = &found.pre_clip {
        structures(&mut out, &pre_clip.image, &pre_clip.text);
    }
    if let Some(bridge) = &found.bridge {
        let rows = [
            ("unbiased linear CKA", format!("{}, p = {}", plain(bridge.cka_unbiased), plain(bridge.cka_p))),
            ("RSA", format!("{}, p = {}", plain(bridge.rsa), plain(bridge.rsa_p))),
            (
                "mutual k-NN",
                bridge.mutual_knn.as_ref().map_or_else(
                    || "not defined".into(),
                    |knn| format!("{:.3}, chance {:.3}, k = {}", knn.value, knn.chance, knn.k),
                ),
            ),
            ("2-AFC, leave two out", share(bridge.two_afc.all)),
            ("2-AFC across categories", share(bridge.two_afc.across)),
            ("2-AFC within a category", share(bridge.two_afc.within)),
            ("2-AFC on shuffled captions", plain(bridge.two_afc_unrelated.all)),
            ("hold-out, one a category", share(bridge.holdout.as_ref().map(|holdout| holdout.accuracy))),
        ];
        table(&mut out, "Bridge", &rows);
    }
    if let Some(clip) = &found.clip {
        table(&mut out, &format!("CLIP{stand_in}: image→text"), &direction(&clip.image_to_text));
        table(&mut out, &format!("CLIP{stand_in}: text→image"), &direction(&clip.text_to_image));
        let _ = writeln!(out, "| photo | rank | best caption | cosine |\n|---|---|---|---|");
        for image in &clip.images {
            let rank = image.rank.map_or_else(|| "–".into(), |rank| rank.to_string());
            let (caption, score) = image.top_k.first().map_or_else(
                || (String::new(), String::new()),
                |best| {
                    let mark = if best.correct { '✓' } else { '✗' };
                    (format!("{mark} {}", cell(&best.caption)), format!("{:.3}", best.score))
                },
            );
            let _ = writeln!(out, "| {} | {rank} | {caption} | {score} |", cell(&image.file));
        }
    }
    if !dataset.skipped.is_empty() {
        let _ = writeln!(out, "\n## Left out\n\n| what | why |\n|---|---|");
        for skipped in &dataset.skipped {
            let _ = writeln!(out, "| {} | {} |", cell(&skipped.file), cell(&skipped.reason));
        }
    }
    out
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

fn table(out: &mut String, title: &str, rows: &[(&str, String)]) {
    let _ = writeln!(out, "## {title}\n\n| | |\n|---|---|");
    for (name, value) in rows {
        let _ = writeln!(out, "| {name} | {value} |");
    }
    out.push('\n');
}

/// Text that can neither leave its cell nor become markup.
fn cell(text: &str) -> String {
    let mut out = String::new();
    for c in display_safe(text).chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' => {
                out.push('\\');
                out.push(c);
            }
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
    }
}
