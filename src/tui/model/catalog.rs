//! The data set as it is shown, with every name and text made safe for the screen.
//!
//! Owns the texts that views print, and says which photos, captions and categories belong together. Must not hold scores.

use std::collections::HashMap;
use std::ops::Range;

use clipscope_base::display_safe::display_safe;
use clipscope_core::dataset::Dataset;
use clipscope_networks::Modality;

/// A photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// File name without folders and extension.
    pub label: String,
    /// File as the data set names it.
    pub file: String,
    /// Category, an index into [`Catalog::categories`].
    pub category: usize,
    /// Places of its captions among all captions.
    pub captions: Range<usize>,
}

/// A caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caption {
    /// The text.
    pub text: String,
    /// The place of its photo.
    pub photo: usize,
}

/// Photos and captions by place in the data set.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Catalog {
    /// Path of the data set.
    pub path: String,
    /// Category names.
    pub categories: Vec<String>,
    /// Photos.
    pub photos: Vec<Photo>,
    /// Captions; those of one photo stand together.
    pub captions: Vec<Caption>,
    /// Index of each category by its name in the data set.
    places: HashMap<String, usize>,
}

impl Catalog {
    /// The catalog of a data set.
    #[must_use]
    pub fn new(dataset: &Dataset) -> Self {
        let names = dataset.categories();
        let mut catalog = Self {
            path: display_safe(&dataset.path).into_owned(),
            categories: names.iter().map(|name| display_safe(name).into_owned()).collect(),
            photos: Vec::with_capacity(dataset.items.len()),
            captions: Vec::new(),
            places: names.into_iter().enumerate().map(|(place, name)| (name, place)).collect(),
        };
        for (place, item) in dataset.items.iter().enumerate() {
            let first = catalog.captions.len();
            catalog.captions.extend(
                item.captions
                    .iter()
                    .map(|text| Caption { text: display_safe(text).into_owned(), photo: place }),
            );
            let name = item.file.rsplit('/').next().unwrap_or(&item.file);
            let stem = match name.rsplit_once('.') {
                Some((stem, _)) if !stem.is_empty() => stem,
                _ => name,
            };
            catalog.photos.push(Photo {
                label: display_safe(stem).into_owned(),
                file: display_safe(&item.file).into_owned(),
                category: catalog.category_place(&item.category).unwrap_or(0),
                captions: first..catalog.captions.len(),
            });
        }
        catalog
    }

    /// How many items of a modality there are.
    #[must_use]
    pub fn count(&self, modality: Modality) -> usize {
        match modality {
            Modality::Image => self.photos.len(),
            Modality::Text => self.captions.len(),
        }
    }

    /// The short name of an item: a photo's file stem or a caption's text. Empty for a place that does not exist.
    #[must_use]
    pub fn label(&self, modality: Modality, place: usize) -> &str {
        match modality {
            Modality::Image => self.photos.get(place).map_or("", |photo| &photo.label),
            Modality::Text => self.captions.get(place).map_or("", |caption| &caption.text),
        }
    }

    /// The place of the photo that an item is or belongs to.
    #[must_use]
    pub fn photo_of(&self, modality: Modality, place: usize) -> Option<usize> {
        match modality {
            Modality::Image => (place < self.photos.len()).then_some(place),
            Modality::Text => self.captions.get(place).map(|caption| caption.photo),
        }
    }

    /// The category of an item.
    #[must_use]
    pub fn category_of(&self, modality: Modality, place: usize) -> Option<usize> {
        Some(self.photos.get(self.photo_of(modality, place)?)?.category)
    }

    /// The name of a category.
    #[must_use]
    pub fn category_name(&self, category: usize) -> &str {
        self.categories.get(category).map_or("", String::as_str)
    }

    /// The index of a category by its name in the data set.
    #[must_use]
    pub fn category_place(&self, name: &str) -> Option<usize> {
        self.places.get(name).copied()
    }

    /// The item of `modality` that goes with a photo: the photo itself, or its first caption.
    #[must_use]
    pub fn partner(&self, modality: Modality, photo: usize) -> Option<usize> {
        let known = self.photos.get(photo)?;
        match modality {
            Modality::Image => Some(photo),
            Modality::Text => (!known.captions.is_empty()).then_some(known.captions.start),
        }
    }

    /// All places of a modality by category, categories in the order of the data set.
    #[must_use]
    pub fn by_category(&self, modality: Modality) -> Vec<usize> {
        let mut places: Vec<usize> = (0..self.count(modality)).collect();
        places.sort_by_key(|&place| self.category_of(modality, place));
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clipscope_core::dataset::{Item, PhotoSource};

    #[test]
    fn every_text_is_made_safe_once() {
        let nasty = "a\u{1b}[2J\u{202e}b";
        let safe = "a⟨U+001B⟩[2J⟨U+202E⟩b";
        let item = Item {
            file: format!("{nasty}/{nasty}.jpg"),
            source: PhotoSource::Bundled(&[]),
            category: nasty.into(),
            captions: vec![nasty.into()],
        };
        let catalog = Catalog::new(&Dataset::from_items(nasty, vec![item]));
        let photo = &catalog.photos[0];
        assert_eq!((&*photo.label, &*photo.file), (safe, &*format!("{safe}/{safe}.jpg")));
        assert_eq!((&*catalog.path, &*catalog.categories[0], &*catalog.captions[0].text), (safe, safe, safe));
    }
}
