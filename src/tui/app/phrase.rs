//! Typing a phrase: photos, or captions, are ranked by it with every key.

use std::sync::Arc;
use std::time::Duration;

use super::line::InputLine;
use super::{App, Entry, Mark, RankedList, Results};
use crate::tui::jobs::{Effect, Job, PhraseRanking, TextAnswer, TextDone, TextJob, TextUse};
use crate::tui::layout::Panel;
use crate::tui::{Approach, Command};
use clipscope_analysis::retrieval::{confidence, top_k};
use clipscope_networks::{Modality, Role};

/// Keys that follow each other faster are embedded together.
pub(super) const DEBOUNCE: Duration = Duration::from_millis(50);
/// Rows of a ranking at most.
const LONGEST: usize = 200;

/// A phrase and what it finds.
#[derive(Debug, Clone, Default)]
pub struct Phrase {
    /// What is typed.
    pub line: InputLine,
    /// When it was last embedded, or must be: `None` when nothing has changed since.
    pub(crate) due: Option<Duration>,
    /// Number of the newest answer.
    pub(crate) answered: u64,
    /// What the ranking belongs to.
    pub(crate) ranked: Option<(String, Arc<Results>, Vec<f32>)>,
    /// Why there is no ranking, safe to show.
    pub(crate) failure: Option<String>,
    /// The chosen row of the ranking.
    pub chosen: usize,
    /// Where the cursor was before.
    pub(crate) before: (usize, usize),
    /// The user has finished typing, and the last text is still being embedded.
    pub(crate) closing: bool,
}

impl App {
    /// Opens the line for a phrase, where there is a space that phrases share.
    pub(super) fn open_phrase(&mut self) {
        if self.phrase_roles().is_none() {
            let why = match self.approach {
                Approach::Images => "before CLIP a phrase and a photo have no space in common",
                _ => "the bridge compares pairs, and a phrase is not part of one",
            };
            let (clip, texts) = (self.keys.label(Command::ShowClip), self.keys.label(Command::ShowTexts));
            self.say(format!("{why}; press {clip}, or {texts} for captions"));
            return;
        }
        if self.results.is_none() {
            self.say("nothing is compared yet");
            return;
        }
        self.phrase = Some(Phrase { before: self.cursor, answered: self.text_jobs, ..Phrase::default() });
        self.focus_on(Panel::TopK);
        self.scroll[Panel::TopK as usize] = 0;
    }

    /// Which vectors a phrase is ranked against, and which of its own.
    fn phrase_roles(&self) -> Option<(Role, Role)> {
        match self.approach {
            Approach::Clip => Some((Role::ClipImage, Role::ClipText)),
            Approach::Texts => Some((Role::PreClipText, Role::PreClipText)),
            Approach::Images | Approach::Bridge => None,
        }
    }

    /// Leaves the line; with `keep` the cursor goes to the row that was chosen, else to where it was.
    pub(super) fn close_phrase(&mut self, keep: bool) {
        let Some(phrase) = &mut self.phrase else { return };
        let typed = !phrase.line.text().trim().is_empty();
        if keep && typed && (phrase.due.is_some() || phrase.answered < self.text_jobs) {
            // The last keys are still on their way: keep what they find.
            phrase.closing = true;
            phrase.due = phrase.due.map(|_| Duration::ZERO);
            return;
        }
        if !keep {
            self.cursor = phrase.before;
        }
        self.phrase = None;
        self.scroll[Panel::TopK as usize] = 0;
        self.focus_on(Panel::Grid);
    }

    /// Moves along the ranking; the cursor follows, so that the photo is shown.
    pub(super) fn choose(&mut self, step: isize) {
        let rows = self.lists.first().map_or(0, |list| list.entries.len());
        let Some(phrase) = &mut self.phrase else { return };
        phrase.chosen = phrase.chosen.saturating_add_signed(step).min(rows.saturating_sub(1));
        self.follow_choice();
    }

    /// Puts the cursor on the chosen row.
    fn follow_choice(&mut self) {
        let Some(phrase) = &self.phrase else { return };
        let Some(entry) = self.lists.first().and_then(|list| list.entries.get(phrase.chosen)) else { return };
        if self.rows.position(entry.place).is_some() {
            self.cursor.0 = entry.place;
        }
        let area = self.plan().inside(Panel::TopK).map_or(1, |area| usize::from(area.height));
        // Two lines stand above the ranking.
        let (first, last) = ((phrase.chosen + 3).saturating_sub(area), phrase.chosen);
        let scroll = &mut self.scroll[Panel::TopK as usize];
        *scroll = (*scroll).clamp(first, last.max(first));
    }

    /// The line has changed.
    pub(super) fn phrase_changed(&mut self) {
        let due = self.now + DEBOUNCE;
        let Some(phrase) = &mut self.phrase else { return };
        if phrase.line.text().trim().is_empty() {
            phrase.due = None;
            phrase.ranked = None;
            phrase.failure = None;
        } else {
            phrase.due = Some(due);
        }
    }

    /// Has the phrase embedded when it is time.
    pub(super) fn embed_phrase_when_due(&mut self) {
        let Some(roles) = self.phrase_roles() else { return };
        let (Some(phrase), Some(results)) = (&mut self.phrase, &self.results) else { return };
        if phrase.due.is_none_or(|due| self.now < due) {
            return;
        }
        phrase.due = None;
        self.text_jobs += 1;
        let ranking = PhraseRanking {
            role: roles.0,
            phrase_role: roles.1,
            results: Arc::clone(results),
            embeddings: self.embeddings.clone(),
            models: self.models.clone(),
        };
        self.effects.push(Effect::Job(Job::Text(TextJob {
            number: self.text_jobs,
            text: phrase.line.text().trim().to_owned(),
            usage: TextUse::Phrase(Box::new(ranking)),
        })));
    }

    /// Takes in a ranking, unless a newer one is there already.
    pub(super) fn phrase_ranked(&mut self, done: TextDone) {
        let Some(phrase) = &mut self.phrase else { return };
        if done.number <= phrase.answered || phrase.line.text().trim().is_empty() {
            return;
        }
        phrase.answered = done.number;
        match done.result {
            Ok(TextAnswer::Scores(results, scores)) => {
                phrase.failure = None;
                // The same phrase over more photos keeps the row.
                if phrase.ranked.as_ref().is_none_or(|(text, _, _)| *text != done.text) {
                    phrase.chosen = 0;
                }
                let newest = phrase.due.is_none() && phrase.line.text().trim() == done.text;
                let closing = phrase.closing && newest;
                phrase.ranked = Some((done.text, results, scores));
                self.rebuild_lists();
                self.follow_choice();
                if closing {
                    self.close_phrase(true);
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
        list.query = clipscope_base::display_safe::display_safe(text).into_owned();
        list.note = format!("{} ranked", scores.len());
        // A softmax belongs to the shared space.
        let confidences = (!captions).then(|| confidence(scores, self.models.logit_scale));
        list.entries = top_k(scores, LONGEST)
            .into_iter()
            .filter_map(|candidate| {
                Some(Entry {
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
