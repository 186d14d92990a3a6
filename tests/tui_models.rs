//! Changing the model set from the dashboard.

mod tui_support;

use clipscope::tui::{Action, Command, Effect, Engine, update};
use tui_support::{FakeEngine, Harness, twenty};

fn other() -> Action {
    Action::ModelsChanged(Box::new(FakeEngine { stand_in: false }.models()))
}

#[test]
fn another_set_starts_anew_and_nothing_of_the_old_one_stays() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    let before = harness.screen();
    assert!(before.contains("mini") && before.contains("20/20"), "{before}");
    harness.act(other());
    let during = harness.screen();
    assert!(during.contains("reference") && !during.contains("20/20"), "{during}");
    harness.embed(usize::MAX);
    let after = harness.screen();
    assert!(after.contains("20/20") && !after.contains("stand-in"), "{after}");
}

#[test]
fn events_and_numbers_of_the_old_set_are_dropped() {
    let mut harness = Harness::new(twenty(), 200, 60);
    // The old run is half-way when the set changes; its events are still on their way.
    harness.embed(10);
    let old: Vec<_> = harness.events.drain(..).collect();
    harness.act(other());
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
    let effects = update(&mut harness.app, Action::Do(Command::NextModels));
    assert!(effects.iter().any(|effect| matches!(effect, Effect::NextModels)), "{effects:?}");
    harness.act(Action::ModelsStay("'reference' is not installed".into()));
    let screen = harness.screen();
    assert!(screen.contains("not installed") && screen.contains("20/20"), "{screen}");
}
