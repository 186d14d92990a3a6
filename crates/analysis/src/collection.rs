//! What is compared: photos, their captions and their categories, by index.
//!
//! Owns who belongs to whom, and which captions are the same text. Must not hold vectors or read files.

use std::collections::HashMap;
use std::ops::Range;

use thiserror::Error;

/// Why lists do not describe one collection.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CollectionError {
    /// Two parallel lists differ in length.
    #[error("{what} lists {found} entries where {expected} were expected; give one entry for each item")]
    Length {
        /// The list at fault.
        what: &'static str,
        /// Entries expected.
        expected: usize,
        /// Entries found.
        found: usize,
    },
    /// An entry names a category or a photo that does not exist.
    #[error("entry {entry} of {what} points to number {found}, but there are only {count}")]
    OutOfRange {
        /// The list at fault.
        what: &'static str,
        /// Position in that list.
        entry: usize,
        /// The number it holds.
        found: usize,
        /// How many things there are to point to.
        count: usize,
    },
}

/// Photos with captions and categories. A photo may own any number of captions, also none; captions with the
/// same text after trimming form a *group* and count as one caption wherever hits are decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    categories: Vec<String>,
    image_files: Vec<String>,
    image_category: Vec<usize>,
    caption_text: Vec<String>,
    caption_image: Vec<usize>,
    captions_of: Lists,
    caption_group: Vec<usize>,
    group_captions: Lists,
}

impl Collection {
    /// Builds a collection from parallel lists: `image_category[i]` indexes `categories`, `caption_image[c]`
    /// is the photo that owns caption `c`.
    ///
    /// # Errors
    /// Lists of different lengths, or an index out of range.
    pub fn new(
        categories: Vec<String>,
        image_files: Vec<String>,
        image_category: Vec<usize>,
        caption_text: Vec<String>,
        caption_image: Vec<usize>,
    ) -> Result<Self, CollectionError> {
        same_length("image_category", image_category.len(), image_files.len())?;
        same_length("caption_image", caption_image.len(), caption_text.len())?;
        in_range("image_category", &image_category, categories.len())?;
        in_range("caption_image", &caption_image, image_files.len())?;

        let mut groups: HashMap<&str, usize> = HashMap::new();
        let caption_group: Vec<usize> = caption_text
            .iter()
            .map(|text| {
                let next = groups.len();
                *groups.entry(text.trim()).or_insert(next)
            })
            .collect();
        let group_captions = Lists::invert(&caption_group, groups.len());
        let captions_of = Lists::invert(&caption_image, image_files.len());
        Ok(Self {
            categories,
            image_files,
            image_category,
            caption_text,
            caption_image,
            captions_of,
            caption_group,
            group_captions,
        })
    }

    /// Category names, `[categories]`.
    #[must_use]
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// File of each photo, `[images]`.
    #[must_use]
    pub fn image_files(&self) -> &[String] {
        &self.image_files
    }

    /// Category of each photo, `[images]`.
    #[must_use]
    pub fn image_category(&self) -> &[usize] {
        &self.image_category
    }

    /// Text of each caption, `[captions]`, as it was given.
    #[must_use]
    pub fn caption_text(&self) -> &[String] {
        &self.caption_text
    }

    /// The photo that owns each caption, `[captions]`.
    #[must_use]
    pub fn caption_image(&self) -> &[usize] {
        &self.caption_image
    }

    /// Number of photos.
    #[must_use]
    pub fn images(&self) -> usize {
        self.image_files.len()
    }

    /// Number of captions.
    #[must_use]
    pub fn captions(&self) -> usize {
        self.caption_text.len()
    }

    /// The captions that `image` owns, ascending.
    #[must_use]
    pub fn captions_of(&self, image: usize) -> &[usize] {
        self.captions_of.get(image)
    }

    /// The caption that stands for `image` where exactly one is needed: the first it owns.
    #[must_use]
    pub fn first_caption(&self, image: usize) -> Option<usize> {
        self.captions_of(image).first().copied()
    }

    /// Category of the photo that owns `caption`.
    #[must_use]
    pub fn caption_category(&self, caption: usize) -> usize {
        self.image_category[self.caption_image[caption]]
    }

    /// Category of each caption, `[captions]`.
    #[must_use]
    pub fn caption_categories(&self) -> Vec<usize> {
        (0..self.captions()).map(|caption| self.caption_category(caption)).collect()
    }

    /// Number of the group of equal trimmed text that `caption` belongs to.
    #[must_use]
    pub fn caption_group(&self, caption: usize) -> usize {
        self.caption_group[caption]
    }

    /// Captions with the same trimmed text as `caption`, itself among them, ascending.
    #[must_use]
    pub fn same_text(&self, caption: usize) -> &[usize] {
        self.group_captions.get(self.caption_group[caption])
    }

    /// Number of different caption texts; they are numbered by [`Self::caption_group`].
    #[must_use]
    pub fn texts(&self) -> usize {
        self.group_captions.starts.len() - 1
    }

    /// For each different text the first caption that has it, `[texts]`.
    #[must_use]
    pub fn text_captions(&self) -> Vec<usize> {
        (0..self.texts()).map(|text| self.group_captions.get(text)[0]).collect()
    }

    /// The different texts of `image`, ascending by number.
    #[must_use]
    pub fn texts_of(&self, image: usize) -> Vec<usize> {
        let mut texts: Vec<usize> =
            self.captions_of(image).iter().map(|&own| self.caption_group[own]).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    /// The caption that shows `text` to `image`: its own with that text, else the first of all.
    #[must_use]
    pub fn caption_for(&self, image: usize, text: usize) -> usize {
        let own = self.captions_of(image).iter().copied().find(|&own| self.caption_group[own] == text);
        own.unwrap_or_else(|| self.group_captions.get(text)[0])
    }

    /// `pos(image)`: the captions that are a hit for `image`, ascending: its own and every caption with the
    /// text of one of its own.
    #[must_use]
    pub fn positive_captions(&self, image: usize) -> Vec<usize> {
        let mut captions: Vec<usize> =
            self.captions_of(image).iter().flat_map(|&own| self.same_text(own)).copied().collect();
        captions.sort_unstable();
        captions.dedup();
        captions
    }

    /// The photos that are a hit for `caption`, ascending: the owners of every caption with its text.
    #[must_use]
    pub fn positive_images(&self, caption: usize) -> Vec<usize> {
        let mut images: Vec<usize> =
            self.same_text(caption).iter().map(|&same| self.caption_image[same]).collect();
        images.sort_unstable();
        images.dedup();
        images
    }

    /// The categories that `caption` describes, ascending: those of all photos that own its text.
    #[must_use]
    pub fn described_categories(&self, caption: usize) -> Vec<usize> {
        let mut categories: Vec<usize> =
            self.same_text(caption).iter().map(|&same| self.caption_category(same)).collect();
        categories.sort_unstable();
        categories.dedup();
        categories
    }

    /// The collection of `images` only, in that order, with all their captions; the category list stays
    /// whole. Also the kept captions as indices into this collection, so that their vectors can be selected
    /// alike.
    ///
    /// # Panics
    /// When an index is out of range, as slice indexing does.
    #[must_use]
    pub fn subset(&self, images: &[usize]) -> (Self, Vec<usize>) {
        let kept: Vec<usize> = images.iter().flat_map(|&image| self.captions_of(image)).copied().collect();
        let owners = images
            .iter()
            .enumerate()
            .flat_map(|(position, &image)| self.captions_of(image).iter().map(move |_| position))
            .collect();
        let texts: Vec<String> = kept.iter().map(|&caption| self.caption_text[caption].clone()).collect();
        self.rebuilt(
            images.iter().map(|&image| self.image_files[image].clone()).collect(),
            images.iter().map(|&image| self.image_category[image]).collect(),
            texts,
            owners,
            kept,
        )
    }

    /// This collection with another text for `caption`, as after editing it.
    ///
    /// # Panics
    /// When `caption` is out of range, as slice indexing does.
    #[must_use]
    pub fn with_caption_text(&self, caption: usize, text: &str) -> Self {
        let mut texts = self.caption_text.clone();
        text.clone_into(&mut texts[caption]);
        let (files, categories) = (self.image_files.clone(), self.image_category.clone());
        self.rebuilt(files, categories, texts, self.caption_image.clone(), Vec::new()).0
    }

    /// A collection over the same categories from lists that are consistent by construction.
    fn rebuilt(
        &self,
        image_files: Vec<String>,
        image_category: Vec<usize>,
        caption_text: Vec<String>,
        caption_image: Vec<usize>,
        kept: Vec<usize>,
    ) -> (Self, Vec<usize>) {
        let collection =
            Self::new(self.categories.clone(), image_files, image_category, caption_text, caption_image);
        match collection {
            Ok(collection) => (collection, kept),
            // Both callers take every index from `self`, whose own were checked.
            Err(error) => unreachable!("lists taken from a valid collection are valid: {error}"),
        }
    }
}

/// Lists of indices, one after the other in one allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lists {
    starts: Vec<usize>,
    items: Vec<usize>,
}

impl Lists {
    /// For each of `count` owners the positions at which it stands in `owner`, ascending.
    fn invert(owner: &[usize], count: usize) -> Self {
        let mut starts = vec![0; count + 1];
        for &owner in owner {
            starts[owner + 1] += 1;
        }
        for list in 0..count {
            starts[list + 1] += starts[list];
        }
        let mut next = starts.clone();
        let mut items = vec![0; owner.len()];
        for (position, &owner) in owner.iter().enumerate() {
            items[next[owner]] = position;
            next[owner] += 1;
        }
        Self { starts, items }
    }

    fn get(&self, list: usize) -> &[usize] {
        let range: Range<usize> = self.starts[list]..self.starts[list + 1];
        &self.items[range]
    }
}

fn same_length(what: &'static str, found: usize, expected: usize) -> Result<(), CollectionError> {
    if found == expected { Ok(()) } else { Err(CollectionError::Length { what, expected, found }) }
}

fn in_range(what: &'static str, indices: &[usize], count: usize) -> Result<(), CollectionError> {
    match indices.iter().position(|&index| index >= count) {
        Some(entry) => Err(CollectionError::OutOfRange { what, entry, found: indices[entry], count }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    /// Three photos; photo 1 owns captions 0 and 3, and caption 3 has the text of photo 2's caption 2.
    fn sample() -> Collection {
        Collection::new(
            strings(&["sky", "cars", "food"]),
            strings(&["a.jpg", "b.jpg", "c.jpg"]),
            vec![0, 1, 2],
            strings(&["a race", "a cloud", "red", " red\n"]),
            vec![1, 0, 2, 1],
        )
        .unwrap()
    }

    #[test]
    fn equal_text_after_trimming_is_one_caption() {
        let collection = sample();
        assert_eq!(collection.captions_of(1), [0, 3]);
        assert_eq!(collection.first_caption(1), Some(0));
        assert_eq!(collection.same_text(3), [2, 3]);
        assert_eq!(collection.positive_captions(1), [0, 2, 3]);
        assert_eq!(collection.positive_captions(2), [2, 3]);
        assert_eq!(collection.positive_images(2), [1, 2]);
        assert_eq!(collection.described_categories(2), [1, 2]);
        assert_eq!(collection.caption_category(2), 2);
        assert_ne!(collection.caption_group(0), collection.caption_group(1));
    }

    #[test]
    fn a_subset_keeps_the_captions_of_its_photos() {
        let (subset, kept) = sample().subset(&[2, 1]);
        assert_eq!(kept, [2, 0, 3]);
        assert_eq!(subset.image_files(), ["c.jpg", "b.jpg"]);
        assert_eq!(subset.image_category(), [2, 1]);
        assert_eq!(subset.caption_image(), [0, 1, 1]);
        assert_eq!(subset.same_text(0), [0, 2]);
        let (empty, kept) = sample().subset(&[]);
        assert_eq!((empty.images(), empty.captions(), kept.len()), (0, 0, 0));
    }

    #[test]
    fn an_edited_caption_changes_its_group() {
        let edited = sample().with_caption_text(3, "blue");
        assert_eq!(edited.same_text(3), [3]);
        assert_eq!(edited.positive_captions(2), [2]);
        assert_eq!(edited.caption_text()[3], "blue");
    }

    #[test]
    fn inconsistent_lists_are_refused() {
        let new = |category: Vec<usize>, owner: Vec<usize>| {
            Collection::new(strings(&["sky"]), strings(&["a"]), category, strings(&["x"]), owner)
        };
        assert!(new(vec![0], vec![0]).is_ok());
        assert!(matches!(new(vec![], vec![0]), Err(CollectionError::Length { expected: 1, found: 0, .. })));
        assert!(matches!(new(vec![0], vec![]), Err(CollectionError::Length { .. })));
        assert!(matches!(new(vec![1], vec![0]), Err(CollectionError::OutOfRange { entry: 0, found: 1, .. })));
        assert!(matches!(new(vec![0], vec![1]), Err(CollectionError::OutOfRange { .. })));
    }
}
