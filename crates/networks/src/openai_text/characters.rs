//! Single characters that people did not mean to write: ligatures, other widths, curly quotes, controls.
//!
//! Owns: which characters `fix_text` of ftfy 6.3.1 replaces or leaves out. Must not know: mojibake, entities.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use super::code_pages::windows_1252;

/// Replaces ligatures, characters of other width, curly quotes and C1 controls by what they stand for.
pub(super) fn plain_characters(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let c = windows_1252(c);
        if let Some(letters) = letters(c) {
            out.extend(letters.chars().map(straight_quote));
        } else if matches!(c, '\u{ff01}'..='\u{ffef}') {
            out.extend(std::iter::once(c).nfkc().map(straight_quote));
        } else {
            out.push(straight_quote(c));
        }
    }
    out
}

/// The letters of a ligature, or of two letters that are one character for the sake of an old encoding.
fn letters(c: char) -> Option<&'static str> {
    Some(match c {
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'ŉ' => "ʼn",
        'Ǳ' => "DZ",
        'ǲ' => "Dz",
        'ǳ' => "dz",
        'Ǆ' => "DŽ",
        'ǅ' => "Dž",
        'ǆ' => "dž",
        'Ǉ' => "LJ",
        'ǈ' => "Lj",
        'ǉ' => "lj",
        'Ǌ' => "NJ",
        'ǋ' => "Nj",
        'ǌ' => "nj",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' => "ſt",
        'ﬆ' => "st",
        // Ideographic, as wide as a Chinese character.
        '\u{3000}' => " ",
        _ => return None,
    })
}

fn straight_quote(c: char) -> char {
    match c {
        'ʼ' | '‘'..='‛' => '\'',
        '“'..='‟' => '"',
        _ => c,
    }
}

/// Makes every line break `\n`.
pub(super) fn plain_line_breaks(text: &str) -> String {
    text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n")
}

/// What colors a terminal, such as `ESC [1;31m`.
static TERMINAL_ESCAPE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\x1b\[[\d;]*[A-Za-z]").ok());

/// Leaves out terminal escapes, and controls that show nothing.
pub(super) fn without_controls(text: &str) -> String {
    let text = TERMINAL_ESCAPE.as_ref().map_or(text.into(), |pattern| pattern.replace_all(text, ""));
    let hidden = |c: char| {
        matches!(
            c,
            '\0'..='\x08' | '\x0b' | '\x0e'..='\x1f' | '\x7f' | '\u{206a}'..='\u{206f}' | '\u{feff}'
                | '\u{fff9}'..='\u{fffc}'
        )
    };
    text.chars().filter(|&c| !hidden(c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_become_what_they_stand_for() {
        assert_eq!(plain_characters("“ﬁsh” ‘n’ ŉ Ｆｕｌｌ　ﾊﾝ ￥ \u{93}"), "\"fish\" 'n' 'n Full ハン ¥ \"");
        assert_eq!(plain_line_breaks("a\r\nb\rc\u{2028}d"), "a\nb\nc\nd");
    }

    #[test]
    fn terminal_escapes_and_controls_are_left_out() {
        assert_eq!(without_controls("\x1b[1;31mred\x1b[0m \x1b[x\x07\u{feff} \x1b[31é"), "red  [31é");
    }
}
