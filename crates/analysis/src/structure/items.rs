//! What is compared inside one modality: photos, or the different texts of their captions.
//!
//! Owns which items are never a pair. Must not see vectors.

use crate::collection::Collection;

/// Items with a category each.
pub(super) struct Items {
    /// The row of each item's vector.
    pub rows: Vec<usize>,
    /// Labels `0..k` in order of first appearance.
    pub labels: Vec<usize>,
    /// The number of items of each label.
    pub sizes: Vec<usize>,
    /// Items of one group belong to the same photos, as in [`Collection::owner_sets`].
    pub group: Vec<usize>,
    /// The other items that each item is never compared with, ascending. They have its category.
    pub apart: Vec<Vec<u32>>,
    /// Texts whose photos are of several categories, so that they have none.
    pub left_out: usize,
}

impl Items {
    /// One item for each category given.
    pub fn alone(categories: &[usize]) -> Self {
        let (labels, sizes) = dense_labels(categories);
        let n = categories.len();
        let rows: Vec<usize> = (0..n).collect();
        Self { group: rows.clone(), rows, labels, sizes, apart: vec![Vec::new(); n], left_out: 0 }
    }

    /// The texts of the captions: equal ones are one item, and texts with a photo in common are never a pair.
    pub fn texts(collection: &Collection) -> Self {
        let owner_sets = collection.owner_sets();
        let (mut rows, mut categories, mut group) = (Vec::new(), Vec::new(), Vec::new());
        let mut of_photo = vec![Vec::<u32>::new(); collection.images()];
        for (text, caption) in collection.text_captions().into_iter().enumerate() {
            let [category] = collection.described_categories(caption)[..] else { continue };
            for photo in collection.positive_images(caption) {
                of_photo[photo].push(rows.len() as u32);
            }
            rows.push(caption);
            categories.push(category);
            group.push(owner_sets[text]);
        }
        let mut apart = vec![Vec::new(); rows.len()];
        for items in &of_photo {
            for &item in items {
                apart[item as usize].extend(items.iter().filter(|&&other| other != item));
            }
        }
        for others in &mut apart {
            others.sort_unstable();
            others.dedup();
        }
        let (labels, sizes) = dense_labels(&categories);
        let left_out = collection.texts() - rows.len();
        Self { rows, labels, sizes, group, apart, left_out }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of other items of the category of `item` that it is compared with.
    pub fn same(&self, item: usize) -> usize {
        self.sizes[self.labels[item]] - 1 - self.apart[item].len()
    }

    /// The number of other items that `item` is compared with.
    pub fn others(&self, item: usize) -> usize {
        self.len() - 1 - self.apart[item].len()
    }

    /// One more than the largest group.
    pub fn groups(&self) -> usize {
        self.group.iter().max().map_or(0, |last| last + 1)
    }
}

fn dense_labels(categories: &[usize]) -> (Vec<usize>, Vec<usize>) {
    let mut numbers = std::collections::HashMap::new();
    let mut sizes = Vec::new();
    let labels = categories
        .iter()
        .map(|category| {
            let label = *numbers.entry(*category).or_insert_with(|| {
                sizes.push(0);
                sizes.len() - 1
            });
            sizes[label] += 1;
            label
        })
        .collect();
    (labels, sizes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captions_of_one_photo_are_apart_and_equal_texts_are_one() {
        let strings = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let collection = Collection::new(
            strings(&["sky", "cars"]),
            strings(&["a", "b", "c"]),
            vec![0, 0, 1],
            strings(&["one", "two", "shared", "three", "shared ", "both", "four", "both"]),
            vec![0, 0, 0, 1, 1, 1, 2, 2],
        )
        .unwrap();
        let items = Items::texts(&collection);
        // "both" belongs to a photo of the sky and one of cars.
        assert_eq!((items.len(), items.left_out), (5, 1));
        assert_eq!(items.rows, [0, 1, 2, 3, 6]);
        assert_eq!((&items.labels[..], &items.sizes[..]), (&[0, 0, 0, 0, 1][..], &[4, 1][..]));
        assert_eq!(items.apart, [vec![1, 2], vec![0, 2], vec![0, 1, 3], vec![2], vec![]]);
        assert_eq!((items.group[0], items.group[2] == items.group[0]), (items.group[1], false));
        let counts: Vec<_> = (0..5).map(|item| (items.same(item), items.others(item))).collect();
        assert_eq!(counts, [(1, 2), (1, 2), (0, 1), (2, 3), (0, 4)]);
    }
}
