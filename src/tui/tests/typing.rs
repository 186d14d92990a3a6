//! Typing in the dashboard: phrases that rank photos, captions that are edited.

use std::sync::Arc;
use std::time::Duration;

use super::support::{Harness, Space, item, many, text_vector, twenty};
use crate::tui::keymap::Mode;
use crate::tui::layout::Panel;
use crate::tui::{Action, Approach, ColorMode, Command, Effect, Job, perform, update};
use clipscope_core::dataset::Dataset;
use clipscope_networks::Role;

const DEBOUNCE: Duration = Duration::from_millis(50);

/// Types and waits until it is taken in.
pub fn types(harness: &mut Harness, text: &str) {
    harness.act(Action::Type(text.into()));
    later(harness);
}

fn later(harness: &mut Harness) {
    harness.app.now += DEBOUNCE;
    harness.act(Action::Tick);
}

fn top1(harness: &Harness) -> f64 {
    let results = harness.app.first.results.as_ref().expect("compared");
    let clip = results.comparison.evaluation.clip.as_ref().expect("compared");
    clip.image_to_text.top1.expect("captions").value
}

#[test]
fn a_phrase_ranks_the_photos_by_the_shared_space() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    harness.does(&[Command::FindPhrase]);
    assert_eq!(harness.app.mode(), Mode::Phrase);
    types(&mut harness, "pizza food");
    let best = &harness.app.lists[0].items[0];
    assert_eq!(harness.app.catalog.photos[best.place].label, "pizza");
    assert_eq!(harness.app.lists[0].title, "photos for the phrase");
    assert_eq!(harness.app.lists[0].items.len(), 20);
    assert!(harness.app.lists[0].items.windows(2).all(|pair| pair[0].score >= pair[1].score));
    assert_eq!(harness.app.cursor.0, best.place, "the photo found is shown");
    let second = harness.app.lists[0].items[1].place;
    harness.does(&[Command::ChooseNext]);
    assert_eq!(harness.app.cursor.0, second);
    harness.does(&[Command::Keep]);
    assert_eq!((harness.app.mode(), harness.app.cursor.0), (Mode::Main, second));
}

#[test]
fn enter_waits_for_what_the_last_keys_find() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::FindPhrase]);
    harness.act(Action::Type("pizza food".into()));
    harness.does(&[Command::Keep]);
    assert_eq!(harness.app.mode(), Mode::Main);
    assert_eq!(harness.app.catalog.photos[harness.app.cursor.0].label, "pizza");
    // Nothing typed, nothing to wait for; what cannot be embedded keeps the line.
    harness.does(&[Command::FindPhrase, Command::Keep]);
    assert_eq!(harness.app.mode(), Mode::Main);
    harness.does(&[Command::FindPhrase]);
    harness.act(Action::Type("refuse".into()));
    harness.does(&[Command::Keep]);
    assert_eq!(harness.app.mode(), Mode::Phrase);
}

#[test]
fn escape_leaves_the_cursor_where_it_was() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::Down, Command::FindPhrase]);
    types(&mut harness, "coffee iced");
    assert_ne!(harness.app.cursor.0, 1);
    harness.does(&[Command::Cancel]);
    assert_eq!((harness.app.cursor, harness.app.mode()), ((1, 0), Mode::Main));
    assert_eq!(harness.app.lists[0].title, "captions for the photo");
}

#[test]
fn keys_that_follow_fast_are_embedded_together_and_the_newest_wins() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::FindPhrase]);
    let mut jobs = Vec::new();
    for (text, wait) in [("pi", 10), ("zza", 60), (" food", 60)] {
        jobs.extend(update(&mut harness.app, Action::Type(text.into())));
        harness.app.now += Duration::from_millis(wait);
        jobs.extend(update(&mut harness.app, Action::Tick));
    }
    let mut answers: Vec<Action> = jobs
        .into_iter()
        .filter_map(|effect| match effect {
            Effect::Job(job @ Job::Text(_)) => Some(perform(&harness.engine, job)),
            _ => None,
        })
        .collect();
    assert_eq!(answers.len(), 2, "'pi' was never embedded");
    let newest = answers.pop().expect("two");
    harness.act(newest);
    assert_eq!(harness.app.lists[0].query, "pizza food");
    harness.act(answers.pop().expect("one"));
    assert_eq!(harness.app.lists[0].query, "pizza food", "the older answer came later and is dropped");
}

#[test]
fn only_a_space_that_phrases_share_can_be_searched() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    for command in [Command::ShowImages, Command::ShowBridge] {
        harness.does(&[command, Command::FindPhrase]);
        assert_eq!(harness.app.mode(), Mode::Main);
        assert!(harness.app.notice.as_ref().is_some_and(|notice| notice.text.contains("press 4")));
    }
    harness.does(&[Command::ShowTexts, Command::FindPhrase]);
    types(&mut harness, "red formula car");
    assert_eq!(harness.app.lists[0].title, "captions for the phrase");
    let best = harness.app.lists[0].items[0].place;
    assert!(harness.app.catalog.captions[best].text.contains("red formula"));
    assert_eq!(harness.app.cursor.0, best);
}

#[test]
fn a_phrase_that_cannot_be_embedded_says_why() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    harness.does(&[Command::FindPhrase]);
    types(&mut harness, "refuse this");
    assert!(harness.screen().contains("this text is ⟨U+001B⟩"), "{}", harness.screen());
    harness.does(&[Command::ClearLine]);
    types(&mut harness, "pizza");
    assert!(!harness.app.lists[0].items.is_empty());
}

#[test]
fn letters_are_text_while_a_line_is_open() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::FindPhrase]);
    types(&mut harness, "q");
    harness.does(&[Command::LineStart]);
    types(&mut harness, "e/");
    assert_eq!(harness.app.phrase().map(|phrase| phrase.line.text()), Some("e/q"));
    harness.does(&[Command::LineEnd, Command::LineLeft, Command::Backspace, Command::Delete]);
    assert_eq!(harness.app.phrase().map(|phrase| phrase.line.text()), Some("e"));
}

#[test]
fn an_edited_caption_moves_ranks_accuracy_and_grid_at_once() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    let (before, score) = (top1(&harness), harness.app.score(0, 0).expect("compared"));
    harness.does(&[Command::EditCaption]);
    assert_eq!((harness.app.mode(), harness.app.focus), (Mode::Edit, Panel::Accuracy));
    harness.does(&[Command::ClearLine]);
    types(&mut harness, "a dish that is a pizza in food");
    assert!(harness.app.score(0, 0).expect("compared") < score);
    assert!(top1(&harness) < before, "the first photo has lost its caption");
    let screen = harness.screen();
    assert!(screen.contains("before") && screen.contains("photo rank"), "{screen}");
    assert!(screen.contains('▼') && screen.contains('▲'), "ranks rise, accuracy falls: {screen}");
    let results = harness.app.first.results.clone().expect("compared");
    let share = results.comparison.evaluation.clip.as_ref().and_then(|clip| clip.image_to_text.top1);
    let share = share.expect("captions");
    let shown = format!("{:.2}–{:.2} {:.2}", share.lo, share.hi, share.chance);
    let row = screen.lines().find(|line| line.contains("top-1 i→t")).expect("a row");
    assert!(row.contains(&format!("{:.3} ▼ {shown}", share.value)), "{row}");
    assert_eq!(harness.app.catalog.captions[0].text, "a dish that is a pizza in food");

    harness.does(&[Command::Cancel]);
    assert_eq!(harness.app.catalog.captions[0].text, "a plane that is a blue biplane in airplanes");
    assert_eq!((top1(&harness), harness.app.score(0, 0)), (before, Some(score)));
    assert_eq!(harness.app.unsaved(), 0);
}

#[test]
fn a_kept_edit_stays_until_it_is_undone() {
    let mut harness = Harness::finished(twenty(), 120, 40);
    let before = harness.app.first.results.clone().expect("compared");
    harness.does(&[Command::EditCaption]);
    types(&mut harness, " twice");
    harness.does(&[Command::Keep]);
    assert_eq!((harness.app.mode(), harness.app.unsaved()), (Mode::Main, 1));
    let text = "a plane that is a blue biplane in airplanes twice";
    assert_eq!(harness.app.dataset().items[0].captions, [text]);
    let results = harness.app.first.results.clone().expect("compared");
    assert_eq!(results.comparison.collection.caption_text()[0], text);
    harness.does(&[Command::Undo]);
    assert_eq!(harness.app.unsaved(), 0);
    let after = harness.app.first.results.clone().expect("compared");
    assert_eq!(after.comparison, before.comparison, "every number is as before");
    harness.does(&[Command::Undo]);
    assert!(harness.app.notice.as_ref().is_some_and(|notice| notice.text.contains("nothing to undo")));
}

#[test]
fn enter_waits_for_the_last_keys() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::EditCaption]);
    harness.act(Action::Type(" now".into()));
    harness.does(&[Command::Keep]);
    assert_eq!(harness.app.mode(), Mode::Main, "the text was embedded and kept");
    assert!(harness.app.catalog.captions[0].text.ends_with(" now"));
    assert_eq!(harness.app.unsaved(), 1);
}

/// A photo with a caption, and another one.
fn captioned(text: &str) -> Dataset {
    Dataset::from_items("two", vec![item("a", "one.jpg", &[text]), item("b", "two.jpg", &["another"])])
}

#[test]
fn a_caption_that_a_line_cannot_hold_is_not_edited() {
    for text in ["x".repeat(2_001).as_str(), "two\nlines", "a\ttab"] {
        let mut harness = Harness::finished(captioned(text), 80, 24);
        harness.does(&[Command::EditCaption]);
        assert_eq!(harness.app.mode(), Mode::Main);
        assert!(harness.screen().contains("edit it in its file"), "{}", harness.screen());
    }
}

#[test]
fn enter_closes_a_line_that_says_what_is_there() {
    for text in ["no\u{a0}break", "空\u{3000}飛行機", "plain"] {
        let mut harness = Harness::finished(captioned(text), 80, 24);
        harness.does(&[Command::EditCaption, Command::Keep]);
        assert_eq!((harness.app.mode(), harness.app.unsaved()), (Mode::Main, 0), "{text:?}");
        harness.does(&[Command::EditCaption]);
        types(&mut harness, "s");
        harness.does(&[Command::Keep]);
        assert_eq!((harness.app.mode(), harness.app.unsaved()), (Mode::Main, 1), "{text:?}");
        assert_eq!(harness.app.dataset().items[0].captions, [format!("{text}s")]);
    }
}

#[test]
fn a_line_that_is_cleared_while_its_text_is_embedded_is_empty() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::EditCaption]);
    let mut effects = update(&mut harness.app, Action::Type("x".into()));
    harness.app.now += DEBOUNCE;
    effects.extend(update(&mut harness.app, Action::Tick));
    let job = effects.into_iter().find_map(|effect| match effect {
        Effect::Job(job @ Job::Text(_)) => Some(job),
        _ => None,
    });
    harness.does(&[Command::ClearLine, Command::Keep]);
    let answer = perform(&harness.engine, job.expect("it is embedded"));
    harness.act(answer);
    harness.does(&[Command::Keep]);
    assert_eq!(harness.app.mode(), Mode::Edit);
    let failure = harness.app.edit().and_then(|edit| edit.failure.as_deref());
    assert_eq!(failure, Some("an empty caption is not compared"));
    types(&mut harness, "new");
    harness.does(&[Command::Keep]);
    assert_eq!(
        (harness.app.mode(), harness.app.dataset().items[0].captions[0].as_str()),
        (Mode::Main, "new")
    );
}

#[test]
fn an_edit_that_was_taken_back_leaves_the_whole_comparison() {
    for close in [Command::Keep, Command::Cancel] {
        let mut harness = Harness::finished(many(201, 6, 1), 80, 24);
        let permutations = |harness: &Harness| {
            let results = harness.app.first.results.as_ref().expect("compared");
            results.comparison.evaluation.bridge.as_ref().map(|bridge| bridge.permutations)
        };
        assert_eq!(permutations(&harness), Some(1_000));
        harness.does(&[Command::EditCaption]);
        types(&mut harness, "x");
        harness.does(&[Command::Backspace]);
        later(&mut harness);
        assert_eq!(permutations(&harness), Some(0), "too slow for every key");
        harness.does(&[close]);
        assert_eq!((harness.app.mode(), harness.app.unsaved()), (Mode::Main, 0));
        later(&mut harness);
        assert_eq!(permutations(&harness), Some(1_000), "{close:?}");
    }
}

#[test]
fn a_caption_that_cannot_be_compared_is_not_kept() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::EditCaption, Command::ClearLine, Command::Keep]);
    assert_eq!(harness.app.mode(), Mode::Edit, "it is empty");
    types(&mut harness, "refuse");
    assert!(harness.app.edit().is_some_and(|edit| edit.failure.is_some()));
    harness.does(&[Command::Keep]);
    assert_eq!(harness.app.mode(), Mode::Edit);
    harness.does(&[Command::Cancel]);
    assert_eq!((harness.app.unsaved(), harness.app.mode()), (0, Mode::Main));
}

#[test]
fn the_caption_edited_is_that_of_the_cursor() {
    let mut harness = Harness::finished(many(6, 2, 2), 80, 24);
    harness.does(&[Command::Right, Command::Right, Command::Right]);
    assert_eq!(harness.app.caption_to_edit(), Some(3));
    harness.does(&[Command::ShowTexts]);
    assert_eq!(
        (harness.app.approach, harness.app.caption_to_edit()),
        (Approach::Texts, Some(harness.app.cursor.0))
    );
    harness.does(&[Command::ShowImages, Command::Down, Command::Down]);
    assert_eq!(harness.app.caption_to_edit(), Some(4));
    harness.does(&[Command::EditCaption]);
    types(&mut harness, " more");
    assert!(harness.app.dataset().items[2].captions[0].ends_with(" more"));
}

#[test]
fn what_moves_without_a_key_is_not_the_doing_of_an_edit() {
    let mut harness = Harness::new(twenty(), 80, 24);
    harness.embed(24);
    harness.does(&[Command::EditCaption]);
    assert_eq!(harness.app.mode(), Mode::Main, "photos still arrive");
    assert!(harness.screen().contains("edit when everything is embedded"), "{}", harness.screen());
    harness.embed(usize::MAX);
    // A comparison with the first edit is at work when the second one begins.
    harness.does(&[Command::EditCaption, Command::ClearLine]);
    harness.waiting = Some(Vec::new());
    types(&mut harness, "a dish that is a pizza in food");
    harness.does(&[Command::Keep, Command::Right, Command::EditCaption]);
    let old = harness.app.edit().map(|edit| Arc::clone(&edit.baseline)).expect("open");
    let jobs = harness.waiting.take().unwrap_or_default();
    assert!(!jobs.is_empty());
    for job in jobs {
        let answer = perform(&harness.engine, job);
        harness.act(answer);
    }
    let results = harness.app.first.results.clone().expect("compared");
    assert!(!Arc::ptr_eq(&results, &old));
    let baseline = harness.app.edit().map(|edit| Arc::clone(&edit.baseline)).expect("open");
    assert!(Arc::ptr_eq(&results, &baseline), "nothing is typed yet");
    types(&mut harness, " twice");
    let results = harness.app.first.results.clone().expect("compared");
    let edit = harness.app.edit().expect("open");
    assert!(
        Arc::ptr_eq(&edit.baseline, &baseline) && !Arc::ptr_eq(&results, &baseline),
        "this is the edit's"
    );
}

#[test]
fn leaving_from_a_line_asks_too_and_names_the_key_that_leaves_there() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::EditCaption]);
    types(&mut harness, "!");
    harness.does(&[Command::Keep, Command::FindPhrase, Command::Quit]);
    assert_eq!(harness.left, None);
    let screen = harness.screen();
    assert!(screen.contains("not saved: Ctrl-C again quits without saving"), "{screen}");
    types(&mut harness, "x");
    harness.does(&[Command::Quit]);
    assert_eq!(harness.left, None, "it has been typed since");
    harness.does(&[Command::Quit]);
    assert!(harness.left.is_some());
}

#[test]
fn the_vectors_of_an_edit_are_those_of_its_text() {
    let mut harness = Harness::with(twenty(), 80, 24, ColorMode::None, Space::StandIn);
    harness.embed(usize::MAX);
    harness.does(&[Command::EditCaption]);
    types(&mut harness, " and more");
    let text = "a plane that is a blue biplane in airplanes and more";
    let photo = super::support::photo_vector(&twenty().items[0], Role::ClipImage);
    let caption: Arc<[f32]> = text_vector(text, Role::ClipText);
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    let cosine = dot(&photo, &caption) / (dot(&photo, &photo) * dot(&caption, &caption)).sqrt();
    let shown = harness.app.score(0, 0).expect("compared");
    assert!((f64::from(shown) - cosine).abs() < 1e-6, "{shown} {cosine}");
}
