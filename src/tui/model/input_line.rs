//! One line of text that the user types.
//!
//! Owns the text and the place in it. Control characters never get in: a pasted line break becomes a space.

/// Longer texts are no captions and no phrases.
const LONGEST: usize = 2_000;

/// A text and a place in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InputLine {
    text: String,
    /// In bytes, always between two characters.
    at: usize,
}

impl InputLine {
    /// A line that holds `text`, the place behind it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut line = Self::default();
        line.insert(text);
        line
    }

    /// A line that holds `text` as it is; `None` where it is longer than a line, or has tabs, line breaks or control
    /// characters.
    #[must_use]
    pub fn holding(text: &str) -> Option<Self> {
        Some(Self::new(text)).filter(|line| line.text == text)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text before and behind the place.
    #[must_use]
    pub fn halves(&self) -> (&str, &str) {
        self.text.split_at(self.at)
    }

    /// Puts `text` in at the place.
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
    }

    /// Takes out the character before the place.
    pub fn backspace(&mut self) {
        if let Some(character) = self.text[..self.at].chars().next_back() {
            self.at -= character.len_utf8();
            self.text.remove(self.at);
        }
    }

    /// Takes out the character behind the place.
    pub fn delete(&mut self) {
        if self.at < self.text.len() {
            self.text.remove(self.at);
        }
    }

    /// Takes out the word before the place.
    pub fn delete_word(&mut self) {
        let before = self.text[..self.at].trim_end();
        let space = before.char_indices().rfind(|(_, character)| character.is_whitespace());
        let start = space.map_or(0, |(at, character)| at + character.len_utf8());
        self.text.replace_range(start..self.at, "");
        self.at = start;
    }

    /// Takes everything out.
    pub fn clear(&mut self) {
        self.text.clear();
        self.at = 0;
    }

    /// Moves by one character.
    pub fn step(&mut self, right: bool) {
        let step = if right {
            self.text[self.at..].chars().next().map_or(0, char::len_utf8)
        } else {
            self.text[..self.at].chars().next_back().map_or(0, char::len_utf8)
        };
        self.at = if right { self.at + step } else { self.at - step };
    }

    /// Moves to the start or the end.
    pub fn jump(&mut self, end: bool) {
        self.at = if end { self.text.len() } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn editing_keeps_whole_characters() {
        let mut line = InputLine::new("a 飛行機");
        line.backspace();
        line.step(false);
        line.insert("é");
        assert_eq!(line.halves(), ("a 飛é", "行"));
        line.delete();
        line.delete();
        line.jump(false);
        line.step(false);
        line.backspace();
        assert_eq!(line.halves(), ("", "a 飛é"));
        line.step(true);
        line.delete_word();
        assert_eq!(line.text(), " 飛é");
        line.clear();
        line.step(true);
        assert_eq!(line, InputLine::default());
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
