//! Panels side by side: two approaches, photos in pairs, borders.

use std::time::Duration;

use super::support::{Harness, many, twenty};
use crate::tui::layout::Panel;
use crate::tui::model::{GridId, SideId};
use crate::tui::{Action, Approach, Command};

#[test]
fn two_approaches_stand_side_by_side_with_linked_cursors() {
    let mut harness = Harness::finished(many(6, 2, 2), 200, 60);
    harness.does(&[Command::Compare]);
    let linked = |harness: &Harness| harness.app.linked_grid().map(|grid| (grid.id.approach, grid.cursor));
    assert_eq!(linked(&harness), Some((Approach::Bridge, (0, 0))));
    harness.does(&[
        Command::Compare,
        Command::Compare,
        Command::Down,
        Command::Right,
        Command::Right,
        Command::Right,
    ]);
    assert_eq!((harness.app.approach, harness.app.cursor), (Approach::Clip, (1, 3)));
    assert_eq!(linked(&harness), Some((Approach::Images, (1, 1))), "caption 3 is of photo 1");
    let screen = harness.screen();
    assert!(screen.contains("photos × captions") && screen.contains("1 photos × photos"), "{screen}");

    let plan = harness.app.linked_grid().expect("shown").plan();
    let (x, y) = (plan.cols[4].at + 1, plan.rows[2].at);
    harness.act(Action::Click { x, y });
    assert_eq!(harness.app.cursor, (2, 8), "photo 2 and the first caption of photo 4");

    harness.does(&[Command::ShowImages]);
    assert_eq!(
        linked(&harness).map(|(approach, _)| approach),
        Some(Approach::Clip),
        "the two have changed places"
    );
    harness.does(&[Command::Compare, Command::Compare, Command::Compare]);
    assert!(
        harness.app.linked.as_ref().is_some_and(|linked| linked.id.side == SideId::Second),
        "then the other models"
    );
    harness.does(&[Command::Compare]);
    assert!(harness.app.linked.is_none());
}

#[test]
fn a_comparison_needs_room() {
    let mut harness = Harness::finished(twenty(), 60, 24);
    harness.does(&[Command::Compare]);
    assert!(harness.app.linked.is_none());
    assert!(harness.screen().contains("wider"));
    harness.act(Action::Resize { width: 80, height: 24 });
    harness.does(&[Command::Compare]);
    harness.act(Action::Resize { width: 40, height: 24 });
    assert!(harness.app.linked_grid().is_none(), "one grid is left, and comes back with the room");
    harness.act(Action::Resize { width: 80, height: 24 });
    assert!(harness.app.linked_grid().is_some());
}

#[test]
fn scores_of_both_grids_are_looked_up_where_no_matrix_holds_them() {
    let mut harness = Harness::finished(many(2_001, 20, 1), 120, 40);
    harness.does(&[Command::Compare, Command::Compare, Command::Compare, Command::Last]);
    assert_eq!(harness.app.linked.as_ref().map(|linked| linked.id.approach), Some(Approach::Images));
    assert!(harness.app.score(2_000, 0).is_some());
    assert!(harness.app.score_in(GridId::main(Approach::Images), 2_000, 0).is_some());
}

#[test]
fn borders_move_with_the_mouse() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    let area = |harness: &Harness, panel| harness.app.plan().panel(panel).expect("shown");
    let before = area(&harness, Panel::Grid);
    harness.act(Action::Drag { x: 60, y: 20 });
    assert_eq!(area(&harness, Panel::Grid), before, "nothing was taken hold of");
    harness.act(Action::Click { x: before.right(), y: 20 });
    harness.act(Action::Drag { x: 80, y: 25 });
    assert_eq!((area(&harness, Panel::Grid).right(), area(&harness, Panel::Photo).x), (80, 80));
    harness.act(Action::Drag { x: 0, y: 25 });
    assert_eq!(area(&harness, Panel::Grid).width, 40, "a fifth is left");
    let top_k = area(&harness, Panel::TopK);
    harness.act(Action::Click { x: top_k.x + 3, y: top_k.y });
    harness.act(Action::Drag { x: 5, y: 15 });
    assert!(area(&harness, Panel::TopK).y.abs_diff(15) <= 1);
    let accuracy = area(&harness, Panel::Accuracy);
    harness.act(Action::Click { x: accuracy.x + 3, y: accuracy.y });
    harness.act(Action::Drag { x: 5, y: 40 });
    assert!(area(&harness, Panel::Accuracy).y.abs_diff(40) <= 1);
    harness.act(Action::Click { x: 10, y: 10 });
    harness.act(Action::Drag { x: 150, y: 10 });
    assert_eq!(area(&harness, Panel::Grid).width, 40, "the cursor was clicked, not a border");
}

#[test]
fn the_photos_of_row_and_column_stand_side_by_side_where_there_is_room() {
    let mut harness = Harness::finished(twenty(), 200, 60);
    let places =
        |harness: &Harness| harness.app.photo_frames().iter().map(|slot| slot.place).collect::<Vec<_>>();
    assert_eq!(places(&harness), [0], "row and column are of one photo");
    harness.does(&[Command::Down, Command::Right, Command::Right]);
    assert_eq!(places(&harness), [1, 2]);
    for slot in harness.app.photo_frames() {
        let key = slot.key().expect("there is room");
        assert!(harness.app.photo(key).is_some_and(Result::is_ok), "both are ready");
    }
    let screen = harness.screen();
    assert!(
        screen.contains("row ■ airplanes/grey-jet.jpg") && screen.contains("col ■ airplanes/jumbo"),
        "{screen}"
    );
    harness.act(Action::Resize { width: 80, height: 24 });
    harness.does(&[Command::NextPanel]);
    assert_eq!(places(&harness), [1]);
    harness.does(&[Command::Open]);
    assert_eq!(places(&harness), [1, 2]);
}

#[test]
fn keys_act_on_panels_that_are_on_screen_beside_two_grids() {
    let mut harness = Harness::finished(twenty(), 80, 24);
    harness.does(&[Command::Compare, Command::NextPanel]);
    assert_eq!(harness.app.focus, Panel::Grid, "there is no other panel");
    harness.does(&[Command::FindPhrase]);
    harness.act(Action::Type("pizza".into()));
    harness.app.now += Duration::from_secs(1);
    harness.act(Action::Tick);
    assert!(harness.screen().contains("photos for the phrase"), "{}", harness.screen());
    harness.does(&[Command::Cancel]);
    assert!(harness.app.linked_grid().is_some());
    harness.does(&[Command::EditCaption]);
    assert!(harness.screen().contains("before    now"), "{}", harness.screen());
    harness.does(&[Command::Cancel]);
    harness.act(Action::Resize { width: 160, height: 50 });
    harness.does(&[Command::NextPanel]);
    assert_eq!(harness.app.focus, Panel::Accuracy);
    // On the small screen it is not there any more, and the rows of the grid move.
    harness.act(Action::Resize { width: 80, height: 24 });
    harness.does(&[Command::PageDown]);
    assert!(harness.app.cursor.0 > 0);
    harness.act(Action::Resize { width: 160, height: 50 });
    harness.does(&[Command::NextPanel]);
    assert_eq!(harness.app.focus, Panel::Grid);
    harness.does(&[Command::EditCaption]);
    assert!(harness.app.linked_grid().is_some(), "here both grids and the numbers have room");
}
