//! What a data set holds, counted: the answer to "is it read as I meant it?".

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::{Dataset, Kind, Selection, Skipped};
use clipscope_base::display_safe::display_safe;

/// The counts of a data set. Every text is displayable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Summary {
    pub path: String,
    pub kind: Kind,
    pub images: usize,
    /// Captions of all photos together.
    pub captions: usize,
    pub images_without_captions: usize,
    /// In order of first appearance.
    pub categories: Vec<CategoryCount>,
    pub skipped: Vec<Skipped>,
    /// Which part of it was asked for; left out for the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// What a report on it can say.
    pub scopes: Vec<Scope>,
    /// What is allowed and limits what the numbers can say, one sentence each.
    pub notes: Vec<String>,
}

/// Whether one approach of a report has something to work on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Scope {
    /// `search`, `pre-clip`, `bridge` or `clip`.
    pub approach: &'static str,
    pub possible: bool,
    /// What it compares, or what it would need.
    pub what: String,
}

/// The size of one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CategoryCount {
    pub category: String,
    pub images: usize,
    pub captions: usize,
}

impl Dataset {
    /// Counts what the data set holds. Reads no file.
    pub fn summary(&self) -> Summary {
        let mut categories: Vec<CategoryCount> = Vec::new();
        let mut positions: HashMap<&str, usize> = HashMap::new();
        for item in &self.items {
            let position = *positions.entry(&item.category).or_insert_with(|| {
                let category = display_safe(&item.category).into_owned();
                categories.push(CategoryCount { category, images: 0, captions: 0 });
                categories.len() - 1
            });
            categories[position].images += 1;
            categories[position].captions += item.captions.len();
        }
        let captions = categories.iter().map(|category| category.captions).sum();
        let images_without_captions = self.items.iter().filter(|item| item.captions.is_empty()).count();
        let notes = self.notes(&categories, images_without_captions);
        let scopes =
            scopes(self.items.len(), captions, self.items.len() - images_without_captions, &categories);
        Summary {
            path: display_safe(&self.path).into_owned(),
            kind: self.origin.kind,
            images: self.items.len(),
            captions,
            images_without_captions,
            categories,
            skipped: self.skipped.clone(),
            selection: self.selection,
            scopes,
            notes,
        }
    }

    fn notes(&self, categories: &[CategoryCount], without_captions: usize) -> Vec<String> {
        let mut notes = Vec::new();
        match without_captions {
            0 => {}
            count if count == self.items.len() => notes.push(
                "no photo has a caption: photos can be searched and compared with each other, not matched"
                    .to_owned(),
            ),
            1 => notes.push("1 photo has no caption and is left out of the matching".to_owned()),
            count => notes.push(format!("{count} photos have no caption and are left out of the matching")),
        }
        if let [only] = categories {
            notes.push(format!("one category only ({}): categories cannot be told apart", only.category));
        } else {
            for single in categories.iter().filter(|category| category.images == 1) {
                notes.push(format!(
                    "category {} has one photo: nothing within it to compare",
                    single.category
                ));
            }
        }
        let mut texts = HashSet::new();
        let shared: HashSet<&str> = self
            .items
            .iter()
            .flat_map(|item| &item.captions)
            .map(|caption| caption.trim())
            .filter(|caption| !texts.insert(*caption))
            .collect();
        if !shared.is_empty() {
            notes.push(format!(
                "captions that several photos share: {}; any of these photos counts as right",
                shared.len()
            ));
        }
        notes
    }
}

/// What each approach needs, as the analysis defines it: a nearest other photo from 2 photos, categories that can be
/// told apart from 2 with 2 photos in one, the bridge's choice of two from 2 pairs and its CKA from 4.
fn scopes(images: usize, captions: usize, pairs: usize, categories: &[CategoryCount]) -> Vec<Scope> {
    let scope = |approach, possible, can: String, needs: &str| Scope {
        approach,
        possible,
        what: if possible { can } else { needs.to_owned() },
    };
    let separable = categories.len() >= 2 && categories.iter().any(|category| category.images >= 2);
    let separation = if separable {
        format!(", and how {} categories separate", categories.len())
    } else {
        "; no separation of categories, which needs 2 of them and 2 photos in one".to_owned()
    };
    let all_numbers = if pairs >= 4 { "" } else { "; no CKA, which needs 4 pairs" };
    vec![
        scope("search", images > 0, format!("{} to look through", count(images, "photo")), "needs a photo"),
        scope(
            "pre-clip",
            images >= 2,
            format!(
                "similarity among {} and among {}{separation}",
                count(images, "photo"),
                count(captions, "caption")
            ),
            "needs 2 photos",
        ),
        scope(
            "bridge",
            pairs >= 2,
            format!("{} of photo and first caption{all_numbers}", count(pairs, "pair")),
            "needs 2 photos with captions",
        ),
        scope(
            "clip",
            pairs > 0,
            format!("{} matched with {}", count(pairs, "photo"), count(captions, "caption")),
            "needs a photo with a caption",
        ),
    ]
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
