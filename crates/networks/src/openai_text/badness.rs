//! Whether a text looks like mojibake.
//!
//! Owns: the kinds of characters that appear in mojibake, and which of them hardly ever stand side by side otherwise. The
//! kinds and the rules are those of `ftfy.badness`, ftfy 6.3.1 by Robyn Speer (Apache-2.0), so that the same texts are
//! repaired. Must not know: how they are repaired.

const COMMON: u32 = 1;
const C1: u32 = 1 << 1;
const BAD: u32 = 1 << 2;
const LAW: u32 = 1 << 3;
const CURRENCY: u32 = 1 << 4;
const START: u32 = 1 << 5;
const END: u32 = 1 << 6;
const NUMERIC: u32 = 1 << 7;
/// Letters that people draw faces with.
const FACES: u32 = 1 << 8;
const UPPER: u32 = 1 << 9;
const LOWER: u32 = 1 << 10;
/// Letters that are often the last of a word, and Greek and Cyrillic ones.
const UPPER_COMMON: u32 = 1 << 11;
const LOWER_COMMON: u32 = 1 << 12;
const BOX: u32 = 1 << 13;
const ASCII_LOWER: u32 = 1 << 14;
const ASCII_UPPER: u32 = 1 << 15;
const SPACE: u32 = 1 << 16;
const WORD: u32 = 1 << 17;
const NOT_ASCII_LETTER: u32 = 1 << 18;
const NOT_NEWLINE: u32 = 1 << 19;

const ACCENTED: u32 = UPPER | LOWER;
const ASCII_LETTER: u32 = ASCII_LOWER | ASCII_UPPER;

/// Every kind a character belongs to.
fn kinds(c: char) -> u32 {
    let mut kinds = match c {
        '\u{a0}' | '\u{ad}' | '·' | '´' | '–' | '—' | '―' | '…' | '’' => COMMON,
        '\u{80}'..='\u{9f}' => C1,
        '¦' | '¤' | '¨' | '¬' | '¯' | '¸' | 'ƒ' | 'ˆ' | 'ˇ' | '˘' | '˛' | '˜' => BAD,
        '†' | '‡' | '‰' | '⌐' | '◊' | '\u{fffd}' | 'ª' | 'º' => BAD,
        '¶' | '§' => LAW,
        '¢' | '£' | '¥' | '₧' | '€' => CURRENCY,
        '¡' | '«' | '¿' | '©' | '΄' | '΅' | '‘' | '‚' | '“' | '„' | '•' | '‹' | '\u{f8ff}' => {
            START
        }
        '®' | '»' | '˝' | '”' | '›' | '™' => END,
        '²' | '³' | '¹' | '±' | '¼' | '½' | '¾' | '×' | 'µ' | '÷' | '⁄' | '∂' | '∆' | '∏' | '∑' => {
            NUMERIC
        }
        '√' | '∞' | '∩' | '∫' | '≈' | '≠' | '≡' | '≤' | '≥' | '№' => NUMERIC,
        'Ò'..='Ö' | 'Ù'..='Û' | 'ò'..='ö' | 'ø'..='û' | 'Ő' | 'Ō' | 'Ū' | 'Ų' | '°' => FACES,
        'Ü' => FACES | UPPER,
        'ü' => FACES | LOWER,
        'À'..='Ñ' | 'Ø' | 'Ý' => UPPER,
        'Ă' | 'Ā' | 'Ą' | 'Ć' | 'Č' | 'Ď' | 'Đ' | 'Ę' | 'Ě' | 'Ē' | 'Ė' | 'Ğ' | 'Ģ' | 'İ' | 'Ī' => {
            UPPER
        }
        'Ķ' | 'Ĺ' | 'Ľ' | 'Ł' | 'Ļ' | 'Ń' | 'Ň' | 'Ņ' | 'Œ' | 'Ř' | 'Ś' | 'Ş' | 'Š' | 'Ţ' | 'Ť' => {
            UPPER
        }
        'Ů' | 'Ű' | 'Ÿ' | 'Ź' | 'Ż' | 'Ž' | 'Ґ' => UPPER,
        'ß' | 'à'..='ñ' => LOWER,
        'ă' | 'ą' | 'ā' | 'ć' | 'č' | 'ď' | 'đ' | 'ę' | 'ě' | 'ē' | 'ė' | 'ğ' | 'ģ' | 'į' | 'ī' => {
            LOWER
        }
        'ķ' | 'ĺ' | 'ľ' | 'ł' | 'ļ' | 'œ' | 'ŕ' | 'ś' | 'ş' | 'š' | 'ť' | 'ź' | 'ż' | 'ž' | 'ґ' => {
            LOWER
        }
        'ﬁ' | 'ﬂ' => LOWER,
        'Þ' | 'Α'..='Ω' | 'Ά' | 'Έ' | 'Ή' | 'Ί' | 'Ό' | 'Ύ' | 'Ώ' | 'Ϊ' | 'Ϋ' | 'Ё'..='Я' => {
            UPPER_COMMON
        }
        'α'..='ω' | 'ά' | 'έ' | 'ή' | 'ί' | 'ΰ' | 'а'..='џ' => LOWER_COMMON,
        '│' | '┌' | '┐' | '┘' | '├' | '┤' | '┬' | '┼' | '═'..='╬' => BOX,
        '▀' | '▄' | '█' | '▌' | '▐' | '░' | '▒' | '▓' => BOX,
        'a'..='z' => ASCII_LOWER,
        'A'..='Z' => ASCII_UPPER,
        _ => 0,
    };
    if c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}') {
        kinds |= SPACE;
    }
    if c.is_alphanumeric() || c == '_' {
        kinds |= WORD;
    }
    if !c.is_ascii_alphabetic() {
        kinds |= NOT_ASCII_LETTER;
    }
    if c != '\n' {
        kinds |= NOT_NEWLINE;
    }
    kinds
}

/// One place of a rule: any character of these kinds, or any of these.
type Place = (u32, &'static str);

/// Neighbors that hardly ever stand side by side on purpose.
#[rustfmt::skip]
const RULES: &[&[Place]] = &[
    &[(C1, "")],
    &[(BAD | ACCENTED | BOX | START | END | CURRENCY | NUMERIC | LAW, ""), (BAD, "")],
    &[(ASCII_LETTER, ""), (LOWER_COMMON | UPPER_COMMON, ""), (BAD, "")],
    &[(BAD, ""), (ACCENTED | BOX | START | END | CURRENCY | NUMERIC | LAW, "")],
    &[(LOWER | LOWER_COMMON | BOX | END | CURRENCY | NUMERIC, ""), (UPPER, "")],
    &[(BOX | END | CURRENCY | NUMERIC, ""), (LOWER, "")],
    &[(LOWER | BOX | END, ""), (CURRENCY, "")],
    &[(SPACE, ""), (UPPER, ""), (CURRENCY, "")],
    &[(UPPER | BOX, ""), (NUMERIC | LAW, "")],
    &[(ACCENTED | BOX | CURRENCY | END, ""), (START, ""), (NUMERIC, "")],
    &[(ACCENTED | CURRENCY | NUMERIC | BOX | LAW, ""), (END, ""), (START, "")],
    &[(CURRENCY | NUMERIC | BOX, ""), (START, "")],
    &[(ASCII_LOWER, ""), (UPPER, ""), (START | CURRENCY, "")],
    &[(BOX, ""), (FACES, "")],
    &[(ACCENTED | CURRENCY | NUMERIC | START | END | LAW, ""), (BOX, "")],
    &[(BOX, ""), (END, "")],
    &[(ACCENTED, ""), (START | END, ""), (WORD, "")],
    &[(0, "Œœ"), (NOT_ASCII_LETTER, "")],
    &[(UPPER, ""), (0, "°")],
    // Windows-1252
    &[(0, "ÂÃÎÐ"), (START | END, "€œŠš¢£Ÿž\u{a0}\u{ad}®©°·»–—´")],
    &[(0, "×"), (0, "²³")],
    &[(0, "ØÙ"), ARABIC, (0, "ØÙ"), ARABIC],
    &[(0, "à"), (0, "²µ¹¼½¾")],
    &[(0, "Ã"), (0, "\u{a0}¡")],
    &[(ASCII_LOWER, ""), (0, "ÃÂ"), (0, " ")],
    &[(ASCII_LOWER, ""), (SPACE, ""), (0, "ÃÂ"), (0, " ")],
    &[(ASCII_LOWER | END, ".,?!"), (0, "Â"), (START | END, " ")],
    // Mac Roman
    &[(0, "√"), (0, "±∂†≠®™´≤≥¥µø")],
    &[(0, "≈"), (0, "°¢")],
    &[(0, "‚"), (0, "Ä"), (0, "ìîïòôúùû†°¢π")],
    &[(0, "‚"), (0, "âó"), (0, "àä°ê")],
    // Windows-1251
    &[(0, "в"), (0, "Ђ")],
    &[(0, "ВГРС"), (C1 | BAD | START | END | CURRENCY, "°µ"), (0, "ВГРС")],
    &[(0, "Г"), (0, "ў"), (0, "В"), (0, "Ђ"), (0, "В"), (NOT_NEWLINE, ""), (ASCII_LETTER, " ")],
    // Windows-1253
    &[(0, "β"), (0, "€"), (0, "™\u{a0}Ά\u{ad}®°")],
    &[(0, "ΒΓΞΟ"), (C1 | BAD | START | END | CURRENCY, "°"), (0, "ΒΓΞΟ")],
    // Windows-1257
    &[(0, "ā"), (0, "€")],
];

/// The second byte of an Arabic letter.
const ARABIC: Place = (COMMON | CURRENCY | BAD | NUMERIC | START, "ŸŠ®°µ»");

/// Whether some characters of a text hardly ever stand side by side on purpose.
pub(super) fn is_bad(text: &str) -> bool {
    if text.is_ascii() {
        return false;
    }
    if text.starts_with("Ã ") || text.starts_with("Â ") {
        return true;
    }
    let characters: Vec<(char, u32)> = text.chars().map(|c| (c, kinds(c))).collect();
    let fits = |rule: &[Place], rest: &[(char, u32)]| {
        rest.len() >= rule.len()
            && rule.iter().zip(rest).all(|(&(of, these), &(c, kinds))| kinds & of != 0 || these.contains(c))
    };
    (0..characters.len()).any(|start| RULES.iter().any(|rule| fits(rule, &characters[start..])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mojibake_is_told_from_words_with_accents() {
        for text in ["crÃ¨me", "donâ€™t", "РџСЂРёРІРµС‚", "é€", "a \u{92} b", "Ã la carte"]
        {
            assert!(is_bad(text), "{text}");
        }
        for text in [
            "crème brûlée",
            "don’t",
            "Привет",
            "ÀÉÎ",
            "ångström €5",
            "¿Qué? ¡Olé!",
            "日本語",
            "Œuvre, sœur",
            "",
        ] {
            assert!(!is_bad(text), "{text}");
        }
    }
}
