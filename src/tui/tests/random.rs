//! Any keys at any size: the dashboard never panics and its cursor never leaves the grid.

use super::support::{Harness, Space, hostile, many, sets, twenty};
use crate::tui::model::{FetchNews, FetchStage, NetworkState};
use crate::tui::{Action, ColorMode, Command};
use clipscope_core::dataset::Dataset;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

#[derive(Debug, Clone)]
enum Step {
    Do(Command),
    Resize(u16, u16),
    Click(u16, u16),
    Drag(u16, u16),
    Wheel(u16, u16, bool),
    Type(String),
    Embed(usize),
    Later(u64),
    /// Bytes of a fetch, if one runs.
    Arrives(u64),
    /// A fetch ends, if one runs.
    Ends(bool),
}

fn sizes() -> impl Strategy<Value = (u16, u16)> {
    prop_oneof![
        (0u16..=500, 0u16..=200),
        (0u16..=80, 0u16..=24),
        Just((0, 0)),
        Just((1, 1)),
        Just((500, 200)),
        (25u16..=35, 5u16..=10),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let commands = prop::sample::select(Command::ALL.to_vec());
    let step = prop_oneof![
        8 => commands.prop_map(Step::Do),
        2 => sizes().prop_map(|(width, height)| Step::Resize(width, height)),
        1 => (0u16..500, 0u16..200).prop_map(|(x, y)| Step::Click(x, y)),
        1 => (0u16..500, 0u16..200).prop_map(|(x, y)| Step::Drag(x, y)),
        1 => (0u16..500, 0u16..200, any::<bool>()).prop_map(|(x, y, down)| Step::Wheel(x, y, down)),
        2 => "[a-z飛\u{202e} \n]{0,12}".prop_map(Step::Type),
        1 => (0usize..40).prop_map(Step::Embed),
        1 => (0u64..10_000).prop_map(Step::Later),
        1 => any::<u64>().prop_map(Step::Arrives),
        1 => any::<bool>().prop_map(Step::Ends),
    ];
    prop::collection::vec(step, 0..40)
}

fn datasets() -> impl Strategy<Value = Dataset> {
    prop_oneof![
        Just(Dataset::from_items("none", vec![])),
        Just(many(1, 1, 1)),
        Just(many(2, 2, 2)),
        Just(many(3, 1, 0)),
        Just(hostile()),
        Just(twenty()),
        Just(many(70, 7, 1)),
    ]
}

fn colors() -> impl Strategy<Value = ColorMode> {
    prop::sample::select(vec![ColorMode::None, ColorMode::Ansi16, ColorMode::Ansi256, ColorMode::True])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_keys_at_any_size(dataset in datasets(), color in colors(), start in sizes(), steps in steps()) {
        let mut harness = Harness::with(dataset, start.0, start.1, color, Space::StandIn);
        harness.sets = sets(NetworkState::Partial);
        for step in steps {
            let fetch = harness.fetches.last().map(|(_, number)| *number);
            match step {
                Step::Arrives(done) => {
                    let news = FetchNews { stage: FetchStage::Receiving, done, total: u64::MAX / 2 };
                    fetch.into_iter().for_each(|number| harness.act(Action::Fetching { number, news: news.clone() }));
                }
                Step::Ends(well) => {
                    let result = if well { Ok(()) } else { Err("no network".to_owned()) };
                    fetch.into_iter().for_each(|number| harness.act(Action::Fetched { number, result: result.clone() }));
                }
                Step::Do(command) => harness.does(&[command]),
                Step::Resize(width, height) => harness.act(Action::Resize { width, height }),
                Step::Click(x, y) => harness.act(Action::Click { x, y }),
                Step::Drag(x, y) => {
                    // Half of the time from a border.
                    let border = harness.app.plan().body.width * 3 / 5;
                    harness.act(Action::Click { x: if y % 2 == 0 { border } else { x }, y });
                    harness.act(Action::Drag { x, y });
                }
                Step::Wheel(x, y, down) => harness.act(Action::Wheel { x, y, down }),
                Step::Type(text) => harness.act(Action::Type(text)),
                Step::Embed(count) => harness.embed(count),
                Step::Later(milliseconds) => {
                    harness.app.now += std::time::Duration::from_millis(milliseconds);
                    harness.act(Action::Tick);
                }
            }
            let app = &harness.app;
            prop_assert!(app.rows.is_empty() || app.rows.position(app.cursor.0).is_some());
            prop_assert!(app.cols.is_empty() || app.cols.position(app.cursor.1).is_some());
            drop(harness.terminal());
        }
    }

    /// The size changes between the plan and the draw.
    #[test]
    fn a_frame_of_another_size_than_planned(planned in sizes(), found in sizes()) {
        let harness = Harness::new(twenty(), planned.0, planned.1);
        let mut terminal = Terminal::new(TestBackend::new(found.0, found.1)).expect("cannot fail");
        terminal.draw(|frame| crate::tui::view::draw(&harness.app, frame)).expect("cannot fail");
    }
}
