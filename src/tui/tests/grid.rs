//! The grid: its cursor, its orders, and the lists beside it.

use std::time::Duration;

use super::support::{Harness, many, twenty};
use crate::tui::layout::Panel;
use crate::tui::model::{Direction, Effort, Mark, Order};
use crate::tui::{Action, Approach, Command, Effect, update};
use clipscope_core::embedding::{Event, EventKind, Unit};

#[test]
fn the_cursor_stops_at_the_edges() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::Left, Command::Up]);
    assert_eq!(harness.app.cursor, (0, 0));
    harness.does(&[Command::Last, Command::RowEnd, Command::Right, Command::Down]);
    assert_eq!(harness.app.cursor, (19, 19));
    harness.does(&[Command::PageUp]);
    assert!(harness.app.cursor.0 < 19);
    harness.does(&[Command::First, Command::RowStart]);
    assert_eq!(harness.app.cursor, (0, 0));
}

#[test]
fn the_cursor_stays_on_its_photos_and_captions_when_the_approach_changes() {
    let mut harness = Harness::finished(many(6, 2, 2), 80, 24);
    harness.does(&[Command::Down, Command::Down, Command::Right, Command::Right, Command::Right]);
    assert_eq!((harness.app.approach, harness.app.cursor), (Approach::Clip, (2, 3)));
    harness.does(&[Command::ShowImages]);
    assert_eq!(harness.app.cursor, (2, 1), "caption 3 is of photo 1");
    harness.does(&[Command::ShowTexts]);
    assert_eq!(harness.app.cursor, (4, 2), "the first captions of photos 2 and 1");
    harness.does(&[Command::ShowBridge, Command::ShowClip]);
    assert_eq!(harness.app.cursor, (2, 2));
}

#[test]
fn the_bridge_shows_one_caption_a_photo() {
    let mut harness = Harness::finished(many(6, 2, 3), 80, 24);
    assert_eq!(harness.app.cols.len(), 18);
    harness.does(&[Command::ShowBridge]);
    assert_eq!(harness.app.cols.places, [0, 3, 6, 9, 12, 15]);
    assert!(harness.app.score(2, 6).is_some());
}

#[test]
fn mistakes_are_visited_in_turn() {
    let mut harness = Harness::finished(many(60, 4, 1), 120, 40);
    let clip =
        harness.app.first.results.clone().and_then(|results| results.comparison.evaluation.clip.clone());
    let ranks: Vec<usize> = clip.expect("compared").images.iter().filter_map(|image| image.rank).collect();
    let wrong: Vec<usize> = (0..60).filter(|&photo| ranks[photo] > 1).collect();
    assert!(wrong.len() > 2 && wrong.len() < 60, "the formula makes some mistakes: {wrong:?}");
    let mut seen = Vec::new();
    for _ in &wrong {
        harness.does(&[Command::NextMistake]);
        seen.push(harness.app.cursor.0);
        let score = |col| harness.app.score(harness.app.cursor.0, col);
        let best = (0..60).max_by(|&a, &b| score(a).partial_cmp(&score(b)).expect("finite"));
        assert_eq!(Some(harness.app.cursor.1), best, "the column is the caption that was preferred");
    }
    let first = wrong.iter().position(|&photo| photo == seen[0]).expect("a mistake");
    let mut turned = wrong.clone();
    turned.rotate_left(first);
    assert_eq!(seen, turned);
    harness.does(&[Command::PreviousMistake]);
    assert_eq!(harness.app.cursor.0, turned[turned.len() - 2]);
}

#[test]
fn mistakes_inside_a_modality_are_those_the_accuracy_counts() {
    let mut harness = Harness::finished(many(40, 8, 1), 120, 40);
    for (command, pick) in [(Command::ShowImages, 0), (Command::ShowTexts, 1)] {
        harness.does(&[command, Command::First]);
        let results = harness.app.first.results.clone().expect("compared");
        let pre_clip = results.comparison.evaluation.pre_clip.clone().expect("compared");
        let structure = if pick == 0 { pre_clip.image } else { pre_clip.text };
        let share = structure.nn_category_accuracy.expect("40 items");
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..80 {
            harness.does(&[Command::NextMistake]);
            if harness.app.notice.as_ref().is_some_and(|notice| notice.text.contains("no mistake")) {
                break;
            }
            seen.insert(harness.app.cursor.0);
        }
        assert_eq!(seen.len(), share.n - share.hits, "{command:?}");
    }
}

#[test]
fn the_direction_turns_the_lists() {
    let mut harness = Harness::finished(twenty(), 120, 40);
    assert_eq!(harness.app.lists.len(), 1);
    assert_eq!(harness.app.lists[0].title, "captions for the photo");
    assert_eq!(harness.app.lists[0].items[0].mark, Mark::Right);
    harness.does(&[Command::TurnDirection]);
    assert_eq!((harness.app.direction, harness.app.lists.len()), (Direction::TextToImage, 1));
    assert_eq!(harness.app.lists[0].title, "photos for the caption");
    harness.does(&[Command::TurnDirection]);
    assert_eq!((harness.app.direction, harness.app.lists.len()), (Direction::Both, 2));
}

#[test]
fn confidences_of_a_list_sum_to_one() {
    let harness = Harness::finished(twenty(), 120, 40);
    let sum: f64 = harness.app.lists[0].items.iter().filter_map(|entry| entry.confidence).sum();
    assert!((sum - 1.0).abs() < 1e-9);
}

#[test]
fn zoom_keeps_the_cursor_visible() {
    let mut harness = Harness::finished(many(120, 6, 1), 80, 24);
    harness.does(&[Command::Last, Command::RowEnd]);
    for command in [Command::ZoomIn; 8].into_iter().chain([Command::ZoomOut; 12]).chain([Command::ZoomFit]) {
        harness.does(&[command]);
        let plan = harness.app.grid_plan().expect("the grid is shown");
        let last =
            |slots: &[crate::tui::grid_plan::GridSlot]| slots.last().map(|slot| slot.first + slot.count);
        assert_eq!((last(&plan.rows), last(&plan.cols)), (Some(120), Some(120)), "{command:?}");
    }
}

#[test]
fn the_order_by_similarity_starts_with_the_item_itself() {
    let mut harness = Harness::finished(twenty(), 120, 40);
    harness.does(&[Command::ShowImages, Command::Down, Command::Down, Command::NextOrder]);
    assert_eq!(harness.app.order, Order::Similarity);
    assert_eq!((harness.app.rows.places[0], harness.app.cols.places[0]), (2, 2));
    let scores: Vec<f32> =
        harness.app.cols.places.iter().filter_map(|&col| harness.app.score(2, col)).collect();
    assert!(scores.windows(2).all(|pair| pair[0] >= pair[1]), "{scores:?}");
    harness.does(&[Command::Down]);
    assert_eq!(harness.app.rows.places[0], 2, "moving does not reorder");
}

#[test]
fn a_click_moves_the_cursor_and_the_focus() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    let plan = harness.app.grid_plan().expect("shown");
    let (row, col) = (plan.rows[7].at, plan.cols[12].at + 1);
    harness.act(Action::Click { x: col, y: row });
    assert_eq!(harness.app.cursor, (7, 12));
    let accuracy = harness.app.plan().panel(Panel::Accuracy).expect("shown");
    harness.act(Action::Click { x: accuracy.x + 2, y: accuracy.y + 2 });
    assert_eq!((harness.app.focus, harness.app.cursor), (Panel::Accuracy, (7, 12)));
    harness.act(Action::Wheel { x: col, y: row, down: true });
    assert_eq!(harness.app.cursor, (8, 12));
    harness.act(Action::Click { x: u16::MAX, y: u16::MAX });
    assert_eq!(harness.app.cursor, (8, 12));
}

#[test]
fn more_items_than_a_matrix_holds_are_looked_up() {
    let mut harness = Harness::finished(many(2_001, 20, 1), 80, 24);
    let results = harness.app.first.results.clone().expect("compared");
    assert!(results.lacks_matrix(Approach::Clip));
    assert!(harness.screen().contains("cosine 0."), "the cursor has a value");
    assert!(harness.app.lists[0].items.len() > 100, "the list is as long as with a matrix");
    harness.does(&[Command::Last, Command::RowEnd]);
    let (row, col) = harness.app.cursor;
    assert_eq!((row, col), (2_000, 2_000));
    assert!(harness.app.score(row, col).is_some());
    harness.does(&[Command::ShowImages, Command::TurnDirection]);
    assert!(harness.app.score(2_000, 2_000).is_some_and(|score| (score - 1.0).abs() < 1e-6));
}

#[test]
fn the_scale_ends_where_the_legend_says() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    assert!(harness.screen().contains("0.07 ·░▒▓█ 0.94"));
    harness.does(&[Command::TurnScale]);
    assert!(harness.screen().contains("0.00 ·░▒▓█ 1.00  fixed"), "{}", harness.screen());
    harness.does(&[Command::TurnScale]);
    assert!(harness.screen().contains("-0.94 ≡"), "{}", harness.screen());
}

#[test]
fn the_order_by_clusters_keeps_pairs_on_the_diagonal() {
    let mut harness = Harness::finished(twenty(), 120, 40);
    let by_category = harness.app.rows.places.clone();
    harness.does(&[Command::NextOrder, Command::NextOrder]);
    assert_eq!(harness.app.order, Order::Clusters);
    let places = harness.app.rows.places.clone();
    assert_ne!(places, by_category);
    assert_eq!(harness.app.cols.places, places, "each caption stands where its photo does");
    let mut sorted = places.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, by_category, "nobody is lost");
    harness.does(&[Command::ShowTexts]);
    assert_ne!(harness.app.rows.places, places, "captions have clusters of their own");
    assert_eq!(harness.app.rows.places, harness.app.cols.places);
    harness.does(&[Command::NextOrder]);
    assert_eq!((harness.app.order, harness.app.rows.places.clone()), (Order::Category, by_category));
}

#[test]
fn clusters_follow_the_photos_that_arrive() {
    let mut harness = Harness::new(twenty(), 120, 40);
    harness.embed(10);
    harness.does(&[Command::NextOrder, Command::NextOrder]);
    harness.embed(usize::MAX);
    let mut finished = Harness::finished(twenty(), 120, 40);
    finished.does(&[Command::NextOrder, Command::NextOrder]);
    assert_eq!(harness.app.rows.places, finished.app.rows.places);
}

#[test]
fn a_caption_that_was_left_out_leaves_the_columns_and_its_photo_stays() {
    let mut harness = Harness::new(many(4, 2, 2), 80, 24);
    let kind = EventKind::Skipped { unit: Unit::Caption(3), reason: "no".into() };
    harness.waiting = Some(Vec::new());
    harness.act(Action::Embedding(Event { generation: 1, kind }));
    assert_eq!(harness.app.cols.len(), 8, "news come by the thousand: the columns wait for the last of them");
    assert_eq!(harness.app.deadline(), Some(Duration::ZERO));
    harness.act(Action::Tick);
    assert_eq!(harness.app.cols.places, [0, 1, 2, 4, 5, 6, 7]);
    assert_eq!(harness.app.rows.len(), 4);
}

#[test]
fn an_order_that_a_grid_cannot_have_is_not_in_its_title() {
    let mut harness = Harness::finished(many(1_000, 5, 5), 120, 40);
    harness.does(&[Command::ShowImages, Command::Down, Command::NextOrder]);
    assert!(harness.screen().contains("by similarity to the cursor"));
    assert_eq!(harness.app.rows.places[0], harness.app.cursor.0);
    assert_ne!(harness.app.cursor.0, 0);
    harness.does(&[Command::ShowClip]);
    assert!(harness.app.first.results.as_ref().is_some_and(|results| results.lacks_matrix(Approach::Clip)));
    assert_eq!(harness.app.rows.places[0], 0, "rows stand by category");
    assert!(!harness.screen().contains("photos × captions: cosine, by similarity"), "{}", harness.screen());
    harness.does(&[Command::ShowImages]);
    assert!(harness.screen().contains("by similarity to the cursor"), "the choice is kept");
}

#[test]
fn the_bridge_keeps_the_photo_of_any_caption() {
    let mut harness = Harness::finished(many(6, 2, 3), 200, 60);
    harness.does(&[Command::Right, Command::Right, Command::Right, Command::Right]);
    assert_eq!(harness.app.cursor, (0, 4));
    harness.does(&[Command::Compare]);
    let linked = harness.app.linked_grid().map(|grid| (grid.id.approach, grid.cursor));
    assert_eq!(linked, Some((Approach::Bridge, (0, 3))));
    harness.does(&[Command::ShowBridge]);
    assert_eq!(harness.app.cursor, (0, 3), "caption 4 is the second of photo 1");
}

#[test]
fn the_cursor_stays_when_the_bridge_ends_its_preview() {
    let mut harness = Harness::new(many(80, 4, 1), 80, 24);
    harness.embed(100);
    harness.does(&[Command::ShowBridge, Command::Last, Command::RowEnd]);
    assert_eq!((harness.app.rows.len(), harness.app.cursor), (80, (79, 79)));
    // The last photo has its vectors, and a comparison from before is still at work.
    harness.waiting = Some(Vec::new());
    while let Some(event) = harness.events.pop_front() {
        harness.app.now += Duration::from_secs(1);
        harness.act(Action::Embedding(event));
    }
    for wanted in [Effort::Preview, Effort::Whole] {
        let jobs = harness.waiting.replace(Vec::new()).unwrap_or_default();
        assert_eq!(jobs.len(), 1);
        for job in jobs {
            let answer = crate::tui::perform(&harness.engine, job);
            harness.act(answer);
        }
        let results = harness.app.first.results.as_ref().expect("compared");
        assert_eq!(results.effort, wanted);
        let bridge = results.comparison.evaluation.bridge.as_ref().expect("compared");
        assert!(wanted == Effort::Whole || bridge.items < 80, "a preview is a sample");
        assert_eq!((harness.app.rows.len(), harness.app.cursor), (80, (79, 79)), "{wanted:?}");
    }
}

#[test]
fn the_row_of_the_cursor_is_copied_with_the_names_of_its_columns() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    harness.does(&[Command::Down, Command::Down]);
    let effects = update(&mut harness.app, Action::Do(Command::Copy));
    let copied = effects.into_iter().find_map(|effect| match effect {
        Effect::Copy(text) => Some(text),
        _ => None,
    });
    let copied = copied.expect("something is copied");
    let lines: Vec<Vec<&str>> = copied.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.iter().map(Vec::len).collect::<Vec<_>>(), [21, 21], "{copied}");
    assert_eq!(lines[0][0], "mini (two networks that never met, joined through class names)");
    for (col, score) in lines[1][1..].iter().enumerate() {
        assert_eq!(score.parse().ok(), harness.app.score(2, col), "{copied}");
    }
    // Before anything is compared there is no row.
    let mut empty = Harness::new(twenty(), 200, 60);
    let effects = update(&mut empty.app, Action::Do(Command::Copy));
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Copy(_))), "{effects:?}");
}

#[test]
fn a_large_grid_does_not_depend_on_the_frames_before() {
    let steps = [
        Command::NextOrder,
        Command::ShowImages,
        Command::PageDown,
        Command::ZoomIn,
        Command::Compare,
        Command::ShowTexts,
        Command::ZoomFit,
    ];
    let harness = |drawn: bool, steps: &[Command]| {
        let mut harness = Harness::new(many(150, 6, 1), 80, 24);
        for count in [75, usize::MAX] {
            harness.embed(count);
            if drawn {
                harness.terminal();
            }
        }
        for step in steps {
            harness.does(&[*step]);
            if drawn {
                harness.terminal();
            }
        }
        harness.terminal().backend().buffer().clone()
    };
    let mut before = harness(false, &[]);
    assert_eq!(harness(true, &[]), before);
    for count in 1..=steps.len() {
        let fresh = harness(false, &steps[..count]);
        assert_ne!(fresh, before, "{:?} changes something", steps[count - 1]);
        assert_eq!(harness(true, &steps[..count]), fresh, "after {:?}", steps[count - 1]);
        before = fresh;
    }
}
