//! What events, commands and time do to the state of the dashboard.

use std::time::Duration;

use super::support::{Harness, Space, events_of, hostile, many, twenty};
use crate::tui::app::Page;
use crate::tui::layout::Panel;
use crate::tui::model::{RunState, SideId};
use crate::tui::{Action, Command, Left, Settings, ThemeChoice, ThemeName};
use clipscope_core::dataset::Dataset;
use clipscope_core::embedding::{Event, EventKind, Unit};

#[test]
fn the_first_frame_needs_no_vector_and_names_the_stand_in() {
    for (width, height) in [(20, 5), (30, 8), (40, 12), (80, 24), (200, 60)] {
        let harness = Harness::new(twenty(), width, height);
        assert!(harness.app.first.results.is_none());
        assert!(harness.screen().contains("stand-in, not CLIP"), "{width}×{height}:\n{}", harness.screen());
    }
}

#[test]
fn a_real_shared_space_is_not_called_a_stand_in() {
    let mut harness = Harness::with(twenty(), 200, 60, crate::tui::ColorMode::True, Space::Clip);
    harness.embed(usize::MAX);
    harness.does(&[Command::Help]);
    assert!(!harness.screen().contains("stand-in"));
}

#[test]
fn numbers_appear_while_photos_arrive() {
    let mut harness = Harness::new(twenty(), 200, 60);
    harness.embed(24);
    let results = harness.app.first.results.clone().expect("twelve photos are there");
    assert_eq!(results.comparison.photos.len(), 12);
    assert!(harness.screen().contains("12/20 photos, more to come"));
    assert!(results.comparison.evaluation.bridge.as_ref().is_some_and(|bridge| bridge.permutations == 0));
    harness.embed(usize::MAX);
    let results = harness.app.first.results.clone().expect("all are there");
    assert_eq!(results.comparison.photos.len(), 20);
    assert!(results.comparison.evaluation.bridge.as_ref().is_some_and(|bridge| bridge.permutations == 1_000));
    assert_eq!(
        harness.app.first.progress.state,
        RunState::Finished { elapsed: Duration::from_millis(1_234) }
    );
    assert_eq!(harness.app.deadline(), None, "nothing is due when all is done");
}

#[test]
fn events_of_an_older_run_are_dropped() {
    let mut harness = Harness::new(twenty(), 80, 24);
    for event in events_of(&twenty(), 0) {
        harness.act(Action::Embedding(event));
    }
    assert_eq!(harness.app.first.progress.items(), (0, 40));
    assert!(harness.app.first.results.is_none());
}

#[test]
fn a_photo_that_was_left_out_leaves_the_grid_and_is_listed() {
    let mut harness = Harness::new(hostile(), 80, 24);
    assert_eq!((harness.app.rows.len(), harness.app.cols.len()), (4, 6));
    harness.embed(usize::MAX);
    assert_eq!((harness.app.rows.len(), harness.app.cols.len()), (3, 5));
    assert_eq!(harness.app.first.left_out.len(), 1);
    assert!(harness.screen().contains("1 left out"));
}

#[test]
fn a_note_of_the_workers_is_not_counted_as_left_out() {
    let mut harness = Harness::finished(twenty(), 120, 40);
    let kind = EventKind::Notice("the cache cannot be written".into());
    harness.act(Action::Embedding(Event { generation: 1, kind }));
    harness.does(&[Command::LeftOut]);
    for words in ["left out: 0", "nothing was left out", "notes", "the cache cannot be written"] {
        assert!(harness.screen().contains(words), "{words}\n{}", harness.screen());
    }
    harness.does(&[Command::Back]);
    let screen = harness.screen();
    assert!(screen.contains(" · 1 note (i)") && !screen.contains("1 left out"), "{screen}");
}

#[test]
fn photos_used_with_a_note_are_one_line_however_many_they_are() {
    let mut harness = Harness::finished(twenty(), 120, 40);
    for photo in [7, 2, 11] {
        let kind = EventKind::Noted { photo, note: "the end is missing" };
        harness.act(Action::Embedding(Event { generation: 1, kind }));
    }
    let first = twenty().items[2].file.clone();
    harness.does(&[Command::LeftOut]);
    let line = format!("{first} and 2 more photos: the end is missing");
    for words in ["left out: 0", "notes", &line] {
        assert!(harness.screen().contains(words), "{words}\n{}", harness.screen());
    }
    harness.does(&[Command::Back]);
    assert!(harness.screen().contains(" · 1 note (i)"), "{}", harness.screen());
}

#[test]
fn a_run_that_fails_says_why_and_the_dashboard_stays() {
    let mut harness = Harness::new(twenty(), 80, 24);
    let kind = EventKind::Failed("weights are \x1b[31mdamaged".into());
    harness.act(Action::Embedding(Event { generation: 1, kind }));
    assert_eq!(harness.app.first.progress.state, RunState::Failed("weights are ⟨U+001B⟩[31mdamaged".into()));
    assert!(harness.screen().contains("stopped: weights are"));
    harness.does(&[Command::Down, Command::ShowTexts]);
    assert_eq!(harness.left, None);
}

#[test]
fn workers_that_vanish_are_noticed_only_before_the_end() {
    let mut harness = Harness::new(twenty(), 80, 24);
    harness.act(Action::RunEnded(SideId::First));
    assert!(matches!(harness.app.first.progress.state, RunState::Failed(_)));
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.act(Action::RunEnded(SideId::First));
    assert!(matches!(harness.app.first.progress.state, RunState::Finished { .. }));
}

#[test]
fn pages_open_and_close() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::Help]);
    assert_eq!(harness.app.page(), Some(Page::Help));
    harness.does(&[Command::Down, Command::Last, Command::Back]);
    assert_eq!((harness.app.page(), harness.app.cursor), (None, (0, 0)));
    harness.does(&[Command::Open, Command::Down]);
    assert_eq!((harness.app.page(), harness.app.cursor), (Some(Page::Photo), (1, 0)));
    harness.does(&[Command::Quit]);
    assert_eq!(harness.left, Some(Left::Quit));
}

#[test]
fn signals_end_and_stop() {
    let mut harness = Harness::new(twenty(), 80, 24);
    harness.act(Action::Stop);
    assert_eq!(harness.suspended, 1);
    harness.act(Action::Terminate(15));
    assert_eq!(harness.left, Some(Left::Signal(15)));
    assert_eq!(Left::Signal(15).exit_code(), 143);
    harness.act(Action::TerminalGone);
    assert_eq!(harness.left.map(Left::exit_code), Some(129));
}

#[test]
fn an_empty_data_set_and_photos_without_captions_have_a_screen() {
    let harness = Harness::finished(Dataset::from_items("none", vec![]), 80, 24);
    assert!(harness.screen().contains("no photos to compare"));
    let mut harness = Harness::finished(many(3, 1, 0), 80, 24);
    assert!(harness.screen().contains("no captions to compare"));
    harness.does(&[Command::ShowImages]);
    assert_eq!(harness.app.rows.len(), 3);
    for command in Command::ALL {
        harness.does(&[*command]);
    }
}

#[test]
fn nothing_that_is_not_ours_reaches_the_screen() {
    let mut harness = Harness::finished(hostile(), 200, 60);
    let kind = EventKind::Notice("cache \x1b[2J gone\u{9b}".into());
    harness.act(Action::Embedding(Event { generation: 1, kind }));
    let kind = EventKind::Skipped { unit: Unit::Caption(0), reason: "\x07".into() };
    harness.act(Action::Embedding(Event { generation: 1, kind }));
    // Again with a caption being edited, which the phrase stands in the way of.
    let edited = [Command::Back, Command::EditCaption, Command::LineStart, Command::Keep];
    for command in Command::ALL.iter().chain(&edited) {
        harness.does(&[*command]);
        let terminal = harness.terminal();
        for cell in &terminal.backend().buffer().content {
            let bad = |c: char| c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}');
            assert!(!cell.symbol().contains(bad), "{command:?}: {:?}", cell.symbol());
        }
    }
}

#[test]
fn a_message_goes_by_itself_and_nothing_is_due_afterwards() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::TurnDirection]);
    let until = harness.app.deadline().expect("the message ends");
    harness.app.redraw = false;
    harness.app.now = until;
    harness.act(Action::Tick);
    assert!(harness.app.redraw && harness.app.notice.is_none());
    assert_eq!(harness.app.deadline(), None);
    harness.app.redraw = false;
    harness.act(Action::Tick);
    assert!(!harness.app.redraw, "nothing has changed");
}

#[test]
fn every_theme_scale_and_sign_set_has_a_screen() {
    let mut harness = Harness::finished(twenty(), 120, 40);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..4 {
        for _ in 0..3 {
            seen.insert(format!("{:?}", harness.terminal().backend().buffer()));
            harness.does(&[Command::TurnScale]);
        }
        harness.does(&[Command::TurnTheme]);
    }
    assert_eq!(seen.len(), 12, "each looks different");
    harness.does(&[Command::Ascii]);
    for command in [Command::ZoomOut, Command::ZoomOut, Command::ZoomOut, Command::Open, Command::Help] {
        assert!(harness.screen().is_ascii(), "{command:?}\n{}", harness.screen());
        harness.does(&[command]);
    }
}

#[test]
fn a_text_that_was_scrolled_past_its_end_comes_back_at_once() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::Help, Command::Last]);
    let end = harness.screen();
    harness.does(&[Command::Up]);
    assert_ne!(harness.screen(), end);
    harness.does(&[Command::Back, Command::PreviousPanel]);
    assert_eq!(harness.app.focus, Panel::Accuracy);
    harness.does(&[Command::PageDown; 20]);
    let end = harness.screen();
    harness.does(&[Command::PageUp]);
    assert_ne!(harness.screen(), end);
    // The text is shorter on a larger screen.
    harness.does(&[Command::PageDown]);
    harness.act(Action::Resize { width: 80, height: 30 });
    let end = harness.screen();
    harness.act(Action::Wheel { x: 70, y: 10, down: false });
    assert_ne!(harness.screen(), end);
    harness.act(Action::Resize { width: 80, height: 20 });
    harness.does(&[Command::Open]);
    harness.does(&[Command::PageDown; 5]);
    let end = harness.screen();
    harness.does(&[Command::PageUp]);
    assert_ne!(harness.screen(), end);
}

#[test]
fn the_theme_follows_the_background_until_the_user_turns_it() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.app.take_settings(&Settings::default());
    harness.act(Action::Background([250, 250, 250]));
    assert_eq!(harness.app.theme.name, ThemeName::Light);
    harness.does(&[Command::TurnTheme]);
    harness.act(Action::Background([0, 0, 0]));
    assert_eq!(harness.app.theme.name, ThemeName::HighContrast);
    // Nor where it was chosen beforehand.
    harness
        .app
        .take_settings(&Settings { theme: ThemeChoice::Fixed(ThemeName::ColorBlind), ..Settings::default() });
    harness.act(Action::Background([250, 250, 250]));
    assert_eq!(harness.app.theme.name, ThemeName::ColorBlind);
}
