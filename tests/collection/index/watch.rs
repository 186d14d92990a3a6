//! `clipscope index --watch`, as a user runs it: it follows the folder, and ends when it is asked to.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use clipscope_core::index::Index;
use rustix::process::{Pid, Signal, kill_process};

/// Only failures wait this long.
const PATIENCE: Duration = Duration::from_secs(60);

struct Watched {
    photos: tempfile::TempDir,
    cache: tempfile::TempDir,
    child: Option<Child>,
}

impl Watched {
    fn new() -> Self {
        Self { photos: tempfile::tempdir().unwrap(), cache: tempfile::tempdir().unwrap(), child: None }
    }

    fn start(&mut self) {
        self.start_with(&[]);
    }

    fn start_with(&mut self, arguments: &[&str]) {
        let child = Command::new(env!("CARGO_BIN_EXE_clipscope"))
            .args(["index", "--watch", "--models", "mini", "--cache-dir"])
            .args([self.cache.path(), self.photos.path()])
            .args(arguments)
            .current_dir(self.photos.path())
            .stdout(fs::File::create(self.summaries()).unwrap())
            .stderr(fs::File::create(self.said()).unwrap())
            .spawn();
        self.child = Some(child.unwrap());
    }

    fn summaries(&self) -> PathBuf {
        self.cache.path().join("summaries")
    }

    fn updates(&self) -> usize {
        fs::read_to_string(self.summaries()).unwrap_or_default().lines().count()
    }

    fn said(&self) -> PathBuf {
        self.cache.path().join("said")
    }

    fn photo(&self, name: &str) -> PathBuf {
        self.photos.path().join(name)
    }

    /// Puts one of the photos that ship into the folder, with `tail` behind the picture.
    fn put(&self, photo: &str, name: &str, tail: &[u8]) {
        let mut bytes = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("dataset").join(photo)).unwrap();
        bytes.extend_from_slice(tail);
        fs::write(self.photo(name), bytes).unwrap();
    }

    fn wait_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let (start, path) = (Instant::now(), self.said());
        let said = || fs::read_to_string(&path).unwrap_or_default();
        while !holds(self) {
            assert!(start.elapsed() < PATIENCE, "waited for {what}: {:?}, {}", self.rows(), said());
            std::thread::sleep(Duration::from_millis(20));
            let ended = self.child.as_mut().and_then(|child| child.try_wait().unwrap());
            assert_eq!(ended, None, "ended while it was waited for {what}: {}", said());
        }
    }

    /// Names and contents in the index, by name.
    fn rows(&self) -> Vec<(String, [u8; 32])> {
        let Ok(index) = Index::open(&self.photo(clipscope_core::index::FOLDER)) else { return Vec::new() };
        let entries = (0..index.len()).filter_map(|place| index.entry(place));
        let mut rows: Vec<_> =
            entries.map(|entry| (entry.path.display().to_string(), entry.content)).collect();
        rows.sort();
        rows
    }

    fn names(&self) -> Vec<String> {
        self.rows().into_iter().map(|(name, _)| name).collect()
    }

    fn end(&mut self, signal: Signal) -> ExitStatus {
        let mut child = self.child.take().unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait().unwrap() {
                return status;
            }
            if start.elapsed() > PATIENCE {
                child.kill().unwrap();
                panic!("it does not end");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// No half-written file lies in the index.
    #[track_caller]
    fn check_tidy(&self) {
        for entry in fs::read_dir(self.photo(clipscope_core::index::FOLDER)).unwrap() {
            let name = entry.unwrap().file_name();
            assert!(!name.as_encoded_bytes().starts_with(b".new-"), "{}", name.display());
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[test]
fn the_index_follows_the_folder_until_ctrl_c() {
    let mut watched = Watched::new();
    watched.put("food/pizza.jpg", "a.jpg", b"");
    watched.start();
    watched.wait_until("the first update", |watched| {
        fs::read_to_string(watched.said()).is_ok_and(|said| said.contains("watching"))
    });
    assert_eq!(watched.names(), ["a.jpg"]);

    fs::create_dir(watched.photo("new")).unwrap();
    watched.put("food/cupcakes.jpg", "new/b.jpg", b"");
    watched.wait_until("a photo in a new folder", |watched| watched.names() == ["a.jpg", "new/b.jpg"]);

    let before = watched.rows()[0].1;
    watched.put("drinks/espresso-red-cup.jpg", "a.jpg", b"");
    watched.wait_until("another content", |watched| {
        watched.rows().first().is_some_and(|(name, content)| name == "a.jpg" && *content != before)
    });

    fs::rename(watched.photo("a.jpg"), watched.photo("new/c.jpg")).unwrap();
    watched.wait_until("another name", |watched| watched.names() == ["new/b.jpg", "new/c.jpg"]);

    fs::remove_file(watched.photo("new/b.jpg")).unwrap();
    watched.wait_until("a photo that is gone", |watched| watched.names() == ["new/c.jpg"]);

    assert_eq!(watched.end(Signal::INT).code(), Some(130));
    watched.check_tidy();
}

#[test]
fn ctrl_c_in_the_middle_keeps_what_is_done() {
    let mut watched = Watched::new();
    for number in 0..256_usize {
        watched.put("food/pizza.jpg", &format!("{number:03}.jpg"), &number.to_le_bytes());
    }
    watched.start();
    watched.wait_until("some of the photos", |watched| !watched.rows().is_empty());
    assert_eq!(watched.end(Signal::INT).code(), Some(130));
    let kept = watched.rows().len();
    assert!((1..256).contains(&kept), "{kept}");
    watched.check_tidy();
    assert!(fs::read_to_string(watched.said()).unwrap().contains("finished vectors are kept"));
}

#[test]
fn an_index_below_the_folder_is_no_news() {
    let mut watched = Watched::new();
    watched.put("food/pizza.jpg", "a.jpg", b"");
    // Relative, and not there yet.
    watched.start_with(&["--out", "below/index"]);
    watched.wait_until("the first update", |watched| watched.updates() == 1);
    // Were the index news, there would be another update half a second after what this one wrote.
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(watched.updates(), 1, "{}", fs::read_to_string(watched.summaries()).unwrap());
    watched.put("food/cupcakes.jpg", "b.jpg", b"");
    watched.wait_until("another photo", |watched| watched.updates() == 2);
}

#[test]
fn an_update_that_failed_is_tried_again_without_news() {
    let mut watched = Watched::new();
    watched.put("food/pizza.jpg", "a.jpg", b"");
    watched.start();
    watched.wait_until("the first update", |watched| watched.updates() == 1);
    let lock = fs::File::options()
        .write(true)
        .open(watched.photo(clipscope_core::index::FOLDER).join("lock"))
        .unwrap();
    lock.lock().unwrap();
    watched.put("food/cupcakes.jpg", "b.jpg", b"");
    watched.wait_until("that it is told", |watched| {
        fs::read_to_string(watched.said()).is_ok_and(|said| said.contains("another process is updating"))
    });
    drop(lock);
    watched.wait_until("the second photo", |watched| watched.names() == ["a.jpg", "b.jpg"]);
}

#[test]
fn a_reader_of_the_summaries_that_leaves_ends_nothing() {
    let watched = Watched::new();
    watched.put("food/pizza.jpg", "a.jpg", b"");
    let mut child = Command::new(env!("CARGO_BIN_EXE_clipscope"))
        .args(["index", "--models", "mini", "--cache-dir"])
        .args([watched.cache.path(), watched.photos.path()])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(watched.names(), ["a.jpg"]);
}
