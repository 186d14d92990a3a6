//! The hub as this program meets it, on a local server: large files stored elsewhere and published under their SHA-256,
//! small ones served at once under git's hash. What it does wrong is queued beforehand.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use clipscope_networks::fetch::RemoteFile;
use sha1::Digest as _;

use clipscope_test_support::server::{Answer, Ending, Request, Server};

pub const REPO: &str = "org/model";
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
pub const LICENSE: &str = "MIT";
/// What the storage calls every content; the hub calls it by its hash.
pub const STORAGE_MARK: &str = "\"mark-of-the-storage\"";

/// Bytes without a pattern, the same in every run.
pub fn content(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}

pub fn sha256(bytes: &[u8]) -> String {
    format!("{:x}", sha2::Sha256::digest(bytes))
}

pub fn git_hash(bytes: &[u8]) -> String {
    let mut whole = format!("blob {}\0", bytes.len()).into_bytes();
    whole.extend_from_slice(bytes);
    format!("{:x}", sha1::Sha1::digest(&whole))
}

/// A file of [`REPO`] as a card names it, nothing pinned.
pub fn file(path: &str) -> RemoteFile {
    RemoteFile {
        repo: REPO.into(),
        revision: "main".into(),
        path: path.into(),
        bytes: None,
        sha256: None,
        license: LICENSE.into(),
    }
}

/// What is done with one request for a content, in place of answering it.
#[derive(Clone)]
pub enum Fault {
    /// Ends the body otherwise than whole.
    Ends(Ending),
    /// Answers 200 with the whole, whatever was asked for.
    IgnoresRange,
    /// Answers 206 with bytes from another place.
    WrongPlace,
    /// One byte is another.
    FlipsByte,
    /// Says that nothing is left.
    NothingLeft,
    /// This answer, as it is.
    Says(Answer),
}

pub struct Stored {
    pub path: &'static str,
    pub content: Vec<u8>,
    /// Whether it is stored elsewhere, as large files are.
    pub large: bool,
}

pub fn large(path: &'static str, content: Vec<u8>) -> Stored {
    Stored { path, content, large: true }
}

pub fn small(path: &'static str, content: Vec<u8>) -> Stored {
    Stored { path, content, large: false }
}

pub struct Hub {
    pub server: Server,
    faults: Arc<Mutex<VecDeque<Fault>>>,
}

impl Hub {
    pub fn new(files: Vec<Stored>) -> Self {
        Self::storing_at(files, "")
    }

    /// A hub that redirects to `storage`, an address without a slash at the end, for large files.
    pub fn storing_at(files: Vec<Stored>, storage: &str) -> Self {
        let storage = storage.to_owned();
        let faults: Arc<Mutex<VecDeque<Fault>>> = Arc::default();
        let server = Server::start({
            let faults = Arc::clone(&faults);
            move |request| answer(request, &files, &storage, &faults)
        });
        Self { server, faults }
    }

    /// Queues what happens to the next requests for contents; after them all goes well.
    pub fn will(self, faults: impl IntoIterator<Item = Fault>) -> Self {
        self.also(faults);
        self
    }

    pub fn also(&self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.lock().unwrap().extend(faults);
    }

    /// The requests for contents so far: those a redirect does not answer.
    pub fn transfers(&self) -> Vec<Request> {
        let stored = |request: &Request| request.target.starts_with("/stored/");
        self.server.requests().into_iter().filter(stored).collect()
    }
}

/// What a hub answers about a path below `/org/model/resolve/main/`, or below `/stored/` as the storage behind it.
fn answer(request: &Request, files: &[Stored], storage: &str, faults: &Mutex<VecDeque<Fault>>) -> Answer {
    let prefix = format!("/{REPO}/resolve/main/");
    let (path, stored) = match request.target.strip_prefix("/stored/") {
        Some(path) => (path, true),
        None => (request.target.strip_prefix(&prefix).unwrap_or("?"), false),
    };
    let Some(file) = files.iter().find(|file| file.path == path) else {
        return Answer::new(404, "Entry not found").header("X-Error-Code", "EntryNotFound");
    };
    if file.large && !stored {
        return Answer::new(302, "Found")
            .header("Location", format!("{storage}/stored/{path}"))
            .header("X-Repo-Commit", COMMIT)
            .header("X-Linked-Etag", format!("\"{}\"", sha256(&file.content)))
            .header("X-Linked-Size", file.content.len());
    }
    let fault = match request.method.as_str() {
        "GET" => faults.lock().unwrap().pop_front(),
        _ => None,
    };
    if file.large {
        return part_of(&file.content, STORAGE_MARK, request, fault);
    }
    let mark = format!("\"{}\"", git_hash(&file.content));
    part_of(&file.content, &mark, request, fault)
        .header("X-Repo-Commit", COMMIT)
        .header("Content-Type", "text/plain; charset=utf-8")
}

/// What a server answers that calls the content `mark`: the whole, or what was asked for of it.
pub fn part_of(content: &[u8], mark: &str, request: &Request, fault: Option<Fault>) -> Answer {
    // With another mark than the server's own, `If-Range` asks for the whole.
    let continued = request.range().filter(|_| request.header("if-range").is_none_or(|asked| asked == mark));
    let whole = || Answer::new(200, content).header("ETag", mark);
    let from = |start: u64| {
        let end = content.len();
        Answer::new(206, content.get(start as usize..).unwrap_or_default())
            .header("ETag", mark)
            .header("Content-Range", format!("bytes {start}-{}/{end}", end - 1))
    };
    let good = || match continued {
        Some(start) if start >= content.len() as u64 => {
            Answer::new(416, "").header("Content-Range", format!("bytes */{}", content.len()))
        }
        Some(start) => from(start),
        None => whole(),
    };
    match fault {
        None => good(),
        Some(Fault::Ends(ending)) => good().ending(ending),
        Some(Fault::IgnoresRange) => whole(),
        Some(Fault::WrongPlace) => from(continued.unwrap_or(0) + 1),
        Some(Fault::NothingLeft) => Answer::new(416, ""),
        Some(Fault::Says(answer)) => answer,
        Some(Fault::FlipsByte) => {
            let mut answer = good();
            let last = answer.body.len() - 1;
            answer.body[last] ^= 1;
            answer
        }
    }
}
