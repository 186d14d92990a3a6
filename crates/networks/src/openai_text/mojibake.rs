//! UTF-8 that some program read as another encoding.
//!
//! Owns: turning such text back, step by step as `fix_encoding` of ftfy 6.3.1 (Robyn Speer, Apache-2.0) does. Must not
//! know: other faults of a text.

use std::sync::LazyLock;

use super::badness::is_bad;
use super::code_pages::{CodePage, LIKE_LATIN_1, PAGES, windows_1252};

/// Most times that a text is turned back: one that went through more wrong programs than this stays as it then is.
const MOST_PASSES: usize = 100;

/// Turns mojibake back into what it was, as often as it takes. Other text stays as it is.
pub(super) fn fix_encoding(text: String) -> String {
    let mut text = text;
    for _ in 0..MOST_PASSES {
        match fix_once(&text) {
            Some(fixed) if fixed != text => text = fixed,
            _ => break,
        }
    }
    text
}

fn fix_once(text: &str) -> Option<String> {
    if !is_bad(text) {
        return None;
    }
    if let Some(fixed) = PAGES.iter().find_map(|page| as_utf8(page.encode(text)?, page)) {
        return Some(fixed);
    }
    let fixed = fix_parts(text);
    if fixed != text {
        return Some(fixed);
    }
    // Windows-1252 that was read as Latin-1.
    let controls = text.contains(|c| ('\u{80}'..='\u{9f}').contains(&c));
    controls.then(|| text.chars().map(windows_1252).collect())
}

/// The text that these bytes of a page are in UTF-8.
fn as_utf8(mut bytes: Vec<u8>, page: &CodePage) -> Option<String> {
    if page.spaces {
        bytes = replace(&bytes, restored_space);
    }
    if page.lossy {
        bytes = replace(&bytes, |bytes| lost_character(bytes).map(|length| (length, "\u{fffd}".into())));
    }
    if bytes.iter().any(|byte| matches!(byte, 0xED | 0xC0)) {
        bytes = replace(&bytes, other_utf8);
    }
    String::from_utf8(bytes).ok()
}

/// Replaces what `find` sees at the start of the rest: it returns how many bytes it takes and what they become.
fn replace(bytes: &[u8], find: impl Fn(&[u8]) -> Option<(usize, Vec<u8>)>) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match find(&bytes[at..]) {
            Some((length, value)) => {
                out.extend(value);
                at += length;
            }
            None => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// A character of UTF-8 in which a no-break space became a space.
fn restored_space(bytes: &[u8]) -> Option<(usize, Vec<u8>)> {
    let tail = |byte: u8| matches!(byte, 0x80..=0x84 | 0x86..=0x9F | 0xA1..=0xBF);
    let length = match *bytes {
        // Most often the word "à", and the space after it belongs there. Portuguese writes some words in one.
        [0xC3, b' ', ref rest @ ..] if !joins_a_grave(rest) => return Some((2, b"\xC3\xA0 ".into())),
        [0xC2 | 0xC3 | 0xC5 | 0xCE | 0xD0 | 0xD9, b' ', ..] => 2,
        [0xE2 | 0xE3, b' ', c, ..] if tail(c) => 3,
        [0xE0..=0xE3, b, b' ', ..] if tail(b) => 3,
        [0xF0, b' ', 0x80..=0xBF, 0x80..=0xBF, ..] => 4,
        [0xF0, 0x80..=0xBF, b' ', 0x80..=0xBF, ..] => 4,
        [0xF0, 0x80..=0xBF, 0x80..=0xBF, b' ', ..] => 4,
        _ => return None,
    };
    Some((length, bytes[..length].iter().map(|&byte| if byte == b' ' { 0xA0 } else { byte }).collect()))
}

/// Whether what follows "Ã " is the rest of a word that begins with "à".
fn joins_a_grave(rest: &[u8]) -> bool {
    [&b" "[..], b"quele", b"quela", b"quilo", b"s "].iter().any(|start| rest.starts_with(start))
}

/// How many bytes a character of UTF-8 has of which a byte was lost.
fn lost_character(bytes: &[u8]) -> Option<usize> {
    let lost = |byte: u8| matches!(byte, 0x1A | b'?');
    let next = |byte: u8| matches!(byte, 0x1A | 0x80..=0xBF);
    Some(match *bytes {
        [0xC2..=0xDF, 0x1A, ..] => 2,
        [0xC2 | 0xC3, b'?', ..] => 2,
        [0xED, 0xA0..=0xAF, a, 0xED, 0xB0..=0xBF, b, ..]
            if (lost(a) && (lost(b) || next(b))) || (next(a) && lost(b)) =>
        {
            6
        }
        [0xE0..=0xEF, a, b, ..] if (lost(a) && next(b)) || (next(a) && lost(b)) => 3,
        [0xF0..=0xF4, a, b, c, ..]
            if (lost(a) && next(b) && next(c))
                || (next(a) && lost(b) && next(c))
                || (next(a) && next(b) && lost(c)) =>
        {
            4
        }
        [0x1A, ..] => 1,
        _ => return None,
    })
}

/// CESU-8, in which a character beyond U+FFFF is two halves of three bytes, and Java's zero.
fn other_utf8(bytes: &[u8]) -> Option<(usize, Vec<u8>)> {
    match *bytes {
        [0xC0, 0x80, ..] => Some((2, vec![0])),
        [0xED, a @ 0xA0..=0xAF, b @ 0x80..=0xBF, 0xED, c @ 0xB0..=0xBF, d @ 0x80..=0xBF, ..] => {
            let bits = |byte: u8, mask: u8| u32::from(byte & mask);
            let low = (bits(c, 0x0F) << 6) + bits(d, 0x3F);
            let number = 0x1_0000 + (bits(a, 0x0F) << 16) + (bits(b, 0x3F) << 10) + low;
            Some((6, char::from_u32(number)?.to_string().into()))
        }
        _ => None,
    }
}

/// By character, in order: what bytes of UTF-8 it may have been.
static CLUES: LazyLock<Vec<(char, u8)>> = LazyLock::new(|| {
    let bytes = [(0xC2..=0xDF, FIRST_OF_2), (0xE0..=0xEF, FIRST_OF_3), (0xF0..=0xF0, FIRST_OF_4)];
    let bytes = bytes.into_iter().chain([(0xF3..=0xF3, FIRST_OF_4), (0x80..=0xBF, LATER)]);
    let mut clues = vec![(' ', LATER)];
    for (bytes, clue) in bytes {
        for page in &PAGES[..LIKE_LATIN_1] {
            clues.extend(page.characters(bytes.clone()).map(|c| (c, clue)));
        }
    }
    clues.sort_unstable();
    clues.dedup_by(|next, kept| {
        kept.1 |= if next.0 == kept.0 { next.1 } else { 0 };
        next.0 == kept.0
    });
    clues
});

const FIRST_OF_2: u8 = 1;
const FIRST_OF_3: u8 = 2;
const FIRST_OF_4: u8 = 4;
const LATER: u8 = 8;

fn clue(c: char) -> u8 {
    CLUES.binary_search_by_key(&c, |&(c, _)| c).map_or(0, |place| CLUES[place].1)
}

/// Turns back the parts that look like UTF-8, one by one: only they went through a wrong program.
fn fix_parts(text: &str) -> String {
    let characters: Vec<(char, u8)> = text.chars().map(|c| (c, clue(c))).collect();
    let length = |rest: &[(char, u8)]| {
        [(FIRST_OF_2, 2), (FIRST_OF_3, 3), (FIRST_OF_4, 4)].into_iter().find_map(|(first, length)| {
            let part = rest.get(..length)?;
            let fits = part[0].1 & first != 0 && part[1..].iter().all(|(_, clue)| clue & LATER != 0);
            fits.then_some(length)
        })
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(&(c, _)) = characters.get(at) {
        let mut end = at;
        if at == 0 || !belongs_to_garble(characters[at - 1]) {
            while let Some(length) = length(&characters[end..]) {
                end += length;
            }
        }
        if end == at {
            out.push(c);
            at += 1;
            continue;
        }
        let part: String = characters[at..end].iter().map(|(c, _)| c).collect();
        let whole = end - at == characters.len();
        out.push_str(&if !whole && is_bad(&part) { fix_encoding(part) } else { part });
        at = end;
    }
    out
}

/// Whether a character before some mojibake belongs to it, so that turning back the rest alone would make it worse.
fn belongs_to_garble((c, clue): (char, u8)) -> bool {
    clue & LATER != 0 && !" –—―‘’‚“”„•…".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mojibake_is_turned_back_however_often_and_by_whatever_page_it_was_made() {
        for (text, expected) in [
            ("crÃ¨me brÃ»lÃ©e", "crème brûlée"),
            ("donâ€™t", "don’t"),
            ("donÃ¢â‚¬â„¢t", "don’t"),
            ("РџСЂРёРІРµС‚", "Привет"),
            ("voilÃ le travail", "voilà le travail"),
            ("â€œlostâ€�", "“lost�"),
            ("le cafÃ© — ouvert", "le café — ouvert"),
            ("a \u{92} b", "a ’ b"),
            ("pizza ðŸ•!", "pizza ðŸ•!"),
            ("crème", "crème"),
        ] {
            assert_eq!(fix_encoding(text.into()), expected, "{text}");
        }
    }
}
