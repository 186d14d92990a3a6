//! How long the dashboard takes to show something, in a real pseudo-terminal.
//!
//! `cargo bench --bench dashboard`: the first frame after the start of the process (limit 100 ms), and from a key press to
//! the frame that answers it at 200×60 (median limit 10 ms), idle and while every core embeds photos. A frame counts when
//! the terminal has received it.

use std::path::Path;
use std::time::{Duration, Instant};

use clipscope_test_support::pty::{self, Terminal};

const PROGRAM: &str = env!("CARGO_BIN_EXE_clipscope");
const STARTS: usize = 15;
const KEYS: usize = 200;
/// Copies of the twenty photos: enough to embed for longer than the keys take.
const COPIES: usize = 100;

fn main() {
    // `cargo test --benches` runs this too; there it has nothing to do.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    println!("{:<44} {:>8} {:>8} {:>8}  (ms)", "", "median", "95 %", "highest");
    let times = (0..STARTS).map(|_| {
        let cache = tempfile::tempdir().expect("a temporary folder");
        first_frame(&Terminal::clipscope(PROGRAM, cache.path(), &["--images", "half"], 200, 60))
    });
    report("start to first frame, empty cache", times.collect());

    let cache = tempfile::tempdir().expect("a temporary folder");
    let mut idle = Terminal::clipscope(PROGRAM, cache.path(), &["--images", "half"], 200, 60);
    idle.wait_for("all photos", |text| text.contains("20/20")).expect("the dashboard fills");
    idle.settle();
    report("key to frame at 200×60, idle", answers(&mut idle).0);

    let photos = many_photos();
    let folder = photos.path().to_str().expect("a path in UTF-8");
    let mut busy = Terminal::clipscope(PROGRAM, cache.path(), &[folder, "--images", "half"], 200, 60);
    busy.wait_for("the first photos", |text| text.contains("more to come")).expect("the dashboard fills");
    let (times, done) = answers(&mut busy);
    report("key to frame at 200×60, every core embeds", times);
    assert!(!done, "the embedding ended before the keys: raise COPIES");
}

/// The time at which the screen first named the models.
fn first_frame(terminal: &Terminal) -> Duration {
    terminal.wait_for("the first frame", |text| text.contains("mini")).expect("a frame");
    let mut parser =
        pty::vt100::Parser::new(60.try_into().expect("not 0"), 200.try_into().expect("not 0"), 0);
    for (time, bytes) in terminal.output() {
        parser.process(&bytes);
        if parser.screen().contents().contains("mini") {
            return time;
        }
    }
    unreachable!("the same bytes have shown it before")
}

/// From each key to the frame with the cursor where the key puts it, and whether the embedding has ended meanwhile.
fn answers(terminal: &mut Terminal) -> (Vec<Duration>, bool) {
    let row = |text: &str| -> Option<usize> {
        let at = text.find("row ■ ")? + "row ■ ".len();
        text[at..].split_whitespace().next()?.parse().ok()
    };
    let mut times = Vec::new();
    for key in ["j", "k"].iter().cycle().take(KEYS) {
        let before = row(&terminal.text());
        let pressed = Instant::now();
        terminal.send(key);
        let mut written = terminal.written();
        let answered = loop {
            let now = terminal.written();
            if now != written {
                written = now;
                let frame = terminal.last_output();
                if row(&terminal.text()) != before {
                    break frame;
                }
            }
            assert!(
                pressed.elapsed() < Duration::from_secs(30),
                "no answer to {key:?}:\n{}",
                terminal.text()
            );
            std::thread::sleep(Duration::from_micros(200));
        };
        times.push(answered.saturating_duration_since(pressed));
        // Not in step with the frames that show progress.
        std::thread::sleep(Duration::from_millis(20 + times.len() as u64 * 7 % 31));
    }
    let done = terminal.text().contains(" items in ");
    (times, done)
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what:<44} {:>8.1} {:>8.1} {:>8.1}", at(0.5), at(0.95), at(1.0));
}

/// The photos that ship many times over, none equal to another: each has some bytes behind its end.
fn many_photos() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset");
    let entries =
        |path: &Path| std::fs::read_dir(path).expect("the data set").flatten().map(|entry| entry.path());
    for category in entries(&source).filter(|path| path.is_dir()) {
        let target = folder.path().join(category.file_name().expect("a name"));
        std::fs::create_dir(&target).expect("a new folder");
        for photo in entries(&category).filter(|path| path.extension().is_some_and(|ending| ending == "jpg"))
        {
            let bytes = std::fs::read(&photo).expect("a photo");
            let stem = photo.file_stem().expect("a name").to_string_lossy();
            for copy in 0..COPIES {
                let mut bytes = bytes.clone();
                bytes.extend_from_slice(format!("copy {copy}").as_bytes());
                std::fs::write(target.join(format!("{stem}-{copy}.jpg")), bytes).expect("room on the disk");
                let caption = format!("{stem}, copy {copy}");
                std::fs::write(target.join(format!("{stem}-{copy}.txt")), caption).expect("room on the disk");
            }
        }
    }
    folder
}
