//! What is compared: photos, their captions and their categories, by index.
//!
//! Owns who belongs to whom, and which captions are the same text. Must not hold vectors or read files.

use std::collections::HashMap;
use std::ops::Range;

use thiserror::Error;

/// The lists do not describe one collection.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CollectionError {
    #[error("{what} has {found} entries where {expected} were expected; give one entry for each item")]
    Length { what: &'static str, expected: usize, found: usize },
    #[error("entry {entry} of {what} is {found}, but there are only {count} to choose from")]
    OutOfRange { what: &'static str, entry: usize, found: usize, count: usize },
}

/// Photos with captions and categories. A photo may own any number of captions. Captions that are equal after trimming
/// share a *text* and count as one caption wherever hits are decided; texts are numbered in the order of their first
/// caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    categories: Vec<String>,
    image_files: Vec<String>,
    image_category: Vec<usize>,
    caption_text: Vec<String>,
    caption_image: Vec<usize>,
    captions_of: Lists,
    text_of_caption: Vec<usize>,
    captions_of_text: Lists,
}

impl Collection {
    /// Takes parallel lists: `image_category[i]` is the position of a category in `categories`, `caption_image[c]` the photo
    /// that owns caption `c`.
    ///
    /// # Errors
    /// Lists of different lengths, or a position out of range.
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

        let mut texts: HashMap<&str, usize> = HashMap::new();
        let text_of_caption: Vec<usize> = caption_text
            .iter()
            .map(|text| {
                let next = texts.len();
                *texts.entry(text.trim()).or_insert(next)
            })
            .collect();
        let captions_of_text = Lists::invert(&text_of_caption, texts.len());
        let captions_of = Lists::invert(&caption_image, image_files.len());
        Ok(Self {
            categories,
            image_files,
            image_category,
            caption_text,
            caption_image,
            captions_of,
            text_of_caption,
            captions_of_text,
        })
    }

    #[must_use]
    pub fn categories(&self) -> &[String] {
        &self.categories
    }

    /// The file name of each photo, `[images]`.
    #[must_use]
    pub fn image_files(&self) -> &[String] {
        &self.image_files
    }

    /// The category of each photo, `[images]`.
    #[must_use]
    pub fn image_category(&self) -> &[usize] {
        &self.image_category
    }

    /// Each caption as it was given, `[captions]`.
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

    /// The caption that stands for `image` where exactly one is needed.
    pub(crate) fn first_caption(&self, image: usize) -> Option<usize> {
        self.captions_of(image).first().copied()
    }

    /// The category of the photo that owns `caption`.
    pub(crate) fn caption_category(&self, caption: usize) -> usize {
        self.image_category[self.caption_image[caption]]
    }

    /// The number of the text of `caption`.
    pub(crate) fn text_of(&self, caption: usize) -> usize {
        self.text_of_caption[caption]
    }

    /// The captions with the text of `caption`, itself among them, ascending.
    pub(crate) fn same_text(&self, caption: usize) -> &[usize] {
        self.captions_of_text.get(self.text_of_caption[caption])
    }

    /// Number of different texts.
    #[must_use]
    pub fn texts(&self) -> usize {
        self.captions_of_text.starts.len() - 1
    }

    /// The first caption of each text, `[texts]`.
    pub(crate) fn text_captions(&self) -> Vec<usize> {
        (0..self.texts()).map(|text| self.captions_of_text.get(text)[0]).collect()
    }

    /// The numbers of the texts of `image`, ascending.
    #[must_use]
    pub fn texts_of(&self, image: usize) -> Vec<usize> {
        let mut texts: Vec<usize> =
            self.captions_of(image).iter().map(|&own| self.text_of_caption[own]).collect();
        texts.sort_unstable();
        texts.dedup();
        texts
    }

    /// Whose each text is, `[texts]`: a photo, or from [`Self::images`] on the number of a set of several. Texts of the same
    /// photos have the same number.
    pub(crate) fn owner_sets(&self) -> Vec<usize> {
        let mut sets = HashMap::new();
        let mut number = |caption: usize| {
            let owners = self.positive_images(caption);
            let next = self.images() + sets.len();
            if let [owner] = owners[..] { owner } else { *sets.entry(owners).or_insert(next) }
        };
        self.text_captions().into_iter().map(&mut number).collect()
    }

    /// The caption to show for `text` beside `image`: its own with that text, or else the first.
    #[must_use]
    pub fn caption_for(&self, image: usize, text: usize) -> usize {
        let own = self.captions_of(image).iter().copied().find(|&own| self.text_of_caption[own] == text);
        own.unwrap_or_else(|| self.captions_of_text.get(text)[0])
    }

    /// The photos that are a hit for `caption`, ascending: the owners of all captions with its text.
    #[must_use]
    pub fn positive_images(&self, caption: usize) -> Vec<usize> {
        let mut images: Vec<usize> =
            self.same_text(caption).iter().map(|&same| self.caption_image[same]).collect();
        images.sort_unstable();
        images.dedup();
        images
    }

    /// The categories of all photos that own the text of `caption`, ascending.
    pub(crate) fn described_categories(&self, caption: usize) -> Vec<usize> {
        let mut categories: Vec<usize> =
            self.same_text(caption).iter().map(|&same| self.caption_category(same)).collect();
        categories.sort_unstable();
        categories.dedup();
        categories
    }
}

/// Lists of numbers in one allocation.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lists {
    starts: Vec<usize>,
    items: Vec<usize>,
}

impl Lists {
    /// For each of `count` owners, the positions in `owner` that name it, ascending.
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
        assert_eq!(collection.positive_images(2), [1, 2]);
        assert_eq!(collection.described_categories(2), [1, 2]);
        assert_eq!(collection.caption_category(2), 2);
        assert_ne!(collection.text_of(0), collection.text_of(1));
        // "red" belongs to photos 1 and 2, the others to one photo each.
        assert_eq!(collection.owner_sets(), [1, 0, 3]);
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
