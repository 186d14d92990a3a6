//! What a fetch tells its caller while it runs.

use std::{path::Path, time::Duration};

/// One file as [`Progress::planned`] reports it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Repository and path.
    pub file: String,
    /// License on the model card.
    pub license: String,
    /// Length in bytes, if the hub or the model card says.
    pub bytes: Option<u64>,
    /// Bytes of it that are on disk.
    pub on_disk: u64,
    /// Whether it is complete.
    pub already_there: bool,
}

/// Hears how far a fetch is, on the thread that fetches.
///
/// Order: `checking … advanced* finished` for every file that is on disk; `planned` once, before any transfer; then for
/// every missing file `waiting?`, `started advanced* (retrying | started advanced*)* finished`. A second `started` for the
/// same file sets its count of bytes back to `resumed_from`. Nothing is called after an error; [`goes_on`](Self::goes_on) may be asked at any time. Names and reasons are raw
/// text: whoever shows them makes them safe.
pub trait Progress {
    /// All files of the model set `set`, with sizes and licenses.
    fn planned(&mut self, set: &str, files: &[Planned]) {
        let _ = (set, files);
    }
    /// A file on disk is being hashed.
    fn checking(&mut self, file: &str, total_bytes: u64) {
        let _ = (file, total_bytes);
    }
    /// A transfer begins; `resumed_from` bytes are on disk already.
    fn started(&mut self, file: &str, total_bytes: Option<u64>, resumed_from: u64);
    /// More bytes were hashed or received.
    fn advanced(&mut self, bytes: u64);
    /// An attempt failed; the next one follows after `pause`.
    fn retrying(&mut self, reason: &str, pause: Duration) {
        let _ = (reason, pause);
    }
    /// Another process holds `lock`; the fetch continues when it is released.
    fn waiting(&mut self, lock: &Path);
    /// The file that was started or checked is done.
    fn finished(&mut self);
    /// Whether the fetch is still wanted. Asked between the parts of a file, and while waiting; after a no the fetch ends
    /// with [`FetchError::Stopped`](super::FetchError::Stopped).
    fn goes_on(&mut self) -> bool {
        true
    }
}
