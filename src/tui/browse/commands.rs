//! What each command does on the screen of an index.
//!
//! Owns the moves of the cursor, the zoom and the typed phrase. Must not look at the index: what follows from a move is
//! for [`Browser::update`].

use super::{Ask, Browser, Wanted};
use crate::tui::Command;
use crate::tui::app::InputLine;
use crate::tui::error::Left;
use crate::tui::grid_plan::Zoom;

impl Browser {
    /// Whether a command does something here.
    #[must_use]
    pub fn knows(command: Command) -> bool {
        use Command as C;
        matches!(
            command,
            C::Quit
                | C::Suspend
                | C::Left
                | C::Down
                | C::Up
                | C::Right
                | C::PageUp
                | C::PageDown
                | C::RowStart
                | C::RowEnd
                | C::First
                | C::Last
                | C::Back
                | C::ZoomIn
                | C::ZoomOut
                | C::ZoomFit
                | C::FindPhrase
                | C::Keep
                | C::Cancel
                | C::ChooseNext
                | C::ChoosePrevious
                | C::LineLeft
                | C::LineRight
                | C::LineStart
                | C::LineEnd
                | C::Backspace
                | C::Delete
                | C::DeleteWord
                | C::ClearLine
                | C::TurnScale
                | C::TurnTheme
                | C::Ascii
                | C::Help
        )
    }

    pub(super) fn command(&mut self, command: Command) {
        use Command as C;
        self.notice = None;
        let page = self.plan();
        let (rows, last) = (page.rows.len().max(1) as isize, self.len().saturating_sub(1));
        match command {
            C::Quit => self.asks.push(Ask::Leave(Left::Quit)),
            C::Suspend => self.asks.push(Ask::Suspend { group: true }),
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
            C::Help => self.help = !self.help,
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
            C::TurnTheme => self.theme.name = self.theme.name.next(),
            C::Ascii => self.theme.ascii = !self.theme.ascii,
            _ => self.edit_line(command),
        }
    }

    fn edit_line(&mut self, command: Command) {
        use Command as C;
        let Some(line) = &mut self.line else {
            self.notice = Some("not on the screen of an index; ? shows the keys".into());
            return;
        };
        match command {
            C::LineLeft => line.step(false),
            C::LineRight => line.step(true),
            C::LineStart => line.jump(false),
            C::LineEnd => line.jump(true),
            C::Backspace => line.backspace(),
            C::Delete => line.delete(),
            C::DeleteWord => line.delete_word(),
            C::ClearLine => line.clear(),
            _ => return,
        }
        self.phrase_changed();
    }

    pub(super) fn phrase_changed(&mut self) {
        let phrase = self.line.as_ref().map_or("", |line| line.text().trim()).to_owned();
        if phrase.is_empty() {
            self.show_all();
        } else if self.wanted != Some(Wanted::Phrase(phrase.clone())) {
            self.wanted = Some(Wanted::Phrase(phrase.clone()));
            self.asks.push(Ask::Phrase(phrase));
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

    pub(super) fn step(&mut self, rows: isize, cols: isize) {
        let last = self.len().saturating_sub(1);
        self.cursor.0 = self.cursor.0.saturating_add_signed(rows).min(last);
        self.cursor.1 = self.cursor.1.saturating_add_signed(cols).min(last);
    }
}
