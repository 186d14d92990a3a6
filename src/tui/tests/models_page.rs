//! The page of models: what it shows, what it asks, and a fetch from its start to the tabs that switch over.

use std::time::Duration;

use super::support::{Harness, Space, sets, twenty};
use super::typing::types;
use crate::tui::keymap::Mode;
use crate::tui::model::{FetchNews, FetchStage, NetworkState};
use crate::tui::{Action, Approach, ColorMode, Command};
use clipscope_networks::{MissingNetwork, Role};

const WHOLE: u64 = 1_248_299_924;
const MIB: u64 = 1 << 20;

/// A dashboard with the stand-in in use and `reference` in this state.
fn at(width: u16, height: u16, state: NetworkState) -> Harness {
    let mut harness = Harness::with(twenty(), width, height, ColorMode::True, Space::StandIn);
    harness.sets = sets(state);
    harness.act(Action::Sets(Ok(harness.sets.clone())));
    harness.embed(usize::MAX);
    harness
}

fn set_in_use(harness: &Harness) -> &str {
    harness.app.first.models.set.name()
}

fn arrives(harness: &mut Harness, seconds: u64, done: u64) {
    let number = harness.fetches.last().expect("a fetch").1;
    harness.app.now += Duration::from_secs(seconds);
    let news = FetchNews { stage: FetchStage::Receiving, done, total: WHOLE };
    harness.act(Action::Fetching { number, news });
}

fn ends(harness: &mut Harness, result: Result<(), String>) {
    let number = harness.fetches.last().expect("a fetch").1;
    harness.act(Action::Fetched { number, result });
}

/// Opens the page and says yes.
fn fetch(harness: &mut Harness) {
    harness.does(&[Command::Models, Command::UseModels]);
}

#[test]
fn from_the_stand_in_to_clip_it_takes_two_keys() {
    let mut harness = at(80, 24, NetworkState::Missing);
    let screen = harness.screen();
    assert!(screen.contains("the real CLIP is one key away: m, 1.16 GiB"), "{screen}");
    harness.does(&[Command::Models]);
    let screen = harness.screen();
    assert!(screen.contains("fetch 1.16 GiB, for reference? Enter yes, Esc no"), "{screen}");
    assert!(harness.fetches.is_empty(), "nothing is fetched unasked");
    harness.does(&[Command::UseModels]);
    assert_eq!(harness.fetches.len(), 1);
    assert_eq!(harness.fetches[0].0, "reference");

    arrives(&mut harness, 1, 0);
    arrives(&mut harness, 2, 100 * MIB);
    let screen = harness.screen();
    let header = screen.lines().next().unwrap();
    for part in ["█", "8%", "50.0 MiB/s", "22 s left", "stand-in, not CLIP"] {
        assert!(header.contains(part), "{part}: {header}");
    }
    harness.sets = sets(NetworkState::Here);
    ends(&mut harness, Ok(()));
    assert_eq!((set_in_use(&harness), harness.app.mode()), ("reference", Mode::Main));
    harness.embed(usize::MAX);
    let screen = harness.screen();
    assert!(screen.contains("photos × captions") && !screen.contains("stand-in"), "{screen}");
    assert!(!screen.contains("one key away"), "{screen}");
}

#[test]
fn a_question_is_asked_once_and_a_no_fetches_nothing() {
    let mut harness = at(80, 24, NetworkState::Missing);
    harness.does(&[Command::Models, Command::StopFetch]);
    assert!(!harness.screen().contains("Enter yes"), "{}", harness.screen());
    assert_eq!(harness.app.mode(), Mode::Models, "the page stays");
    // Asked for again, it is asked again.
    harness.does(&[Command::UseModels]);
    assert!(harness.screen().contains("Enter yes") && harness.fetches.is_empty());
    // Another set under the cursor withdraws it.
    harness.does(&[Command::Up]);
    assert!(!harness.screen().contains("Enter yes"));
    harness.does(&[Command::Down, Command::UseModels, Command::UseModels]);
    assert_eq!(harness.fetches.len(), 1);
    // While it runs, no other one begins.
    harness.does(&[Command::UseModels, Command::UseModels]);
    assert_eq!(harness.fetches.len(), 1);
    harness.does(&[Command::StopFetch]);
    assert_eq!((harness.stopped, harness.app.mode()), (1, Mode::Models));
    assert!(harness.screen().contains("what has arrived of reference is kept"), "{}", harness.screen());
    harness.does(&[Command::StopFetch]);
    assert_eq!(harness.app.mode(), Mode::Main);
}

#[test]
fn news_of_a_fetch_that_was_stopped_are_dropped() {
    let mut harness = at(80, 24, NetworkState::Missing);
    fetch(&mut harness);
    harness.does(&[Command::StopFetch]);
    arrives(&mut harness, 1, 5);
    ends(&mut harness, Ok(()));
    assert!(harness.app.fetching.is_none());
    assert_eq!((set_in_use(&harness), harness.app.mode()), ("mini", Mode::Models));
    // The next one is not ended by the end of the first.
    harness.does(&[Command::UseModels, Command::UseModels]);
    let first = harness.fetches[0].1;
    harness.act(Action::Fetched { number: first, result: Err("stopped".into()) });
    assert!(harness.app.fetching.is_some() && harness.app.fetch_failure.is_none());
}

#[test]
fn the_grid_is_there_while_a_fetch_goes_on() {
    let mut harness = at(80, 24, NetworkState::Missing);
    fetch(&mut harness);
    harness.does(&[Command::Models]);
    arrives(&mut harness, 1, 0);
    arrives(&mut harness, 1, WHOLE / 2);
    let screen = harness.screen();
    assert!(screen.contains("50%") && screen.contains("photos × captions"), "{screen}");
    let cursor = harness.app.cursor;
    harness.does(&[Command::Down]);
    assert_ne!(harness.app.cursor, cursor);
    // A caption that is being edited is not taken away.
    harness.does(&[Command::EditCaption]);
    types(&mut harness, " again");
    ends(&mut harness, Ok(()));
    assert_eq!((set_in_use(&harness), harness.app.mode()), ("mini", Mode::Edit));
    harness.does(&[Command::Keep]);
    assert_eq!(set_in_use(&harness), "reference");
    assert_eq!(harness.app.unsaved(), 1, "the edited caption stays");
}

#[test]
fn a_fetch_that_fails_says_why_and_what_to_do_and_can_be_begun_again() {
    let mut harness = at(80, 24, NetworkState::Missing);
    fetch(&mut harness);
    let reason = "model.bin: hub.example cannot be reached: refused; check the network and HTTPS_PROXY, or import the \
                  files with `clipscope models fetch --from DIR`";
    harness.sets = sets(NetworkState::Partial);
    ends(&mut harness, Err(reason.into()));
    let screen = harness.screen();
    assert!(screen.contains("cannot be reached") && screen.contains("--from DIR"), "{screen}");
    assert!(screen.contains("incomplete"), "{screen}");
    harness.does(&[Command::UseModels]);
    assert!(harness.screen().contains("fetch the rest, 1.16 GiB"), "{}", harness.screen());
    harness.does(&[Command::UseModels]);
    assert_eq!(harness.fetches.len(), 2);
    let page = harness.screen();
    assert!(!page.contains("cannot be reached"), "{page}");
}

#[test]
fn stages_of_a_fetch_have_words_and_no_text_of_others_gets_through() {
    let mut harness = at(120, 40, NetworkState::Missing);
    fetch(&mut harness);
    let number = harness.fetches[0].1;
    let says = |harness: &mut Harness, stage, words: &str| {
        harness.act(Action::Fetching { number, news: FetchNews { stage, done: 1, total: 4 } });
        assert!(harness.screen().contains(words), "{words}: {}", harness.screen());
    };
    says(&mut harness, FetchStage::Asking, "asking the hub");
    says(&mut harness, FetchStage::Checking, "checking what is here of reference 25%");
    says(&mut harness, FetchStage::Waiting, "waiting for another clipscope");
    says(
        &mut harness,
        FetchStage::Retrying("broke off \x1b[31m".into()),
        "trying again: broke off ⟨U+001B⟩[31m",
    );
}

#[test]
fn a_set_that_is_here_is_used_at_once_and_one_to_compare_with_stands_beside() {
    let mut harness = at(200, 60, NetworkState::InHubCache);
    harness.does(&[Command::Models]);
    let screen = harness.screen();
    assert!(screen.contains("in the Hugging Face cache") && !screen.contains("Enter yes"), "{screen}");
    harness.does(&[Command::CompareWith]);
    assert_eq!(harness.app.mode(), Mode::Main);
    assert_eq!(harness.app.second.as_ref().map(|second| second.models.set.name()), Some("reference"));
    harness.does(&[Command::Models]);
    assert!(harness.screen().contains("compared with"), "{}", harness.screen());
    harness.does(&[Command::UseModels]);
    assert_eq!(set_in_use(&harness), "reference");
    assert!(harness.app.second.is_none());
    // The cursor is on the set in use, with which there is nothing to compare.
    harness.does(&[Command::Models, Command::CompareWith]);
    assert!(harness.screen().contains("choose another set"), "{}", harness.screen());
}

#[test]
fn an_answer_that_comes_late_fills_the_page() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::Models]);
    assert!(harness.screen().contains("looking at what is here"), "{}", harness.screen());
    // Nothing to say yes to is on screen.
    harness.does(&[Command::UseModels, Command::CompareWith, Command::Down, Command::Last]);
    harness.act(Action::Sets(Ok(sets(NetworkState::Missing))));
    assert!(harness.screen().contains("Enter yes") && harness.fetches.is_empty(), "{}", harness.screen());
    harness.act(Action::Sets(Err("sets.json is broken".into())));
    assert!(harness.screen().contains("sets.json is broken"), "{}", harness.screen());
}

#[test]
fn the_cursor_is_always_on_screen() {
    for (width, height) in [(80, 24), (30, 8), (44, 16), (200, 60)] {
        let mut harness = at(width, height, NetworkState::Missing);
        harness.does(&[Command::Models]);
        for command in [Command::Up, Command::Up, Command::Down, Command::Down, Command::First, Command::Last]
        {
            harness.does(&[command]);
            let screen = harness.screen();
            let mark = screen.lines().any(|line| line.contains("> m") || line.contains("> reference"));
            assert!(mark, "{width}×{height} {command:?}: {screen}");
        }
    }
}

#[test]
fn the_page_looks_as_it_should() {
    let mut harness = at(80, 24, NetworkState::Missing);
    harness.does(&[Command::Models]);
    insta::assert_snapshot!("80x24_models_page", harness.screen());
    let mut harness = at(200, 60, NetworkState::Partial);
    fetch(&mut harness);
    arrives(&mut harness, 1, 0);
    arrives(&mut harness, 10, 302 * MIB);
    insta::assert_snapshot!("200x60_models_page_fetching", harness.screen());
    let mut harness = at(80, 24, NetworkState::Partial);
    harness.app.theme.ascii = true;
    fetch(&mut harness);
    arrives(&mut harness, 1, 0);
    arrives(&mut harness, 10, 302 * MIB);
    let screen = harness.screen();
    assert!(screen.is_ascii(), "{screen}");
    insta::assert_snapshot!("80x24_models_page_ascii", screen);
}

#[test]
fn without_color_the_chosen_set_has_its_mark() {
    let mut harness = Harness::with(twenty(), 80, 24, ColorMode::None, Space::StandIn);
    harness.sets = sets(NetworkState::Missing);
    harness.does(&[Command::Models]);
    assert!(harness.screen().contains("> reference"), "{}", harness.screen());
    let buffer = harness.terminal().backend().buffer().clone();
    assert!(buffer.content.iter().all(|cell| cell.fg == ratatui::style::Color::Reset));
}

#[test]
fn what_names_and_licenses_hide_is_shown() {
    let mut harness = at(120, 40, NetworkState::Missing);
    harness.does(&[Command::Models]);
    let screen = harness.screen();
    assert!(screen.contains("evil⟨U+001B⟩]0;title") && screen.contains("⟨U+202E⟩LICENSE"), "{screen}");
    assert!(!screen.contains(['\u{1b}', '\u{202e}', '\u{7}']), "{screen}");
}

#[test]
fn a_tab_without_its_networks_says_what_it_needs() {
    for (width, height) in [(80, 24), (200, 60), (44, 16)] {
        let mut harness = Harness::new(twenty(), width, height);
        let models = &mut harness.app.first.models;
        models.towers.retain(|tower| tower.role != Role::ClipText && tower.role != Role::PreClipImage);
        models.missing = vec![MissingNetwork {
            roles: vec![Role::ClipText],
            name: "clip-vit-b32-text".into(),
            files: vec!["x".into()],
        }];
        harness.embed(usize::MAX);
        harness.does(&[Command::ShowClip]);
        let all = |harness: &Harness| harness.screen().split_whitespace().collect::<Vec<_>>().join(" ");
        let screen = harness.screen();
        assert!(screen.contains("no network for clip_text"), "{screen}");
        assert!(!all(&harness).contains("no photo has all its vectors yet"), "{screen}");
        for approach in [Approach::Images, Approach::Texts, Approach::Bridge] {
            let tab = [Command::ShowImages, Command::ShowTexts, Command::ShowBridge][approach.index()];
            harness.does(&[tab]);
            let screen = harness.screen();
            assert!(screen.contains("no network for") && screen.contains("pre_clip_image"), "{screen}");
        }
    }
}

#[test]
fn the_offer_is_made_only_where_a_stand_in_is_in_use_and_until_it_is_seen() {
    let mut harness = at(80, 24, NetworkState::Here);
    assert!(harness.screen().contains("the real CLIP is one key away: m"), "{}", harness.screen());
    harness.does(&[Command::Models, Command::Models]);
    assert!(!harness.screen().contains("one key away"), "{}", harness.screen());
    let mut harness = Harness::with(twenty(), 80, 24, ColorMode::True, Space::Clip);
    harness.act(Action::Sets(Ok(sets(NetworkState::Here))));
    harness.embed(usize::MAX);
    assert!(!harness.screen().contains("one key away"), "{}", harness.screen());
}
