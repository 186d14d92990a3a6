//! The numbers of each approach as named rows, with the same words in the text and the Markdown report.

use super::contents::Timing;
use super::display::{count, plain, share, with_p};
use clipscope_analysis::retrieval::{Direction, R_AT};
use clipscope_analysis::{Bridge, Retrieval, Structure, TwoAfc};

/// A number and its name.
pub(super) struct Row<'a> {
    pub name: String,
    pub value: String,
    /// A part of the number in the row before.
    pub part: bool,
    /// The photo concerned, not yet safe to display.
    pub file: Option<&'a str>,
}

fn row<'a>(name: impl Into<String>, value: String) -> Row<'a> {
    Row { name: name.into(), value, part: false, file: None }
}

fn part<'a>(name: &str, value: String) -> Row<'a> {
    Row { part: true, ..row(name, value) }
}

pub(super) fn structure(found: &Structure) -> Vec<Row<'_>> {
    vec![
        row("intra-category cosine", plain(found.intra)),
        row("inter-category cosine", plain(found.inter)),
        row("separation", plain(found.separation)),
        row("AUC same category", format!("{}  (0.5 = chance)", plain(found.auc))),
        row("silhouette", plain(found.silhouette)),
        row("nearest in same category", share(found.nn_category_accuracy)),
    ]
}

/// The settings of the bridge, in sentences.
pub(super) fn bridge_settings(found: &Bridge) -> String {
    format!(
        "The {} largest cosines are kept and raised to the power {}; seed {}, {}.",
        found.kept_cosines(),
        found.power,
        found.seed,
        count(found.permutations, "permutation")
    )
}

pub(super) fn bridge(found: &Bridge) -> Vec<Row<'_>> {
    let knn = found.mutual_knn.as_ref().map_or_else(
        || plain(None),
        |knn| format!("{}  chance {:.3}  (k = {})", with_p(Some(knn.value), knn.p), knn.chance, knn.k),
    );
    let shuffled = &found.two_afc_unrelated;
    let range =
        shuffled.all_range.map(|[low, high]| format!("  95 % [{low:.2}, {high:.2}]")).unwrap_or_default();
    let mut rows = vec![
        row("unbiased linear CKA", with_p(found.cka_unbiased, found.cka_p)),
        row("RSA", with_p(found.rsa, found.rsa_p)),
        row("mutual k-NN", knn),
    ];
    rows.extend(two_afc(&found.two_afc));
    rows.extend([
        part(
            "with shuffled captions",
            format!("{}{range}  ({} shuffles)", plain(shuffled.all), shuffled.shuffles),
        ),
        row("held out, one per category", share(found.holdout.as_ref().map(|holdout| holdout.accuracy))),
    ]);
    rows
}

fn two_afc<'a>(found: &TwoAfc) -> [Row<'a>; 3] {
    [
        row("paired correctly (2-AFC)", share(found.all)),
        part("across categories", share(found.across)),
        part("within a category", share(found.within)),
    ]
}

pub(super) fn direction(found: &Direction) -> Vec<Row<'_>> {
    let recalls = R_AT.iter().zip(found.r_at).map(|(k, recall)| {
        let name = if *k == 1 { "top-1 (R@1)".into() } else { format!("R@{k}") };
        row(name, share(recall))
    });
    let others = [
        row("category top-1", share(found.category_top1)),
        row("MRR", plain(found.mrr)),
        row("median rank", plain(found.median_rank)),
    ];
    recalls.chain(others).collect()
}

/// The numbers of the shared space that belong to neither direction alone.
pub(super) fn both_directions(clip: &Retrieval) -> Vec<Row<'_>> {
    let mut rows: Vec<Row<'_>> = two_afc(&clip.two_afc).into();
    rows.push(row("group score", share(clip.group_score)));
    rows.push(row("mean margin", plain(clip.mean_margin)));
    if let Some(worst) = &clip.worst_image {
        let value = format!("{:.3}", worst.margin);
        rows.push(Row { file: Some(&worst.file), ..row("smallest margin", value) });
    }
    if let Some(null) = &clip.null_captions {
        rows.push(row("best null caption, mean", plain(null.mean)));
        rows.push(row("own beats every null", share(null.beaten)));
    }
    rows
}

pub(super) fn timing<'a>(timing: Timing) -> [Row<'a>; 3] {
    [
        row("embedding", format!("{:.2} s", timing.embedding_s)),
        row("analysis", format!("{:.2} s", timing.analysis_s)),
        row("from the cache", format!("{} of {}", timing.cached, timing.cached + timing.computed)),
    ]
}
