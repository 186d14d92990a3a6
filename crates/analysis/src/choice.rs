//! The choice between two pairs of photo and caption: which caption goes with which photo.
//!
//! Owns how these choices are counted, for the bridge and for the shared space. Must not see vectors.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::dependence::{Shared, Tally, share_of_pairs};
use crate::intervals::Share;

/// Results of the pairing question (2-AFC) over all i < j: right if S_ii + S_jj > S_ij + S_ji, and a tie is wrong. Chance 0.5. Pairs
/// with the same caption text are not compared.
///
/// A photo takes part in many comparisons, so they are not independent trials: the intervals count photos, as far as the
/// comparisons of one photo go right or wrong together (`dependence`).
#[derive(Debug, Clone, PartialEq)]
pub struct TwoAfc {
    /// Over all pairs of items.
    pub all: Option<Share>,
    /// Over pairs of different categories.
    pub across: Option<Share>,
    /// Over pairs of one category.
    pub within: Option<Share>,
    /// Number of comparisons.
    pub pairs: usize,
    /// Ties, which count as wrong.
    pub ties: usize,
}

impl Serialize for TwoAfc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let parts = [("all", self.all), ("across", self.across), ("within", self.within)];
        let mut map = serializer.serialize_map(None)?;
        for (key, share) in parts {
            map.serialize_entry(key, &share.map(|share| share.value))?;
        }
        map.serialize_entry("pairs", &self.pairs)?;
        map.serialize_entry("ties", &self.ties)?;
        map.serialize_entry("chance", &0.5)?;
        for (key, share) in parts {
            map.serialize_entry(&format!("{key}_ci"), &share.map(|share| share.interval()))?;
            map.serialize_entry(&format!("{key}_hits"), &share.map(|share| share.hits))?;
            map.serialize_entry(&format!("{key}_pairs"), &share.map_or(0, |share| share.n))?;
        }
        map.end()
    }
}

/// Outcome of one comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    Right,
    Wrong,
    Tie,
    /// The two captions are the same text, or no other pair is left to be an anchor.
    NotDefined,
}

/// Comparisons made and won, across and within categories, for each item.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    across: Vec<Tally>,
    within: Vec<Tally>,
    ties: usize,
}

impl Counts {
    pub fn new(items: usize) -> Self {
        Self { across: vec![Tally::default(); items], within: vec![Tally::default(); items], ties: 0 }
    }

    /// Adds the comparison of two items.
    pub fn add(&mut self, items: [usize; 2], choice: Choice, same_category: bool) {
        if choice == Choice::NotDefined {
            return;
        }
        let tallies = if same_category { &mut self.within } else { &mut self.across };
        items.into_iter().for_each(|item| tallies[item].add(choice == Choice::Right));
        self.ties += usize::from(choice == Choice::Tie);
    }

    /// The comparisons of each item.
    pub fn of_items(&self) -> Vec<Tally> {
        let both = self.across.iter().zip(&self.within);
        both.map(|(a, b)| Tally { hits: a.hits + b.hits, n: a.n + b.n }).collect()
    }

    pub fn summary(self, shared: Shared) -> TwoAfc {
        let share = |items| share_of_pairs(items, shared, 0.5);
        let all = share(self.of_items());
        TwoAfc {
            all,
            across: share(self.across),
            within: share(self.within),
            pairs: all.map_or(0, |all| all.n),
            ties: self.ties,
        }
    }
}
