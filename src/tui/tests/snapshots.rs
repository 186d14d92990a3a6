//! What the dashboard looks like, at the sizes that matter.

use super::support::{Harness, Space, hostile, many, twenty};
use crate::tui::{Action, ColorMode, Command};
use clipscope_core::dataset::Dataset;
use ratatui::style::Color;

fn show(harness: &Harness) -> String {
    harness.screen()
}

fn at(width: u16, height: u16) -> Harness {
    Harness::finished(twenty(), width, height)
}

fn styles(harness: &Harness) -> String {
    super::drawn::styles(harness.terminal().backend().buffer())
}

#[test]
fn nothing_is_drawn_on_nothing() {
    insta::assert_snapshot!(show(&at(0, 0)), @"");
}

#[test]
fn one_cell_is_not_enough() {
    insta::assert_snapshot!(show(&at(1, 1)), @"…");
}

#[test]
fn too_small_says_the_size_needed() {
    insta::assert_snapshot!(show(&at(20, 5)));
}

#[test]
fn a_small_terminal_shows_one_panel() {
    insta::assert_snapshot!(show(&at(44, 16)));
}

#[test]
fn a_usual_terminal_shows_two_panels() {
    let mut harness = at(80, 24);
    insta::assert_snapshot!("80x24_clip", show(&harness));
    harness.does(&[Command::NextPanel]);
    insta::assert_snapshot!("80x24_photo", show(&harness));
    harness.does(&[Command::NextPanel, Command::ShowImages]);
    insta::assert_snapshot!("80x24_images_top_k", show(&harness));
    harness.does(&[Command::NextPanel, Command::ShowBridge]);
    insta::assert_snapshot!("80x24_bridge_accuracy", show(&harness));
}

#[test]
fn a_large_terminal_shows_everything() {
    let mut harness = at(200, 60);
    insta::assert_snapshot!("200x60_clip", show(&harness));
    harness.does(&[Command::TurnDirection, Command::TurnDirection]);
    insta::assert_snapshot!("200x60_clip_both", show(&harness));
    harness.does(&[Command::ShowImages]);
    insta::assert_snapshot!("200x60_images", show(&harness));
    harness.does(&[Command::ShowTexts, Command::Down, Command::Right]);
    insta::assert_snapshot!("200x60_texts", show(&harness));
    harness.does(&[Command::ShowBridge]);
    insta::assert_snapshot!("200x60_bridge", show(&harness));
}

#[test]
fn pages_cover_the_panels() {
    let mut harness = Harness::finished(hostile(), 80, 24);
    harness.does(&[Command::Open]);
    insta::assert_snapshot!("80x24_photo_page", show(&harness));
    harness.does(&[Command::Back, Command::LeftOut]);
    insta::assert_snapshot!("80x24_left_out_page", show(&harness));
    harness.does(&[Command::Help]);
    insta::assert_snapshot!("80x24_help_page", show(&harness));
}

#[test]
fn a_line_is_open_for_a_phrase_and_for_a_caption() {
    let mut harness = at(80, 24);
    let types = |harness: &mut Harness, text: &str| {
        harness.act(Action::Type(text.into()));
        harness.app.now += std::time::Duration::from_millis(50);
        harness.act(Action::Tick);
    };
    harness.does(&[Command::FindPhrase]);
    types(&mut harness, "pink food");
    insta::assert_snapshot!("80x24_phrase", show(&harness));
    harness.does(&[Command::Cancel, Command::EditCaption, Command::DeleteWord, Command::DeleteWord]);
    types(&mut harness, "in clouds");
    insta::assert_snapshot!("80x24_edit", show(&harness));
}

#[test]
fn two_approaches_stand_side_by_side() {
    let mut harness = at(80, 24);
    harness.does(&[Command::Compare, Command::Compare, Command::Compare]);
    insta::assert_snapshot!("80x24_compare", show(&harness));
    let mut harness = at(160, 50);
    harness.does(&[Command::Compare]);
    insta::assert_snapshot!("160x50_compare", show(&harness));
}

#[test]
fn the_panels_fill_while_photos_arrive() {
    let mut harness = Harness::new(twenty(), 120, 32);
    insta::assert_snapshot!("120x32_before_the_first_photo", show(&harness));
    harness.embed(24);
    insta::assert_snapshot!("120x32_twelve_photos", show(&harness));
}

#[test]
fn colors_are_those_of_the_terminal() {
    let mut harness = Harness::with(twenty(), 80, 24, ColorMode::True, Space::StandIn);
    harness.embed(usize::MAX);
    insta::assert_snapshot!("80x24_true_color", styles(&harness));
    let mut harness = Harness::with(twenty(), 80, 24, ColorMode::Ansi16, Space::Clip);
    harness.embed(usize::MAX);
    insta::assert_snapshot!("80x24_sixteen_colors", styles(&harness));
}

#[test]
fn without_colors_only_attributes_are_left() {
    let mut harness = Harness::with(twenty(), 200, 60, ColorMode::None, Space::StandIn);
    harness.embed(usize::MAX);
    let terminal = harness.terminal();
    let cells = &terminal.backend().buffer().content;
    assert!(cells.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
    insta::assert_snapshot!("200x60_no_color", show(&harness));
    harness.does(&[Command::ZoomOut, Command::ZoomOut, Command::ZoomOut, Command::ZoomOut]);
    insta::assert_snapshot!("200x60_no_color_glyphs", show(&harness));
}

#[test]
fn every_size_is_drawn_with_colors_and_without() {
    for (width, height) in [(0, 0), (1, 1), (20, 5), (80, 24), (200, 60)] {
        for (name, color) in [("color", ColorMode::True), ("no_color", ColorMode::None)] {
            let mut harness = Harness::with(twenty(), width, height, color, Space::StandIn);
            harness.embed(usize::MAX);
            let drawn = format!("{}\n{}", show(&harness), styles(&harness));
            insta::assert_snapshot!(format!("{width}x{height}_{name}_whole"), drawn);
        }
    }
}

#[test]
fn the_footer_and_the_help_page_name_the_users_own_keys() {
    let mut harness = at(200, 60);
    let own = [(Command::EditCaption, vec!["E".parse().unwrap(), "F4".parse().unwrap()])];
    harness.app.keys = crate::tui::keymap::Keymap::with(&own).unwrap();
    assert!(show(&harness).contains("E edit"), "{}", show(&harness));
    harness.does(&[Command::Help]);
    let help = show(&harness);
    assert!(help.contains("E F4") && !help.contains(" e    "), "{help}");
}

#[test]
fn a_chance_level_is_whole_or_visibly_cut() {
    for width in 64..=73 {
        let screen = show(&at(width, 24));
        assert!(screen.contains("│top-1    0.95 0.76–0.99 0.05"), "{width}\n{screen}");
    }
    let mut harness = at(64, 24);
    for share in (200..=800).step_by(25) {
        harness.app.splits.columns = Some(share);
        let screen = show(&harness);
        let shares =
            screen.lines().filter_map(|line| line.rsplit('│').next()).filter(|row| row.contains(" 0.76–"));
        for row in shares {
            assert!(
                row.ends_with(" 0.05") || row.ends_with(" 0.20") || row.ends_with('…'),
                "{share}\n{screen}"
            );
        }
    }
}

#[test]
fn few_and_many_items_have_a_grid() {
    insta::assert_snapshot!(
        "80x24_none",
        show(&Harness::finished(Dataset::from_items("none", vec![]), 80, 24))
    );
    insta::assert_snapshot!("80x24_one", show(&Harness::finished(many(1, 1, 1), 80, 24)));
    insta::assert_snapshot!("80x24_two", show(&Harness::finished(many(2, 2, 2), 80, 24)));
    insta::assert_snapshot!("80x24_three_hundred", show(&Harness::finished(many(300, 6, 1), 80, 24)));
}
