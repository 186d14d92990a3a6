//! What matches the cursor best: the rows of the top-k panel.
//!
//! Rankings and confidences come from [`clipscope_analysis::retrieval`]; nothing is computed here.

use super::mistakes::others;
use super::state::App;
use crate::tui::approach::{Approach, AxisId};
use crate::tui::model::{Direction, GridId, Mark, RankedItem, RankedList, Results};
use clipscope_analysis::Share;
use clipscope_analysis::retrieval::{confidence, pessimistic_rank, top_k};
use clipscope_networks::Modality;

/// Most items in a list.
const LONGEST: usize = 200;

/// What a query is compared with.
struct Candidates<'a> {
    modality: Modality,
    /// The position of each in the collection.
    positions: &'a [usize],
    /// Which of them are right, ascending; empty when the query has no match of its own.
    own: &'a [usize],
}

impl App {
    /// Rebuilds the lists for the cursor.
    pub(super) fn rebuild_lists(&mut self) {
        if let Some(phrase) = self.phrase() {
            self.lists = vec![self.phrase_list(phrase)];
            return;
        }
        let Some(results) = self.first.results.clone() else {
            self.lists.clear();
            return;
        };
        let (row, col) = self.cursor;
        let lists = match self.approach {
            Approach::Images | Approach::Texts => vec![self.nearest(&results, row)],
            Approach::Bridge => vec![self.bridge_pairs(&results)],
            Approach::Clip => match self.direction {
                Direction::ImageToText => vec![self.captions_of(&results, row)],
                Direction::TextToImage => vec![self.photos_of(&results, col)],
                Direction::Both => vec![self.captions_of(&results, row), self.photos_of(&results, col)],
            },
        };
        self.lists = lists.into_iter().flatten().collect();
    }

    /// The scores of a row or a column with the whole collection.
    fn line(&self, results: &Results, axis: AxisId, place: usize) -> Option<Vec<f32>> {
        let (places, across) = match axis {
            AxisId::Rows => (results.rows(self.approach), self.approach.cols()),
            AxisId::Cols => (results.cols(self.approach), self.approach.rows()),
        };
        let position = places.position(place)?;
        if let Some(matrix) = results.matrix(self.approach) {
            return Some(match axis {
                AxisId::Rows => matrix.row(position).to_vec(),
                AxisId::Cols => (0..matrix.rows()).map(|row| matrix.get(row, position)).collect(),
            });
        }
        let looked = self.looked_up(GridId::main(self.approach))?;
        let scores = looked.result.as_ref().ok()?;
        let (wanted, line) = match axis {
            AxisId::Rows => (looked.request.row, &scores.row),
            AxisId::Cols => (looked.request.col, &scores.col),
        };
        let known = results.comparison.places(across).len();
        // A line of older numbers has another length or is another item's.
        line.as_ref().filter(|line| wanted == Some(place) && line.len() == known).cloned()
    }

    /// Captions for a photo in the shared space.
    fn captions_of(&self, results: &Results, photo: usize) -> Option<RankedList> {
        let clip = results.comparison.evaluation.clip.as_ref()?;
        let position = results.of(Modality::Image).position(photo)?;
        let result = clip.images.get(position)?;
        let items = match self.line(results, AxisId::Rows, photo) {
            Some(scores) => {
                // Captions with equal text count as one candidate.
                let collection = &results.comparison.collection;
                let captions: Vec<usize> =
                    (0..collection.texts()).map(|text| collection.caption_for(position, text)).collect();
                let scores: Vec<f32> = captions.iter().map(|&caption| scores[caption]).collect();
                let own = collection.texts_of(position);
                let candidates = Candidates { modality: Modality::Text, positions: &captions, own: &own };
                self.items(results, &scores, &candidates, photo, clip.logit_scale)
            }
            None => result
                .top_k
                .iter()
                .filter_map(|candidate| {
                    let place = results.place(Modality::Text, candidate.index)?;
                    Some(RankedItem {
                        modality: Modality::Text,
                        place,
                        score: candidate.score,
                        confidence: Some(candidate.confidence),
                        mark: match result.rank {
                            Some(_) => {
                                self.mark(candidate.correct, Modality::Text, place, Modality::Image, photo)
                            }
                            None => Mark::None,
                        },
                    })
                })
                .collect(),
        };
        let of = clip.image_to_text.candidates;
        Some(RankedList {
            title: "captions for the photo".into(),
            query: self.catalog.label(Modality::Image, photo).to_owned(),
            note: match result.rank {
                Some(rank) => format!("own caption: rank {rank} of {of}{}", margin(result.margin)),
                None => "the photo has no caption of its own".into(),
            },
            items,
        })
    }

    /// Photos for a caption in the shared space.
    fn photos_of(&self, results: &Results, caption: usize) -> Option<RankedList> {
        let clip = results.comparison.evaluation.clip.as_ref()?;
        let position = results.of(Modality::Text).position(caption)?;
        let result = clip.captions.get(position)?;
        let items = self.line(results, AxisId::Cols, caption).map(|scores| {
            let own = results.comparison.collection.positive_images(position);
            let photos: Vec<usize> = (0..scores.len()).collect();
            let candidates = Candidates { modality: Modality::Image, positions: &photos, own: &own };
            self.items(results, &scores, &candidates, caption, clip.logit_scale)
        });
        Some(RankedList {
            title: "photos for the caption".into(),
            query: self.catalog.label(Modality::Text, caption).to_owned(),
            note: format!(
                "own photo: rank {} of {}{}",
                result.rank,
                clip.text_to_image.candidates,
                margin(result.margin)
            ),
            items: items.unwrap_or_default(),
        })
    }

    /// The nearest others of the same modality.
    fn nearest(&self, results: &Results, place: usize) -> Option<RankedList> {
        let modality = self.approach.rows();
        let position = results.of(modality).position(place)?;
        let line = self.line(results, AxisId::Rows, place);
        let category = self.catalog.category_of(modality, place)?;
        let mut note = String::new();
        let mut items = Vec::new();
        if let Some(line) = line {
            let (scores, positions) = others(&line, position);
            let place_of = |other| results.place(modality, positions(other));
            let is_same = |place| self.catalog.category_of(modality, place) == Some(category);
            let same: Vec<usize> =
                (0..scores.len()).filter(|&other| place_of(other).is_some_and(is_same)).collect();
            note = match pessimistic_rank(&scores, &same) {
                Some(rank) => format!("nearest of its category: rank {rank} of {}", scores.len()),
                None => "the only one of its category".into(),
            };
            for other in top_k(&scores, LONGEST) {
                let Some(place) = place_of(other) else { continue };
                let mark = if is_same(place) { Mark::Right } else { Mark::Wrong };
                items.push(RankedItem { modality, place, score: scores[other], confidence: None, mark });
            }
        }
        let title = if modality == Modality::Image { "nearest photos" } else { "nearest captions" };
        let query = self.catalog.label(modality, place).to_owned();
        Some(RankedList { title: title.into(), query, note, items })
    }

    /// The pairs of the bridge, the worst first.
    fn bridge_pairs(&self, results: &Results) -> Option<RankedList> {
        let bridge = results.comparison.evaluation.bridge.as_ref()?;
        let shares: Vec<(usize, Share)> = bridge
            .images
            .iter()
            .filter_map(|pair| Some((results.place(Modality::Image, pair.index)?, pair.two_afc?)))
            .collect();
        let own = shares.iter().find(|(place, _)| *place == self.cursor.0);
        let scores: Vec<f32> = shares.iter().map(|(_, share)| -share.value as f32).collect();
        let items = top_k(&scores, LONGEST).into_iter().map(|index| {
            let (place, share) = shares[index];
            let mark = if share.value > share.chance { Mark::Right } else { Mark::Wrong };
            RankedItem { modality: Modality::Image, place, score: share.value as f32, confidence: None, mark }
        });
        Some(RankedList {
            title: "correct pairings, by pair".into(),
            query: self.catalog.label(Modality::Image, self.cursor.0).to_owned(),
            note: own.map_or_else(
                || "not among the pairs compared".into(),
                |(_, share)| {
                    format!(
                        "{:.2} of its pairings are correct, 95 % {:.2}–{:.2}, chance {:.2}",
                        share.value, share.lo, share.hi, share.chance
                    )
                },
            ),
            items: items.collect(),
        })
    }

    fn items(
        &self,
        results: &Results,
        scores: &[f32],
        candidates: &Candidates<'_>,
        query: usize,
        logit_scale: f32,
    ) -> Vec<RankedItem> {
        let confidences = confidence(scores, logit_scale);
        let modality = candidates.modality;
        let query_modality = if modality == Modality::Text { Modality::Image } else { Modality::Text };
        let item = |candidate: usize| {
            let place = results.place(modality, candidates.positions[candidate])?;
            let mark = if candidates.own.is_empty() {
                Mark::None
            } else {
                let correct = candidates.own.binary_search(&candidate).is_ok();
                self.mark(correct, modality, place, query_modality, query)
            };
            let (score, confidence) = (scores[candidate], Some(confidences[candidate]));
            Some(RankedItem { modality, place, score, confidence, mark })
        };
        top_k(scores, LONGEST).into_iter().filter_map(item).collect()
    }

    fn mark(
        &self,
        correct: bool,
        modality: Modality,
        place: usize,
        query_modality: Modality,
        query: usize,
    ) -> Mark {
        if correct {
            Mark::Right
        } else if self.catalog.category_of(modality, place) == self.catalog.category_of(query_modality, query)
        {
            Mark::SameCategory
        } else {
            Mark::Wrong
        }
    }
}

fn margin(margin: Option<f64>) -> String {
    margin.map_or_else(String::new, |margin| format!(", margin {margin:+.3}"))
}
