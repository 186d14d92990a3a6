//! Making foreign text safe to show: file names, captions, categories, JSON, error messages.
//!
//! Owns the one escape scheme of the program. Every sink (terminal, window title, log, error, export) applies it to what it
//! writes; nothing else invents its own escapes. Must not know: where text comes from. Stored text is never changed.
//!
//! # The scheme
//! A character that is invisible, or that moves or hides its neighbors, becomes `⟨U+202E⟩`; a byte of a path that is not
//! UTF-8 becomes `⟨0xFF⟩`. The brackets are U+27E8 and U+27E9, which are rare in names and captions and are not escaped
//! themselves.
//!
//! # When two different texts can look equal
//! Only the identity is both idempotent and injective: `f(f(x)) = f(x)` and injectivity imply `f(x) = x`. Sinks may be
//! chained (an error message contains an escaped name), so idempotence is kept, and injectivity holds for texts without a
//! *literal* escape: two different texts in which nobody typed `⟨U+…⟩` or `⟨0x…⟩` never give the same output, since it can
//! be decoded. A name that contains the visible characters of an escape, however, looks like the name with the character
//! itself.
//!
//! Letters that resemble each other (Latin `a` and Cyrillic `а`, composed and decomposed accents, visible spaces such as
//! U+00A0) are visible text and pass through.
//!
//! # Joiners and variation selectors
//! U+200D and U+FE0E/U+FE0F are part of many emoji and pass where they have a visible effect: a joiner between two emoji, a
//! selector right after an emoji or in a keycap. Elsewhere they are invisible and escaped; U+200C always is.

use std::{borrow::Cow, fmt::Write, path::Path};

const ZERO_WIDTH_JOINER: char = '\u{200D}';
const KEYCAP: char = '\u{20E3}';

/// Escapes every character that is a control, reorders text or is invisible. Borrowed if there is none.
///
/// Idempotent; injective on texts without a literal escape (see the module).
pub fn display_safe(text: &str) -> Cow<'_, str> {
    escape(
        text,
        |_| false,
        |escaped, character| {
            push_escape(escaped, format_args!("U+{:04X}", u32::from(character)));
        },
    )
}

/// Escapes the characters that [`display_safe`] escapes in finished JSON, in JSON's own way: `\u202E`.
///
/// Outside its strings, JSON contains none of them but the line feed, which stays. A parser reads the same strings as
/// before; a terminal shows no control and no hidden character.
pub fn json_safe(json: &str) -> Cow<'_, str> {
    escape(
        json,
        |character| character == '\n',
        |escaped, character| {
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(escaped, "\\u{unit:04X}");
            }
        },
    )
}

/// Replaces every character that must not be shown, unless `keep` says so. Borrowed if there is none.
fn escape(text: &str, keep: impl Fn(char) -> bool, replace: impl Fn(&mut String, char)) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, 0x20..=0x7E)) {
        return Cow::Borrowed(text);
    }
    let mut escaped: Option<String> = None;
    let mut before = Before::Other;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|&(_, next)| next);
        if keep(character) || passes(character, before, next) {
            before = Before::after(character);
            if let Some(escaped) = &mut escaped {
                escaped.push(character);
            }
        } else {
            before = Before::Other;
            replace(escaped.get_or_insert_with(|| text[..at].to_owned()), character);
        }
    }
    escaped.map_or(Cow::Borrowed(text), Cow::Owned)
}

/// [`display_safe`] for a path; each byte that is not UTF-8 becomes `⟨0xFF⟩`.
pub fn display_path(path: &Path) -> Cow<'_, str> {
    if let Some(text) = path.to_str() {
        return display_safe(text);
    }
    let mut shown = String::new();
    for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
        shown.push_str(&display_safe(chunk.valid()));
        for byte in chunk.invalid() {
            push_escape(&mut shown, format_args!("0x{byte:02X}"));
        }
    }
    Cow::Owned(shown)
}

/// [`display_safe`] for a text field of a CSV file: a field that a spreadsheet would take for a formula gets a leading
/// apostrophe, which marks it as text.
///
/// A formula starts with `=`, `+`, `-`, `@` or their full-width forms, even after spaces; tab and carriage return, which
/// spreadsheets treat the same, are already escaped. Not for numbers: `-0.5` would become text. Idempotent.
pub fn csv_safe(text: &str) -> Cow<'_, str> {
    let safe = display_safe(text);
    let formula = ['=', '+', '-', '@', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];
    if safe.trim_start().starts_with(formula) { Cow::Owned(format!("'{safe}")) } else { safe }
}

/// The kind of the previous character, which decides whether a joiner or selector passes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Other,
    KeycapBase,
    Emoji,
    /// An emoji with its variation selector.
    StyledEmoji,
}

impl Before {
    fn after(character: char) -> Self {
        match character {
            '0'..='9' | '#' | '*' => Self::KeycapBase,
            _ if is_variation_selector(character) => Self::StyledEmoji,
            _ if is_emoji(character) => Self::Emoji,
            _ => Self::Other,
        }
    }
}

fn passes(character: char, before: Before, next: Option<char>) -> bool {
    if character == ZERO_WIDTH_JOINER {
        matches!(before, Before::Emoji | Before::StyledEmoji) && next.is_some_and(is_emoji)
    } else if is_variation_selector(character) {
        before == Before::Emoji || (before == Before::KeycapBase && next == Some(KEYCAP))
    } else {
        !is_unseen(character)
    }
}

fn push_escape(text: &mut String, code: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\u{27E8}{code}\u{27E9}");
}

/// Whether `character` selects text or emoji presentation.
fn is_variation_selector(character: char) -> bool {
    matches!(character, '\u{FE0E}' | '\u{FE0F}')
}

/// Whether `character` can be part of an emoji sequence: a superset of Unicode's `Emoji` property, by block.
fn is_emoji(character: char) -> bool {
    matches!(character,
        '\u{A9}' | '\u{AE}' | '\u{203C}' | '\u{2049}' | '\u{2122}' | '\u{2139}'
        | '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{24C2}' | '\u{25A0}'..='\u{27BF}'
        | '\u{2934}'..='\u{2935}' | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{3297}' | '\u{3299}'
        | '\u{1F000}'..='\u{1FAFF}')
}

/// Whether `character` is invisible: controls, line and paragraph separators, bidirectional marks, default-ignorable and
/// format characters. Arabic number signs (U+0600..) are format characters with a shape, and pass.
fn is_unseen(character: char) -> bool {
    let code = u32::from(character);
    character.is_control()
        || code & 0xFFFE == 0xFFFE // the last two of every plane are not characters
        || matches!(character,
            '\u{AD}' | '\u{34F}' | '\u{61C}'
            | '\u{115F}'..='\u{1160}' | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FDD0}'..='\u{FDEF}'
            | '\u{FFF0}'..='\u{FFFB}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
}
