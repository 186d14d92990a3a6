//! The cache on a disk that is full or read-only: what is there stays, what is computed is used, and the user is told.
//!
//! A small file system in memory is mounted for it. Where that is not allowed, as for a user other than root, the test
//! says so and checks nothing.

use std::path::Path;
use std::process::Command;

use clipscope_core::embedding::{Record, VectorCache};

const KEY: [u8; 32] = [3; 32];
const DIM: usize = 100;

fn record(seed: u8) -> ([u8; 32], Record) {
    ([seed; 32], Record { vector: vec![f32::from(seed); DIM], truncated: false })
}

/// A small disk.
struct Disk(tempfile::TempDir);

impl Disk {
    fn new() -> Option<Self> {
        Self::of("64k")
    }

    fn of(size: &str) -> Option<Self> {
        let disk = Self(tempfile::tempdir().unwrap());
        if mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs"], disk.path()) {
            return Some(disk);
        }
        eprintln!("skipped: no file system can be mounted here");
        // CI runs as root; there the test must not pass by doing nothing.
        assert!(std::env::var_os("CI").is_none(), "no file system can be mounted, and this is CI");
        None
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn fill(&self) {
        // Until nothing fits any more: the system's error is what ends the writing.
        assert!(std::fs::write(self.path().join("filler"), vec![1; 4 << 20]).is_err());
    }

    fn read_only(&self) {
        assert!(mount(&["-o", "remount,ro"], self.path()));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.path()).status();
    }
}

fn mount(options: &[&str], path: &Path) -> bool {
    let output = Command::new("mount").args(options).arg(path).output();
    output.is_ok_and(|output| output.status.success())
}

/// What a whole cache and a broken disk must give: the error names the folder and the remedy, the vector is known to this
/// process, and what was stored before is still there, without a half-written file.
fn check(disk: &Disk, words: &str) {
    let cache = VectorCache::new(disk.path()).open(&KEY, DIM);
    assert_eq!(*cache.get(&[1; 32]).unwrap(), record(1).1);
    let error = cache.put(vec![record(2)]).unwrap_err().to_string();
    assert!(error.contains(words) && error.contains("--cache-dir"), "{error}");
    assert!(error.contains(disk.path().to_str().unwrap()), "{error}");
    assert!(cache.get(&[2; 32]).is_some());
    let again = VectorCache::new(disk.path()).open(&KEY, DIM);
    assert_eq!((again.len(), &again.get(&[1; 32]).unwrap().vector), (1, &record(1).1.vector));
    let folder = std::fs::read_dir(disk.path().join("vectors")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "something half-written was left");
}

#[test]
fn a_full_disk_loses_nothing_and_is_told() {
    let Some(disk) = Disk::new() else { return };
    VectorCache::new(disk.path()).open(&KEY, DIM).put(vec![record(1)]).unwrap();
    disk.fill();
    check(&disk, "No space left");
    // Room again, and it goes on.
    std::fs::remove_file(disk.path().join("filler")).unwrap();
    VectorCache::new(disk.path()).open(&KEY, DIM).put(vec![record(2)]).unwrap();
    assert_eq!(VectorCache::new(disk.path()).open(&KEY, DIM).len(), 2);
}

#[test]
fn a_merge_that_does_not_fit_on_the_disk_loses_nothing() {
    const SEGMENTS: u8 = 40;
    let Some(disk) = Disk::of("256k") else { return };
    let cache = VectorCache::new(disk.path());
    let writer = cache.open(&KEY, DIM);
    for seed in 0..SEGMENTS {
        writer.put(vec![record(seed)]).unwrap();
    }
    disk.fill();
    // So many segments are made into one when they are read.
    for _ in 0..2 {
        let read = cache.open(&KEY, DIM);
        assert_eq!(read.len(), usize::from(SEGMENTS));
        assert!((0..SEGMENTS).all(|seed| *read.get(&[seed; 32]).unwrap() == record(seed).1));
    }
    std::fs::remove_file(disk.path().join("filler")).unwrap();
    assert_eq!(cache.open(&KEY, DIM).len(), usize::from(SEGMENTS));
    let folder = std::fs::read_dir(disk.path().join("vectors")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1, "with room again they are one");
}

#[test]
fn a_read_only_folder_is_read_and_is_told() {
    let Some(disk) = Disk::new() else { return };
    VectorCache::new(disk.path()).open(&KEY, DIM).put(vec![record(1)]).unwrap();
    disk.read_only();
    check(&disk, "Read-only file system");
}

#[test]
fn the_program_does_its_work_on_a_full_and_on_a_read_only_disk() {
    for full in [true, false] {
        let Some(disk) = Disk::new() else { return };
        if full {
            disk.fill()
        } else {
            disk.read_only()
        }
        let output = Command::new(env!("CARGO_BIN_EXE_clipscope"))
            .args(["eval", "--format", "json", "--cache-dir"])
            .arg(disk.path().join("cache"))
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{message}");
        assert_eq!(message.matches("vectors of this run are not kept").count(), 1, "{message}");
        assert!(message.contains("--cache-dir"), "{message}");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["dataset"]["images"], 20);
        // Asked for on the disk itself, the report is an error that names it.
        let output = Command::new(env!("CARGO_BIN_EXE_clipscope"))
            .args(["eval", "-q", "--approach", "clip", "--out"])
            .arg(disk.path().join("report.txt"))
            .arg("--cache-dir")
            .arg(disk.path().join("cache"))
            .output()
            .unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{message}");
        assert!(message.contains("report.txt") && message.contains("--out"), "{message}");
        assert!(!disk.path().join("report.txt").exists());
    }
}
