//! Why a number is not defined for a data set, or says nothing about it.
//!
//! Owns the reasons in words. A share that guessing always gets right, or never, says nothing: people are shown the reason in
//! its place, while JSON and CSV keep the number beside its chance level. Must not compute any number of a report.

use std::collections::HashMap;

use super::contents::Approaches;
use clipscope_analysis::Collection;
use clipscope_base::words::count;

/// The fewest pairs that the bridge can compare: two, described by a third.
pub(super) const BRIDGE_PAIRS: usize = 3;
const NO_CAPTIONS: &str = "no photo has a caption";
const EQUAL_CAPTIONS: &str = "all captions are the same";

/// What there is to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Contents {
    pub photos: Group,
    /// Photos that have a caption.
    pub captioned: Group,
    /// Captions that differ.
    pub texts: usize,
}

/// Photos, by category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Group {
    pub count: usize,
    pub categories: usize,
    /// The number of photos in the largest category.
    pub largest: usize,
}

impl Group {
    fn of(categories: impl Iterator<Item = usize>) -> Self {
        let mut sizes: HashMap<usize, usize> = HashMap::new();
        for category in categories {
            *sizes.entry(category).or_default() += 1;
        }
        Self {
            count: sizes.values().sum(),
            categories: sizes.len(),
            largest: sizes.into_values().max().unwrap_or(0),
        }
    }
}

/// Pairs of which categories a number is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    AnyPairs,
    /// Two photos of one category.
    Within,
    /// Photos of two categories.
    Across,
    Both,
}

impl Contents {
    pub fn of(collection: &Collection) -> Self {
        let categories = collection.image_category();
        let captioned = (0..collection.images()).filter(|&image| !collection.captions_of(image).is_empty());
        Self {
            photos: Group::of(categories.iter().copied()),
            captioned: Group::of(captioned.map(|image| categories[image])),
            texts: collection.texts(),
        }
    }

    /// Why the photos have no such number of their own.
    pub fn among_photos(&self, needs: Needs) -> String {
        match self.photos.count {
            0 => "there is no photo".into(),
            1 => "there is only one photo".into(),
            _ => lacking(self.photos, needs, "photos").unwrap_or_else(|| "there are too few photos".into()),
        }
    }

    /// Why the captions have no such number of their own.
    pub fn among_captions(&self, needs: Needs) -> String {
        self.no_two_captions().unwrap_or_else(|| {
            self.lacking_captioned(needs).unwrap_or_else(|| "there are too few different captions".into())
        })
    }

    /// Why the bridge has no such number.
    pub fn through_other_pairs(&self, needs: Needs) -> String {
        self.no_bridge().unwrap_or_else(|| {
            self.lacking_captioned(needs)
                .unwrap_or_else(|| "there are too few photos with different captions".into())
        })
    }

    /// Why photos and captions cannot be matched.
    pub fn between_both(&self, needs: Needs) -> String {
        self.no_two_captions().unwrap_or_else(|| {
            self.lacking_captioned(needs)
                .unwrap_or_else(|| "there are too few photos with different captions".into())
        })
    }

    fn lacking_captioned(&self, needs: Needs) -> Option<String> {
        let all = self.captioned == self.photos;
        lacking(self.captioned, needs, if all { "photos" } else { "photos with captions" })
    }

    /// Why no photo can be matched, if none can.
    pub fn no_captions(&self) -> Option<&'static str> {
        (self.captioned.count == 0 || self.texts == 0).then_some(NO_CAPTIONS)
    }

    /// Why nothing can be told about two captions, if nothing can.
    pub fn no_two_captions(&self) -> Option<String> {
        match (self.captioned.count, self.texts) {
            (0, _) | (_, 0) => Some(NO_CAPTIONS.into()),
            (1, _) => Some("only one photo has a caption".into()),
            (_, 1) => Some(EQUAL_CAPTIONS.into()),
            _ => None,
        }
    }

    /// Why the bridge compares nothing, if it does not.
    pub fn no_bridge(&self) -> Option<String> {
        match (self.captioned.count, self.texts) {
            (0, _) | (_, 0) => Some(NO_CAPTIONS.into()),
            (1, _) => Some(format!("only one photo has a caption, and it takes {BRIDGE_PAIRS}")),
            (few, _) if few < BRIDGE_PAIRS => {
                Some(format!("only {few} photos have captions, and it takes {BRIDGE_PAIRS}"))
            }
            (_, 1) => Some(EQUAL_CAPTIONS.into()),
            _ => None,
        }
    }

    /// Why none of the approaches asked for has a number, and what to do about it.
    pub fn nothing(&self, asked: Approaches) -> String {
        let photos = self.photos.count;
        let alone = asked.pre_clip && photos < 2;
        match (self.captioned.count, self.texts) {
            (0, _) | (_, 0) if alone => {
                format!(
                    "there is {} without a caption; add photos, and captions for them",
                    count(photos, "photo")
                )
            }
            (0, _) | (_, 0) => {
                format!("{NO_CAPTIONS}; put a .txt file beside each photo, or give a manifest with captions")
            }
            _ if photos < 2 => "there is only one photo; add photos".into(),
            (1, _) => format!("only 1 of {photos} photos has a caption; add captions"),
            (captioned, _) if captioned < photos => {
                format!("only {captioned} of {photos} photos have a caption; add captions")
            }
            (captioned, _) if captioned < BRIDGE_PAIRS => {
                format!(
                    "there are only {photos} photos, and the bridge takes {BRIDGE_PAIRS}; add photos with captions"
                )
            }
            (_, 1) => format!("{EQUAL_CAPTIONS}; give each photo its own"),
            _ => "there are too few photos with different captions; add some".into(),
        }
    }
}

/// What `needs` asks for and the group does not have.
fn lacking(group: Group, needs: Needs, photos: &str) -> Option<String> {
    let one_category = || (group.categories < 2).then(|| format!("all {photos} are in one category"));
    let singles = || (group.largest < 2).then(|| format!("no category has two {photos}"));
    match needs {
        Needs::AnyPairs => None,
        Needs::Within => singles(),
        Needs::Across => one_category(),
        Needs::Both => one_category().or_else(singles),
    }
}
