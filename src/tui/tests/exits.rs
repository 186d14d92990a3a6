//! Ways out of the dashboard that the real program has no reason to take: panics and errors inside of it.
//!
//! Each test starts this same test program in a pseudo-terminal, where [`program`] runs the dashboard on an engine that
//! fails in the way asked for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::support::{FakeEngine, events_of, twenty};
use crate::tui::model::SideId;
use crate::tui::{self, ColorMode, Engine, ImageMode, Run, Settings, TextVectors};
use clipscope_core::dataset::{Dataset, PhotoSource};
use clipscope_networks::ModelsInfo;
use clipscope_test_support::pty::{CommandBuilder, Terminal};
use clipscope_test_support::test_name;
use crossbeam_channel::{Receiver, bounded};

const FAULT: &str = "CLIPSCOPE_TEST_FAULT";

/// Works but for one thing.
struct Faulty {
    fault: String,
    sound: FakeEngine,
}

impl Faulty {
    fn fails_in(&self, place: &str) {
        assert!(self.fault != place, "the engine fell over in {place}");
    }
}

impl Engine for Faulty {
    fn models(&self) -> ModelsInfo {
        self.sound.models()
    }

    /// Called from the thread that draws.
    fn open_next(&self, _: SideId) -> Result<ModelsInfo, String> {
        self.fails_in("open_next");
        if self.fault == "hang" {
            std::thread::sleep(Duration::from_secs(3600));
        }
        Err("there is no other".into())
    }

    /// Called from the thread that draws.
    fn start(&self, side: SideId, dataset: Arc<Dataset>, generation: u64) -> Box<dyn Run> {
        self.fails_in("start");
        if self.fault != "run" {
            return self.sound.start(side, dataset, generation);
        }
        let (sender, events) = bounded(256);
        std::thread::spawn(move || {
            for event in events_of(&dataset, generation).into_iter().take(7) {
                sender.send(event).unwrap();
            }
            panic!("a worker fell over");
        });
        Box::new(BrokenRun(events))
    }

    fn embed_caption(&self, text: &str) -> Result<TextVectors, String> {
        self.fails_in("embed_caption");
        self.sound.embed_caption(text)
    }

    fn decode(&self, source: &PhotoSource) -> Result<image::RgbImage, String> {
        self.fails_in("decode");
        self.sound.decode(source)
    }
}

struct BrokenRun(Receiver<clipscope_core::embedding::Event>);

impl Run for BrokenRun {
    fn events(&self) -> &Receiver<clipscope_core::embedding::Event> {
        &self.0
    }
}

/// Not a test of its own: the program in the terminal. Ends with 0 when it was left as the user asked, with 9 on an error.
#[test]
fn program() {
    let Ok(fault) = std::env::var(FAULT) else { return };
    let engine = Arc::new(Faulty { fault, sound: FakeEngine { stand_in: true } });
    let settings = Settings { color: ColorMode::True, images: ImageMode::Half, ..Settings::default() };
    if let Err(error) = tui::run(twenty(), engine, settings) {
        eprintln!("error: {error}");
        std::process::exit(9);
    }
}

fn words(fault: &str) -> Vec<String> {
    let program = std::env::current_exe().unwrap().display().to_string();
    let fault = format!("{FAULT}={fault}");
    ["env", &fault, &program, &test_name(module_path!(), "program"), "--exact", "--nocapture"]
        .map(String::from)
        .to_vec()
}

fn start(words: &[String]) -> Terminal {
    let mut command = CommandBuilder::new(&words[0]);
    command.args(&words[1..]);
    command.env("TERM", "xterm-256color");
    command.env_remove("RUST_BACKTRACE");
    Terminal::start(command, 120, 40)
}

fn dashboard(fault: &str) -> Terminal {
    let terminal = start(&words(fault));
    terminal.wait_for("all photos", |text| text.contains("20/20")).unwrap();
    assert_ne!(terminal.line_settings(), terminal.initial_line_settings(), "the terminal was taken");
    terminal
}

/// The session goes on: it answers a key, and leaves as ever.
fn goes_on_and_leaves(mut terminal: Terminal) {
    assert!(!terminal.text().contains("panicked"), "{}", terminal.text());
    terminal.send("?");
    terminal.wait_for("the help page", |text| text.contains("quit from anywhere")).unwrap();
    terminal.send("q");
    terminal.settle();
    if !terminal.has_exited() {
        terminal.send("q");
    }
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    terminal.assert_restored();
    assert!(!terminal.text().contains("panicked"), "{}", terminal.text());
}

#[test]
fn a_panic_where_the_dashboard_draws_gives_the_terminal_back_and_then_tells() {
    let mut terminal = dashboard("open_next");
    // The last one asks for the other models.
    terminal.send("cccc");
    assert_eq!(terminal.wait_exit().exit_code(), 101);
    terminal.assert_restored();
    // On the main screen, where it can be read.
    let text = terminal.text();
    assert!(text.contains("the engine fell over in open_next"), "{text}");
    assert!(!text.contains("20/20"), "{text}");
}

#[test]
fn a_panic_before_anything_is_embedded_gives_the_terminal_back_too() {
    let mut terminal = start(&words("start"));
    assert_eq!(terminal.wait_exit().exit_code(), 101);
    terminal.assert_restored();
    assert!(terminal.text().contains("the engine fell over in start"), "{}", terminal.text());
}

#[test]
fn a_panic_of_a_worker_that_decodes_costs_one_picture() {
    let terminal = dashboard("decode");
    terminal.wait_for("the reason", |text| text.contains("internal error")).unwrap();
    goes_on_and_leaves(terminal);
}

#[test]
fn a_panic_of_a_worker_that_embeds_a_phrase_costs_the_answer() {
    let mut terminal = dashboard("embed_caption");
    terminal.send("/jet");
    terminal.wait_for("the reason", |text| text.contains("internal error")).unwrap();
    terminal.send("\x1b");
    terminal.settle();
    goes_on_and_leaves(terminal);
}

#[test]
fn a_panic_of_an_embedding_worker_ends_the_run_and_not_the_session() {
    let terminal = start(&words("run"));
    terminal.wait_for("the reason", |text| text.contains("stopped without a reason")).unwrap();
    goes_on_and_leaves(terminal);
}

#[test]
fn a_dashboard_that_hangs_ends_with_its_terminal() {
    let line = format!("trap '' HUP; exec {}", words("hang").join(" "));
    let mut terminal = start(&["sh".into(), "-c".into(), line]);
    terminal.wait_for("all photos", |text| text.contains("20/20")).unwrap();
    // The last one asks for the other models.
    terminal.send("cccc");
    terminal.settle();
    terminal.hang_up();
    let start = Instant::now();
    while !terminal.has_exited() {
        // Two seconds are promised; the rest is for a loaded machine.
        assert!(start.elapsed() < Duration::from_secs(10), "still running after the terminal is gone");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(terminal.wait_exit().exit_code(), 129);
}

#[test]
fn an_error_after_the_terminal_was_taken_gives_it_back() {
    // No keyboard: standard input is no terminal, and a session of its own has none either.
    let line = format!("exec setsid -w {} < /dev/null", words("none").join(" "));
    let mut terminal = start(&["sh".into(), "-c".into(), line]);
    assert_eq!(terminal.wait_exit().exit_code(), 9);
    terminal.assert_restored();
    let text = terminal.text();
    assert!(text.contains("error: the dashboard needs a terminal"), "{text}");
}
