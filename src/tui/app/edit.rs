//! Editing a caption: it is embedded again with every key, and ranks, accuracy and grid follow.
//!
//! A caption that is kept changes the comparison, not the file.

use std::sync::Arc;
use std::time::Duration;

use super::App;
use super::edits::CaptionBefore;
use super::overlay::{DEBOUNCE, Edit, Overlay};
use crate::tui::approach::Approach;
use crate::tui::command::Command;
use crate::tui::effect::Effect;
use crate::tui::engine::TextVectors;
use crate::tui::jobs::{Job, TextAnswer, TextDone, TextJob, TextUse};
use crate::tui::layout::Panel;
use crate::tui::model::{Effort, InputLine, Newest};
use clipscope_base::display_safe::display_safe;
use clipscope_core::embedding::Unit;
use clipscope_networks::{Modality, Role};

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

    pub(super) fn open_edit(&mut self) {
        if !matches!(self.overlay, Overlay::None) {
            return;
        }
        match self.new_edit() {
            Ok(edit) => {
                self.overlay = Overlay::Edit(Box::new(edit));
                self.focus_on(Panel::Accuracy);
                self.scroll[Panel::Accuracy as usize] = 0;
            }
            Err(reason) => self.say(reason),
        }
    }

    /// An edit of the cursor's caption, or why it cannot be edited.
    fn new_edit(&self) -> Result<Edit, &'static str> {
        let place = self.caption_to_edit().ok_or("there is no caption to edit")?;
        let (Some(results), Some(text)) = (self.first.results.clone(), self.caption_text(place)) else {
            return Err("nothing is compared yet");
        };
        if self.first.embeddings.is_skipped(Unit::Caption(place)) {
            return Err("this caption was left out");
        }
        if self.first.progress.is_running() || results.effort == Effort::Preview {
            return Err("the numbers are still changing: edit when everything is embedded");
        }
        let vectors = [Role::PreClipText, Role::ClipText]
            .into_iter()
            .filter_map(|role| Some((role, self.first.embeddings.get(role, place)?.into())))
            .collect::<TextVectors>();
        if vectors.is_empty() {
            return Err("this caption has no vectors yet");
        }
        let line = InputLine::holding(&text)
            .ok_or("it is too long for one line, or has tabs or line breaks: edit it in its file")?;
        Ok(Edit {
            place,
            line,
            baseline: results,
            failure: None,
            texts: Newest::default(),
            before: CaptionBefore { place, text, vectors },
            moved: None,
            closing: false,
        })
    }

    /// The text of a caption as the data set holds it.
    pub(super) fn caption_text(&self, place: usize) -> Option<String> {
        let caption = self.catalog.captions.get(place)?;
        let first = self.catalog.photos.get(caption.photo)?.captions.start;
        self.dataset().items.get(caption.photo)?.captions.get(place - first).cloned()
    }

    /// Wants the text embedded after a change of the line.
    pub(super) fn edit_changed(&mut self) {
        let from = self.now + DEBOUNCE;
        let Overlay::Edit(edit) = &mut self.overlay else { return };
        edit.closing = false;
        if edit.line.text().trim().is_empty() {
            edit.texts.unwant();
            edit.failure = Some("an empty caption is not compared".into());
        } else {
            edit.texts.want(from);
        }
    }

    /// Sends the caption to be embedded when it is due.
    pub(super) fn embed_caption_when_due(&mut self) {
        let Overlay::Edit(edit) = &mut self.overlay else { return };
        if !edit.texts.is_due(self.now) {
            return;
        }
        self.number += 1;
        edit.texts.ask(self.number);
        let text = edit.line.text().trim().to_owned();
        let number = self.number;
        self.effects.push(Effect::Job(Job::Text(TextJob { number, text, usage: TextUse::Caption })));
    }

    /// Takes in the vectors of the caption, unless newer ones have come already.
    pub(super) fn caption_embedded(&mut self, done: TextDone) {
        let Overlay::Edit(edit) = &mut self.overlay else { return };
        // An empty line has said so already.
        if !edit.texts.answered(&done.number) || edit.line.text().trim().is_empty() {
            return;
        }
        let newest = edit.texts.wanted().is_none() && edit.line.text().trim() == done.text;
        let (place, closing) = (edit.place, edit.closing && newest);
        match done.result {
            Ok(TextAnswer::Vectors(vectors)) => {
                edit.failure = None;
                edit.moved.get_or_insert(self.number + 1);
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
            self.finish_edit();
        }
    }

    /// Replaces the text and the vectors of a caption.
    pub(super) fn put_caption(&mut self, place: usize, text: &str, vectors: &TextVectors) {
        let Some(caption) = self.catalog.captions.get_mut(place) else { return };
        caption.text = display_safe(text).into_owned();
        let photo = caption.photo;
        let number = place - self.catalog.photos[photo].captions.start;
        let side = &mut self.first;
        let item = Arc::make_mut(&mut side.dataset).items.get_mut(photo);
        if let Some(known) = item.and_then(|item| item.captions.get_mut(number)) {
            let old = std::mem::replace(known, text.to_owned());
            self.edits.note(place, old, text);
        }
        for (role, vector) in vectors {
            side.embeddings.insert(*role, place, Arc::clone(vector));
        }
        side.refresh.want_now();
    }

    /// Closes the line and puts the caption back as it was.
    pub(super) fn cancel_edit(&mut self) {
        let Overlay::Edit(edit) = std::mem::take(&mut self.overlay) else { return };
        let before = edit.before;
        self.compare_wholly_again();
        if self.caption_text(before.place).is_some_and(|text| text != before.text) {
            self.put_caption(before.place, &before.text, &before.vectors);
        }
        self.focus_on(Panel::Grid);
    }

    /// Closes the line and keeps what is typed, once its vectors are there.
    pub(super) fn keep_edit(&mut self) {
        let Overlay::Edit(edit) = &self.overlay else { return };
        let text = edit.line.text().trim();
        // The vectors of the newest text are still to come.
        let waits = edit.texts.wanted().is_some() || edit.texts.is_out() && !text.is_empty();
        if let Some(reason) = edit.failure.as_ref().filter(|_| !waits) {
            let cancel = self.keys.label(Command::Cancel);
            self.say(format!("not kept: {reason}; {cancel} goes back to the caption as it was"));
            return;
        }
        let known = self.caption_text(edit.place).is_some_and(|known| known == text);
        if !waits && known {
            self.finish_edit();
            return;
        }
        // Close the line when they have come.
        let Overlay::Edit(edit) = &mut self.overlay else { return };
        edit.closing = true;
        if edit.texts.wanted().is_some() || !edit.texts.is_out() {
            edit.texts.want(Duration::ZERO);
        }
    }

    fn finish_edit(&mut self) {
        let Overlay::Edit(edit) = std::mem::take(&mut self.overlay) else { return };
        self.focus_on(Panel::Grid);
        self.compare_wholly_again();
        if self.caption_text(edit.place).is_some_and(|text| text == edit.before.text) {
            return;
        }
        self.edits.remember(edit.before);
        let (save, undo) = (self.keys.label(Command::Save), self.keys.label(Command::Undo));
        self.say(format!("kept in this comparison; {save} saves it to the file, {undo} undoes it"));
    }

    /// Asks for complete numbers after a line is closed: those made while typing lack what takes long.
    fn compare_wholly_again(&mut self) {
        let side = &mut self.first;
        let whole = side.results.as_ref().is_some_and(|results| results.effort == Effort::Whole);
        if side.refresh.is_running() || !whole {
            side.refresh.want();
        }
    }

    /// Undoes the last edit that was kept.
    pub(super) fn undo(&mut self) {
        let Some(before) = self.edits.take_last() else {
            self.say("there is nothing to undo");
            return;
        };
        self.put_caption(before.place, &before.text, &before.vectors);
        self.say(format!("back to “{}”", display_safe(&before.text)));
    }
}
