//! The two hashes that the hub publishes, and hashing a stream as it passes.
//!
//! The hub publishes the SHA-256 of a large file and git's blob hash of a small one: the SHA-1 of `blob <length>`, a zero
//! byte and the content. SHA-1 reveals damage but not forgery; TLS and the SHA-256 on the model card guard against that.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::Path,
};

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// Bytes read at once when a file on disk is hashed.
const CHUNK: usize = 256 * 1024;
/// Bytes of the beginning that are kept, to tell what a wrong file looks like.
const HEAD: usize = 512;

/// A hash that identifies a content, in lower-case hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContentDigest {
    /// SHA-256 of the content, 64 digits.
    Sha256(Box<str>),
    /// SHA-1 of git's blob header and the content, 40 digits.
    GitBlob(Box<str>),
}

impl ContentDigest {
    /// Reads a SHA-256 or a git blob hash, told apart by length. `None` for anything else.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        match text.len() {
            64 => Some(Self::Sha256(text.to_ascii_lowercase().into())),
            40 => Some(Self::GitBlob(text.to_ascii_lowercase().into())),
            _ => None,
        }
    }

    /// The hash inside an `ETag` or `X-Linked-Etag` header.
    pub(super) fn from_etag(etag: &str) -> Option<Self> {
        let etag = etag.trim();
        Self::parse(etag.strip_prefix("W/").unwrap_or(etag).trim_matches('"'))
    }
}

impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sha256(hex) => write!(f, "SHA-256 {hex}"),
            Self::GitBlob(hex) => write!(f, "git blob hash {hex}"),
        }
    }
}

/// Hash, length and beginning of the bytes that have passed so far.
#[derive(Clone, Default)]
pub(super) struct Tally {
    sha256: Sha256,
    bytes: u64,
    head: Vec<u8>,
}

impl Tally {
    pub(super) fn update(&mut self, chunk: &[u8]) {
        self.sha256.update(chunk);
        self.bytes += chunk.len() as u64;
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&chunk[..room.min(chunk.len())]);
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of the bytes so far, in hexadecimal.
    pub(super) fn sha256(&self) -> String {
        hex::encode(self.sha256.clone().finalize())
    }

    /// What the content clearly is, if it is one of the things that servers and tools send instead of a file.
    pub(super) fn looks_like(&self) -> Option<&'static str> {
        looks_like(&self.head)
    }

    /// Hashes the file at `path`; calls `advanced` with the length of every chunk, and ends with its error.
    pub(super) fn of_file(path: &Path, advanced: &mut dyn FnMut(u64) -> io::Result<()>) -> io::Result<Self> {
        let mut tally = Self::default();
        for_each_chunk(path, &mut |chunk| {
            tally.update(chunk);
            advanced(chunk.len() as u64)
        })?;
        Ok(tally)
    }
}

/// Git's blob hash of the file at `path`. The hub publishes it for files of up to 10 MB.
pub(super) fn git_blob(path: &Path) -> io::Result<String> {
    let mut sha1 = Sha1::new();
    sha1.update(format!("blob {}\0", path.metadata()?.len()));
    for_each_chunk(path, &mut |chunk| {
        sha1.update(chunk);
        Ok(())
    })?;
    Ok(hex::encode(sha1.finalize()))
}

fn for_each_chunk(path: &Path, seen: &mut dyn FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut file = File::open(path)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => seen(&chunk[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

pub(super) fn looks_like(head: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{FEFF}').trim_start().to_ascii_lowercase();
    if text.starts_with("<!doctype html") || text.starts_with("<html") {
        Some("a web page, such as the login page of a network or a proxy")
    } else if text.starts_with("version https://git-lfs") {
        Some("a Git LFS pointer instead of the file (run `git lfs pull` in the clone)")
    } else if text.starts_with("<?xml") || text.starts_with("{\"error\"") {
        Some("an error message of a server")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_git_hash_is_the_one_git_computes() {
        // `printf 'what is up, doc?' | git hash-object --stdin`, from the Git book, chapter "Git Objects".
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "what is up, doc?").unwrap();
        assert_eq!(git_blob(file.path()).unwrap(), "bd9dbf5aae1a3862dd1526723246b20206e5fc37");
    }

    #[test]
    fn sha256_does_not_depend_on_the_chunks() {
        // FIPS 180-2, appendix B.1.
        let mut tally = Tally::default();
        tally.update(b"a");
        tally.update(b"bc");
        assert_eq!(tally.sha256(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(tally.bytes(), 3);
    }

    #[test]
    fn an_etag_is_read_in_every_form_it_is_sent_in() {
        let (long, short) = ("Ab".repeat(32), "c0".repeat(20));
        assert_eq!(
            ContentDigest::from_etag(&format!("\"{long}\"")),
            Some(ContentDigest::Sha256("ab".repeat(32).into()))
        );
        assert_eq!(
            ContentDigest::from_etag(&format!("W/\"{short}\"")),
            Some(ContentDigest::GitBlob(short.into()))
        );
        // The MD5 of a content store, and something of the right length that is not hexadecimal.
        assert_eq!(ContentDigest::from_etag(&"0f".repeat(16)), None);
        assert_eq!(ContentDigest::from_etag(&"zz".repeat(32)), None);
    }
}
