//! What each command does on the screen of an index.
//!
//! Owns the moves of the cursor, the zoom, the typed phrase and the scroll of the help. Must not ask the index for scores
//! or rankings: what follows from a move is for [`Browser::update`].

use super::state::Browser;
use crate::tui::Command;
use crate::tui::effect::Effect;
use crate::tui::error::Left;
use crate::tui::grid_plan::Zoom;
use crate::tui::jobs::RankQuery;
use crate::tui::model::InputLine;

impl Browser {
    pub(super) fn command(&mut self, command: Command) {
        use Command as C;
        if self.notice.as_ref().is_some_and(|notice| notice.goes_with_a_key(self.now)) {
            self.notice = None;
        }
        let page = self.plan();
        let (rows, last) = (page.rows.len().max(1) as isize, self.len().saturating_sub(1));
        let visible = usize::from(self.help_height()).max(2) as isize;
        match command {
            C::Up if self.help => self.scroll_help(-1),
            C::Down if self.help => self.scroll_help(1),
            C::PageUp if self.help => self.scroll_help(1 - visible),
            C::PageDown if self.help => self.scroll_help(visible - 1),
            C::First | C::RowStart if self.help => self.help_scroll = 0,
            C::Last | C::RowEnd if self.help => self.scroll_help(isize::MAX),
            C::Quit => self.effects.push(Effect::Leave(Left::Quit)),
            C::Suspend => self.effects.push(Effect::Suspend { group: true }),
            C::Left => self.step(0, -1),
            C::Right => self.step(0, 1),
            C::Up | C::ChoosePrevious => self.step(-1, 0),
            C::Down | C::ChooseNext => self.step(1, 0),
            C::PageUp => self.step(-rows, 0),
            C::PageDown => self.step(rows, 0),
            C::RowStart => self.cursor.1 = 0,
            C::RowEnd => self.cursor.1 = last,
            C::First => self.cursor.0 = 0,
            C::Last => self.cursor.0 = last,
            C::Help => (self.help, self.help_scroll) = (!self.help, 0),
            C::Back => self.help = false,
            C::ZoomIn => self.zoom = Zoom::Level(page.level.saturating_sub(1)),
            C::ZoomOut => self.zoom = Zoom::Level((page.level + 1).min(page.last_level)),
            C::ZoomFit => self.zoom = Zoom::Fit,
            C::FindPhrase => {
                let before = self.found.as_ref().map_or("", |(phrase, _)| phrase);
                self.line = Some(InputLine::new(before));
            }
            C::Keep => self.line = None,
            C::Cancel => {
                self.line = None;
                self.show_all();
            }
            C::TurnScale => self.theme.scale = self.theme.scale.next(),
            C::TurnTheme => {
                self.theme.name = self.theme.name.next();
                self.theme_follows = false;
            }
            C::Ascii => self.theme.ascii = !self.theme.ascii,
            _ => self.edit_line(command),
        }
    }

    fn edit_line(&mut self, command: Command) {
        match &mut self.line {
            Some(line) => {
                if line.edit(command) {
                    self.phrase_changed();
                }
            }
            None => {
                let help = self.keys.label(Command::Help);
                self.say(format!("not on the screen of an index; {help} shows the keys"));
            }
        }
    }

    pub(super) fn phrase_changed(&mut self) {
        let phrase = self.line.as_ref().map_or("", |line| line.text().trim()).to_owned();
        if phrase.is_empty() {
            self.show_all();
        } else if self.wanted != Some(RankQuery::Phrase(phrase.clone())) {
            self.wanted = Some(RankQuery::Phrase(phrase.clone()));
            self.effects.push(Effect::Own(RankQuery::Phrase(phrase)));
        }
    }

    /// Back to all photos; the cursor stays on its photo.
    fn show_all(&mut self) {
        let (row, col) = (self.place(self.cursor.0), self.place(self.cursor.1));
        if self.found.take().is_some() {
            self.cursor = (row.unwrap_or(0), col.unwrap_or(0));
        }
        self.wanted = None;
    }

    /// Lines of the help on screen.
    fn help_height(&self) -> u16 {
        self.size.height.saturating_sub(3)
    }

    pub(super) fn scroll_help(&mut self, lines: isize) {
        let last = self.keys.rows().count().saturating_sub(usize::from(self.help_height()));
        // The screen may have become taller since.
        self.help_scroll = self.help_scroll.min(last).saturating_add_signed(lines).min(last);
    }

    pub(super) fn step(&mut self, rows: isize, cols: isize) {
        let last = self.len().saturating_sub(1);
        self.cursor.0 = self.cursor.0.saturating_add_signed(rows).min(last);
        self.cursor.1 = self.cursor.1.saturating_add_signed(cols).min(last);
    }
}
