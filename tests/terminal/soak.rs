//! Many photos, embedded and browsed with random keys in a real terminal: the memory stays flat and nothing panics.
//!
//! The short form runs with the other tests. The long form, as in SECURITY.md:
//!
//! ```text
//! cargo test --release --test soak -- --ignored --nocapture
//! ```
//! 10,000 photos and 15 minutes of keys; `CLIPSCOPE_SOAK_PHOTOS` and `CLIPSCOPE_SOAK_MINUTES` choose other amounts, and
//! with `CLIPSCOPE_SOAK_DISTINCT` the files repeat after so many different photos, which are embedded once.

use std::path::Path;
use std::time::{Duration, Instant};

use clipscope_test_support::pty::{CommandBuilder, Terminal};

/// Every key of the grid that neither leaves, writes a file nor loads a network; typed lines end in Enter.
const KEYS: [&str; 42] = [
    "h",
    "j",
    "k",
    "l",
    "\x1b[A",
    "\x1b[B",
    "\x1b[C",
    "\x1b[D",
    "\x1b[5~",
    "\x1b[6~",
    "\x1b[H",
    "\x1b[F",
    "g",
    "G",
    "1",
    "2",
    "3",
    "4",
    "\t",
    "\x1b[Z",
    "+",
    "-",
    "0",
    "\r",
    "n",
    "N",
    "s",
    "t",
    "c",
    "r",
    "T",
    "A",
    "i",
    "?",
    "u",
    "/blue\r",
    "/a red circle\r",
    "e and blue\r",
    "/\u{98db}\r",
    "\x1b[<0;30;12M",
    "\x1b[<64;30;12M",
    "\x1b[<65;30;12M",
];

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// Writes `count` photos of 60×40 with colored discs, ten categories, one caption for each. They repeat after `distinct`.
fn write_photos(folder: &Path, count: usize, distinct: usize) {
    let colors =
        [("red", [200, 30, 30]), ("green", [30, 160, 40]), ("blue", [40, 60, 210]), ("gray", [128; 3])];
    let mut manifest = serde_json::Map::new();
    let mut random = Random(7);
    for number in 0..count {
        let category = format!("kind{}", number * 10 / count);
        let place = number % distinct;
        if place == 0 {
            random = Random(7);
        }
        let ((name, color), (back_name, back)) = (colors[random.below(4)], colors[random.below(4)]);
        let (x, y, radius) = (random.below(60) as i32, random.below(40) as i32, 4 + random.below(16) as i32);
        let photo = image::RgbImage::from_fn(60, 40, |column, row| {
            let inside = (column as i32 - x).pow(2) + (row as i32 - y).pow(2) < radius.pow(2);
            // The number is in the pixels, so that no two files are equal.
            let mark = (place >> (row % 16)) as u8 & 1;
            let [r, g, b] = if inside { color } else { back };
            image::Rgb([r ^ mark, g, b ^ (column as u8 & 7)])
        });
        let file = format!("{category}/{number}.png");
        std::fs::create_dir_all(folder.join(&category)).unwrap();
        photo.save(folder.join(&file)).unwrap();
        let caption = format!("a {name} circle of size {radius} on {back_name}");
        let entry = serde_json::json!({ "filename": format!("{number}.png"), "description": caption });
        let list = manifest.entry(category).or_insert_with(|| serde_json::json!([]));
        list.as_array_mut().unwrap().push(entry);
    }
    std::fs::write(folder.join("dataset.json"), serde_json::Value::from(manifest).to_string()).unwrap();
}

/// Memory of the program now, in MiB; 0 where the system has no /proc, so that only panics are looked for.
fn resident(terminal: &Terminal) -> usize {
    if !cfg!(target_os = "linux") {
        return 0;
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", terminal.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("the program is alive");
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
}

/// Embeds `photos` photos, then sends `warm_up` keys and keys until `done`; the memory at the start and the most later.
fn soak(photos: usize, distinct: usize, warm_up: usize, mut done: impl FnMut(usize) -> bool) {
    let folder = tempfile::tempdir().unwrap();
    let set = folder.path().join("set");
    write_photos(&set, photos, distinct);
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_clipscope"));
    command.args(["--images", "half", "--cache-dir"]);
    command.args([&folder.path().join("cache"), &set]);
    command.cwd(folder.path());
    command.env("TERM", "xterm-256color");
    let mut terminal = Terminal::start(command, 160, 50);
    let all = format!("{photos}/{photos}");
    let patience = Duration::from_secs(60 + photos as u64);
    let started = Instant::now();
    terminal.wait_within(patience, "all photos", |text| text.contains(&all)).unwrap();
    println!(
        "{photos} photos ({distinct} different) embedded in {} s, {} MiB",
        started.elapsed().as_secs(),
        resident(&terminal)
    );

    let mut random = Random(11);
    let mut sent = 0;
    let mut first = 0;
    let mut last = Vec::new();
    while !done(sent) {
        terminal.send(KEYS[random.below(KEYS.len())]);
        if random.below(50) == 0 {
            terminal.resize(20 + random.below(220) as u16, 4 + random.below(76) as u16);
        }
        std::thread::sleep(Duration::from_millis(10));
        assert!(!terminal.has_exited(), "ended after {sent} keys:\n{}", terminal.text());
        sent += 1;
        let now = resident(&terminal);
        if sent <= warm_up {
            first = first.max(now);
        } else {
            last.push(now);
        }
        if sent % 2_000 == 0 {
            println!("{sent} keys: {now} MiB");
            terminal.forget();
        }
    }
    let tail = &last[last.len() / 2..];
    let later = tail.iter().max().unwrap();
    println!(
        "{sent} keys: at most {first} MiB in the first {warm_up}, {later} MiB in the last {}",
        tail.len()
    );
    // A tenth and 16 MiB for the allocator's own.
    assert!(*later <= first + first / 10 + 16, "memory grew from {first} MiB to {later} MiB");
    assert!(!terminal.text().contains("panicked"), "{}", terminal.text());
    // The first one warns where captions were edited.
    terminal.send("\x03\x03");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    terminal.assert_restored();
}

#[test]
fn a_few_photos_browsed_by_random_keys_keep_the_memory_flat() {
    soak(40, 40, 300, |sent| sent == 1_200);
}

#[test]
#[ignore = "takes half an hour"]
fn ten_thousand_photos_browsed_for_a_quarter_of_an_hour_keep_the_memory_flat() {
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let photos = number("CLIPSCOPE_SOAK_PHOTOS", 10_000) as usize;
    let span = Duration::from_secs(60 * number("CLIPSCOPE_SOAK_MINUTES", 15));
    let mut started = None;
    let distinct = number("CLIPSCOPE_SOAK_DISTINCT", photos as u64) as usize;
    soak(photos, distinct, 3_000, |_| started.get_or_insert_with(Instant::now).elapsed() > span);
}
