//! The page of models: choosing a set, and fetching one.

use super::App;
use super::overlay::{ModelsPage, Overlay};
use crate::tui::content::models as page_text;
use crate::tui::effect::{DashboardEffect, Effect};
use crate::tui::jobs::{Job, SetsDone};
use crate::tui::layout::{self, Panel};
use crate::tui::model::{FetchNews, Fetching, SetRow, SideId};

impl App {
    /// The page of models, while it is open.
    #[must_use]
    pub fn models_page(&self) -> Option<&ModelsPage> {
        match &self.overlay {
            Overlay::Models(page) => Some(page),
            _ => None,
        }
    }

    /// The set under the cursor of the page.
    #[must_use]
    pub fn chosen_set(&self) -> Option<&SetRow> {
        let name = self.models_page()?.chosen.as_ref()?;
        self.sets.iter().find(|set| set.name == *name)
    }

    /// Asks which sets there are. The answer comes from the disk.
    pub(super) fn ask_for_sets(&mut self) {
        self.effects.push(Effect::Job(Job::Sets));
    }

    /// Opens the page, or closes it if it is open.
    pub(super) fn turn_models_page(&mut self) {
        match self.overlay {
            Overlay::Models(_) => self.overlay = Overlay::None,
            Overlay::None | Overlay::Page(_) => {
                self.overlay = Overlay::Models(Box::default());
                self.offer_seen = true;
                self.scroll[Panel::Grid as usize] = 0;
                self.ask_for_sets();
                self.begin_page();
            }
            Overlay::Phrase(_) | Overlay::Edit(_) | Overlay::Export => {}
        }
    }

    /// Takes in the sets there are.
    pub(super) fn sets_listed(&mut self, done: SetsDone) {
        self.redraw = true;
        match done {
            Ok(sets) => (self.sets, self.sets_failure) = (sets, None),
            Err(reason) => self.sets_failure = Some(reason),
        }
        self.begin_page();
    }

    /// Puts the cursor of a page that was just opened on the set in use or, where that one stands in for CLIP, on the best
    /// set. If the set is not whole, the page opens with the question whether to fetch it.
    fn begin_page(&mut self) {
        if self.sets.is_empty() || self.chosen_set().is_some() {
            return;
        }
        let in_use = self.sets.iter().find(|set| set.name == self.first.models.set.name());
        let best = self.sets.iter().find(|set| set.best).filter(|_| self.first.is_stand_in());
        let Some(set) = best.or(in_use).or(self.sets.first()) else { return };
        let name = set.name.clone();
        let asked = (!set.is_whole() && self.fetching.is_none()).then(|| name.clone());
        if let Overlay::Models(page) = &mut self.overlay {
            (page.chosen, page.asked) = (Some(name), asked);
            self.show_chosen_set();
        }
    }

    /// Moves the cursor of the page, stopping at the ends. An open question is withdrawn.
    pub(super) fn step_sets(&mut self, by: isize) {
        let at =
            self.chosen_set().and_then(|chosen| self.sets.iter().position(|set| set.name == chosen.name));
        let last = self.sets.len().saturating_sub(1);
        let at = at.unwrap_or(0).saturating_add_signed(by).min(last);
        let name = self.sets.get(at).map(|set| set.name.clone());
        if let Overlay::Models(page) = &mut self.overlay {
            (page.chosen, page.asked) = (name, None);
            self.show_chosen_set();
        }
    }

    /// Scrolls to the set under the cursor.
    fn show_chosen_set(&mut self) {
        let area = self.plan().page_text();
        let (first, lines) = page_text::chosen_lines(self, area.width);
        let height = usize::from(area.height);
        let scroll = &mut self.scroll[Panel::Grid as usize];
        if first + lines > *scroll + height {
            *scroll = (first + lines).saturating_sub(height);
        }
        *scroll = first.min(*scroll);
    }

    /// Uses the set under the cursor. One that is not whole is asked about, and then fetched.
    pub(super) fn use_chosen_set(&mut self) {
        let Some(set) = self.chosen_set() else { return };
        let (name, whole) = (set.name.clone(), set.is_whole());
        let shown = page_text::shown(&name);
        if whole {
            if name != self.first.models.set.name() || !self.first.models.missing.is_empty() {
                self.ask_for_models(SideId::First, Some(name));
            } else {
                self.say(format!("{shown} is in use"));
            }
            self.overlay = Overlay::None;
            return;
        }
        if let Some(fetching) = &self.fetching {
            let words = if fetching.set == name {
                format!("{shown} is being fetched")
            } else {
                format!("{} is being fetched; one set at a time", page_text::shown(&fetching.set))
            };
            self.say(words);
            return;
        }
        let Overlay::Models(page) = &mut self.overlay else { return };
        if page.asked.as_ref() == Some(&name) {
            page.asked = None;
            self.fetch(name);
        } else {
            page.asked = Some(name);
        }
    }

    /// Compares the set in use with the set under the cursor.
    pub(super) fn compare_with_chosen_set(&mut self) {
        let Some(set) = self.chosen_set() else { return };
        let (name, is_here) = (set.name.clone(), set.networks.iter().any(|network| network.state.is_here()));
        let shown = page_text::shown(&name);
        if name == self.first.models.set.name() {
            self.say(format!("{shown} is in use; choose another set to compare it with"));
        } else if !is_here {
            self.say(format!("nothing of {shown} is installed yet"));
        } else if !layout::can_compare(self.size) {
            self.say("two grids side by side need a wider terminal");
        } else {
            self.overlay = Overlay::None;
            self.drop_second();
            self.ask_for_models(SideId::Second, Some(name));
        }
    }

    /// Withdraws the question, or stops the fetch, or closes the page.
    pub(super) fn stop_or_close(&mut self) {
        if let Overlay::Models(page) = &mut self.overlay
            && page.asked.take().is_some()
        {
            return;
        }
        match self.fetching.take() {
            Some(fetching) => {
                self.effects.push(Effect::Own(DashboardEffect::StopFetch));
                self.say(format!(
                    "stopped; what has arrived of {} is kept, and the next fetch goes on from there",
                    page_text::shown(&fetching.set)
                ));
                self.ask_for_sets();
            }
            None => self.overlay = Overlay::None,
        }
    }

    fn fetch(&mut self, set: String) {
        let number = self.next_number();
        self.fetch_failure = None;
        self.fetching = Some(Fetching::new(number, set.clone()));
        self.effects.push(Effect::Own(DashboardEffect::Fetch { set, number }));
    }

    /// Takes in how far the fetch is.
    pub(super) fn fetch_news(&mut self, number: u64, news: FetchNews) {
        let now = self.now;
        if let Some(fetching) = self.fetching.as_mut().filter(|fetching| fetching.number == number) {
            fetching.take(news, now);
            self.redraw = true;
        }
    }

    /// Handles the end of the fetch. A set that is whole is switched to.
    pub(super) fn fetched(&mut self, number: u64, result: Result<(), String>) {
        let Some(fetching) = self.fetching.take_if(|fetching| fetching.number == number) else { return };
        self.redraw = true;
        self.ask_for_sets();
        match result {
            Ok(()) => {
                if matches!(self.overlay, Overlay::Models(_)) {
                    self.overlay = Overlay::None;
                }
                self.switch_to = Some(fetching.set);
            }
            Err(reason) => {
                self.say(reason.clone());
                self.fetch_failure = Some((fetching.set, reason));
            }
        }
    }

    /// Switches to the set that was fetched, once no line and no question is open.
    pub(super) fn switch_when_free(&mut self) {
        let free = matches!(self.overlay, Overlay::None | Overlay::Page(_) | Overlay::Models(_));
        if free && let Some(set) = self.switch_to.take() {
            self.ask_for_models(SideId::First, Some(set));
        }
    }

    /// What the status line says, as long as nobody has looked, where a stand-in is in use and the real CLIP can be had.
    #[must_use]
    pub fn offer(&self) -> Option<String> {
        let free = !self.offer_seen && self.fetching.is_none() && self.first.is_stand_in();
        let best = self.sets.iter().find(|set| set.best && free)?;
        let key = self.keys.label(crate::tui::Command::Models);
        let size = if best.is_whole() {
            String::new()
        } else {
            format!(", {}", crate::tui::text::bytes(best.to_fetch))
        };
        Some(format!("the real CLIP is one key away: {key}{size}"))
    }
}
