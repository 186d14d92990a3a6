//! The errors of data sets, one line each: what failed, on which file and where, and what to do next.

use std::{fmt, path::Path};

use clipscope_base::display_safe::{display_path, display_safe};

/// A data set that cannot be used, a photo that cannot be read or a caption that cannot be saved.
///
/// Its `Display` is one line and already [`display_safe`]: the constructors of this module escape their arguments. An
/// operating system's error is part of the line, not a `source()`, so that a printed chain does not repeat it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DatasetError {
    /// There is nothing at the path.
    #[error("{path}: no such folder or manifest; check the path")]
    NotFound { path: String },
    /// The path exists but is not a supported data set.
    #[error("{path}: {problem}; {remedy}")]
    Unrecognized { path: String, problem: String, remedy: &'static str },
    /// A manifest that is unusable as a whole. `place` is `file:line`, `file:line:column` or `file: key.path`.
    #[error("{place}: {problem}; {remedy}")]
    Manifest { place: String, problem: String, remedy: &'static str },
    /// The data set was read, but none of its photos can be used.
    #[error("{path}: no photo to compare: {detail}")]
    NoPhotos { path: String, detail: String },
    /// A FIFO, a device, a socket, a folder or a symbolic link where a file was expected. It is never opened.
    #[error("{path}: {what}, not a regular file; give a regular file")]
    NotRegular { path: String, what: &'static str },
    /// A file over the size limit.
    #[error("{path}: {bytes} bytes, over the limit of {limit}; make the file smaller")]
    TooLarge { path: String, bytes: u64, limit: u64 },
    /// The operating system reported an error.
    #[error("{path}: cannot be {action}: {error}; check that the file is there and its permissions")]
    Io { path: String, action: &'static str, error: String },
    /// A caption that cannot be saved. Nothing was written.
    #[error("{place}: the caption was not saved: {problem}; {remedy}")]
    NotSaved { place: String, problem: String, remedy: &'static str },
}

impl DatasetError {
    pub(super) fn not_found(path: &Path) -> Self {
        Self::NotFound { path: shown(path) }
    }

    pub(super) fn unrecognized(path: &Path, problem: impl fmt::Display, remedy: &'static str) -> Self {
        Self::Unrecognized { path: shown(path), problem: safe(problem), remedy }
    }

    /// What went wrong, without the path that the error begins with: for a sentence that names the photo already.
    #[must_use]
    pub fn without_path(&self) -> String {
        let line = self.to_string();
        match self {
            Self::NotFound { path }
            | Self::Unrecognized { path, .. }
            | Self::NoPhotos { path, .. }
            | Self::NotRegular { path, .. }
            | Self::TooLarge { path, .. }
            | Self::Io { path, .. } => {
                let rest = line.strip_prefix(path.as_str()).and_then(|rest| rest.strip_prefix(": "));
                rest.unwrap_or(&line).to_owned()
            }
            Self::Manifest { .. } | Self::NotSaved { .. } => line,
        }
    }

    /// `place`: the manifest's path with a line, column or key path, as made by [`at_line`] and [`at_key`].
    pub(super) fn manifest(
        place: impl fmt::Display,
        problem: impl fmt::Display,
        remedy: &'static str,
    ) -> Self {
        Self::Manifest { place: safe(place), problem: safe(problem), remedy }
    }

    pub(super) fn no_photos(path: impl fmt::Display, detail: impl fmt::Display) -> Self {
        Self::NoPhotos { path: safe(path), detail: safe(detail) }
    }

    pub(super) fn not_regular(path: &Path, what: &'static str) -> Self {
        Self::NotRegular { path: shown(path), what }
    }

    /// `action`: a participle, as "read" in "cannot be read".
    pub(super) fn io(path: &Path, action: &'static str, error: &std::io::Error) -> Self {
        Self::Io { path: shown(path), action, error: safe(error) }
    }

    pub(super) fn not_saved(
        place: impl fmt::Display,
        problem: impl fmt::Display,
        remedy: &'static str,
    ) -> Self {
        Self::NotSaved { place: safe(place), problem: safe(problem), remedy }
    }

    /// A JSON error with `file:line:column`. `first_line` is the manifest line on which the JSON text begins.
    pub(super) fn json(
        path: &Path,
        first_line: usize,
        error: &serde_json::Error,
        remedy: &'static str,
    ) -> Self {
        let message = error.to_string();
        let suffix = format!(" at line {} column {}", error.line(), error.column());
        let problem = message.strip_suffix(&suffix).unwrap_or(&message);
        // serde_json counts lines from 1 and reports 0 if it knows no position.
        let line = first_line + error.line().saturating_sub(1);
        Self::manifest(format_args!("{}:{line}:{}", display_path(path), error.column()), problem, remedy)
    }
}

/// A line of a manifest, as `file:line`.
pub(super) fn at_line(path: &Path, line: u64) -> String {
    format!("{}:{line}", display_path(path))
}

/// A place in a JSON manifest, as `file: key.path`.
pub(super) fn at_key(path: &Path, key: impl fmt::Display) -> String {
    format!("{}: {key}", display_path(path))
}

fn shown(path: &Path) -> String {
    display_path(path).into_owned()
}

fn safe(text: impl fmt::Display) -> String {
    display_safe(&text.to_string()).into_owned()
}
