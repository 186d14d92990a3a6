//! What manifests with one caption per row have in common once their rows are read.
//!
//! Owns finding the folder that holds the photos, and turning rows into photos.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    draft::{DatasetDraft, first_folder},
    error::{DatasetError, at_line},
    files::PhotoFolder,
    item::{Skipped, UNCATEGORIZED},
};
use clipscope_base::display_safe::display_path;

/// A photo and at most one caption.
pub(super) struct CaptionRow {
    /// The line in the manifest, from 1.
    pub line: u64,
    pub file: String,
    pub caption: Option<String>,
    pub category: Option<String>,
}

/// The rows of a manifest, and those that could not be read.
#[derive(Default)]
pub(super) struct CaptionRows {
    pub rows: Vec<CaptionRow>,
    pub skipped: Vec<Skipped>,
}

/// The category of a row that gives none.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DefaultCategory {
    /// The first folder of the file name.
    FirstFolder,
    Uncategorized,
}

/// Finds the photos of all rows. `folders`: where they may be, relative to the manifest's folder.
pub(super) fn into_draft(
    path: &Path,
    rows: CaptionRows,
    folders: &[PathBuf],
    default: DefaultCategory,
) -> Result<DatasetDraft, DatasetError> {
    let names: Vec<&str> = rows.rows.iter().map(|row| row.file.as_str()).collect();
    let mut draft = choose_folder(path, folders, &names)?;
    add_rows(&mut draft, path, rows, default);
    Ok(draft)
}

/// Adds the photos of all rows to a draft, with their captions. `path` is only used in messages.
pub(super) fn add_rows(draft: &mut DatasetDraft, path: &Path, rows: CaptionRows, default: DefaultCategory) {
    draft.skipped.extend(rows.skipped);
    for row in &rows.rows {
        let category = match (&row.category, default) {
            (Some(category), _) => category,
            (None, DefaultCategory::FirstFolder) => first_folder(&row.file),
            (None, DefaultCategory::Uncategorized) => UNCATEGORIZED,
        };
        let place = at_line(path, row.line);
        let Some(photo) = draft.add_or_find(&row.file, category, &place) else { continue };
        if let Some(caption) = &row.caption {
            draft.caption(photo, caption, &place);
        }
    }
}

/// Starts a draft on the folder that holds most of the named photos; the first of equals.
///
/// `folders` are relative to the folder of the manifest at `path`. A link must not lead elsewhere: each has to be inside
/// the manifest's folder or, if it begins with `..`, inside the parent.
pub(super) fn choose_folder(
    path: &Path,
    folders: &[PathBuf],
    names: &[&str],
) -> Result<DatasetDraft, DatasetError> {
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
    // A hundred names spread over the manifest tell the folders apart. If none of them is found, all names are tried.
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
    let mut draft = DatasetDraft::folder(folder);
    if chosen.is_none() && folders.len() > 1 {
        let places: Vec<_> = folders.iter().map(|folder| display_path(folder)).collect();
        draft.searched = format!(" in the folders {}", places.join(", "));
    }
    Ok(draft)
}

/// Splits a manifest into its lines that are not blank, numbered from 1. Lines that are not UTF-8 go to `skipped`.
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

/// A row that is left out.
pub(super) fn bad_row(path: &Path, line: u64, problem: &str) -> Skipped {
    let place = at_line(path, line);
    let reason = format!("{place}: {problem}");
    Skipped::new(place, reason)
}
