//! Manifests with one caption a row: what they have in common once their rows are read.
//!
//! Owns the search for the folder that holds the photos and the way from rows to photos.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    DatasetError, Skipped,
    draft::{Draft, UNCATEGORISED, first_folder},
    error::at_line,
    files::PhotoFolder,
};
use clipscope_base::display_safe::display_path;

/// One row: a photo and at most one caption.
pub(super) struct Row {
    /// Counted from 1.
    pub line: u64,
    pub file: String,
    pub caption: Option<String>,
    pub category: Option<String>,
}

/// The rows of a manifest, and what of it could not be read.
#[derive(Default)]
pub(super) struct Rows {
    pub rows: Vec<Row>,
    pub skipped: Vec<Skipped>,
}

/// The category of a row that names none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Categories {
    /// The first folder of the file name.
    FirstFolder,
    None,
}

/// Looks the photos of all rows up. `folders`: where they may lie, relative to the manifest's folder.
pub(super) fn into_draft(
    path: &Path,
    rows: Rows,
    folders: &[PathBuf],
    categories: Categories,
) -> Result<Draft, DatasetError> {
    let names: Vec<&str> = rows.rows.iter().map(|row| row.file.as_str()).collect();
    let mut draft = choose_folder(path, folders, &names)?;
    draft.skipped = rows.skipped;
    for row in &rows.rows {
        let category = match (&row.category, categories) {
            (Some(category), _) => category,
            (None, Categories::FirstFolder) => first_folder(&row.file),
            (None, Categories::None) => UNCATEGORISED,
        };
        let place = at_line(path, row.line);
        let Some(index) = draft.add_or_find(&row.file, category, &place) else { continue };
        if let Some(caption) = &row.caption {
            draft.caption(index, caption, &place);
        }
    }
    Ok(draft)
}

/// A draft over that of `folders` which holds most of the named photos, the first of several that are equal.
///
/// Relative to the folder of the manifest at `path`, and not linked from elsewhere: a folder must lie in the manifest's
/// own folder or, where it is named with `..`, in its parent.
pub(super) fn choose_folder(path: &Path, folders: &[PathBuf], names: &[&str]) -> Result<Draft, DatasetError> {
    let base = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut candidates: Vec<PhotoFolder> = Vec::new();
    for folder in folders {
        let within = if folder.starts_with("..") { base.join("..") } else { base.to_owned() };
        let (Ok(within), Ok(target)) = (fs::canonicalize(within), fs::canonicalize(base.join(folder))) else {
            continue;
        };
        if target.is_dir()
            && target.starts_with(&within)
            && candidates.iter().all(|known| known.root() != target)
        {
            candidates.push(PhotoFolder::new(&target)?);
        }
    }
    // A hundred names spread over the manifest tell the folders apart; where none of them is anywhere, all are tried.
    let step = names.len().div_ceil(100).max(1);
    let mut best = (0, None);
    for (position, folder) in candidates.iter_mut().enumerate() {
        let hits = names.iter().step_by(step).filter(|name| folder.find(name).is_ok()).count();
        if hits > best.0 {
            best = (hits, Some(position));
        }
    }
    let chosen = best.1.or_else(|| {
        candidates.iter_mut().position(|folder| names.iter().any(|name| folder.find(name).is_ok()))
    });
    let folder = match chosen {
        Some(position) => candidates.swap_remove(position),
        None => PhotoFolder::new(base)?,
    };
    let mut draft = Draft::folder(folder);
    if chosen.is_none() && folders.len() > 1 {
        let places: Vec<_> = folders.iter().map(|folder| display_path(folder)).collect();
        draft.looked_in = format!(" in the folders {}", places.join(", "));
    }
    Ok(draft)
}

/// The lines of a manifest that are not blank, counted from 1. Lines that are not UTF-8 go to `skipped`.
pub(super) fn text_lines<'a>(
    path: &Path,
    bytes: &'a [u8],
    skipped: &mut Vec<Skipped>,
) -> Vec<(u64, &'a str)> {
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        match std::str::from_utf8(line) {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => lines.push((number, line)),
            Err(_) => skipped.push(not_utf8(path, number)),
        }
    }
    lines
}

pub(super) fn not_utf8(path: &Path, line: u64) -> Skipped {
    let place = at_line(path, line);
    let reason = format!("{place}: the row is not UTF-8 and is left out; save the file as UTF-8");
    Skipped::new(place, reason)
}

/// A row that cannot be used.
pub(super) fn bad_row(path: &Path, line: u64, problem: &str) -> Skipped {
    let place = at_line(path, line);
    let reason = format!("{place}: {problem}");
    Skipped::new(place, reason)
}
