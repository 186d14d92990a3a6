//! One line of text that the user types.
//!
//! Owns the text and the place in it, which moves by what a reader takes for one character: a letter with its accents, a
//! family of emoji. Control characters never get in: a pasted line break becomes a space.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use crate::tui::command::Command;

/// Most bytes of a line: longer texts are neither captions nor phrases.
const LONGEST: usize = 2_000;

/// A text and a place in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InputLine {
    text: String,
    /// In bytes, between two characters.
    at: usize,
}

impl InputLine {
    /// A line with `text` and the place after it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut line = Self::default();
        line.insert(text);
        line
    }

    /// A line with exactly `text`; `None` if that is too long, or has tabs, line breaks or control characters.
    #[must_use]
    pub fn holding(text: &str) -> Option<Self> {
        Some(Self::new(text)).filter(|line| line.text == text)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before and after the place.
    #[must_use]
    pub fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.at)
    }

    /// Inserts `text` at the place.
    pub fn insert(&mut self, text: &str) {
        for character in text.chars() {
            // Other spaces are text: Japanese has one of its own.
            let breaks = character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
            let character = if breaks && character.is_whitespace() { ' ' } else { character };
            if character.is_control() || self.text.len() >= LONGEST {
                continue;
            }
            self.text.insert(self.at, character);
            self.at += character.len_utf8();
        }
        self.leave_character();
    }

    /// Moves behind the character that the place is in, if what was typed or deleted has joined two to one.
    fn leave_character(&mut self) {
        let mut cursor = GraphemeCursor::new(self.at, self.text.len(), true);
        if cursor.is_boundary(&self.text, 0) == Ok(false)
            && let Ok(Some(end)) = cursor.next_boundary(&self.text, 0)
        {
            self.at = end;
        }
    }

    /// Carries out a command that moves in the line or deletes from it; false for other commands.
    pub fn edit(&mut self, command: Command) -> bool {
        match command {
            Command::LineLeft => self.step_left(),
            Command::LineRight => self.step_right(),
            Command::LineStart => self.go_to_start(),
            Command::LineEnd => self.go_to_end(),
            Command::Backspace => self.backspace(),
            Command::Delete => self.delete(),
            Command::DeleteWord => self.delete_word(),
            Command::ClearLine => self.clear(),
            _ => return false,
        }
        true
    }

    /// Deletes the character before the place.
    pub fn backspace(&mut self) {
        let start = self.at - self.character_before();
        self.text.replace_range(start..self.at, "");
        self.at = start;
        self.leave_character();
    }

    /// Deletes the character after the place.
    pub fn delete(&mut self) {
        let end = self.at + self.character_after();
        self.text.replace_range(self.at..end, "");
        self.leave_character();
    }

    /// Length in bytes of the grapheme cluster before the place.
    fn character_before(&self) -> usize {
        self.text[..self.at].graphemes(true).next_back().map_or(0, str::len)
    }

    /// Length in bytes of the grapheme cluster after the place.
    fn character_after(&self) -> usize {
        self.text[self.at..].graphemes(true).next().map_or(0, str::len)
    }

    /// Deletes the word before the place.
    pub fn delete_word(&mut self) {
        let before = self.text[..self.at].trim_end();
        let space = before.char_indices().rfind(|(_, character)| character.is_whitespace());
        let start = space.map_or(0, |(at, character)| at + character.len_utf8());
        self.text.replace_range(start..self.at, "");
        self.at = start;
        self.leave_character();
    }

    /// Deletes everything.
    pub fn clear(&mut self) {
        self.text.clear();
        self.at = 0;
    }

    fn step_left(&mut self) {
        self.at -= self.character_before();
    }

    fn step_right(&mut self) {
        self.at += self.character_after();
    }

    fn go_to_start(&mut self) {
        self.at = 0;
    }

    fn go_to_end(&mut self) {
        self.at = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_keeps_whole_characters() {
        let mut line = InputLine::new("a 飛行機");
        line.backspace();
        line.step_left();
        line.insert("é");
        assert_eq!(line.halves(), ("a 飛é", "行"));
        line.delete();
        line.delete();
        line.go_to_start();
        line.step_left();
        line.backspace();
        assert_eq!(line.halves(), ("", "a 飛é"));
        line.step_right();
        line.delete_word();
        assert_eq!(line.text(), " 飛é");
        line.clear();
        line.step_right();
        assert_eq!(line, InputLine::default());
    }

    #[test]
    fn what_looks_like_one_character_is_one() {
        let (family, accented) = ("👩\u{200d}👩\u{200d}👧", "e\u{301}");
        let mut line = InputLine::new(&format!("a{family}{accented}"));
        line.step_left();
        assert_eq!(line.halves(), (&*format!("a{family}"), accented));
        line.step_left();
        assert_eq!(line.halves(), ("a", &*format!("{family}{accented}")));
        line.delete();
        assert_eq!(line.halves(), ("a", accented));
        line.step_right();
        line.backspace();
        assert_eq!(line.halves(), ("a", ""));
        line.insert(family);
        line.backspace();
        assert_eq!(line.text(), "a");
    }

    #[test]
    fn every_script_moves_by_its_own_characters() {
        // A skin tone, a flag, a keycap, Hangul in parts, Devanagari with a vowel sign and with a conjunct.
        for character in
            ["👍🏽", "🇩🇪", "1\u{fe0f}\u{20e3}", "\u{1112}\u{1161}\u{11ab}", "कि", "क्ष", "n\u{303}\u{323}"]
        {
            let mut line = InputLine::new(&format!("a{character}{character}b"));
            line.step_left();
            line.step_left();
            assert_eq!(line.halves(), (&*format!("a{character}"), &*format!("{character}b")));
            line.backspace();
            assert_eq!(line.halves(), ("a", &*format!("{character}b")));
            line.delete();
            assert_eq!(line.halves(), ("a", "b"));
        }
    }

    #[test]
    fn the_place_is_never_inside_of_a_character() {
        let mut line = InputLine::new("\u{301}x");
        line.go_to_start();
        line.insert("e");
        assert_eq!(line.halves(), ("e\u{301}", "x"));
        // Two halves of a flag meet when what stands between them goes.
        let mut line = InputLine::new("🇩x🇪");
        line.step_left();
        line.backspace();
        assert_eq!(line.halves(), ("🇩🇪", ""));
        let mut line = InputLine::new("🇩x🇪");
        line.go_to_start();
        line.step_right();
        line.delete();
        assert_eq!(line.halves(), ("🇩🇪", ""));
    }

    #[test]
    fn words_go_with_the_spaces_behind_them() {
        let mut line = InputLine::new("red sports  car  ");
        line.delete_word();
        assert_eq!(line.text(), "red sports  ");
        line.delete_word();
        assert_eq!(line.text(), "red ");
        line.delete_word();
        line.delete_word();
        assert_eq!(line.text(), "");
    }

    #[test]
    fn pasted_lines_become_one_and_controls_are_dropped() {
        assert_eq!(InputLine::new("two\r\nlines\x1b[31m\u{9b}").text(), "two  lines[31m");
        assert_eq!(InputLine::new(&"x".repeat(3_000)).text().len(), LONGEST);
    }

    #[test]
    fn a_text_is_held_as_it_is_or_not_at_all() {
        for text in ["", "a\u{a0}b", "空\u{3000}飛行機", &"x".repeat(LONGEST)] {
            assert_eq!(InputLine::holding(text).as_ref().map(InputLine::text), Some(text));
        }
        for text in ["a\tb", "a\nb", "a\u{2028}b", "a\u{7}", &"x".repeat(LONGEST + 1)] {
            assert_eq!(InputLine::holding(text), None, "{text:?}");
        }
        let mut line = InputLine::new("空\u{3000}飛行機\u{3000}");
        line.delete_word();
        assert_eq!(line.text(), "空\u{3000}");
    }
}
