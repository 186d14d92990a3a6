//! A change of one caption, and finding the caption it is about.

use std::{collections::HashSet, fmt};

use crate::dataset::error::DatasetError;

/// A caption and the text to replace it with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptionChange<'a> {
    /// The photo, as named in the data set.
    pub file: &'a str,
    /// Which of the photo's captions, as they were read: empty and repeated ones in the file do not count.
    pub number: usize,
    /// The text in the file. `None` adds a caption; its number is then the number of captions.
    pub old: Option<&'a str>,
    /// The new text.
    pub text: &'a str,
}

/// A file's contents with its changes, and why some are not in it.
pub(super) struct Edited {
    pub bytes: Vec<u8>,
    /// One for each change, in their order; `None` for a change that was made.
    pub refused: Vec<Option<DatasetError>>,
}

/// What to do about a file that is not what was read.
const CHANGED: &str =
    "the file has changed since it was read; save the caption by hand, or open the data set again";

/// Finds the position of a caption among the texts of its photo; `None` if it is to be added after them. `taken` are the
/// positions of other captions that are changed in the same save.
///
/// The old text decides, since other edits may have shifted the numbers.
pub(super) fn find_caption(
    texts: &[Option<&str>],
    change: &CaptionChange<'_>,
    taken: &HashSet<usize>,
    place: impl fmt::Display,
) -> Result<Option<usize>, DatasetError> {
    let captions = caption_positions(texts.iter().copied());
    let Some(old) = change.old else {
        if change.number == captions.len() {
            return Ok(None);
        }
        let problem = format!("there is no caption number {}", change.number + 1);
        return Err(DatasetError::not_saved(place, problem, CHANGED));
    };
    let matches = |position: &usize| {
        !taken.contains(position) && texts[*position].is_some_and(|text| text.trim() == old.trim())
    };
    // Equal texts are one caption, so any of them will do; the one with the number is the likeliest.
    let found = captions.get(change.number).copied().into_iter().chain(0..texts.len()).find(matches);
    found.map(Some).ok_or_else(|| {
        let problem = format!("caption number {} is not the text that was read", change.number + 1);
        DatasetError::not_saved(place, problem, CHANGED)
    })
}

/// The positions of the texts that count as captions: not empty, each once.
pub(super) fn caption_positions<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Vec<usize> {
    let mut seen = HashSet::new();
    texts
        .enumerate()
        .filter_map(|(position, text)| Some((position, text?.trim())))
        .filter(|(_, text)| !text.is_empty() && seen.insert(*text))
        .map(|(position, _)| position)
        .collect()
}
