//! Every two photos with their first captions, in one shared space.
//!
//! Owns the group score and the two-alternative forced choice of the shared space. Must not rank.

use crate::choice::{Choice, Counts, TwoAfc};
use crate::collection::Collection;
use crate::dependence::{Shared, Tally, share_of_pairs};
use crate::error::AnalysisError;
use crate::intervals::Share;
use crate::kernel::cosine;
use crate::similarity::similarity;
use crate::vectors::Vectors;

/// Photos per tile. Two tiles of scores are held at a time, 8 MB.
const TILE: usize = 1_024;

pub(super) struct Compared {
    pub group_score: Option<Share>,
    pub two_afc: TwoAfc,
}

/// Compares every two photos that have a caption.
pub(super) fn compare(
    collection: &Collection,
    image: &Vectors,
    text: &Vectors,
) -> Result<Compared, AnalysisError> {
    compare_in_tiles(collection, image, text, TILE)
}

fn compare_in_tiles(
    collection: &Collection,
    image: &Vectors,
    text: &Vectors,
    tile: usize,
) -> Result<Compared, AnalysisError> {
    let (images, captions): (Vec<usize>, Vec<usize>) = (0..collection.images())
        .filter_map(|image| collection.first_caption(image).map(|caption| (image, caption)))
        .unzip();
    let n = images.len();
    let category = |item: usize| collection.image_category()[images[item]];
    let text_of = |item: usize| collection.text_of(captions[item]);
    let own: Vec<f32> =
        images.iter().zip(&captions).map(|(&i, &caption)| cosine(image.row(i), text.row(caption))).collect();
    let mut counts = Counts::new(n);
    let mut groups = vec![Tally::default(); n];
    for first in (0..n).step_by(tile) {
        let rows = first..(first + tile).min(n);
        let (x, y) = (image.select(&images[rows.clone()]), text.select(&captions[rows.clone()]));
        for second in (first..n).step_by(tile) {
            let cols = second..(second + tile).min(n);
            // S_ij, and S_ji.
            let forth = similarity(&x, &text.select(&captions[cols.clone()]))?;
            let back = similarity(&image.select(&images[cols.clone()]), &y)?;
            for i in rows.clone() {
                for j in cols.clone().filter(|&j| j > i) {
                    if text_of(i) == text_of(j) {
                        continue;
                    }
                    let (ij, ji) = (forth.get(i - first, j - second), back.get(j - second, i - first));
                    let all_prefer_own = ij.max(ji) < own[i].min(own[j]);
                    [i, j].into_iter().for_each(|item| groups[item].add(all_prefer_own));
                    let difference =
                        (f64::from(own[i]) + f64::from(own[j])) - (f64::from(ij) + f64::from(ji));
                    let choice = if difference > 0.0 {
                        Choice::Right
                    } else if difference < 0.0 {
                        Choice::Wrong
                    } else {
                        Choice::Tie
                    };
                    counts.add([i, j], choice, category(i) == category(j));
                }
            }
        }
    }
    Ok(Compared {
        group_score: share_of_pairs(groups, Shared::GROUP_SCORE, 1.0 / 6.0),
        two_afc: counts.summary(Shared::PAIRING),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(rows: &[[f32; 2]]) -> Vectors {
        Vectors::from_rows(2, rows.iter().map(<[f32; 2]>::as_slice)).unwrap()
    }

    fn collection(category: Vec<usize>, texts: &[&str]) -> Collection {
        let n = category.len();
        Collection::new(
            vec!["a".into(), "b".into()],
            (0..n).map(|i| i.to_string()).collect(),
            category,
            texts.iter().map(ToString::to_string).collect(),
            (0..texts.len()).collect(),
        )
        .unwrap()
    }

    #[test]
    fn the_sum_can_be_right_where_one_of_the_four_is_not() {
        // Photo 0 prefers caption 1 (0.8 over 0.6), but the sums say 0.6 + 1 > 0.8 + 0.
        let image = vectors(&[[0.6, 0.8], [0.0, 1.0]]);
        let text = vectors(&[[1.0, 0.0], [0.0, 1.0]]);
        let found = compare(&collection(vec![0, 0], &["x", "y"]), &image, &text).unwrap();
        assert_eq!(found.group_score.map(|share| (share.hits, share.n)), Some((0, 1)));
        let within = found.two_afc.within.unwrap();
        assert_eq!((within.hits, within.n, within.chance), (1, 1, 0.5));
        assert_eq!(found.two_afc.across, None);
    }

    #[test]
    fn equal_scores_tie_and_equal_texts_are_not_compared() {
        let same = vectors(&[[1.0, 0.0]; 3]);
        let found = compare(&collection(vec![0, 1, 0], &["x", "y", " x "]), &same, &same).unwrap();
        assert_eq!((found.two_afc.pairs, found.two_afc.ties), (2, 2));
        assert_eq!(found.two_afc.all.unwrap().hits, 0);
        assert_eq!(found.two_afc.within, None);
    }

    #[test]
    fn tiles_of_any_size_count_the_same() {
        let rows: Vec<[f32; 2]> =
            (0..23).map(|i| [(i * 7 % 11) as f32 - 4.5, (i * 5 % 13) as f32 - 6.2]).collect();
        let turned: Vec<[f32; 2]> = rows.iter().map(|[x, y]| [x + 0.4 * y, y - 0.3 * x]).collect();
        let texts: Vec<String> = (0..23).map(|i| format!("text {}", i % 20)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let collection = collection((0..23).map(|i| i % 2).collect(), &texts);
        let counted = |tile| {
            let found = compare_in_tiles(&collection, &vectors(&rows), &vectors(&turned), tile).unwrap();
            (found.two_afc, found.group_score)
        };
        let whole = counted(TILE);
        assert_eq!(whole.0.pairs, 23 * 22 / 2 - 3);
        for tile in [1, 4, 22, 23] {
            assert_eq!(counted(tile), whole, "{tile}");
        }
    }
}
