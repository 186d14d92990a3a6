//! The screen of an index: its state, and what it draws.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use crate::tui::browse::{Browser, view};
use crate::tui::jobs::{RankDone, RankQuery};
use crate::tui::theme::Theme;
use crate::tui::{Action, ColorMode, Command, Effect, ImageMode, Left, Settings, ThemeName};
use clipscope_analysis::Vectors;
use clipscope_core::index::{Index, IndexModels, IndexWriter, Recall};
use ratatui::buffer::Buffer;
use ratatui::layout::{Rect, Size};

use sha2::{Digest, Sha256};
use tempfile::TempDir;

const DIM: usize = 24;

/// A vector made of the hash of a content, `[DIM]`.
fn vector(content: &[u8]) -> Vec<f32> {
    Sha256::digest(content).iter().take(DIM).map(|&byte| f32::from(byte) - 127.5).collect()
}

fn unit(content: &[u8]) -> Vec<f32> {
    Vectors::from_rows(DIM, [vector(content).as_slice()]).unwrap().as_slice().to_vec()
}

/// An index of photos by name and content. The photos themselves do not exist.
fn index_of<N: AsRef<str>, C: AsRef<[u8]>>(photos: impl IntoIterator<Item = (N, C)>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let made = IndexModels { key: [7; 32], dim: DIM, set: "mini".into() };
    let (mut writer, _) = IndexWriter::open(folder.path(), Path::new("/photos"), made).unwrap();
    let photos = photos.into_iter().map(|(name, content)| {
        let hash = Sha256::digest(&content).into();
        (name.as_ref().into(), hash, 1, vector(content.as_ref()))
    });
    writer.import(photos).unwrap();
    folder
}

/// An index of `photos` photos: `0000.jpg`, `0001.jpg` and so on.
fn indexed(photos: usize) -> TempDir {
    index_of((0..photos).map(|photo| (format!("{photo:04}.jpg"), format!("photo {photo}"))))
}

fn browser(folder: &TempDir, width: u16, height: u16) -> (Browser, Arc<Index>) {
    let index = Arc::new(Index::open(folder.path()).unwrap());
    let theme = Theme::new(ColorMode::None);
    let size = Size::new(width, height);
    let stand_in = Some("stand-in, not CLIP");
    let browser =
        Browser::new(Arc::clone(&index), "mini · cpu".into(), stand_in, theme, ImageMode::Off, size);
    (browser, index)
}

fn buffer(browser: &Browser) -> Buffer {
    let mut buffer = Buffer::empty(Rect::from((ratatui::layout::Position::ORIGIN, browser.size)));
    view::render(browser, &mut buffer);
    buffer
}

fn screen(browser: &Browser) -> String {
    let buffer = buffer(browser);
    let width = usize::from(browser.size.width.max(1));
    buffer
        .content
        .chunks(width)
        .map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n")
        .collect()
}

#[test]
fn the_grid_shows_the_scores_of_the_index_and_the_cursor_is_spelled_out() {
    let folder = indexed(300);
    let (mut browser, index) = browser(&folder, 120, 40);
    browser.update(Action::Do(Command::Last));
    browser.update(Action::Do(Command::Right));
    assert_eq!(browser.cursor, (299, 1));
    let shown = screen(&browser);
    let score = index.window(&[299], &[1]).get(0, 0);
    assert!(shown.contains(&format!("{score:.3}  0299.jpg × 0001.jpg")), "{shown}");
    assert!(shown.contains("not CLIP") && shown.contains("300 photos"), "{shown}");
    let plan = browser.plan();
    assert!(plan.rows.len() <= 40 && plan.cols.len() <= 60, "only what is visible is planned");
    browser.update(Action::Do(Command::ZoomFit));
    assert!(screen(&browser).contains("a cell stands for"), "{}", screen(&browser));
}

#[test]
fn a_phrase_narrows_the_grid_to_what_it_finds_and_leaving_brings_all_back() {
    let folder = indexed(100);
    let (mut browser, index) = browser(&folder, 120, 40);
    browser.update(Action::Do(Command::FindPhrase));
    let effects = browser.update(Action::Type("sky".into()));
    assert!(
        matches!(&effects[..], [Effect::Own(RankQuery::Phrase(phrase))] if phrase == "sky"),
        "{effects:?}"
    );
    let hits = index.search(&unit(b"photo 42"), 5, -1.0).unwrap();
    let stale = RankDone { query: RankQuery::Phrase("sk".into()), result: Ok(Vec::new()), recall: None };
    browser.update(Action::Ranked(stale));
    assert_eq!(browser.len(), 100, "an answer to an older phrase is passed over");
    browser.update(Action::Ranked(RankDone {
        query: RankQuery::Phrase("sky".into()),
        result: Ok(hits),
        recall: None,
    }));
    assert_eq!((browser.len(), browser.cursor), (5, (0, 0)));
    assert!(screen(&browser).contains("   1 1.000 0042.jpg"), "{}", screen(&browser));
    browser.update(Action::Do(Command::Cancel));
    assert_eq!((browser.len(), browser.cursor), (100, (42, 42)), "the cursor stays on its photo");
}

#[test]
fn the_list_follows_the_cursor() {
    let folder = indexed(30);
    let (mut browser, index) = browser(&folder, 120, 40);
    let effects = browser.update(Action::Do(Command::Down));
    assert!(matches!(effects[..], [Effect::Own(RankQuery::Near(1))]), "{effects:?}");
    let result = index.search(&unit(b"photo 1"), 10, -1.0).map_err(|error| error.to_string());
    browser.update(Action::Ranked(RankDone { query: RankQuery::Near(1), result, recall: None }));
    assert!(screen(&browser).contains("nearest photos to 0001.jpg"), "{}", screen(&browser));
    let effects = browser.update(Action::Terminate(15));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Leave(Left::Signal(15)))));
}

/// 120 photos, with the list of those most similar to the second one.
fn fixed(color: ColorMode, width: u16, height: u16) -> (TempDir, Browser) {
    let folder = index_of((0..120u8).map(|number| (format!("{number:04}.jpg"), [number])));
    let index = Arc::new(Index::open(folder.path()).unwrap());
    let theme = Theme::new(color);
    let size = Size::new(width, height);
    let stand_in = Some("stand-in, not CLIP");
    let mut browser =
        Browser::new(Arc::clone(&index), "mini · cpu".into(), stand_in, theme, ImageMode::Off, size);
    browser.update(Action::Do(Command::Down));
    browser.update(Action::Do(Command::Right));
    let result = index.search(&unit(&[1]), 40, -1.0).map_err(|error| error.to_string());
    browser.update(Action::Ranked(RankDone { query: RankQuery::Near(1), result, recall: None }));
    (folder, browser)
}

#[test]
fn the_help_of_an_index_can_be_read_to_its_end_and_names_its_own_keys() {
    let (_folder, mut browser) = fixed(ColorMode::None, 80, 24);
    browser.update(Action::Do(Command::Help));
    let (first, cursor) = (screen(&browser), browser.cursor);
    assert!(first.contains("show or hide this page") && !first.contains("close the photo"), "{first}");
    browser.update(Action::Do(Command::Last));
    let last = screen(&browser);
    assert!(last.contains("draw with ASCII only, or not"), "{last}");
    browser.update(Action::Do(Command::PageDown));
    browser.update(Action::Do(Command::Up));
    assert_ne!(screen(&browser), last, "it did not scroll past its end");
    browser.update(Action::Do(Command::First));
    browser.update(Action::Wheel { x: 1, y: 1, down: true });
    assert_ne!(screen(&browser), first);
    browser.update(Action::Do(Command::PageUp));
    assert_eq!(screen(&browser), first);
    browser.update(Action::Click { x: 40, y: 10 });
    assert_eq!(browser.cursor, cursor, "the grid is not on screen");
}

#[test]
fn the_screen_of_an_index_at_the_usual_sizes() {
    for (width, height) in [(44, 16), (80, 24), (200, 60)] {
        let (_folder, mut browser) = fixed(ColorMode::None, width, height);
        insta::assert_snapshot!(format!("{width}x{height}"), screen(&browser));
        browser.update(Action::Do(Command::ZoomFit));
        insta::assert_snapshot!(format!("{width}x{height}_fit"), screen(&browser));
    }
}

#[test]
fn the_screen_of_an_index_has_the_colors_of_the_theme() {
    for name in ThemeName::ALL {
        let (_folder, mut browser) = fixed(ColorMode::True, 80, 24);
        browser.theme.name = name;
        insta::assert_snapshot!(format!("80x24_{}", name.name()), super::drawn::styles(&buffer(&browser)));
    }
    let (_folder, mut browser) = fixed(ColorMode::Ansi16, 80, 24);
    insta::assert_snapshot!("80x24_sixteen_colors", super::drawn::styles(&buffer(&browser)));
    browser.theme.ascii = true;
    browser.update(Action::Do(Command::ZoomFit));
    let shown = screen(&browser);
    insta::assert_snapshot!("80x24_ascii", shown);
    let cells = shown.lines().skip(2).take(10);
    let (_folder, mut without) = fixed(ColorMode::None, 80, 24);
    without.update(Action::Do(Command::ZoomFit));
    assert!(cells.zip(screen(&without).lines().skip(2)).any(|(ascii, glyphs)| ascii != glyphs));
}

#[test]
fn an_approximate_ranking_says_its_recall_and_an_exact_one_nothing() {
    let folder = indexed(30);
    let (mut browser, index) = browser(&folder, 120, 40);
    browser.update(Action::Do(Command::Down));
    let result = index.search(&unit(b"photo 1"), 10, -1.0).map_err(|error| error.to_string());
    let recall = Some(Recall { recall_at_10: 0.9912, queries: 200 });
    browser.update(Action::Ranked(RankDone { query: RankQuery::Near(1), result: result.clone(), recall }));
    let said = "approximate, recall@10 0.9912 over 200 queries";
    assert!(screen(&browser).contains(said), "{}", screen(&browser));
    browser.update(Action::Ranked(RankDone { query: RankQuery::Near(1), result, recall: None }));
    assert!(!screen(&browser).contains("approximate"));
}

#[test]
fn folders_are_left_out_of_names_that_do_not_fit() {
    let folder =
        index_of(["one", "two"].map(|photo| (format!("a folder with a long name/{photo}.jpg"), photo)));
    let (mut browser, index) = browser(&folder, 80, 24);
    browser.update(Action::Tick);
    let result = index.search(&unit(b"two"), 2, -1.0).map_err(|error| error.to_string());
    browser.update(Action::Ranked(RankDone { query: RankQuery::Near(0), result, recall: None }));
    let shown = screen(&browser);
    assert!(shown.contains("1 one.jpg") && shown.contains("2 two.jpg"), "{shown}");
    assert!(shown.contains("   1 1.000 two.jpg"), "{shown}");
}

#[test]
fn every_size_and_an_empty_index_can_be_drawn() {
    for photos in [0, 1, 80] {
        let folder = indexed(photos);
        for (width, height) in [(0, 0), (1, 1), (29, 7), (30, 8), (64, 16), (80, 24), (200, 60)] {
            let (mut browser, _) = browser(&folder, width, height);
            for command in Command::ALL {
                browser.update(Action::Do(*command));
                let _ = screen(&browser);
            }
        }
    }
}

#[test]
fn names_with_control_characters_are_shown_safely() {
    let folder = index_of([("a\u{1b}[2Jb\u{202e}.jpg", "one")]);
    let (mut browser, _) = browser(&folder, 200, 40);
    browser.update(Action::Tick);
    let shown = screen(&browser);
    assert!(shown.contains("U+001B") && shown.contains("U+202E"), "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn a_message_goes_by_itself_and_names_the_key_of_the_help() {
    let folder = indexed(3);
    let (mut browser, _) = browser(&folder, 120, 40);
    browser.now = Duration::from_secs(1);
    browser.update(Action::Do(Command::EditCaption));
    assert!(
        screen(&browser).contains("not on the screen of an index; ? shows the keys"),
        "{}",
        screen(&browser)
    );
    let until = browser.deadline().unwrap();
    browser.redraw = false;
    browser.now = until;
    browser.update(Action::Tick);
    assert!(browser.redraw && browser.deadline().is_none());
    assert!(!screen(&browser).contains("not on the screen"), "{}", screen(&browser));
}

#[test]
fn the_theme_follows_the_background_until_the_user_chooses_one() {
    let folder = indexed(3);
    let (mut browser, _) = browser(&folder, 120, 40);
    browser.take_settings(&Settings::default());
    browser.update(Action::Background([255; 3]));
    assert_eq!(browser.theme.name, ThemeName::Light);
    browser.update(Action::Do(Command::TurnTheme));
    let chosen = browser.theme.name;
    browser.update(Action::Background([0; 3]));
    assert_eq!(browser.theme.name, chosen);
}
