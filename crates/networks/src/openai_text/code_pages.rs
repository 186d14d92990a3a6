//! The one-byte encodings as which UTF-8 is read by mistake.
//!
//! Owns: their tables. Must not know: what mojibake looks like.

use std::sync::LazyLock;

/// What the byte 0x1A, "substitute", stands for in a lossy page: a character that was lost.
const LOST: char = char::REPLACEMENT_CHARACTER;
const SUBSTITUTE: u8 = 0x1A;

/// A one-byte encoding.
pub(super) struct CodePage {
    /// What the bytes from 0x80 stand for.
    upper: Vec<char>,
    /// The same by character, in order.
    bytes: Vec<(char, u8)>,
    /// Whether programs that read this page lose characters, which are then U+FFFD.
    pub lossy: bool,
    /// Whether a space may be a no-break space that some program replaced.
    pub spaces: bool,
}

impl CodePage {
    fn new(upper: impl Iterator<Item = char>, lossy: bool, spaces: bool) -> Self {
        let upper: Vec<char> = upper.collect();
        let mut bytes: Vec<(char, u8)> = upper.iter().copied().zip(0x80..=0xFF).collect();
        bytes.sort_unstable();
        Self { upper, bytes, lossy, spaces }
    }

    /// The bytes that this page shows as `text`; `None` when it cannot show a character of it.
    pub fn encode(&self, text: &str) -> Option<Vec<u8>> {
        text.chars().map(|c| self.byte(c)).collect()
    }

    fn byte(&self, c: char) -> Option<u8> {
        match c {
            LOST if self.lossy => Some(SUBSTITUTE),
            '\u{1a}' if self.lossy => None,
            '\0'..='\x7f' => Some(c as u8),
            _ => {
                let place = self.bytes.binary_search_by_key(&c, |&(c, _)| c).ok()?;
                Some(self.bytes[place].1)
            }
        }
    }

    /// The characters that this page shows for some bytes from 0x80.
    pub fn characters(&self, bytes: std::ops::RangeInclusive<u8>) -> impl Iterator<Item = char> {
        bytes.map(|byte| self.upper[usize::from(byte) - 0x80])
    }
}

/// Every page, the likeliest first.
pub(super) static PAGES: LazyLock<[CodePage; 10]> = LazyLock::new(|| {
    [
        CodePage::new('\u{80}'..='\u{ff}', false, true),
        CodePage::new(WINDOWS_1252.chars(), true, true),
        CodePage::new(WINDOWS_1251.chars(), true, true),
        CodePage::new(WINDOWS_1250.chars(), true, true),
        CodePage::new(WINDOWS_1253.chars(), true, true),
        CodePage::new(WINDOWS_1254.chars(), true, true),
        CodePage::new(WINDOWS_1257.chars(), true, true),
        CodePage::new(ISO_8859_2.chars(), false, true),
        // An en dash before a space would look like half a character here.
        CodePage::new(MAC_ROMAN.chars(), false, false),
        CodePage::new(CODE_PAGE_437.chars(), false, true),
    ]
});

/// How many of [`PAGES`] are alike enough to Latin-1 for their letters to tell what bytes stood there.
pub(super) const LIKE_LATIN_1: usize = 7;

/// What Windows-1252 has in the place of a C1 control; five of them have nothing there and stay.
pub(super) fn windows_1252(c: char) -> char {
    match c {
        '\u{80}'..='\u{9f}' => PAGES[1].upper[c as usize - 0x80],
        _ => c,
    }
}

// Bytes without a character stand for the control of that number.
const WINDOWS_1252: &str = "\
    €\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²³´µ¶·¸¹º»¼\
    ½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞßàáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ";
const WINDOWS_1251: &str = "\
    ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u{98}™љ›њќћџ\u{a0}ЎўЈ¤Ґ¦§Ё©Є«¬\u{ad}®Ї°±Ііґµ¶·ё№є»јЅѕїАБВГДЕЖЗИЙКЛМНОПР\
    СТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя";
const WINDOWS_1250: &str = "\
    €\u{81}‚\u{83}„…†‡\u{88}‰Š‹ŚŤŽŹ\u{90}‘’“”•–—\u{98}™š›śťžź\u{a0}ˇ˘Ł¤Ą¦§¨©Ş«¬\u{ad}®Ż°±˛ł´µ¶·¸ąş»Ľ\
    ˝ľżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙";
const WINDOWS_1253: &str = "\
    €\u{81}‚ƒ„…†‡\u{88}‰\u{8a}‹\u{8c}\u{8d}\u{8e}\u{8f}\u{90}‘’“”•–—\u{98}™\u{9a}›\u{9c}\u{9d}\u{9e}\
    \u{9f}\u{a0}΅Ά£¤¥¦§¨©ª«¬\u{ad}®―°±²³΄µ¶·ΈΉΊ»Ό½ΎΏΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡÒΣΤΥΦΧΨΩΪΫάέήίΰαβγδεζηθικλμνξο\
    πρςστυφχψωϊϋόύώÿ";
const WINDOWS_1254: &str = "\
    €\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}\u{8e}\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}\u{9e}Ÿ\u{a0}¡¢£¤¥¦§¨©ª«¬\u{ad}®¯°±²\
    ³´µ¶·¸¹º»¼½¾¿ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞßàáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ";
const WINDOWS_1257: &str = "\
    €\u{81}‚\u{83}„…†‡\u{88}‰\u{8a}‹\u{8c}¨ˇ¸\u{90}‘’“”•–—\u{98}™\u{9a}›\u{9c}¯˛\u{9f}\u{a0}¡¢£¤¥¦§Ø\
    ©Ŗ«¬\u{ad}®Æ°±²³´µ¶·ø¹ŗ»¼½¾æĄĮĀĆÄÅĘĒČÉŹĖĢĶĪĻŠŃŅÓŌÕÖ×ŲŁŚŪÜŻŽßąįāćäåęēčéźėģķīļšńņóōõö÷ųłśūüżž˙";
const ISO_8859_2: &str = "\
    \u{80}\u{81}\u{82}\u{83}\u{84}\u{85}\u{86}\u{87}\u{88}\u{89}\u{8a}\u{8b}\u{8c}\u{8d}\u{8e}\u{8f}\
    \u{90}\u{91}\u{92}\u{93}\u{94}\u{95}\u{96}\u{97}\u{98}\u{99}\u{9a}\u{9b}\u{9c}\u{9d}\u{9e}\u{9f}\
    \u{a0}Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u{ad}ŽŻ°ą˛ł´ľśˇ¸šşťź˝žżŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢßŕáâăäĺćçčéęëěíîďđńňóôő\
    ö÷řůúűüýţ˙";
const MAC_ROMAN: &str = "\
    ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄\
    €‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";
const CODE_PAGE_437: &str = "\
    ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
    αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
