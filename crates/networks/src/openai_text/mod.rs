//! What the tokenizer of OpenAI's CLIP does to a text before it merges bytes to tokens.
//!
//! Networks trained with that tokenizer have never seen a curly quote, `&amp;` or mojibake. Hugging Face's
//! `tokenizer.json` leaves this out, so that such texts get other ids there.
//!
//! Owns: repairing the text as `basic_clean` and `whitespace_clean` do (ftfy 6.3.1, `html.unescape` twice, white space,
//! lower case), and cutting it into words. Must not know: vocabularies and ids.

mod badness;
mod characters;
mod code_pages;
mod entities;
mod mojibake;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

/// Most passes over a line: one that is escaped more often than this stays escaped. ftfy goes on, which takes time that
/// grows with the square of the length.
const MOST_PASSES: usize = 100;

/// Repairs a text and makes it lower case.
pub(crate) fn repair(text: &str) -> String {
    let text = fix_text(text);
    let text = entities::unescape(&text);
    let text = entities::unescape(&text);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

/// ftfy's `fix_text`: each line by itself.
fn fix_text(text: &str) -> String {
    let mut html = false;
    let lines = text.split_inclusive('\n').map(|line| {
        // From here on the text is real HTML, in which entities have a meaning.
        html |= line.contains('<');
        fix_line(line, !html)
    });
    lines.collect()
}

fn fix_line(line: &str, unescape: bool) -> String {
    let mut line = line.to_string();
    for _ in 0..MOST_PASSES {
        let fixed = if unescape { entities::unescape_careful(&line) } else { Cow::Borrowed(&*line) };
        let fixed = mojibake::fix_encoding(fixed.into_owned());
        let fixed = characters::plain_line_breaks(&characters::plain_characters(&fixed));
        let fixed: String = characters::without_controls(&fixed).nfc().collect();
        if fixed == line {
            break;
        }
        line = fixed;
    }
    line
}

pub(crate) const START: &str = "<|startoftext|>";
pub(crate) const END: &str = "<|endoftext|>";

/// OpenAI's pattern without regard to case: `ſ` is an `s`, and U+0345, whose capital is a letter, is in no class.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"<\|startoftext\|>|<\|endoftext\|>|'[sſ]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}\x{345}]+",
    )
    .ok()
});

/// The words of a repaired text, and [`START`] and [`END`] where they are written in it.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    WORDS.iter().flat_map(|pattern| pattern.find_iter(text)).map(|found| found.as_str())
}

/// A word with one character for each byte of its UTF-8, as the vocabulary spells it.
pub(crate) fn byte_characters(word: &str) -> String {
    word.bytes().map(|byte| BYTE_CHARACTERS[usize::from(byte)]).collect()
}

/// Printable bytes are themselves; the others are numbered from U+0100.
static BYTE_CHARACTERS: LazyLock<[char; 256]> = LazyLock::new(|| {
    let mut others = '\u{100}'..;
    std::array::from_fn(|byte| match byte as u8 {
        byte @ (0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF) => char::from(byte),
        _ => others.next().unwrap_or_default(),
    })
});

/// Checks what holds for every repaired text.
///
/// # Panics
/// When it does not hold.
#[cfg(any(test, fuzzing))]
pub fn check(text: &str) {
    let repaired = repair(text);
    assert_eq!(repaired, repaired.to_lowercase(), "{text:?}");
    assert_eq!(repaired, repaired.split_whitespace().collect::<Vec<_>>().join(" "), "{text:?}");
    let kept: String = words(&repaired).collect();
    let visible = |c: &char| !c.is_whitespace() && *c != '\u{345}';
    assert_eq!(kept, repaired.chars().filter(visible).collect::<String>(), "{text:?}");
    for word in words(&repaired) {
        assert_eq!(byte_characters(word).chars().count(), word.len(), "{text:?}");
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_repaired(
            text in proptest::collection::vec(
                prop_oneof![
                    "[ÂÃâ€™œž\u{80}-\u{bf}\u{fffd} ?ÐÑØÙвЂ√‚í½]{1,4}",
                    "&(#[xX]?)?[0-9a-zA-Z]{0,6};?",
                    "<\\|(start|end)oftext\\|>|\\x1b\\[[0-9;]{0,3}m?|\\PC{0,3}",
                    any::<char>().prop_map(String::from),
                ],
                0..8,
            )
        ) {
            check(&text.concat());
        }
    }

    #[test]
    fn texts_are_repaired_line_by_line() {
        for (text, expected) in [
            ("  “Fish” &amp;amp; CHIPS\r\n don’t ", "\"fish\" & chips don't"),
            // `<` says that entities are meant; they are replaced all the same, but only twice.
            ("<b> &amp;amp;amp;lt;", "<b> &amp;lt;"),
            ("&amp;amp;amp;lt;", "<"),
            ("e&#x301; < e&#x301;", "e\u{301} < e\u{301}"),
            ("e&#x301;", "é"),
            ("İΣ ΟΔΟΣ", "i\u{307}ς οδος"),
            ("\u{a0}\u{2003}", ""),
        ] {
            assert_eq!(repair(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_text_escaped_very_often_takes_no_more_than_so_many_passes() {
        let text = format!("&{}", "amp;".repeat(20_000));
        assert!(repair(&text).starts_with("&amp;amp;"));
    }

    #[test]
    fn words_are_cut_as_by_openai() {
        let found: Vec<&str> = words("it's 'ſ 12 x!<|startoftext|> <|endoftext|>y α\u{345}β").collect();
        let expected =
            ["it", "'s", "'ſ", "1", "2", "x", "!<|", "startoftext", "|>", "<|endoftext|>", "y", "α", "β"];
        assert_eq!(found, expected);
        assert_eq!(byte_characters("aé \u{7f}"), "aÃ©ĠĀ".replace('Ā', "ġ"));
    }
}
