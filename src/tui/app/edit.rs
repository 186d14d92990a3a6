//! Editing a caption: it is embedded anew with every key, and ranks, accuracy and grid move with it.
//!
//! A caption that is kept changes the comparison, not the file; `w` saves it. What an edit did can be undone.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::line::InputLine;
use super::phrase::DEBOUNCE;
use super::{App, Results};
use crate::tui::engine::TextVectors;
use crate::tui::jobs::{
    CaptionToSave, Effect, Effort, Job, SaveDone, SaveJob, TextAnswer, TextDone, TextJob, TextUse,
};
use crate::tui::layout::Panel;
use crate::tui::{Approach, Command};
use clipscope_base::display_safe::display_safe;
use clipscope_core::embedding::Unit;
use clipscope_networks::{Modality, Role};

/// Edits that can be undone.
const REMEMBERED: usize = 100;

/// A caption as it was, to go back to.
#[derive(Debug, Clone)]
pub(crate) struct Before {
    place: usize,
    text: String,
    vectors: TextVectors,
}

/// A caption being edited.
#[derive(Debug, Clone)]
pub struct Edit {
    /// Its place among all captions.
    pub place: usize,
    /// What is typed.
    pub line: InputLine,
    /// The numbers before the edit.
    pub baseline: Arc<Results>,
    /// Why the text is not compared, safe to show.
    pub failure: Option<String>,
    pub(crate) due: Option<Duration>,
    pub(crate) answered: u64,
    pub(crate) before: Before,
    /// The first comparison with what is typed; `None` before there is one.
    pub(crate) moved: Option<u64>,
    /// The user has finished typing, and the last text is still being embedded.
    pub(crate) closing: bool,
}

/// Edits that were kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Edits {
    undo: Vec<Before>,
    /// The texts in the file of captions that differ from it.
    on_disk: BTreeMap<usize, String>,
    saving: bool,
}

impl Edits {
    /// Other models are in use: what an edit replaced cannot be put back any more.
    pub(super) fn forget_vectors(&mut self) {
        self.undo.clear();
    }
}

impl App {
    /// The caption that `e` edits: that of the cursor's column, inside one modality that of its row.
    #[must_use]
    pub fn caption_to_edit(&self) -> Option<usize> {
        let place = match self.approach {
            Approach::Images => self.catalog.partner(Modality::Text, self.cursor.0)?,
            Approach::Texts => self.cursor.0,
            Approach::Bridge | Approach::Clip => self.cursor.1,
        };
        (place < self.catalog.captions.len()).then_some(place)
    }

    /// Captions that differ from the file.
    #[must_use]
    pub fn unsaved(&self) -> usize {
        self.edits.on_disk.len()
    }

    pub(super) fn open_edit(&mut self) {
        let Some(place) = self.caption_to_edit() else {
            self.say("there is no caption to edit");
            return;
        };
        let (Some(results), Some(text)) = (self.results.clone(), self.caption_text(place)) else {
            self.say("nothing is compared yet");
            return;
        };
        if self.embeddings.is_skipped(Unit::Caption(place)) {
            self.say("this caption was left out");
            return;
        }
        if self.progress.is_running() || results.effort == Effort::Preview {
            self.say("the numbers still move by themselves: edit when everything is embedded");
            return;
        }
        let vectors = [Role::PreClipText, Role::ClipText]
            .into_iter()
            .filter_map(|role| Some((role, self.embeddings.get(role, place)?.into())))
            .collect::<TextVectors>();
        if vectors.is_empty() {
            self.say("this caption has no vectors yet");
            return;
        }
        let Some(line) = InputLine::holding(&text) else {
            self.say("too long for a line, or with tabs or line breaks: edit it in its file");
            return;
        };
        self.edit = Some(Edit {
            place,
            line,
            baseline: results,
            failure: None,
            due: None,
            answered: self.text_jobs,
            before: Before { place, text, vectors },
            moved: None,
            closing: false,
        });
        self.focus_on(Panel::Accuracy);
        self.scroll[Panel::Accuracy as usize] = 0;
    }

    /// The text of a caption as the data set holds it.
    fn caption_text(&self, place: usize) -> Option<String> {
        let caption = self.catalog.captions.get(place)?;
        let first = self.catalog.photos.get(caption.photo)?.captions.start;
        self.dataset.items.get(caption.photo)?.captions.get(place - first).cloned()
    }

    /// The line has changed.
    pub(super) fn edit_changed(&mut self) {
        let due = self.now + DEBOUNCE;
        let Some(edit) = &mut self.edit else { return };
        edit.closing = false;
        if edit.line.text().trim().is_empty() {
            edit.due = None;
            edit.failure = Some("an empty caption is not compared".into());
        } else {
            edit.due = Some(due);
        }
    }

    /// Has the caption embedded when it is time.
    pub(super) fn embed_caption_when_due(&mut self) {
        let Some(edit) = &mut self.edit else { return };
        if edit.due.is_none_or(|due| self.now < due) {
            return;
        }
        edit.due = None;
        self.text_jobs += 1;
        let text = edit.line.text().trim().to_owned();
        let number = self.text_jobs;
        self.effects.push(Effect::Job(Job::Text(TextJob { number, text, usage: TextUse::Caption })));
    }

    /// Takes in the vectors of the caption, unless newer ones are there already.
    pub(super) fn caption_embedded(&mut self, done: TextDone) {
        let Some(edit) = &mut self.edit else { return };
        if done.number <= edit.answered {
            return;
        }
        edit.answered = done.number;
        if edit.line.text().trim().is_empty() {
            // Of a text that is not there any more; that it is empty has been said.
            return;
        }
        let newest = edit.due.is_none() && edit.line.text().trim() == done.text;
        let (place, closing) = (edit.place, edit.closing && newest);
        match done.result {
            Ok(TextAnswer::Vectors(vectors)) => {
                edit.failure = None;
                edit.moved.get_or_insert(self.refresh.version + 1);
                self.put_caption(place, &done.text, &vectors);
            }
            Ok(TextAnswer::Scores(..)) => {}
            Err(reason) => {
                edit.failure = Some(reason);
                edit.closing = false;
                return;
            }
        }
        if closing {
            self.keep_edit();
        }
    }

    /// Puts a text and its vectors in the place of a caption's.
    fn put_caption(&mut self, place: usize, text: &str, vectors: &TextVectors) {
        let Some(caption) = self.catalog.captions.get_mut(place) else { return };
        caption.text = display_safe(text).into_owned();
        let photo = caption.photo;
        let first = self.catalog.photos[photo].captions.start;
        let dataset = Arc::make_mut(&mut self.dataset);
        if let Some(slot) = dataset.items.get_mut(photo).and_then(|item| item.captions.get_mut(place - first))
        {
            let old = std::mem::replace(slot, text.to_owned());
            let on_disk = self.edits.on_disk.entry(place).or_insert(old);
            if on_disk == text {
                self.edits.on_disk.remove(&place);
            }
        }
        for (role, vector) in vectors {
            self.embeddings.insert(*role, place, Arc::clone(vector));
        }
        self.refresh.wanted = true;
        self.refresh.not_before = Duration::ZERO;
    }

    /// Leaves the line. With `keep` the text stays in the comparison, else everything is as it was.
    pub(super) fn close_edit(&mut self, keep: bool) {
        let Some(edit) = &self.edit else { return };
        let text = edit.line.text().trim();
        if !keep {
            let before = edit.before.clone();
            let changed = self.caption_text(before.place).is_some_and(|text| text != before.text);
            self.edit = None;
            self.compare_wholly_again();
            if changed {
                self.put_caption(before.place, &before.text, &before.vectors);
            }
            self.focus_on(Panel::Grid);
            return;
        }
        // The newest text is still on its way to its vectors.
        let waits = edit.due.is_some() || edit.answered < self.text_jobs && !text.is_empty();
        if let Some(reason) = edit.failure.clone().filter(|_| !waits) {
            let cancel = self.keys.label(Command::Cancel);
            self.say(format!("not kept: {reason}; {cancel} goes back to the caption as it was"));
            return;
        }
        let known = self.caption_text(edit.place).is_some_and(|known| known == text);
        if waits || !known {
            // Keep what the last keys make of it.
            let now = self.text_jobs;
            let Some(edit) = &mut self.edit else { return };
            edit.closing = true;
            if edit.due.is_some() || edit.answered >= now {
                edit.due = Some(Duration::ZERO);
            }
            return;
        }
        self.keep_edit();
    }

    /// After a line is closed: numbers that were made while typing lack what takes long.
    fn compare_wholly_again(&mut self) {
        let whole = self.results.as_ref().is_some_and(|results| results.effort == Effort::Whole);
        self.refresh.wanted |= self.refresh.running || !whole;
    }

    fn keep_edit(&mut self) {
        let Some(edit) = self.edit.take() else { return };
        self.focus_on(Panel::Grid);
        self.compare_wholly_again();
        if self.caption_text(edit.place).is_some_and(|text| text == edit.before.text) {
            return;
        }
        self.edits.undo.push(edit.before);
        let surplus = self.edits.undo.len().saturating_sub(REMEMBERED);
        self.edits.undo.drain(..surplus);
        let (save, undo) = (self.keys.label(Command::Save), self.keys.label(Command::Undo));
        self.say(format!("kept in this comparison; {save} saves it to the file, {undo} undoes it"));
    }

    /// Takes the last kept edit back.
    pub(super) fn undo(&mut self) {
        let Some(before) = self.edits.undo.pop() else {
            self.say("there is nothing to undo");
            return;
        };
        self.put_caption(before.place, &before.text, &before.vectors);
        self.say(format!("back to “{}”", display_safe(&before.text)));
    }

    /// Saves every caption that differs from the file.
    pub(super) fn save(&mut self) {
        if self.edits.on_disk.is_empty() {
            self.say("every caption is as it is in the file");
            return;
        }
        if self.edits.saving {
            return;
        }
        let captions = self.edits.on_disk.iter().filter_map(|(&place, old)| {
            let caption = self.catalog.captions.get(place)?;
            let photo = self.catalog.photos.get(caption.photo)?;
            Some(CaptionToSave {
                place,
                file: self.dataset.items.get(caption.photo)?.file.clone(),
                number: place - photo.captions.start,
                old: old.clone(),
                text: self.caption_text(place)?,
            })
        });
        let captions = captions.collect();
        self.edits.saving = true;
        let dataset = Arc::clone(&self.dataset);
        self.effects.push(Effect::Job(Job::Save(SaveJob { dataset, captions })));
    }

    /// Takes in what became of saving.
    pub(super) fn saved(&mut self, done: SaveDone) {
        self.redraw = true;
        self.edits.saving = false;
        for (place, text) in &done.saved {
            match self.caption_text(*place) {
                // It has been edited again meanwhile.
                Some(now) if now != *text => {
                    self.edits.on_disk.insert(*place, text.clone());
                }
                _ => {
                    self.edits.on_disk.remove(place);
                }
            }
        }
        let count = done.saved.len();
        let what = if count == 1 { "the caption is".into() } else { format!("{count} captions are") };
        match (done.failure, done.files.as_slice()) {
            (Some(reason), []) => self.say(reason),
            (Some(reason), _) => self.say(format!("{what} saved; another one is not: {reason}")),
            (None, [file]) => {
                self.say(format!("{what} saved in {file}; the old file is beside it, with .bak"))
            }
            (None, files) => {
                let files = files.len();
                self.say(format!("{what} saved in {files} files; the old ones are beside them, with .bak"));
            }
        }
    }
}
