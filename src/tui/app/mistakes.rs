//! From one wrong match to the next.

use super::{App, Direction};
use crate::tui::Approach;
use clipscope_analysis::retrieval::{best, pessimistic_rank};
use clipscope_networks::Modality;

impl App {
    /// Moves the cursor to the next (or previous) item whose best match is wrong, around the end.
    pub(super) fn seek_mistake(&mut self, forward: bool) {
        let Some(results) = self.results.clone() else {
            self.say("nothing is compared yet");
            return;
        };
        let along_cols = self.approach == Approach::Clip && self.direction == Direction::TextToImage;
        let (axis, current) =
            if along_cols { (&self.cols, self.cursor.1) } else { (&self.rows, self.cursor.0) };
        let count = axis.len();
        let start = axis.position(current).unwrap_or(0);
        let found = (1..=count)
            .map(|step| if forward { start + step } else { start + count - step } % count)
            .map(|position| axis.places[position])
            .find(|&place| self.is_mistake(&results, place, along_cols));
        let Some(place) = found else {
            let known = self.approach == Approach::Bridge || !results.lacks_matrix(self.approach);
            self.say(if known || self.approach == Approach::Clip {
                "no mistake here"
            } else {
                "too many items to know the nearest of each; the panel of numbers has their share"
            });
            return;
        };
        let only = found == Some(current);
        self.cursor = if along_cols {
            (self.best_partner(&results, place, true).unwrap_or(self.cursor.0), place)
        } else {
            (place, self.best_partner(&results, place, false).unwrap_or(self.cursor.1))
        };
        if only {
            self.say("this is the only mistake");
        }
    }

    /// Whether the best match of an item is wrong. In the bridge: whether its two-alternative choices are right no more
    /// often than by chance.
    fn is_mistake(&self, results: &super::Results, place: usize, caption: bool) -> bool {
        let evaluation = &results.comparison.evaluation;
        match self.approach {
            Approach::Clip => {
                let Some(clip) = &evaluation.clip else { return false };
                let modality = if caption { Modality::Text } else { Modality::Image };
                let Some(position) = results.of(modality).position(place) else { return false };
                if caption {
                    clip.captions.get(position).is_some_and(|caption| caption.rank > 1)
                } else {
                    clip.images.get(position).and_then(|image| image.rank).is_some_and(|rank| rank > 1)
                }
            }
            Approach::Bridge => {
                let Some(bridge) = &evaluation.bridge else { return false };
                let position = results.rows(Approach::Bridge).position(place);
                position
                    .and_then(|position| bridge.images[position].two_afc)
                    .is_some_and(|share| share.value <= share.chance)
            }
            Approach::Images | Approach::Texts => {
                let modality = self.approach.rows();
                let Some(position) = results.of(modality).position(place) else { return false };
                let Some(matrix) = results.matrix(self.approach) else { return false };
                let (scores, places) = others(matrix.row(position), position);
                let category = self.catalog.category_of(modality, place);
                let same: Vec<usize> = (0..scores.len())
                    .filter(|&other| {
                        let other = results.place(modality, places(other));
                        other.and_then(|other| self.catalog.category_of(modality, other)) == category
                    })
                    .collect();
                !scores.is_empty() && pessimistic_rank(&scores, &same) != Some(1)
            }
        }
    }

    /// What the item is matched with: the place of its best candidate.
    fn best_partner(&self, results: &super::Results, place: usize, caption: bool) -> Option<usize> {
        match self.approach {
            Approach::Bridge => self.catalog.partner(Modality::Text, place),
            Approach::Clip if caption => {
                let clip = results.comparison.evaluation.clip.as_ref()?;
                let position = results.of(Modality::Text).position(place)?;
                let file = &clip.captions.get(position)?.best_file;
                self.dataset.items.iter().position(|item| item.file == *file)
            }
            Approach::Clip => {
                let clip = results.comparison.evaluation.clip.as_ref()?;
                let position = results.of(Modality::Image).position(place)?;
                results.place(Modality::Text, clip.images.get(position)?.top_k.first()?.index)
            }
            Approach::Images | Approach::Texts => {
                let modality = self.approach.rows();
                let position = results.of(modality).position(place)?;
                let (scores, positions) = others(results.matrix(self.approach)?.row(position), position);
                results.place(modality, positions(best(&scores)?.0))
            }
        }
    }
}

/// The scores of an item with all others, and the way from a place in that list back to a position.
pub(super) fn others(scores: &[f32], itself: usize) -> (Vec<f32>, impl Fn(usize) -> usize) {
    let (before, after) = scores.split_at(itself.min(scores.len()));
    let rest = after.get(1..).unwrap_or_default();
    ([before, rest].concat(), move |other| other + usize::from(other >= itself))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_leave_the_item_itself_out() {
        let (scores, position) = others(&[0.1, 1.0, 0.3], 1);
        assert_eq!(scores, [0.1, 0.3]);
        assert_eq!((position(0), position(1)), (0, 2));
        assert_eq!(others(&[1.0], 0).0, [0.0f32; 0]);
    }
}
