//! The cache under `kill -9`: what was finished is there afterwards, and nothing else is damaged.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clipscope_core::embedding::{Record, VectorCache};
use clipscope_test_support::test_name;

const FOLDER: &str = "CLIPSCOPE_TEST_CACHE";
const FIRST: &str = "CLIPSCOPE_TEST_FIRST";
const KEY: [u8; 32] = [3; 32];
const DIM: usize = 300;
const KILLS: u64 = 200;

fn content(number: u64) -> [u8; 32] {
    let mut content = [0; 32];
    content[..8].copy_from_slice(&number.to_le_bytes());
    content
}

fn record(number: u64) -> Record {
    let vector = (0..DIM).map(|index| number as f32 + index as f32 / 1024.0).collect();
    Record { vector, truncated: number.is_multiple_of(3) }
}

/// Not a test of its own: what the processes do that are killed. Stores records until it dies and
/// says each number once its record is stored.
#[test]
fn writer() {
    let (Some(folder), Ok(first)) = (std::env::var_os(FOLDER), std::env::var(FIRST)) else { return };
    let first: u64 = first.parse().unwrap();
    let cache = VectorCache::new(folder).open(&KEY, DIM);
    let mut out = std::io::stdout();
    for number in first..first + 100_000 {
        cache.put(vec![(content(number), record(number))]).unwrap();
        writeln!(out, "stored {number}").unwrap();
        out.flush().unwrap();
    }
}

fn start_writer(folder: &Path, first: u64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([&test_name(module_path!(), "writer"), "--exact", "--nocapture"])
        .env(FOLDER, folder)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Kills a writer and returns the numbers it had stored.
fn kill(mut writer: Child) -> Vec<u64> {
    writer.kill().unwrap();
    writer.wait().unwrap();
    let lines = BufReader::new(writer.stdout.take().unwrap()).lines();
    lines
        .map_while(Result::ok)
        .filter_map(|line| line.rsplit_once("stored ").map(|(_, number)| number.to_string()))
        .filter_map(|number| number.parse().ok())
        .collect()
}

#[test]
fn nothing_finished_is_lost_by_kills_at_random_moments() {
    if std::env::var_os(FOLDER).is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut stored = Vec::new();
    // A fixed sequence, so that a failure can be repeated; the scheduler makes the moments random.
    let mut random = 0x9E37_79B9_u64;
    for round in 0..KILLS / 2 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        // Two processes at once on the same folder, one of them killed earlier.
        let first = start_writer(folder.path(), round * 2_000_000);
        let second = start_writer(folder.path(), round * 2_000_000 + 1_000_000);
        std::thread::sleep(Duration::from_millis(random >> 59));
        stored.extend(kill(first));
        std::thread::sleep(Duration::from_millis((random >> 32) & 7));
        stored.extend(kill(second));
        if round % 10 == 9 {
            check(folder.path(), &stored);
        }
    }
    check(folder.path(), &stored);
    assert!(stored.len() > 100, "only {} records were stored in all", stored.len());
    // What killed writers left behind is not taken for segments, and the folder stays small.
    let cache = VectorCache::new(folder.path()).open(&KEY, DIM);
    assert!(cache.len() >= stored.len());
}

fn check(folder: &Path, stored: &[u64]) {
    let cache = VectorCache::new(folder).open(&KEY, DIM);
    for &number in stored {
        let found = cache.get(&content(number)).unwrap_or_else(|| panic!("record {number} is lost"));
        assert_eq!(*found, record(number));
    }
}
