//! Which items of two reports belong together, and what both say of them.

use std::collections::{BTreeMap, HashMap};
use std::num::NonZeroU32;

use serde::Serialize;

use super::old_report::{OldReport, ReportItems};
use super::{Against, AgainstClip, AgainstDirection, AgainstNull, OldLabel, Only, OnlyCaption};
use clipscope_analysis::Retrieval;
use clipscope_analysis::paired::{self, BootstrapOptions, Difference, Kind, Pair, PairedMetric};
use clipscope_analysis::retrieval::R_AT;

/// Compares the shared space of a report with that of one written before.
///
/// # Errors
/// When a number cannot be written as JSON, which no number of the analysis is.
pub(in crate::report) fn compare(old: &OldReport, new: &Retrieval) -> Result<Against, serde_json::Error> {
    let options = BootstrapOptions::default();
    let new = as_written(new)?;
    let (photos, only_photos) = pair(photos(&old.items), photos(&new));
    let (captions, only_captions) = pair(captions(&old.items), captions(&new));
    let [mut only_old, mut only_new] = [Only::default(), Only::default()];
    [only_old.photos, only_new.photos] = only_photos;
    [only_old.captions, only_new.captions] = only_captions.map(|keys| {
        keys.into_iter()
            .map(|key: CaptionKey| OnlyCaption {
                file: key.files.into_iter().next().unwrap_or_default(),
                caption: key.text,
            })
            .collect()
    });

    let mut clusters = HashMap::new();
    let mut cluster = |file: &str| {
        let next = clusters.len();
        *clusters.entry(file.to_owned()).or_insert(next)
    };
    let photos: Vec<Compared> =
        photos.into_iter().map(|(file, old, new)| Compared { cluster: cluster(&file), old, new }).collect();
    let captions: Vec<Compared> = captions
        .into_iter()
        .map(|(key, old, new)| {
            let file = key.files.first().map_or("", String::as_str);
            Compared { cluster: cluster(file), old, new }
        })
        .collect();

    let of_photos = paired::compare(
        &[
            hits(&photos, R_AT[0]),
            hits(&photos, R_AT[1]),
            hits(&photos, R_AT[2]),
            metric(Kind::Mean, &photos, QueryResult::reciprocal_rank),
            metric(Kind::Mean, &photos, |found| found.margin),
            metric(Kind::Share, &photos, |found| found.category_correct.map(share)),
            metric(Kind::Share, &photos, |found| found.beats_null.map(share)),
        ],
        &options,
    );
    let of_captions = paired::compare(
        &[
            hits(&captions, R_AT[0]),
            hits(&captions, R_AT[1]),
            hits(&captions, R_AT[2]),
            metric(Kind::Mean, &captions, QueryResult::reciprocal_rank),
            metric(Kind::Mean, &captions, |found| found.margin),
        ],
        &options,
    );
    // One result for each metric, in their order.
    let get = |found: &[Option<Difference>], place: usize| found.get(place).copied().flatten();
    let recalls = |found: &[Option<Difference>]| [0, 1, 2].map(|place| get(found, place));
    let written = &old.written;
    Ok(Against {
        old: OldLabel {
            report: old.path.clone(),
            dataset: written.dataset.path.clone(),
            models: written.models.set.clone(),
            stand_in: written.models.stand_in.clone(),
            towers: written.models.towers.clone(),
            captions: written.candidates[0],
            photos: written.candidates[1],
        },
        photos: photos.len(),
        captions: captions.len(),
        draws: options.draws,
        seed: options.seed,
        clip: AgainstClip {
            image_to_text: AgainstDirection {
                r_at: recalls(&of_photos),
                mrr: get(&of_photos, 3),
                category_top1: Some(get(&of_photos, 5)),
                mean_margin: None,
            },
            text_to_image: AgainstDirection {
                r_at: recalls(&of_captions),
                mrr: get(&of_captions, 3),
                category_top1: None,
                mean_margin: Some(get(&of_captions, 4)),
            },
            mean_margin: get(&of_photos, 4),
            null_captions: AgainstNull { beaten: get(&of_photos, 6) },
        },
        only_old,
        only_new,
    })
}

/// The results of single items as a reader of the JSON report gets them. A number that was written and read again may differ in
/// its last bit, so both sides make the same way.
fn as_written(clip: &Retrieval) -> Result<ReportItems, serde_json::Error> {
    #[derive(Serialize)]
    struct Items<'a> {
        images: &'a [clipscope_analysis::retrieval::ImageResult],
        captions: &'a [clipscope_analysis::retrieval::CaptionResult],
        null_captions: &'a Option<clipscope_analysis::NullCaptions>,
    }
    let Retrieval { images, captions, null_captions, .. } = clip;
    serde_json::from_str(&serde_json::to_string(&Items { images, captions, null_captions })?)
}

/// One query in one report.
#[derive(Debug, Clone, Copy)]
struct QueryResult {
    rank: NonZeroU32,
    margin: Option<f64>,
    category_correct: Option<bool>,
    /// Whether its own caption beats every null caption.
    beats_null: Option<bool>,
}

impl QueryResult {
    fn reciprocal_rank(&self) -> Option<f64> {
        Some(1.0 / f64::from(self.rank.get()))
    }
}

/// One query in both reports.
struct Compared {
    cluster: usize,
    old: QueryResult,
    new: QueryResult,
}

/// A caption as a query: its text with all photos that have it, ascending.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct CaptionKey {
    files: Vec<String>,
    text: String,
}

/// The photos that have a caption, by file.
fn photos(items: &ReportItems) -> Vec<(String, QueryResult)> {
    let scores = items.null_captions.as_ref().map_or(&[][..], |null| &null.best);
    let beats_null: HashMap<&str, bool> = scores
        .iter()
        .filter_map(|null| Some((null.file.as_str(), null.best_positive? > null.score)))
        .collect();
    items
        .images
        .iter()
        .filter_map(|photo| {
            let found = QueryResult {
                rank: photo.rank?,
                margin: photo.margin,
                category_correct: photo.category_correct,
                beats_null: beats_null.get(photo.file.as_str()).copied(),
            };
            Some((photo.file.clone(), found))
        })
        .collect()
}

/// The different captions. A text of several photos is one query and has one result.
fn captions(items: &ReportItems) -> Vec<(CaptionKey, QueryResult)> {
    let mut texts: BTreeMap<&str, (Vec<String>, QueryResult)> = BTreeMap::new();
    for caption in &items.captions {
        let found = QueryResult {
            rank: caption.rank,
            margin: caption.margin,
            category_correct: None,
            beats_null: None,
        };
        texts
            .entry(caption.caption.trim())
            .or_insert_with(|| (Vec::new(), found))
            .0
            .push(caption.file.clone());
    }
    texts
        .into_iter()
        .map(|(text, (mut files, found))| {
            files.sort_unstable();
            files.dedup();
            (CaptionKey { files, text: text.to_owned() }, found)
        })
        .collect()
}

/// The items of both reports in the order of the new one, and the keys that only the old and only the new one has.
#[expect(clippy::type_complexity, reason = "three lists of one call")]
fn pair<K: Clone + Eq + std::hash::Hash>(
    old: Vec<(K, QueryResult)>,
    new: Vec<(K, QueryResult)>,
) -> (Vec<(K, QueryResult, QueryResult)>, [Vec<K>; 2]) {
    let order: Vec<K> = old.iter().map(|(key, _)| key.clone()).collect();
    let mut old: HashMap<K, QueryResult> = old.into_iter().collect();
    let (mut both, mut only_new) = (Vec::new(), Vec::new());
    for (key, new) in new {
        match old.remove(&key) {
            Some(old) => both.push((key, old, new)),
            None => only_new.push(key),
        }
    }
    let only_old = order.into_iter().filter(|key| old.contains_key(key)).collect();
    (both, [only_old, only_new])
}

fn share(hit: bool) -> f64 {
    f64::from(u8::from(hit))
}

fn hits(items: &[Compared], k: usize) -> PairedMetric {
    metric(Kind::Share, items, |found| Some(share(found.rank.get() as usize <= k)))
}

/// The items for which both reports have the number.
fn metric(kind: Kind, items: &[Compared], of: impl Fn(&QueryResult) -> Option<f64>) -> PairedMetric {
    let pairs = items
        .iter()
        .filter_map(|item| Some(Pair { cluster: item.cluster, old: of(&item.old)?, new: of(&item.new)? }))
        .collect();
    PairedMetric { kind, pairs }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(json: &serde_json::Value) -> ReportItems {
        serde_json::from_value(json.clone()).unwrap()
    }

    #[test]
    fn a_text_of_several_photos_is_one_query_that_belongs_to_all_of_them() {
        let of = |files: [&str; 3]| {
            let caption =
                |text, file| serde_json::json!({"caption": text, "file": file, "rank": 2, "margin": null});
            captions(&items(&serde_json::json!({"images": [], "null_captions": null, "captions": [
                caption("a", files[0]), caption(" a\n", files[1]), caption("b", files[2])]})))
        };
        let found = of(["2.jpg", "1.jpg", "2.jpg"]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].0.files, ["1.jpg", "2.jpg"]);
        let (both, [only_old, only_new]) = pair(found, of(["1.jpg", "2.jpg", "2.jpg"]));
        assert_eq!((both.len(), only_old.len(), only_new.len()), (2, 0, 0));
        let (both, [only_old, only_new]) =
            pair(of(["2.jpg", "1.jpg", "2.jpg"]), of(["1.jpg", "3.jpg", "2.jpg"]));
        assert_eq!(both[0].0.text, "b");
        assert_eq!((only_old.len(), only_new[0].files[1].as_str()), (1, "3.jpg"));
    }

    #[test]
    fn photos_without_a_caption_are_no_queries() {
        let photo = |file, rank| serde_json::json!({"file": file, "rank": rank, "margin": 0.1, "category_correct": true});
        let found = photos(&items(&serde_json::json!({
            "images": [photo("a", Some(1)), photo("b", None)], "captions": [],
            "null_captions": {"best": [{"file": "a", "score": 0.2, "best_positive": 0.2}]}})));
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].0.as_str(), found[0].1.beats_null), ("a", Some(false)));
    }
}
