//! Matching captions to photos through relative representations.
//!
//! Owns the pairing question (2-AFC) (leave-two-out), the same on shuffled captions, and the hold-out of one pair per category.
//! Anchors come from [`Pairs`] only, and never include the pairs that are compared.

use rayon::prelude::*;

use super::options::Options;
use super::relative::{Relative, Sparse};
use super::result::{HoldOut, Unrelated};
use crate::choice::{Choice, Counts, TwoAfc};
use crate::dependence::{Shared, share_of_one_photo};
use crate::error::AnalysisError;
use crate::intervals::{Share, mean};
use crate::matrix::Matrix;
use crate::random::{Purpose, Random};
use crate::vectors::Vectors;

/// Smaller differences of scores are ties. Well above rounding errors, well below real differences.
const TIE: f64 = 1e-12;

/// Most shuffles of unrelated data.
const SHUFFLES: usize = 100;
/// Comparisons to spend on shuffles when there are many items.
const SHUFFLED_COMPARISONS: usize = 200_000;

/// Multiply-adds to spend on hold-out draws, whose cost grows with the square of the number of categories.
const HOLD_OUT_BUDGET: usize = 4_000_000_000;
const MIN_DRAWS: usize = 10;

/// The pairs without their vectors.
pub(super) struct Pairs {
    pub category: Vec<usize>,
    /// The number of each pair's text.
    pub text: Vec<usize>,
    /// The items that serve as anchors, ascending.
    pub anchors: Vec<usize>,
}

impl Pairs {
    fn len(&self) -> usize {
        self.category.len()
    }

    /// Whether any anchor is left without the items `compared` and those with the same texts.
    fn leaves_an_anchor(&self, compared: &[usize]) -> bool {
        let usable = |anchor: &usize| compared.iter().all(|&pair| self.text[pair] != self.text[*anchor]);
        self.anchors.iter().any(usable)
    }
}

pub(super) struct Matched {
    pub two_afc: TwoAfc,
    /// Share of right choices in the comparisons of each item.
    pub item_shares: Vec<Option<Share>>,
    pub grid: Option<Matrix>,
}

/// Compares every two items, with all others as anchors.
pub(super) fn leave_two_out(
    x: &Vectors,
    y: &Vectors,
    pairs: &Pairs,
    options: &Options,
    keep_grid: bool,
) -> Result<Matched, AnalysisError> {
    let n = pairs.len();
    let image = Relative::new(x, &pairs.text, &pairs.anchors, options.k, options.power, 1)?;
    let text = Relative::new(y, &pairs.text, &pairs.anchors, options.k, options.power, 1)?;
    let scores = if keep_grid { Scores::Kept } else { Scores::Dropped };
    let rows: Vec<Row> =
        (0..n).into_par_iter().map(|i| compare_with_later(i, &image, &text, pairs, scores)).collect();

    let counts = count(&rows, &pairs.category);
    let grid = keep_grid.then(|| {
        let mut grid = Matrix::zeros(n, n);
        let cells = grid.as_mut_slice();
        for (i, row) in rows.iter().enumerate() {
            cells[i * n + i] = row.own as f32;
            for (j, &(forth, back)) in (i + 1..n).zip(&row.scores) {
                cells[i * n + j] = forth as f32;
                cells[j * n + i] = back as f32;
            }
        }
        grid
    });
    Ok(Matched {
        item_shares: counts.of_items().into_iter().map(share_of_one_photo).collect(),
        two_afc: counts.summary(Shared::BRIDGE),
        grid,
    })
}

/// Whether the scores of single pairs are kept for the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scores {
    Kept,
    Dropped,
}

/// Comparisons of one item with all later ones.
struct Row {
    choices: Vec<Choice>,
    /// S_ij and S_ji, if the grid is kept.
    scores: Vec<(f64, f64)>,
    /// S_ii with all anchors but item i.
    own: f64,
}

/// The comparisons of all items, from those of each with later ones.
fn count(rows: &[Row], category: &[usize]) -> Counts {
    let mut counts = Counts::new(rows.len());
    for (i, row) in rows.iter().enumerate() {
        for (j, &choice) in (i + 1..rows.len()).zip(&row.choices) {
            counts.add([i, j], choice, category[i] == category[j]);
        }
    }
    counts
}

fn compare_with_later(i: usize, image: &Relative, text: &Relative, pairs: &Pairs, scores: Scores) -> Row {
    let n = pairs.len();
    let mut dense = vec![0.0; image.anchors()];
    let [mut photo, mut other_photo, mut caption, mut other_caption] = [const { Sparse::new() }; 4];
    let mut row = Row { choices: Vec::with_capacity(n - i - 1), scores: Vec::new(), own: 0.0 };
    image.of(i, &[], &mut photo);
    text.of(i, &[], &mut caption);
    photo.spread(&mut dense);
    row.own = caption.dot(&dense);
    photo.clear(&mut dense);
    for j in i + 1..n {
        image.of(i, &[j], &mut photo);
        image.of(j, &[i], &mut other_photo);
        text.of(i, &[j], &mut caption);
        text.of(j, &[i], &mut other_caption);
        photo.spread(&mut dense);
        let (ii, ij) = (caption.dot(&dense), other_caption.dot(&dense));
        photo.clear(&mut dense);
        other_photo.spread(&mut dense);
        let (ji, jj) = (caption.dot(&dense), other_caption.dot(&dense));
        other_photo.clear(&mut dense);
        let difference = (ii + jj) - (ij + ji);
        row.choices.push(if pairs.text[i] == pairs.text[j] || !pairs.leaves_an_anchor(&[i, j]) {
            Choice::NotDefined
        } else if difference.abs() <= TIE {
            Choice::Tie
        } else if difference > 0.0 {
            Choice::Right
        } else {
            Choice::Wrong
        });
        if scores == Scores::Kept {
            row.scores.push((ij, ji));
        }
    }
    row
}

/// The same comparisons after shuffling the captions among the photos. Exchanging two captions of a shuffle reverses the
/// answer for these two, and both shuffles are equally likely, so the expected share is exactly 0.5.
pub(super) fn unrelated(
    x: &Vectors,
    y: &Vectors,
    pairs: &Pairs,
    options: &Options,
) -> Result<Unrelated, AnalysisError> {
    let n = pairs.len();
    let comparisons = (n * n.saturating_sub(1) / 2).max(1);
    let shuffles = (SHUFFLED_COMPARISONS / comparisons).clamp(1, SHUFFLES);
    let mut all = Vec::new();
    let mut across = Vec::new();
    let mut within = Vec::new();
    for shuffle in 0..shuffles {
        let order = Random::stream(options.seed, Purpose::Unrelated, shuffle as u64).permutation(n);
        let shuffled = Pairs {
            category: pairs.category.clone(),
            text: order.iter().map(|&caption| pairs.text[caption]).collect(),
            anchors: pairs.anchors.clone(),
        };
        let image = Relative::new(x, &shuffled.text, &shuffled.anchors, options.k, options.power, 1)?;
        let y = y.select(&order);
        let text = Relative::new(&y, &shuffled.text, &shuffled.anchors, options.k, options.power, 1)?;
        let rows: Vec<Row> = (0..n)
            .into_par_iter()
            .map(|i| compare_with_later(i, &image, &text, &shuffled, Scores::Dropped))
            .collect();
        let found = count(&rows, &pairs.category).summary(Shared::BRIDGE);
        for (share, shares) in
            [(found.all, &mut all), (found.across, &mut across), (found.within, &mut within)]
        {
            shares.extend(share.map(|share| share.value));
        }
    }
    let means = [&all, &across, &within].map(|shares| mean(shares.iter().copied()));
    all.sort_unstable_by(f64::total_cmp);
    Ok(Unrelated {
        all: means[0],
        across: means[1],
        within: means[2],
        all_range: range(&all),
        shuffles: all.len(),
    })
}

/// The range that a further value falls into with a chance of 95 % or more: from the m-th smallest to the m-th largest of
/// `sorted`, m = 0.025 · (number of values + 1). `None` for so few values that m is 0.
fn range(sorted: &[f64]) -> Option<[f64; 2]> {
    let left_out = ((sorted.len() + 1) / 40).checked_sub(1)?;
    Some([sorted[left_out], sorted[sorted.len() - 1 - left_out]])
}

/// Holds out one pair of each category at a time. `None` with fewer than two categories, or without any anchor left.
pub(super) fn hold_out(
    x: &Vectors,
    y: &Vectors,
    pairs: &Pairs,
    options: &Options,
) -> Result<Option<HoldOut>, AnalysisError> {
    let members = members(&pairs.category);
    let categories = members.len();
    if categories < 2 || pairs.len() == categories {
        return Ok(None);
    }
    let possible =
        members.iter().try_fold(1u64, |product, members| product.checked_mul(members.len() as u64));
    // Up to twice the work, all draws are better than a sample with its noise.
    let every = possible.filter(|&possible| possible <= 2 * options.draws as u64);
    let per_draw = categories * categories * options.k.min(pairs.anchors.len()).max(1);
    let affordable = (HOLD_OUT_BUDGET / per_draw).max(MIN_DRAWS);
    let draws = every.map_or(options.draws, |possible| possible as usize).min(affordable);
    if draws == 0 {
        return Ok(None);
    }
    let every = every.filter(|&possible| possible == draws as u64);

    let image = Relative::new(x, &pairs.text, &pairs.anchors, options.k, options.power, categories - 1)?;
    let text = Relative::new(y, &pairs.text, &pairs.anchors, options.k, options.power, categories - 1)?;
    // Right choices in each draw, and the number of texts to choose from.
    let results: Vec<Option<(usize, usize)>> = (0..draws)
        .into_par_iter()
        .map(|draw| {
            let held = match every {
                Some(_) => numbered_draw(&members, draw),
                None => {
                    let mut random = Random::stream(options.seed, Purpose::HoldOut, draw as u64);
                    members.iter().map(|members| members[random.below(members.len())]).collect()
                }
            };
            pairs.leaves_an_anchor(&held).then(|| {
                let mut texts: Vec<usize> = held.iter().map(|&item| pairs.text[item]).collect();
                texts.sort_unstable();
                texts.dedup();
                (right_choices(&held, &image, &text, &pairs.text), texts.len())
            })
        })
        .collect();
    let draws = results.iter().flatten().count();
    let hits = results.iter().flatten().map(|(hits, _)| hits).sum();
    let Some(chance) = mean(results.iter().flatten().map(|(_, texts)| 1.0 / *texts as f64)) else {
        return Ok(None);
    };
    // Each photo is in many draws, and its choices are worth one trial.
    let trials = pairs.len().min(draws * categories);
    let accuracy = Share::worth(hits, draws * categories, trials as f64, chance);
    Ok(accuracy.map(|accuracy| HoldOut { accuracy, draws, possible_draws: possible, categories }))
}

/// The items of each category that has any, in the order of categories.
fn members(category: &[usize]) -> Vec<Vec<usize>> {
    let mut members = std::collections::BTreeMap::<usize, Vec<usize>>::new();
    for (item, &category) in category.iter().enumerate() {
        members.entry(category).or_default().push(item);
    }
    members.into_values().collect()
}

/// Draw number `draw`, counted like an odometer whose first wheel turns fastest.
fn numbered_draw(members: &[Vec<usize>], mut draw: usize) -> Vec<usize> {
    members
        .iter()
        .map(|members| {
            let item = members[draw % members.len()];
            draw /= members.len();
            item
        })
        .collect()
}

/// The number of held-out photos whose own text scores above every other held-out text.
fn right_choices(held: &[usize], image: &Relative, text: &Relative, text_of: &[usize]) -> usize {
    let mut dense = vec![0.0; image.anchors()];
    let mut photo = Sparse::new();
    let captions: Vec<Sparse> = held
        .iter()
        .map(|&item| {
            let mut caption = Sparse::new();
            text.of(item, held, &mut caption);
            caption
        })
        .collect();
    let mut right = 0;
    for &item in held {
        image.of(item, held, &mut photo);
        photo.spread(&mut dense);
        let (mut own, mut other) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        for (&candidate, caption) in held.iter().zip(&captions) {
            let score = caption.dot(&dense);
            if text_of[candidate] == text_of[item] { own = own.max(score) } else { other = other.max(score) }
        }
        right += usize::from(own > other + TIE);
        photo.clear(&mut dense);
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_a_further_value_as_often_as_it_says() {
        for (values, places) in [(38, None), (39, Some([0, 38])), (40, Some([0, 39])), (100, Some([1, 98]))] {
            let sorted: Vec<f64> = (0..values).map(f64::from).collect();
            assert_eq!(range(&sorted), places.map(|places| places.map(f64::from)));
            // A further value is equally likely to fall into each of the gaps between them.
            if let Some([low, high]) = places {
                assert!(f64::from(high - low) / f64::from(values + 1) >= 0.95 - 1e-12);
            }
        }
    }

    #[test]
    fn every_draw_takes_one_of_each_category_once() {
        let members = members(&[3, 1, 3, 1, 1, 9]);
        assert_eq!(members, [vec![1, 3, 4], vec![0, 2], vec![5]]);
        let mut draws: Vec<Vec<usize>> = (0..6).map(|draw| numbered_draw(&members, draw)).collect();
        draws.sort();
        draws.dedup();
        assert_eq!(draws.len(), 6);
        for draw in draws {
            assert!(draw.iter().zip(&members).all(|(item, members)| members.contains(item)));
        }
    }
}
