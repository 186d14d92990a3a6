//! Characters written as HTML entities.
//!
//! Owns: which entities are replaced, by two sets of rules: those of Python's `html.unescape`, and the more careful ones
//! of ftfy's `unescape_html`. The names come from the crate `htmlize`; its own `unescape` follows the HTML standard, which
//! keeps control characters that Python leaves out. Must not know: what else is done to a text.

use std::borrow::Cow;

use htmlize::ENTITIES;

use super::code_pages::windows_1252;

/// Most characters of a name that Python looks at.
const LONGEST_NAME: usize = 32;
/// Most characters between `&` or `&#` and `;` that ftfy looks at.
const LONGEST_CAREFUL_NAME: usize = 24;

/// Replaces every entity as Python's `html.unescape` does: also without a semicolon, and at the start of a longer name.
pub(super) fn unescape(text: &str) -> Cow<'_, str> {
    replace_at_ampersands(text, reference)
}

/// Replaces entities that end in a semicolon, as ftfy's `unescape_html` does: also names written in capitals, such as
/// `&EACUTE;`.
pub(super) fn unescape_careful(text: &str) -> Cow<'_, str> {
    replace_at_ampersands(text, |rest| {
        let digits = rest.strip_prefix('#').unwrap_or(rest);
        let name = digits.bytes().take_while(u8::is_ascii_alphanumeric).count();
        if !(1..=LONGEST_CAREFUL_NAME).contains(&name) || digits.as_bytes().get(name) != Some(&b';') {
            return None;
        }
        let length = rest.len() - digits.len() + name + 1;
        let name = &rest[..length];
        let value = match name.starts_with('#') {
            true => numeric(name)
                .filter(|(used, value)| *used == length && *value != Some(';'))
                .map(|(_, value)| value.map(String::from).unwrap_or_default()),
            false => named(name).map(String::from).or_else(|| capitals(name)),
        };
        value.map(|value| (length, Cow::Owned(value)))
    })
}

/// Calls `find` with what follows each `&`. It returns how many bytes belong to the entity and what they stand for.
fn replace_at_ampersands<'a>(
    text: &'a str,
    find: impl Fn(&'a str) -> Option<(usize, Cow<'a, str>)>,
) -> Cow<'a, str> {
    let mut rest = text;
    let mut out = String::new();
    while let Some(place) = rest.find('&') {
        out.push_str(&rest[..place]);
        rest = &rest[place + 1..];
        match find(rest) {
            Some((length, value)) => {
                out.push_str(&value);
                rest = &rest[length..];
            }
            None => out.push('&'),
        }
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The value of a name with its semicolon, if it has one.
fn named(name: &str) -> Option<&'static str> {
    let mut key = [0; 1 + LONGEST_NAME + 1];
    let key = key.get_mut(..=name.len())?;
    key[0] = b'&';
    key[1..].copy_from_slice(name.as_bytes());
    std::str::from_utf8(ENTITIES.get(&*key)?).ok()
}

/// `&NTILDE;` stands for Ñ, unless Python reads a known name at its start.
fn capitals(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    if lower == name || name != name.to_ascii_uppercase() || reference(name).is_some() {
        return None;
    }
    named(&lower).map(str::to_uppercase)
}

/// What Python's rules make of the text after an `&`.
fn reference(rest: &str) -> Option<(usize, Cow<'_, str>)> {
    if rest.starts_with('#') {
        let (length, value) = numeric(rest)?;
        return Some((length, value.map(String::from).unwrap_or_default().into()));
    }
    let ends = |c: char| matches!(c, '\t' | '\n' | '\u{c}' | ' ' | '<' | '&' | '#' | ';');
    let mut name = rest
        .char_indices()
        .take(LONGEST_NAME)
        .take_while(|&(_, c)| !ends(c))
        .map(|(at, c)| at + c.len_utf8());
    let length = name.by_ref().last().unwrap_or(0);
    if length == 0 {
        return None;
    }
    let whole = length + usize::from(rest[length..].starts_with(';'));
    // The whole name, or the longest start of it that is one. No name has fewer than two characters.
    (2..=whole).rev().find_map(|length| {
        let value = named(rest.get(..length)?)?;
        Some((length, Cow::Borrowed(value)))
    })
}

/// The length and the character of a number such as `#38;` or `#x26`; no character where Python leaves it out.
fn numeric(rest: &str) -> Option<(usize, Option<char>)> {
    let digits = rest.strip_prefix('#')?;
    let (digits, radix) = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => (digits, 16),
        None => (digits, 10),
    };
    let count = digits.chars().take_while(|c| c.is_digit(radix)).count();
    if count == 0 {
        return None;
    }
    let start = rest.len() - digits.len();
    let length = start + count + usize::from(digits[count..].starts_with(';'));
    let number = u32::from_str_radix(&digits[..count], radix).unwrap_or(u32::MAX);
    let value = match number {
        0 => Some(char::REPLACEMENT_CHARACTER),
        0x80..=0x9F => char::from_u32(number).map(windows_1252),
        0x01..=0x08 | 0x0B | 0x0E..=0x1F | 0x7F | 0xFDD0..=0xFDEF => None,
        _ if number <= 0x10_FFFF && number & 0xFFFE == 0xFFFE => None,
        _ => Some(char::from_u32(number).unwrap_or(char::REPLACEMENT_CHARACTER)),
    };
    Some((length, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Python 3.11 prints for `html.unescape(text)`.
    #[test]
    fn entities_are_read_as_by_python() {
        for (text, expected) in [
            ("fish &amp; chips &amp chips &ampchips", "fish & chips & chips &chips"),
            ("&notit; &notin; &notin &no;", "¬it; ∉ ¬in &no;"),
            ("&#38;&#x26;&#X26&#38x", "&&&&x"),
            ("&#128;&#x92;&#129;", "€’\u{81}"),
            ("&#0;&#xD800;&#x110000;&#99999999999;", "\u{fffd}\u{fffd}\u{fffd}\u{fffd}"),
            ("a&#1;&#11;&#127;&#xFDD0;&#xFFFF;&#x10FFFF;b", "ab"),
            ("&#13;&#59;&#;&#x;& ;&;&", "\r;&#;&#x;& ;&;&"),
            ("&amp;lt; &&gt;&lt", "&lt; &><"),
            ("&nonsense; &éacute; &AMP &NotEqualTilde;", "&nonsense; &éacute; & ≂\u{338}"),
        ] {
            assert_eq!(unescape(text), expected, "{text:?}");
        }
    }

    /// What ftfy 6.3.1 gives for `ftfy.fixes.unescape_html(text)`.
    #[test]
    fn careful_entities_are_read_as_by_ftfy() {
        for (text, expected) in [
            ("fish &amp; chips &amp chips", "fish & chips &amp chips"),
            ("P&EACUTE;REZ STRA&SZLIG;E &NTILDE; &nTILDE; &AMP;", "PÉREZ STRASSE Ñ &nTILDE; &"),
            ("&#39;&#x27;&#39 &#59; &#12ab; &#128; &#1;.", "''&#39 &#59; &#12ab; € ."),
            (
                "&notit; &amp&lt; &CounterClockwiseContourIntegral;",
                "&notit; &amp< &CounterClockwiseContourIntegral;",
            ),
        ] {
            assert_eq!(unescape_careful(text), expected, "{text:?}");
        }
    }
}
