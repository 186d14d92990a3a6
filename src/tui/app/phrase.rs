//! Typing a phrase: photos, or captions, are ranked by it with every key.

use std::sync::Arc;
use std::time::Duration;

use super::App;
use super::overlay::{DEBOUNCE, Overlay, Phrase};
use crate::tui::approach::Approach;
use crate::tui::command::Command;
use crate::tui::effect::Effect;
use crate::tui::jobs::{Job, PhraseRanking, TextAnswer, TextDone, TextJob, TextUse};
use crate::tui::layout::Panel;
use crate::tui::model::{Mark, RankedItem, RankedList};
use clipscope_analysis::retrieval::{confidence, top_k};
use clipscope_base::display_safe::display_safe;
use clipscope_networks::{Modality, Role};

/// Most rows in a ranking.
const LONGEST: usize = 200;

impl App {
    /// Opens the line for a phrase, where there is a space that phrases share.
    pub(super) fn open_phrase(&mut self) {
        if !matches!(self.overlay, Overlay::None) {
            return;
        }
        if self.phrase_roles().is_none() {
            let why = match self.approach {
                Approach::Images => "before CLIP a phrase and a photo have no space in common",
                _ => "the bridge compares pairs, and a phrase is not part of one",
            };
            let (clip, texts) = (self.keys.label(Command::ShowClip), self.keys.label(Command::ShowTexts));
            self.say(format!("{why}; press {clip}, or {texts} for captions"));
            return;
        }
        if self.first.results.is_none() {
            self.say("nothing is compared yet");
            return;
        }
        self.overlay = Overlay::Phrase(Box::new(Phrase { before: self.cursor, ..Phrase::default() }));
        self.focus_on(Panel::TopK);
        self.scroll[Panel::TopK as usize] = 0;
    }

    /// The role of the vectors that are ranked, and that of the phrase's.
    fn phrase_roles(&self) -> Option<(Role, Role)> {
        match self.approach {
            Approach::Clip => Some((Role::ClipImage, Role::ClipText)),
            Approach::Texts => Some((Role::PreClipText, Role::PreClipText)),
            Approach::Images | Approach::Bridge => None,
        }
    }

    /// Closes the line and leaves the cursor on the chosen row, once the last text is ranked.
    pub(super) fn keep_phrase(&mut self) {
        let Overlay::Phrase(phrase) = &mut self.overlay else { return };
        if phrase.texts.is_pending() && !phrase.line.text().trim().is_empty() {
            phrase.closing = true;
            if phrase.texts.wanted().is_some() {
                phrase.texts.want(Duration::ZERO);
            }
            return;
        }
        self.close_phrase();
    }

    /// Closes the line and puts the cursor back.
    pub(super) fn cancel_phrase(&mut self) {
        let Overlay::Phrase(phrase) = &self.overlay else { return };
        self.cursor = phrase.before;
        self.close_phrase();
    }

    fn close_phrase(&mut self) {
        self.overlay = Overlay::None;
        self.scroll[Panel::TopK as usize] = 0;
        self.focus_on(Panel::Grid);
    }

    /// Moves along the ranking. The cursor follows, so that the photo is shown.
    pub(super) fn choose(&mut self, step: isize) {
        let rows = self.lists.first().map_or(0, |list| list.items.len());
        let Overlay::Phrase(phrase) = &mut self.overlay else { return };
        phrase.chosen = phrase.chosen.saturating_add_signed(step).min(rows.saturating_sub(1));
        self.follow_choice();
    }

    /// Puts the cursor on the chosen row.
    fn follow_choice(&mut self) {
        let Some(chosen) = self.phrase().map(|phrase| phrase.chosen) else { return };
        let Some(item) = self.lists.first().and_then(|list| list.items.get(chosen)) else { return };
        if self.rows.position(item.place).is_some() {
            self.cursor.0 = item.place;
        }
        let area = self.plan().inside(Panel::TopK).map_or(1, |area| usize::from(area.height));
        // Two lines stand above the ranking.
        let (first, last) = ((chosen + 3).saturating_sub(area), chosen);
        let scroll = &mut self.scroll[Panel::TopK as usize];
        *scroll = (*scroll).clamp(first, last.max(first));
    }

    /// Wants the phrase ranked after a change of the line or of the numbers.
    pub(super) fn phrase_changed(&mut self) {
        let from = self.now + DEBOUNCE;
        let Overlay::Phrase(phrase) = &mut self.overlay else { return };
        if phrase.line.text().trim().is_empty() {
            phrase.texts.unwant();
            phrase.ranked = None;
            phrase.failure = None;
        } else {
            phrase.texts.want(from);
        }
    }

    /// Sends the phrase to be embedded when it is due.
    pub(super) fn embed_phrase_when_due(&mut self) {
        let Some((role, phrase_role)) = self.phrase_roles() else { return };
        let (Overlay::Phrase(phrase), Some(results)) = (&mut self.overlay, &self.first.results) else {
            return;
        };
        if !phrase.texts.is_due(self.now) {
            return;
        }
        self.number += 1;
        phrase.texts.ask(self.number);
        let ranking = PhraseRanking {
            role,
            phrase_role,
            results: Arc::clone(results),
            embeddings: self.first.embeddings.clone(),
            models: self.first.models.clone(),
        };
        self.effects.push(Effect::Job(Job::Text(TextJob {
            number: self.number,
            text: phrase.line.text().trim().to_owned(),
            usage: TextUse::Phrase(Box::new(ranking)),
        })));
    }

    /// Takes in a ranking, unless a newer one has come already.
    pub(super) fn phrase_ranked(&mut self, done: TextDone) {
        let Overlay::Phrase(phrase) = &mut self.overlay else { return };
        if !phrase.texts.answered(&done.number) || phrase.line.text().trim().is_empty() {
            return;
        }
        match done.result {
            Ok(TextAnswer::Scores(results, scores)) => {
                phrase.failure = None;
                // The same phrase over more photos keeps its row.
                if phrase.ranked.as_ref().is_none_or(|(text, _, _)| *text != done.text) {
                    phrase.chosen = 0;
                }
                let newest = phrase.texts.wanted().is_none() && phrase.line.text().trim() == done.text;
                let closing = phrase.closing && newest;
                phrase.ranked = Some((done.text, results, scores));
                self.rebuild_lists();
                self.follow_choice();
                if closing {
                    self.keep_phrase();
                }
            }
            Ok(TextAnswer::Vectors(_)) => {}
            Err(reason) => {
                phrase.failure = Some(reason);
                phrase.closing = false;
            }
        }
    }

    /// The ranking as a list.
    pub(super) fn phrase_list(&self, phrase: &Phrase) -> RankedList {
        let captions = self.approach == Approach::Texts;
        let title = if captions { "captions for the phrase" } else { "photos for the phrase" };
        let mut list = RankedList { title: title.into(), ..RankedList::default() };
        if let Some(reason) = &phrase.failure {
            list.note = reason.clone();
            return list;
        }
        let Some((text, results, scores)) = &phrase.ranked else {
            list.note = "type what the photo shows".into();
            return list;
        };
        let modality = if captions { Modality::Text } else { Modality::Image };
        list.query = display_safe(text).into_owned();
        list.note = format!("{} ranked", scores.len());
        // Confidences are only defined in the shared space.
        let confidences = (!captions).then(|| confidence(scores, self.first.models.logit_scale));
        list.items = top_k(scores, LONGEST)
            .into_iter()
            .filter_map(|candidate| {
                Some(RankedItem {
                    modality,
                    place: results.place(modality, candidate)?,
                    score: scores[candidate],
                    confidence: confidences.as_ref().map(|all| all[candidate]),
                    mark: Mark::None,
                })
            })
            .collect();
        list
    }
}
