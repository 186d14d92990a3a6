//! The numbers of each approach as named rows, with the same words in the text and the Markdown report.

use super::contents::{Report, Timing};
use super::display::{plain, share, with_p};
use super::missing::{Contents, Needs};
use crate::comparison::{answer_rows, telling};
use clipscope_analysis::retrieval::{CategoryRetrieval, Direction, R_AT};
use clipscope_analysis::{Bridge, Retrieval, Share, Structure, TwoAfc};
use clipscope_base::words::count;
use clipscope_networks::Modality;

/// A number and its name.
pub(super) struct Row<'a> {
    pub name: String,
    /// The number, or why there is none.
    pub value: Result<String, String>,
    /// A part of the number in the row before.
    pub part: bool,
    /// The photo concerned, not yet safe to display.
    pub file: Option<&'a str>,
}

fn row<'a>(name: impl Into<String>, value: Option<String>, why: impl FnOnce() -> String) -> Row<'a> {
    Row { name: name.into(), value: value.ok_or_else(why), part: false, file: None }
}

fn part<'a>(name: &str, value: Option<String>, why: impl FnOnce() -> String) -> Row<'a> {
    Row { part: true, ..row(name, value, why) }
}

/// A reason, and the names of the numbers that are missing for it.
pub(super) struct Missing {
    pub why: String,
    pub names: Vec<String>,
}

/// The numbers there are, and the others by their reason, in the order of the rows.
pub(super) fn sorted(rows: Vec<Row<'_>>) -> (Vec<(Row<'_>, String)>, Vec<Missing>) {
    let (mut there, mut missing) = (Vec::new(), Vec::<Missing>::new());
    // The reason of the last whole number, whose parts need not be named again.
    let mut whole = None;
    for row in rows {
        let why = match &row.value {
            Ok(value) => {
                let value = value.clone();
                if !row.part {
                    whole = None;
                }
                there.push((row, value));
                continue;
            }
            Err(why) => why.clone(),
        };
        if row.part && whole.as_ref() == Some(&why) {
            continue;
        }
        if !row.part {
            whole = Some(why.clone());
        }
        match missing.iter_mut().find(|missing| missing.why == why) {
            Some(missing) => missing.names.push(row.name),
            None => missing.push(Missing { why, names: vec![row.name] }),
        }
    }
    (there, missing)
}

pub(super) fn structure<'a>(found: &Structure, contents: &Contents, modality: Modality) -> Vec<Row<'a>> {
    let why = |needs| match modality {
        Modality::Image => contents.among_photos(needs),
        Modality::Text => contents.among_captions(needs),
    };
    // Equal captions have no structure, whatever the last bits of their vectors say.
    let known = modality == Modality::Image || contents.texts > 1;
    let number = |value: Option<f64>| value.filter(|_| known).map(plain);
    let nearest = telling(found.nn_category_accuracy).filter(|_| known);
    vec![
        row("intra-category cosine", number(found.intra), || why(Needs::Within)),
        row("inter-category cosine", number(found.inter), || why(Needs::Across)),
        row("separation", number(found.separation), || why(Needs::Both)),
        row("AUC same category", number(found.auc).map(|auc| format!("{auc}  (0.5 = chance)")), || {
            why(Needs::Both)
        }),
        row("silhouette", number(found.silhouette), || why(Needs::Both)),
        row("nearest in same category", nearest.map(share), || why(Needs::Both)),
    ]
}

/// The settings of the bridge, in sentences.
pub(super) fn bridge_settings(found: &Bridge) -> String {
    let kept = match found.kept_cosines() {
        1 => "The largest cosine is kept and raised".into(),
        kept => format!("The {kept} largest cosines are kept and raised"),
    };
    format!(
        "{kept} to the power {}; seed {}, {}.",
        found.power,
        found.seed,
        count(found.permutations, "permutation")
    )
}

pub(super) fn bridge<'a>(found: &Bridge, contents: &Contents) -> Vec<Row<'a>> {
    let why = |needs| contents.through_other_pairs(needs);
    let known = contents.no_bridge().is_none();
    let knn = found.mutual_knn.as_ref().filter(|knn| known && knn.chance < 1.0);
    let knn =
        knn.map(|knn| format!("{}  chance {:.3}  (k = {})", with_p(knn.value, knn.p), knn.chance, knn.k));
    let every_neighbor = || {
        contents.no_bridge().unwrap_or_else(|| {
            format!("with {}, every pair is a neighbor of every other", count(found.items, "pair"))
        })
    };
    let takes = |pairs: usize| {
        move || match found.items {
            items if known && items < pairs => format!("it takes {pairs} photos with captions"),
            _ => why(Needs::AnyPairs),
        }
    };
    let shuffled = &found.two_afc_unrelated;
    let range =
        shuffled.all_range.map(|[low, high]| format!("  95 % [{low:.2}, {high:.2}]")).unwrap_or_default();
    let shuffles = count(shuffled.shuffles, "shuffle");
    let mut rows = vec![
        row("unbiased linear CKA", found.cka_unbiased.map(|cka| with_p(cka, found.cka_p)), takes(4)),
        row("RSA", found.rsa.map(|rsa| with_p(rsa, found.rsa_p)), takes(3)),
        row("mutual k-NN", knn, every_neighbor),
    ];
    rows.extend(two_afc(&found.two_afc, why));
    rows.extend([
        part(
            "with shuffled captions",
            shuffled.all.map(|all| format!("{}{range}  ({shuffles})", plain(all))),
            || why(Needs::AnyPairs),
        ),
        row(
            "held out, one per category",
            telling(found.holdout.as_ref().map(|holdout| holdout.accuracy)).map(share),
            || why(Needs::Both),
        ),
    ]);
    rows
}

fn two_afc<'a>(found: &TwoAfc, why: impl Fn(Needs) -> String) -> [Row<'a>; 3] {
    [
        row("paired correctly (2-AFC)", found.all.map(share), || why(Needs::AnyPairs)),
        part("across categories", found.across.map(share), || why(Needs::Across)),
        part("within a category", found.within.map(share), || why(Needs::Within)),
    ]
}

/// `candidates`: what a query looks through, in the singular.
pub(super) fn direction<'a>(found: &Direction, contents: &Contents, candidates: &str) -> Vec<Row<'a>> {
    let few = |why: &str| format!("{why} {} to choose from", count(found.candidates, candidates));
    let nothing = || {
        if found.n == 0 {
            contents.between_both(Needs::AnyPairs)
        } else if found.candidates == 1 {
            few("there is only")
        } else {
            "every candidate is right".into()
        }
    };
    let ranked = telling(found.top1).is_some();
    let recalls = R_AT.iter().zip(found.r_at).map(|(k, recall)| {
        let name = if *k == 1 { "top-1 (R@1)".into() } else { format!("R@{k}") };
        row(name, telling(recall).map(share), || if ranked { few("there are only") } else { nothing() })
    });
    let number = |value: Option<f64>| value.filter(|_| ranked).map(plain);
    let others = [
        row("category top-1", telling(found.category_top1).map(share), || {
            if ranked { contents.between_both(Needs::Across) } else { nothing() }
        }),
        row("MRR", number(found.mrr), nothing),
        row("median rank", number(found.median_rank), nothing),
    ];
    recalls.chain(others).collect()
}

/// The numbers of the shared space that belong to neither direction alone.
pub(super) fn both_directions<'a>(clip: &'a Retrieval, contents: &Contents) -> Vec<Row<'a>> {
    let why = |needs| contents.between_both(needs);
    let any = || why(Needs::AnyPairs);
    let mut rows: Vec<Row<'_>> = two_afc(&clip.two_afc, why).into();
    rows.push(row("group score", clip.group_score.map(share), any));
    rows.push(row("mean margin", clip.mean_margin.map(plain), any));
    if let Some(worst) = &clip.worst_image {
        rows.push(Row { file: Some(&worst.file), ..row("smallest margin", Some(plain(worst.margin)), any) });
    }
    if let Some(null) = &clip.null_captions {
        let mean = null.mean.filter(|_| contents.captioned.count > 0);
        rows.push(row("best null caption, mean", mean.map(plain), any));
        rows.push(row("own beats every null", null.beaten.map(share), any));
    }
    rows
}

/// Whether numbers by category say more than those of all photos: there are several, and one of them has a number.
pub(super) fn categories_differ(clip: &Retrieval) -> bool {
    let telling_row = |row: &CategoryRetrieval| telling(row.top1).or(telling(row.category_top1)).is_some();
    clip.per_category.len() > 1 && clip.per_category.iter().any(telling_row)
}

/// One line of the answer to the project's question.
pub(super) struct Answer {
    /// `CLIP (stand-in)` where it is not CLIP.
    pub approach: String,
    pub question: &'static str,
    pub share: Share,
}

/// What each approach can tell, and what it cannot; `None` where nothing can be told, or not all approaches were asked for.
pub(super) fn answers(report: &Report) -> Option<(Vec<Answer>, Vec<Missing>)> {
    let contents = &report.contents;
    let rows = answer_rows(&report.evaluation)?;
    let (mut there, mut missing) = (Vec::new(), Vec::new());
    for found in rows {
        let approach = match (found.approach, report.models.stand_in) {
            ("CLIP", Some(_)) => "CLIP (stand-in)".to_owned(),
            (approach, _) => approach.to_owned(),
        };
        let needs = if found.name == "in category" { Needs::Within } else { Needs::AnyPairs };
        let why = || match (found.approach, found.name) {
            ("Pre-CLIP", "photos") => contents.among_photos(Needs::Both),
            ("Pre-CLIP", _) => contents.among_captions(Needs::Both),
            ("Bridge", _) => contents.through_other_pairs(needs),
            _ => contents.between_both(needs),
        };
        match found.share {
            Some(share) => there.push(Answer { approach, question: found.question, share }),
            None => {
                let value = Err(why());
                missing.push(Row {
                    name: format!("{approach} {}", found.name),
                    value,
                    part: false,
                    file: None,
                });
            }
        }
    }
    let (_, missing) = sorted(missing);
    (!there.is_empty()).then_some((there, missing))
}

pub(super) fn timing<'a>(timing: Timing) -> Vec<Row<'a>> {
    let row = |name: &str, value| Row { name: name.into(), value: Ok(value), part: false, file: None };
    vec![
        row("embedding", format!("{:.2} s", timing.embedding_s)),
        row("analysis", format!("{:.2} s", timing.analysis_s)),
        row("from the cache", format!("{} of {}", timing.cached, timing.cached + timing.computed)),
    ]
}
