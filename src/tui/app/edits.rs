//! Edits of captions that were kept: how to take them back, and which are not in the file yet.

use std::collections::BTreeMap;

use crate::tui::engine::TextVectors;

/// Edits that can be undone.
const REMEMBERED: usize = 100;

/// A caption as it was, to go back to.
#[derive(Debug, Clone)]
pub(crate) struct CaptionBefore {
    /// Its place among all captions.
    pub place: usize,
    pub text: String,
    pub vectors: TextVectors,
}

/// Edits that were kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edits {
    undo: Vec<CaptionBefore>,
    /// For each caption that differs from its file, the text in the file.
    in_file: BTreeMap<usize, String>,
}

impl Edits {
    /// Remembers a caption as it was before an edit.
    pub fn remember(&mut self, before: CaptionBefore) {
        self.undo.push(before);
        let surplus = self.undo.len().saturating_sub(REMEMBERED);
        self.undo.drain(..surplus);
    }

    /// The caption before the last edit; it is forgotten.
    pub fn take_last(&mut self) -> Option<CaptionBefore> {
        self.undo.pop()
    }

    /// Forgets what edits replaced: other models are in use, and the vectors are of no use any more.
    pub fn forget_undo(&mut self) {
        self.undo.clear();
    }

    /// Notes that a caption was changed from `old` to `new`.
    pub fn note(&mut self, place: usize, old: String, new: &str) {
        if self.in_file.entry(place).or_insert(old).as_str() == new {
            self.in_file.remove(&place);
        }
    }

    /// Notes that a caption was saved as `saved`, and is `now`.
    pub fn note_saved(&mut self, place: usize, saved: &str, now: Option<&str>) {
        match now {
            // It has been edited again since.
            Some(now) if now != saved => {
                self.in_file.insert(place, saved.to_owned());
            }
            _ => {
                self.in_file.remove(&place);
            }
        }
    }

    /// The captions that differ from their file, each with the text in the file.
    pub fn unsaved(&self) -> impl ExactSizeIterator<Item = (usize, &String)> {
        self.in_file.iter().map(|(&place, text)| (place, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_is_unsaved_while_it_differs_from_its_file() {
        let mut edits = Edits::default();
        edits.note(3, "a".into(), "b");
        edits.note(3, "b".into(), "c");
        assert_eq!(edits.unsaved().collect::<Vec<_>>(), [(3, &"a".to_owned())]);
        edits.note(3, "c".into(), "a");
        assert_eq!(edits.unsaved().len(), 0);
        edits.note(3, "a".into(), "d");
        edits.note_saved(3, "d", Some("e"));
        assert_eq!(
            edits.unsaved().collect::<Vec<_>>(),
            [(3, &"d".to_owned())],
            "edited again while it was saved"
        );
        edits.note_saved(3, "e", Some("e"));
        assert_eq!(edits.unsaved().len(), 0);
    }
}
