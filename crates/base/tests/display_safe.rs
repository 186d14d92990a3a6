//! What `display_safe` promises: nothing invisible gets out, twice is once, clean text is borrowed, different names stay
//! different.

use std::{borrow::Cow, collections::HashSet, path::Path};

use clipscope_base::display_safe::{csv_safe, display_path, display_safe, json_safe};
use proptest::prelude::*;

/// Written independently of the implementation: what RELIABILITY forbids, and the commonest invisible characters.
fn forbidden(character: char) -> bool {
    let code = u32::from(character);
    code < 0x20
        || (0x7F..=0x9F).contains(&code)
        || (0x202A..=0x202E).contains(&code)
        || (0x2066..=0x2069).contains(&code)
        || (0xE0000..=0xE007F).contains(&code)
        || [0x200E, 0x200F, 0x61C, 0x2028, 0x2029, 0x200B, 0x200C, 0x2060, 0xFEFF, 0xAD, 0x180E, 0x3164]
            .contains(&code)
}

/// Undoes the escapes.
fn decode(text: &str) -> String {
    let mut decoded = String::new();
    let mut rest = text;
    while let Some((before, code)) = rest.split_once("\u{27E8}U+") {
        let (code, after) = code.split_once('\u{27E9}').unwrap();
        decoded.push_str(before);
        decoded.push(char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap());
        rest = after;
    }
    decoded + rest
}

/// Texts rich in what matters: any character, the escapes' own, joiners, selectors, emoji, formulas.
fn hostile_text() -> impl Strategy<Value = String> {
    let character = prop_oneof![
        any::<char>(),
        proptest::char::range('\0', '\u{A0}'),
        proptest::char::range('\u{2000}', '\u{2070}'),
        proptest::char::range('\u{E0000}', '\u{E0FFF}'),
        proptest::sample::select(vec![
            '\u{200D}',
            '\u{FE0F}',
            '\u{FE0E}',
            '\u{20E3}',
            '1',
            '#',
            '👩',
            '❤',
            '\u{1F3FD}',
            '\u{27E8}',
            '\u{27E9}',
            'U',
            '+',
            '=',
            '-',
            '@',
            ' ',
            '\t',
            '\'',
            'é',
            '語',
        ]),
    ];
    proptest::collection::vec(character, 0..24).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_control_or_invisible_character_gets_out(text in hostile_text()) {
        for shown in [display_safe(&text), csv_safe(&text)] {
            prop_assert!(!shown.chars().any(forbidden), "{shown:?}");
        }
    }

    #[test]
    fn twice_is_once(text in hostile_text()) {
        let once = display_safe(&text);
        prop_assert_eq!(&display_safe(&once), &once);
        prop_assert!(matches!(display_safe(&once), Cow::Borrowed(_)));
        let once = csv_safe(&text);
        prop_assert_eq!(&csv_safe(&once), &once);
    }

    #[test]
    fn unchanged_text_is_borrowed(text in hostile_text()) {
        let shown = display_safe(&text);
        prop_assert_eq!(matches!(shown, Cow::Borrowed(_)), shown == text);
    }

    /// Injective: where nobody typed an escape, the output can be decoded, so no two inputs share one.
    #[test]
    fn texts_without_a_literal_escape_can_be_decoded(text in hostile_text()) {
        prop_assume!(!text.contains("\u{27E8}U+"));
        prop_assert_eq!(decode(&display_safe(&text)), text);
    }

    #[test]
    fn what_a_spreadsheet_takes_for_a_formula_is_text(text in hostile_text()) {
        let field = csv_safe(&text);
        prop_assert!(!field.trim_start().starts_with(['=', '+', '-', '@', '\t', '\r']), "{field:?}");
    }
}

#[test]
fn the_escapes_look_like_this() {
    assert_eq!(display_safe("a\u{1B}[31mb\n"), "a⟨U+001B⟩[31mb⟨U+000A⟩");
    assert_eq!(display_safe("photo\u{202E}gpj.exe"), "photo⟨U+202E⟩gpj.exe");
    assert_eq!(display_safe("a\u{85}\u{7F}\u{E0041}"), "a⟨U+0085⟩⟨U+007F⟩⟨U+E0041⟩");
}

#[test]
fn every_character_of_the_ranges_that_must_not_pass_is_escaped() {
    for character in (0..=0x10_FFFF).filter_map(char::from_u32).filter(|character| forbidden(*character)) {
        assert_eq!(display_safe(&format!("x{character}y")), format!("x⟨U+{:04X}⟩y", u32::from(character)));
    }
}

#[test]
fn ordinary_text_of_any_script_passes_borrowed() {
    for text in [
        "",
        "plain",
        "C:\\temp\\n",
        "Ñandú",
        "日本語",
        "العربية",
        "עברית",
        "é",
        "⟨U+202E⟩",
        "naïve — “quoted”",
    ] {
        assert!(matches!(display_safe(text), Cow::Borrowed(same) if same == text), "{text}");
    }
}

#[test]
fn emoji_sequences_pass_and_their_parts_elsewhere_do_not() {
    for text in ["👩‍🚀", "👨‍👩‍👧", "❤️", "❤️‍🔥", "1️⃣", "🏳️‍🌈", "👩🏽‍🔬", "🇪🇸"]
    {
        assert_eq!(display_safe(text), text);
    }
    assert_eq!(display_safe("a\u{200D}b"), "a⟨U+200D⟩b");
    assert_eq!(display_safe("👩\u{200D}"), "👩⟨U+200D⟩");
    assert_eq!(display_safe("👩\u{200D}\u{200D}👩"), "👩⟨U+200D⟩⟨U+200D⟩👩");
    assert_eq!(display_safe("a\u{FE0F}"), "a⟨U+FE0F⟩");
    assert_eq!(display_safe("1\u{FE0F}"), "1⟨U+FE0F⟩");
    assert_eq!(display_safe("❤\u{FE0F}\u{FE0F}"), "❤\u{FE0F}⟨U+FE0F⟩");
}

#[test]
fn names_that_would_look_equal_are_shown_differently() {
    let names = [
        "cat.jpg",
        "cat.jpg\n",
        "cat\u{200B}.jpg",
        "cat\u{200C}.jpg",
        "cat\u{200D}.jpg",
        "cat\u{2060}.jpg",
        "cat\u{FEFF}.jpg",
        "cat\u{AD}.jpg",
        "\u{202D}cat.jpg",
        "\u{2066}cat.jpg\u{2069}",
        "cat\u{FE0F}.jpg",
        "cat\u{34F}.jpg",
        "cat\u{3164}.jpg",
        "cat\\n.jpg",
        "cat\u{7}.jpg",
        "cat\u{E0063}.jpg",
        "cat\u{180E}.jpg",
    ];
    let shown: HashSet<_> = names.iter().map(|name| display_safe(name)).collect();
    assert_eq!(shown.len(), names.len());
}

#[test]
fn injectivity_ends_at_a_typed_escape_as_documented() {
    assert_eq!(display_safe("\u{202E}"), display_safe("⟨U+202E⟩"));
}

#[cfg(unix)]
#[test]
fn bytes_of_a_path_that_are_not_utf8_are_shown() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let shown = |bytes: &'static [u8]| display_path(Path::new(OsStr::from_bytes(bytes)));
    assert_eq!(shown(b"a\xFF\xFEb/\x1Bc"), "a⟨0xFF⟩⟨0xFE⟩b/⟨U+001B⟩c");
    // Neither the replacement character nor a truncated sequence is confused with the bytes.
    assert_ne!(shown(b"a\xFF"), shown(b"a\xEF\xBF\xBD"));
    assert_eq!(shown(b"a\xE2\x80"), "a⟨0xE2⟩⟨0x80⟩");
    assert!(matches!(shown(b"plain/path.jpg"), Cow::Borrowed(_)));
}

#[test]
fn csv_fields_are_neutralized() {
    assert_eq!(csv_safe("=HYPERLINK(1)"), "'=HYPERLINK(1)");
    assert_eq!(csv_safe("  @SUM(1)"), "'  @SUM(1)");
    assert_eq!(csv_safe("＝1+1"), "'＝1+1");
    assert_eq!(csv_safe("\t=1"), "⟨U+0009⟩=1");
    assert!(matches!(csv_safe("a dog = a friend"), Cow::Borrowed(_)));
    assert!(matches!(display_path(Path::new("a/b")), Cow::Borrowed("a/b")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// JSON stays JSON with the same strings, and nothing that a terminal obeys is in it.
    #[test]
    fn json_is_escaped_without_a_change_of_what_it_says(texts in proptest::collection::vec(hostile_text(), 0..4)) {
        let json = serde_json::to_string_pretty(&serde_json::json!({ "texts": texts })).unwrap();
        let safe = json_safe(&json);
        prop_assert!(!safe.chars().any(|character| forbidden(character) && character != '\n'), "{safe:?}");
        let read: serde_json::Value = serde_json::from_str(&safe).unwrap();
        prop_assert_eq!(read["texts"].clone(), serde_json::json!(texts));
        prop_assert_eq!(&json_safe(&safe), &safe);
    }
}
