//! Shares over all queries of one direction, and over the photos of each category.
//!
//! Owns the summary of counted ranks. Must not see scores.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::scan::Query;
use crate::collection::Collection;
use crate::dependence::{Match, share_of_groups, share_of_matches, tallies};
use crate::intervals::{Share, chance_within, mean};

/// The cut-offs of recall@k.
pub const R_AT: [usize; 3] = [1, 5, 10];

/// Whose photos and texts are, in the numbers of [`Collection::owner_sets`].
pub(super) struct Owners {
    photos: Vec<usize>,
    texts: Vec<usize>,
}

impl Owners {
    pub(super) fn new(collection: &Collection) -> Self {
        Self { photos: (0..collection.images()).collect(), texts: collection.owner_sets() }
    }

    /// With photos as queries.
    pub(super) fn photos(&self) -> Sides<'_> {
        Sides { queries: &self.photos, candidates: &self.texts }
    }

    /// With texts as queries.
    pub(super) fn texts(&self) -> Sides<'_> {
        Sides { queries: &self.texts, candidates: &self.photos }
    }
}

/// Whose queries and candidates are: queries of one number are no independent trials.
pub(super) struct Sides<'a> {
    pub queries: &'a [usize],
    pub candidates: &'a [usize],
}

/// How often queries of one modality find their own in the other. Queries without a positive are not counted. Shares and
/// means are `None` without queries. Captions of one photo are queries of one group: the intervals count photos as far as the
/// captions of a photo hit or miss together.
#[derive(Debug, Clone, PartialEq)]
pub struct Direction {
    /// Number of queries.
    pub n: usize,
    /// Number of candidates of each query.
    pub candidates: usize,
    /// Share of queries with rank 1.
    pub top1: Option<Share>,
    /// Share of queries with rank ≤ k, for each k of [`R_AT`]. A query is a hit or none, as in CLIP_benchmark. The chance level
    /// is exact for the number of positives of each query.
    pub r_at: [Option<Share>; 3],
    /// Mean of 1/rank, without a cut-off.
    pub mrr: Option<f64>,
    /// The mean of the two middle ranks for even `n`.
    pub median_rank: Option<f64>,
    /// Share of queries whose best candidate is of their category. A tie with another category is a miss.
    pub category_top1: Option<Share>,
}

impl Direction {
    pub(super) fn new(queries: &[&Query], sides: &Sides<'_>, candidates: usize) -> Self {
        let counted: Vec<(&Query, usize, usize)> = queries
            .iter()
            .zip(sides.queries)
            .filter_map(|(&query, &group)| query.rank.map(|rank| (query, rank, group)))
            .collect();
        let groups = sides.queries.iter().chain(sides.candidates).max().map_or(0, |last| last + 1);
        let share = |is_hit: &dyn Fn(&Query, usize) -> bool, chance: Option<f64>| {
            let trials = counted.iter().map(|&(query, rank, group)| (group, is_hit(query, rank)));
            share_of_groups(tallies(groups, trials), chance?)
        };
        let share_within = |k: usize| {
            let chances = counted.iter().map(|(query, ..)| chance_within(k, query.positives, candidates));
            share(&|_, rank| rank <= k, mean(chances))
        };
        let matches: Vec<Match> = counted
            .iter()
            .map(|&(query, _, group)| Match {
                group,
                of: sides.candidates[query.best],
                hit: query.category_correct,
            })
            .collect();
        let category_chance = mean(counted.iter().map(|(query, ..)| query.category_chance));
        Self {
            n: counted.len(),
            candidates,
            top1: share_within(1),
            r_at: R_AT.map(share_within),
            mrr: mean(counted.iter().map(|(_, rank, _)| 1.0 / *rank as f64)),
            median_rank: median(counted.iter().map(|(_, rank, _)| *rank).collect()),
            category_top1: category_chance.and_then(|chance| share_of_matches(groups, &matches, chance)),
        }
    }
}

impl Serialize for Direction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (top1, category) = (self.top1, self.category_top1);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("n", &self.n)?;
        map.serialize_entry("candidates", &self.candidates)?;
        map.serialize_entry("top1", &top1.map(|share| share.value))?;
        map.serialize_entry("top1_ci", &top1.map(|share| share.interval()))?;
        map.serialize_entry("top1_hits", &top1.map(|share| share.hits))?;
        map.serialize_entry("chance", &top1.map(|share| share.chance))?;
        map.serialize_entry("r_at", &ByK(self.r_at.map(|share| share.map(|share| share.value))))?;
        map.serialize_entry("r_at_ci", &ByK(self.r_at.map(|share| share.map(|share| share.interval()))))?;
        map.serialize_entry("r_at_hits", &ByK(self.r_at.map(|share| share.map(|share| share.hits))))?;
        map.serialize_entry("r_at_chance", &ByK(self.r_at.map(|share| share.map(|share| share.chance))))?;
        map.serialize_entry("mrr", &self.mrr)?;
        map.serialize_entry("median_rank", &self.median_rank)?;
        map.serialize_entry("category_top1", &category.map(|share| share.value))?;
        map.serialize_entry("category_top1_ci", &category.map(|share| share.interval()))?;
        map.serialize_entry("category_top1_hits", &category.map(|share| share.hits))?;
        map.serialize_entry("category_chance", &category.map(|share| share.chance))?;
        map.end()
    }
}

/// A JSON object with the keys of [`R_AT`], in that order.
struct ByK<T>([T; 3]);

impl<T: Serialize> Serialize for ByK<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(R_AT.len()))?;
        for (k, value) in R_AT.iter().zip(&self.0) {
            map.serialize_entry(&k.to_string(), value)?;
        }
        map.end()
    }
}

/// The photos of one category as queries.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoryRetrieval {
    pub category: String,
    /// Number of photos.
    pub n: usize,
    /// This and the following as in [`Direction`], over these photos.
    pub top1: Option<Share>,
    pub category_top1: Option<Share>,
    pub mrr: Option<f64>,
}

impl CategoryRetrieval {
    /// One entry for each category that has photos, in the order of the category list.
    pub(super) fn all(collection: &Collection, owners: &Owners, images: &[&Query]) -> Vec<Self> {
        let mut of_category = vec![(Vec::new(), Vec::new()); collection.categories().len()];
        for ((&category, &query), &photo) in
            collection.image_category().iter().zip(images).zip(&owners.photos)
        {
            of_category[category].0.push(query);
            of_category[category].1.push(photo);
        }
        let named = collection.categories().iter().zip(&of_category);
        named
            .filter(|(_, (queries, _))| !queries.is_empty())
            .map(|(category, (queries, photos))| {
                let sides = Sides { queries: photos, candidates: &owners.texts };
                let direction = Direction::new(queries, &sides, collection.texts());
                Self {
                    category: category.clone(),
                    n: direction.n,
                    top1: direction.top1,
                    category_top1: direction.category_top1,
                    mrr: direction.mrr,
                }
            })
            .collect()
    }
}

impl Serialize for CategoryRetrieval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("category", &self.category)?;
        map.serialize_entry("n", &self.n)?;
        map.serialize_entry("top1", &self.top1.map(|share| share.value))?;
        map.serialize_entry("top1_ci", &self.top1.map(|share| share.interval()))?;
        map.serialize_entry("chance", &self.top1.map(|share| share.chance))?;
        map.serialize_entry("category_top1", &self.category_top1.map(|share| share.value))?;
        map.serialize_entry("category_top1_ci", &self.category_top1.map(|share| share.interval()))?;
        map.serialize_entry("category_chance", &self.category_top1.map(|share| share.chance))?;
        map.serialize_entry("mrr", &self.mrr)?;
        map.end()
    }
}

fn median(mut ranks: Vec<usize>) -> Option<f64> {
    ranks.sort_unstable();
    let upper = *ranks.get(ranks.len() / 2)?;
    let lower = ranks[(ranks.len() - 1) / 2];
    Some((lower + upper) as f64 / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(rank: Option<usize>) -> Query {
        Query {
            positives: 1,
            rank,
            category_correct: rank == Some(1),
            category_chance: 0.25,
            ..Query::default()
        }
    }

    fn sides(queries: &[usize]) -> Sides<'_> {
        Sides { queries, candidates: &[0] }
    }

    #[test]
    fn queries_without_a_positive_are_not_counted() {
        let queries = [query(Some(1)), query(None), query(Some(4))];
        let direction = Direction::new(&queries.iter().collect::<Vec<_>>(), &sides(&[0, 1, 2]), 8);
        assert_eq!((direction.n, direction.candidates), (2, 8));
        let shares = direction.r_at.map(|share| share.map(|share| (share.hits, share.n, share.chance)));
        assert_eq!(shares, [Some((1, 2, 0.125)), Some((2, 2, 0.625)), Some((2, 2, 1.0))]);
        assert_eq!(direction.mrr, Some(0.625));
        assert_eq!(direction.median_rank, Some(2.5));
        assert_eq!(direction.category_top1.unwrap().chance, 0.25);
    }

    #[test]
    fn captions_of_one_photo_are_one_group() {
        let queries: Vec<Query> = (0..40).map(|i| query(Some(if i / 5 < 4 { 1 } else { 9 }))).collect();
        let queries: Vec<&Query> = queries.iter().collect();
        let by_photo: Vec<usize> = (0..40).map(|i| i / 5).collect();
        let apart: Vec<usize> = (0..40).collect();
        let [together, apart] =
            [by_photo, apart].map(|groups| Direction::new(&queries, &sides(&groups), 8).top1.unwrap());
        assert_eq!((together.hits, together.n, together.value), (20, 40, apart.value));
        assert_eq!(apart.independent, 40.0);
        assert!((together.independent - 8.0).abs() < 1e-9, "{}", together.independent);
    }

    #[test]
    fn no_queries_give_null() {
        let json = serde_json::to_value(Direction::new(&[], &sides(&[]), 3)).unwrap();
        for key in ["top1", "top1_ci", "chance", "mrr", "median_rank", "category_top1"] {
            assert!(json[key].is_null(), "{key}");
        }
        assert!(json["r_at"]["10"].is_null());
    }

    #[test]
    fn the_median_of_an_even_number_of_ranks_is_the_mean_of_the_middle_two() {
        assert_eq!(median(vec![5, 1, 3]), Some(3.0));
        assert_eq!(median(vec![4, 1]), Some(2.5));
        assert_eq!(median(vec![]), None);
    }
}
