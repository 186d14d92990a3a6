//! The choice between two pairs of photo and caption: which caption goes with which photo.
//!
//! Owns how these choices are counted, for the bridge and for the shared space. Must not see vectors.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use crate::intervals::Share;

/// Results of the pairing question (2-AFC) over all i < j: right if S_ii + S_jj > S_ij + S_ji, and a tie is wrong. Chance 0.5. Pairs
/// with the same caption text are not compared.
///
/// An item takes part in many comparisons, so they are not independent trials. The intervals are Wilson's for as many
/// trials as there are comparisons without a common item ([`DisjointPairs`]): for independent items the variance of the
/// share is never larger than that (Hoeffding, "A Class of Statistics with Asymptotically Normal Distribution", 1948,
/// theorem 5.2). They remain approximate, as Wilson's interval is and as all comparisons of the bridge share their
/// anchors. A simulation in `tests/numbers/properties.rs` checks that they cover 95 %.
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

/// The most comparisons that use no item twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DisjointPairs {
    pub all: usize,
    pub across: usize,
    pub within: usize,
}

impl DisjointPairs {
    pub fn of(categories: impl IntoIterator<Item = usize>) -> Self {
        let mut sizes = std::collections::BTreeMap::<usize, usize>::new();
        for category in categories {
            *sizes.entry(category).or_default() += 1;
        }
        let items: usize = sizes.values().sum();
        let largest = sizes.values().copied().max().unwrap_or(0);
        Self {
            all: items / 2,
            across: (items / 2).min(items - largest),
            within: sizes.values().map(|size| size / 2).sum(),
        }
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

/// Comparisons made and won, across and within categories.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counts {
    pub across: (usize, usize),
    pub within: (usize, usize),
    ties: usize,
}

impl Counts {
    pub fn add(&mut self, choice: Choice, same_category: bool) {
        if choice == Choice::NotDefined {
            return;
        }
        let count = if same_category { &mut self.within } else { &mut self.across };
        count.0 += usize::from(choice == Choice::Right);
        count.1 += 1;
        self.ties += usize::from(choice == Choice::Tie);
    }

    pub fn all(&self) -> (usize, usize) {
        (self.across.0 + self.within.0, self.across.1 + self.within.1)
    }

    pub fn summary(&self, disjoint: DisjointPairs) -> TwoAfc {
        let share = |(hits, n): (usize, usize), independent| Share::dependent(hits, n, independent, 0.5);
        TwoAfc {
            all: share(self.all(), disjoint.all),
            across: share(self.across, disjoint.across),
            within: share(self.within, disjoint.within),
            pairs: self.all().1,
            ties: self.ties,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn disjoint_pairs_use_no_item_twice() {
        let of = |sizes: &[usize]| {
            let categories =
                sizes.iter().enumerate().flat_map(|(category, &size)| std::iter::repeat_n(category, size));
            let found = DisjointPairs::of(categories);
            (found.all, found.across, found.within)
        };
        assert_eq!(of(&[4, 4, 4, 4, 4]), (10, 10, 10));
        assert_eq!(of(&[7, 1, 1]), (4, 2, 3));
        assert_eq!(of(&[1, 1, 1]), (1, 1, 0));
        assert_eq!(of(&[5]), (2, 0, 2));
        assert_eq!(of(&[]), (0, 0, 0));
    }
}
