//! From one wrong match to the next.

use super::state::App;
use crate::tui::approach::{Approach, AxisId};
use crate::tui::model::{Direction, Results};
use clipscope_analysis::retrieval::{best, pessimistic_rank};
use clipscope_networks::Modality;

impl App {
    /// Moves the cursor to the next item whose best match is wrong, around the end.
    pub(super) fn next_mistake(&mut self) {
        self.seek_mistake(|start, count, step| (start + step) % count);
    }

    /// Moves the cursor to the previous item whose best match is wrong, around the start.
    pub(super) fn previous_mistake(&mut self) {
        self.seek_mistake(|start, count, step| (start + count - step) % count);
    }

    /// Moves the cursor to the first mistake on the way that `steps` describes: from the start position and the number of
    /// items to the position after so many steps.
    fn seek_mistake(&mut self, steps: impl Fn(usize, usize, usize) -> usize) {
        let Some(results) = self.first.results.clone() else {
            self.say("nothing is compared yet");
            return;
        };
        let captions = self.approach == Approach::Clip && self.direction == Direction::TextToImage;
        let (along, axis, current) = if captions {
            (AxisId::Cols, &self.cols, self.cursor.1)
        } else {
            (AxisId::Rows, &self.rows, self.cursor.0)
        };
        let count = axis.len();
        let start = axis.position(current).unwrap_or(0);
        let found = (1..=count)
            .map(|step| axis.places[steps(start, count, step)])
            .find(|&place| self.is_mistake(&results, along, place));
        let Some(place) = found else {
            let known = self.approach == Approach::Bridge || !results.lacks_matrix(self.approach);
            self.say(if known || self.approach == Approach::Clip {
                "no mistake here"
            } else {
                "too many items to know the nearest of each; the accuracy panel has their share"
            });
            return;
        };
        let only = found == Some(current);
        let partner = self.best_partner(&results, along, place);
        self.cursor = match along {
            AxisId::Rows => (place, partner.unwrap_or(self.cursor.1)),
            AxisId::Cols => (partner.unwrap_or(self.cursor.0), place),
        };
        if only {
            self.say("this is the only mistake");
        }
    }

    /// Whether the best match of an item is wrong. In the bridge: whether its pairings are correct no more often than by
    /// chance.
    fn is_mistake(&self, results: &Results, along: AxisId, place: usize) -> bool {
        let evaluation = &results.comparison.evaluation;
        match self.approach {
            Approach::Clip => {
                let Some(clip) = &evaluation.clip else { return false };
                let Some(position) = results.of(self.approach.along(along)).position(place) else {
                    return false;
                };
                let rank = match along {
                    AxisId::Rows => clip.images.get(position).and_then(|image| image.rank),
                    AxisId::Cols => clip.captions.get(position).map(|caption| caption.rank),
                };
                rank.is_some_and(|rank| rank > 1)
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

    /// The place of the item's best candidate.
    fn best_partner(&self, results: &Results, along: AxisId, place: usize) -> Option<usize> {
        match self.approach {
            Approach::Bridge => self.catalog.partner(Modality::Text, place),
            Approach::Clip if along == AxisId::Cols => {
                let clip = results.comparison.evaluation.clip.as_ref()?;
                let position = results.of(Modality::Text).position(place)?;
                let file = &clip.captions.get(position)?.best_file;
                self.dataset().items.iter().position(|item| item.file == *file)
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

/// The scores of an item with all others, and the position that each of them belongs to.
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
