//! The report for people.

use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::Report;
use super::number::{brief, confidence, plain, share, with_p};
use crate::comparison::{answer_rows, protocol};
use clipscope_analysis::retrieval::{Candidate, Direction, ImageResult, R_AT};
use clipscope_analysis::{Bridge, Retrieval, Structure, TwoAfc};
use clipscope_base::display_safe::display_safe;

const FILE_WIDTH: usize = 34;
const CAPTION_WIDTH: usize = 40;

pub(super) fn render(report: &Report) -> String {
    let mut out = String::new();
    head(&mut out, report);
    if let Some(pre_clip) = &report.evaluation.pre_clip {
        section(&mut out, "Pre-CLIP: each modality alone, its own network and its own space");
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
    let stand_in = report.models.stand_in.map(|text| format!(" ({text})")).unwrap_or_default();
    let _ =
        writeln!(out, "Models    {}{stand_in} on {}", report.models.set.name(), report.models.device.name());
    for tower in &report.models.towers {
        let _ = writeln!(
            out,
            "          {:<15} {}, {}-d",
            tower.role.name(),
            display_safe(&tower.name),
            tower.dim
        );
    }
}

fn section(out: &mut String, title: &str) {
    let _ = writeln!(out, "\n{title}\n{}", "─".repeat(title.width()));
}

fn line(out: &mut String, name: &str, value: &str) {
    let _ = writeln!(out, "  {name:<24} {value}");
}

fn structure(out: &mut String, what: &str, found: &Structure) {
    let _ = writeln!(out, "{what} ({}-d)", found.dim);
    line(out, "intra-category cosine", &plain(found.intra));
    line(out, "inter-category cosine", &plain(found.inter));
    line(out, "separation", &plain(found.separation));
    line(out, "AUC same category", &format!("{}  (0.5 = none)", plain(found.auc)));
    line(out, "silhouette", &plain(found.silhouette));
    line(out, "nearest has category", &share(found.nn_category_accuracy));
}

fn bridge(out: &mut String, found: &Bridge) {
    section(out, "Bridge: what the two incompatible spaces share, without training");
    let _ = writeln!(
        out,
        "{} of photo and first caption.\n{}\n\
         Kept are the {} largest cosines, to the power {}; seed {}, {}.",
        count(found.items, "pair"),
        protocol(found),
        found.kept_cosines(),
        found.power,
        found.seed,
        count(found.permutations, "permutation"),
    );
    line(out, "unbiased linear CKA", &with_p(found.cka_unbiased, found.cka_p));
    line(out, "RSA", &with_p(found.rsa, found.rsa_p));
    let knn = found.mutual_knn.as_ref().map_or_else(
        || "not defined".into(),
        |knn| format!("{}  chance {:.3}  (k = {})", with_p(Some(knn.value), knn.p), knn.chance, knn.k),
    );
    line(out, "mutual k-NN", &knn);
    two_afc(out, "one of two (2-AFC)", &found.two_afc);
    let unrelated = &found.two_afc_unrelated;
    let range =
        unrelated.all_range.map(|[low, high]| format!("  95 % [{low:.2}, {high:.2}]")).unwrap_or_default();
    let floor = format!("{}{range}  ({} shuffles)", plain(unrelated.all), unrelated.shuffles);
    line(out, "  on shuffled captions", &floor);
    line(out, "hold-out, one a category", &share(found.holdout.as_ref().map(|holdout| holdout.accuracy)));
}

fn two_afc(out: &mut String, name: &str, found: &TwoAfc) {
    line(out, name, &share(found.all));
    line(out, "  across categories", &share(found.across));
    line(out, "  within a category", &share(found.within));
}

/// What each approach can say, side by side: the project's question in numbers.
fn answer(out: &mut String, report: &Report) {
    let Some(rows) = answer_rows(&report.evaluation) else { return };
    section(out, "What changed");
    for row in rows {
        let _ = writeln!(out, "  {:<10} {}\n             {}", row.approach, row.question, share(row.share));
    }
}

fn direction(out: &mut String, what: &str, found: &Direction) {
    let _ = writeln!(out, "{what} ({} queries, {} candidates)", found.n, found.candidates);
    for (k, recall) in R_AT.iter().zip(found.r_at) {
        let name = if *k == 1 { "top-1 (R@1)".to_string() } else { format!("R@{k}") };
        line(out, &name, &share(recall));
    }
    line(out, "category top-1", &share(found.category_top1));
    line(out, "MRR", &plain(found.mrr));
    line(out, "median rank", &plain(found.median_rank));
}

fn retrieval(out: &mut String, clip: &Retrieval) {
    direction(out, "image→text", &clip.image_to_text);
    direction(out, "text→image", &clip.text_to_image);
    let _ = writeln!(out, "both ways");
    two_afc(out, "one of two (2-AFC)", &clip.two_afc);
    line(out, "group score", &share(clip.group_score));
    line(out, "mean margin", &plain(clip.mean_margin));
    if let Some(worst) = &clip.worst_image {
        line(out, "smallest margin", &format!("{:.3}  {}", worst.margin, display_safe(&worst.file)));
    }
    if let Some(null) = &clip.null_captions {
        line(out, "best null caption, mean", &plain(null.mean));
        line(out, "own beats every null", &share(null.beaten));
    }

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

/// Right or wrong; neither where the photo has no caption that could be found.
pub(super) fn mark(image: &ImageResult, best: &Candidate) -> char {
    match (image.rank, best.correct) {
        (None, _) => '–',
        (_, true) => '✓',
        (_, false) => '✗',
    }
}

fn left_out(out: &mut String, report: &Report) {
    let dataset = &report.dataset;
    if !dataset.skipped.is_empty() {
        section(out, &format!("Left out or not taken as given: {}", dataset.skipped.len()));
        for skipped in &dataset.skipped {
            let _ = writeln!(out, "  {}: {}", display_safe(&skipped.file), display_safe(&skipped.reason));
        }
    }
    if !dataset.truncated_captions.is_empty() {
        section(out, "Captions longer than a tower reads (the end was not seen)");
        for caption in &dataset.truncated_captions {
            let _ = writeln!(out, "  {}", fit(caption, 90).trim_end());
        }
    }
    if let Some(timing) = report.timing {
        section(out, "Timing");
        line(out, "embedding", &format!("{:.2} s", timing.embedding_s));
        line(out, "analysis", &format!("{:.2} s", timing.analysis_s));
        line(out, "from the cache", &format!("{} of {}", timing.cached, timing.cached + timing.computed));
    }
}

fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// Text made safe, then cut or padded to exactly `width` columns.
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
