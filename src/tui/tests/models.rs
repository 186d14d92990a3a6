//! Changing the model set from the dashboard.

use super::support::{Harness, many, sets, twenty};
use crate::tui::Approach;
use crate::tui::model::{GridId, NetworkState, SideId};
use crate::tui::{Action, Command, DashboardEffect, Effect, update};
use clipscope_core::embedding::{EventKind, Unit};

/// Changes to the other set.
fn change(harness: &mut Harness) {
    harness.sets = sets(NetworkState::Here);
    harness.does(&[Command::Models, Command::UseModels]);
}

fn refuse(side: SideId, reason: &str) -> Action {
    Action::ModelsRefused { side, reason: reason.into() }
}

#[test]
fn another_model_set_starts_anew_and_nothing_of_the_old_one_stays() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    let before = harness.screen();
    assert!(before.contains("mini") && before.contains("20/20"), "{before}");
    change(&mut harness);
    let during = harness.screen();
    assert!(during.contains("reference") && !during.contains("20/20"), "{during}");
    harness.embed(usize::MAX);
    let after = harness.screen();
    assert!(after.contains("20/20") && !after.contains("stand-in"), "{after}");
}

#[test]
fn events_and_numbers_of_the_old_model_set_are_dropped() {
    let mut harness = Harness::new(twenty(), 200, 60);
    // The old run is half-way when the set changes; its events are still on their way.
    harness.embed(10);
    let old: Vec<_> = harness.events.drain(..).collect();
    change(&mut harness);
    let fresh: Vec<_> = harness.events.drain(..).collect();
    let empty = harness.screen();
    harness.events.extend(old);
    harness.embed(usize::MAX);
    assert!(!harness.screen().contains("20/20"), "old events were counted");
    assert!(!empty.contains("10/20") && !empty.contains("20/20"), "{empty}");
    harness.events.extend(fresh);
    harness.embed(usize::MAX);
    assert!(harness.screen().contains("20/20"));
}

#[test]
fn the_key_asks_the_engine_and_a_refusal_is_shown() {
    let mut harness = Harness::finished(twenty(), 120, 40);
    harness.sets = sets(NetworkState::Here);
    harness.does(&[Command::Models]);
    let effects = update(&mut harness.app, Action::Do(Command::UseModels));
    assert!(
        effects.iter().any(|effect| {
            matches!(effect, Effect::Own(DashboardEffect::OpenModels { side: SideId::First, set })
                if set.as_deref() == Some("reference"))
        }),
        "{effects:?}"
    );
    harness.act(refuse(SideId::First, "'reference' is not installed"));
    let screen = harness.screen();
    assert!(screen.contains("not installed") && screen.contains("20/20"), "{screen}");
}

/// A dashboard with the second model set beside the first.
fn two_sets(harness: &mut Harness) {
    harness.does(&[Command::Compare; 4]);
    assert!(harness.app.second.is_some());
    harness.embed_second();
}

#[test]
fn two_model_sets_stand_side_by_side_with_one_cursor() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    two_sets(&mut harness);
    let screen = harness.screen();
    assert!(
        screen.contains("reference: photos × captions") && screen.contains("stand-in, not CLIP"),
        "{screen}"
    );
    let main = GridId::main(Approach::Clip);
    let second = GridId { side: SideId::Second, ..main };
    // Its photos are what their captions say; those of the set in use are not.
    for place in 0..20 {
        assert!(harness.app.score_in(second, place, place).unwrap() > 0.999);
        assert!(harness.app.score_in(main, place, place).unwrap() < 0.999);
    }
    harness.does(&[Command::Down, Command::Down, Command::Right]);
    let grids = (harness.app.grid().unwrap().cursor, harness.app.linked_grid().unwrap().cursor);
    assert_eq!(grids, ((2, 1), (2, 1)));
    // Another approach is shown with both sets.
    harness.does(&[Command::ShowTexts]);
    assert!(harness.screen().contains("reference: captions × captions"), "{}", harness.screen());
    harness.does(&[Command::Compare]);
    assert!(harness.app.second.is_none() && harness.app.linked.is_none());
    assert!(!harness.screen().contains("reference"), "{}", harness.screen());
}

#[test]
fn an_edited_caption_is_embedded_with_the_second_model_set_too() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    two_sets(&mut harness);
    let second = GridId { approach: Approach::Clip, side: SideId::Second };
    harness.does(&[Command::EditCaption, Command::ClearLine]);
    harness.act(Action::Type("something else altogether".into()));
    harness.app.now += std::time::Duration::from_secs(1);
    harness.act(Action::Tick);
    assert!(harness.second.is_empty(), "not while typing");
    harness.does(&[Command::Keep]);
    assert!(!harness.second.is_empty(), "nothing is embedded anew");
    let old = harness.app.score_in(second, 1, 0).unwrap();
    harness.embed_second();
    assert_ne!(harness.app.score_in(second, 1, 0), Some(old));
}

#[test]
fn two_sets_without_whole_matrices_look_their_scores_up() {
    let mut harness = Harness::finished(many(2_001, 6, 1), 200, 60);
    two_sets(&mut harness);
    let second = GridId { approach: Approach::Clip, side: SideId::Second };
    let results = harness.app.numbers(second).unwrap();
    assert!(results.lacks_matrix(Approach::Clip), "the data set must be too large for a matrix");
    let cursor = harness.app.cursor;
    assert!(harness.app.score_in(second, cursor.0, cursor.1).unwrap() > 0.999);
    assert!(harness.app.score_in(GridId::main(Approach::Clip), cursor.0, cursor.1).unwrap() < 0.999);
}

#[test]
fn an_edit_beside_a_second_model_set_without_whole_matrices_waits_for_its_vectors() {
    let mut harness = Harness::finished(many(2_001, 6, 1), 200, 60);
    two_sets(&mut harness);
    let second = GridId { approach: Approach::Clip, side: SideId::Second };
    harness.does(&[Command::Down]);
    let row = harness.app.cursor.0;
    let score = harness.app.score_in(second, row, 0).expect("looked up");
    harness.does(&[Command::EditCaption, Command::ClearLine]);
    harness.act(Action::Type("something else altogether".into()));
    harness.does(&[Command::Keep]);
    assert!(!harness.second.is_empty(), "it is embedded anew");
    // Its vectors are not there: until they are, the scores are those of before, of the pairs that they stand at.
    harness.screen();
    assert_eq!(harness.app.score_in(second, row, 0), Some(score));
    harness.does(&[Command::Down]);
    harness.screen();
    harness.does(&[Command::Up]);
    assert_eq!(harness.app.score_in(second, row, 0), Some(score));
    let event = harness.second.pop_front().expect("events");
    harness.act(Action::Embedding(event));
    harness.screen();
    harness.embed_second();
    harness.screen();
    let new = harness.app.score_in(second, row, 0).expect("looked up");
    assert_ne!(new, score, "the scores are looked up anew");
}

#[test]
fn a_second_model_set_that_cannot_be_opened_again_is_given_up() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    two_sets(&mut harness);
    harness.does(&[Command::EditCaption]);
    harness.act(Action::Type("!".into()));
    harness.app.now += std::time::Duration::from_secs(1);
    harness.act(Action::Tick);
    let starts = |effects: &[Effect]| {
        effects.iter().any(|effect| {
            matches!(effect, Effect::Own(DashboardEffect::OpenModels { side: SideId::Second, .. }))
        })
    };
    let effects = update(&mut harness.app, Action::Do(Command::Keep));
    assert!(starts(&effects), "{effects:?}");
    let effects = update(&mut harness.app, refuse(SideId::Second, "the cache folder is gone"));
    assert!(!starts(&effects), "asked for again, it is refused again, and so on");
    assert!(harness.app.second.is_none() && harness.app.linked.is_none());
    assert!(harness.screen().contains("the cache folder is gone"));
    assert!(!starts(&update(&mut harness.app, Action::Tick)));
}

#[test]
fn what_the_second_model_set_leaves_out_is_listed_once_and_goes_with_it() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    harness.does(&[Command::Compare; 4]);
    for text in ["one", "two"] {
        // The last photo is left out, instead of embedded.
        let at = harness.second.len() - 2;
        let unit = Unit::Photo(19);
        harness.second[at].kind = EventKind::Skipped { unit, reason: "cannot be decoded".into() };
        harness.embed_second();
        let rows: Vec<_> = harness.app.all_left_out().map(|row| row.file.as_str()).collect();
        assert_eq!(rows, ["models reference"]);
        assert!(harness.screen().contains("1 left out (i)"), "{}", harness.screen());
        harness.does(&[Command::EditCaption]);
        harness.act(Action::Type(text.into()));
        harness.does(&[Command::Keep]);
        assert!(!harness.second.is_empty(), "it is embedded anew");
    }
    harness.does(&[Command::Compare]);
    assert_eq!(harness.app.all_left_out().count(), 0);
}

#[test]
fn a_missing_second_model_set_is_said_and_changes_nothing() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    harness.does(&[Command::Compare; 3]);
    let effects = update(&mut harness.app, Action::Do(Command::Compare));
    assert!(
        effects.iter().any(|effect| matches!(
            effect,
            Effect::Own(DashboardEffect::OpenModels { side: SideId::Second, .. })
        )),
        "{effects:?}"
    );
    harness.act(refuse(SideId::Second, "'reference' is not installed"));
    assert!(harness.screen().contains("not installed") && harness.app.linked.is_none());
}
