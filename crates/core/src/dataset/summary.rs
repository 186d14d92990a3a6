//! The counts of a data set, which show whether it was read as intended.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use super::{
    contents::{Dataset, Selection},
    item::Skipped,
    origin::DatasetKind,
};
use clipscope_base::display_safe::display_safe;
use clipscope_base::words::count;

/// The counts of a data set. Every text is safe to display.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DatasetSummary {
    pub path: String,
    pub kind: DatasetKind,
    pub images: usize,
    pub captions: usize,
    pub images_without_captions: usize,
    /// In order of first appearance.
    pub categories: Vec<CategoryCount>,
    pub skipped: Vec<Skipped>,
    /// The part of the data set that was asked for; missing for all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection: Option<Selection>,
    /// What a report on it can cover.
    pub scopes: Vec<ApproachScope>,
    /// Limits to what the numbers can say, one sentence each.
    pub notes: Vec<String>,
}

/// Whether the data set is enough for one approach of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApproachScope {
    /// `search`, `pre-clip`, `bridge` or `clip`.
    pub approach: &'static str,
    pub possible: bool,
    /// What it compares, or what is missing.
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
    /// Counts photos, captions and categories. Reads no file.
    pub fn summary(&self) -> DatasetSummary {
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
        DatasetSummary {
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
                "no photo has a caption: photos can be searched and compared with each other, but not matched"
                    .to_owned(),
            ),
            1 => notes.push("1 photo has no caption and is left out of the matching".to_owned()),
            count => notes.push(format!("{count} photos have no caption and are left out of the matching")),
        }
        if let [only] = categories {
            notes
                .push(format!("only one category ({}): there is nothing to separate it from", only.category));
        } else {
            for single in categories.iter().filter(|category| category.images == 1) {
                notes.push(format!(
                    "category {} has one photo: no pairs within it to compare",
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
                "captions shared by several photos: {}; any of those photos counts as correct",
                shared.len()
            ));
        }
        notes
    }
}

/// Checks what each approach needs in the analysis: 2 photos for a nearest neighbor, 2 categories, one of them with 2
/// photos, for separation, 3 pairs for the bridge's 2-AFC (two, described by a third) and 4 for its CKA.
fn scopes(images: usize, captions: usize, pairs: usize, categories: &[CategoryCount]) -> Vec<ApproachScope> {
    let scope = |approach, possible, can: String, needs: &str| ApproachScope {
        approach,
        possible,
        what: if possible { can } else { needs.to_owned() },
    };
    let separable = categories.len() >= 2 && categories.iter().any(|category| category.images >= 2);
    let separation = if separable {
        format!(", and how {} separate", count(categories.len(), "category"))
    } else {
        "; category separation needs 2 categories, one of them with 2 photos".to_owned()
    };
    let all_numbers = if pairs >= 4 { "" } else { "; CKA needs 4 pairs" };
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
            pairs >= 3,
            format!("{} of photo and first caption{all_numbers}", count(pairs, "pair")),
            "needs 3 photos with captions",
        ),
        scope(
            "clip",
            pairs > 0,
            format!("{} matched with {}", count(pairs, "photo"), count(captions, "caption")),
            "needs a photo with a caption",
        ),
    ]
}
