//! Fetching a model set from a hub that misbehaves, onto disks that do, and from folders carried in by hand.

mod answers;
mod carried;
mod disk;
mod hub;
mod processes;
mod settings;
mod transfer;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use clipscope_networks::fetch::{
    FetchError, Fetched, Fetcher, FetcherBuilder, Planned, Progress, RemoteFile,
};
use tempfile::TempDir;

use hub::Hub;

/// What a [`Progress`] heard.
#[derive(Debug, Clone, PartialEq)]
enum Heard {
    Checking(u64),
    Started { total: Option<u64>, resumed_from: u64 },
    Retrying(String),
    Waiting,
    Finished,
}

/// Keeps what it hears; bytes are added up from the last `started` or `checking`.
#[derive(Default)]
struct Recorder {
    heard: Vec<Heard>,
    planned: Vec<Planned>,
    /// Bytes of the file in progress, those of before included.
    position: u64,
    on_waiting: Option<Box<dyn FnMut()>>,
    /// Wants no more once so many bytes of a file have passed.
    stop_at: Option<u64>,
    /// Wants no more once an attempt has failed.
    stop_on_failure: bool,
}

impl Recorder {
    fn retries(&self) -> Vec<&str> {
        self.heard
            .iter()
            .filter_map(|heard| match heard {
                Heard::Retrying(reason) => Some(reason.as_str()),
                _ => None,
            })
            .collect()
    }

    fn starts(&self) -> Vec<u64> {
        self.heard
            .iter()
            .filter_map(|heard| match heard {
                Heard::Started { resumed_from, .. } => Some(*resumed_from),
                _ => None,
            })
            .collect()
    }
}

impl Progress for Recorder {
    fn planned(&mut self, _set: &str, files: &[Planned]) {
        self.planned = files.to_vec();
    }

    fn checking(&mut self, _file: &str, total_bytes: u64) {
        self.position = 0;
        self.heard.push(Heard::Checking(total_bytes));
    }

    fn started(&mut self, _file: &str, total: Option<u64>, resumed_from: u64) {
        self.position = resumed_from;
        self.heard.push(Heard::Started { total, resumed_from });
    }

    fn advanced(&mut self, bytes: u64) {
        self.position += bytes;
    }

    fn retrying(&mut self, reason: &str, _pause: Duration) {
        self.heard.push(Heard::Retrying(reason.to_owned()));
        self.stop_at = self.stop_on_failure.then_some(0).or(self.stop_at);
    }

    fn waiting(&mut self, _lock: &Path) {
        self.heard.push(Heard::Waiting);
        if let Some(tell) = &mut self.on_waiting {
            tell();
        }
    }

    fn finished(&mut self) {
        self.heard.push(Heard::Finished);
    }

    fn goes_on(&mut self) -> bool {
        self.stop_at.is_none_or(|bytes| self.position < bytes)
    }
}

/// A folder of models, empty at first, gone when dropped.
struct Cache(TempDir);

impl Cache {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("models")
    }

    /// The place of a file of [`hub::REPO`], or of one beside it.
    fn path(&self, name: &str) -> PathBuf {
        self.root().join("org--model").join(name)
    }

    fn read(&self, name: &str) -> Option<Vec<u8>> {
        fs::read(self.path(name)).ok()
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Names of the files of the repository, the lock left out.
    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.path(""))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != ".lock")
            .collect();
        names.sort();
        names
    }

    /// Fetches from `hub` with short time limits and three tries.
    fn fetcher(&self, hub: &Hub) -> Fetcher {
        self.fetcher_at(&hub.server.url())
    }

    fn fetcher_at(&self, endpoint: &str) -> Fetcher {
        impatient(Fetcher::builder(self.root()).endpoint(endpoint).unwrap()).build()
    }

    fn fetch(&self, hub: &Hub, files: &[RemoteFile]) -> (Result<Vec<Fetched>, FetchError>, Recorder) {
        let mut progress = Recorder::default();
        let result = self.fetcher(hub).fetch("reference", files, &mut progress);
        (result, progress)
    }

    /// The one-line message of a fetch that must fail.
    fn error(&self, hub: &Hub, files: &[RemoteFile]) -> String {
        let message = self.fetch(hub, files).0.unwrap_err().to_string();
        assert!(!message.contains('\n'), "{message}");
        message
    }
}

fn impatient(builder: FetcherBuilder) -> FetcherBuilder {
    builder.timeouts(Duration::from_secs(2), Duration::from_millis(400)).retries(3, Duration::from_millis(1))
}
