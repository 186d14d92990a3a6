//! A plain folder tree: the first-level folder is the category, a text file of the same name holds the captions.
//!
//! `clouds/pink.jpg` has the category `clouds` and its captions, one per line, in `clouds/pink.txt`. Hidden files are
//! ignored. Links to folders are never followed, so loops of links do no harm.

use std::{
    collections::HashSet,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
};

use super::{
    draft::{DatasetDraft, DraftPhoto},
    error::{DatasetError, at_line},
    files::{PhotoFolder, Refusal, kind_of, read_regular, without_byte_order_mark},
    item::UNCATEGORIZED,
};
use clipscope_base::display_safe::display_path;

/// Photo formats that this program decodes.
const PHOTO_EXTENSIONS: [&str; 12] =
    ["bmp", "dib", "gif", "jfif", "jpe", "jpeg", "jpg", "png", "tif", "tiff", "webp", "apng"];

/// Photo formats that it cannot decode. They are reported, since their owner would miss them.
const UNSUPPORTED_EXTENSIONS: [&str; 14] =
    ["arw", "avif", "cr2", "cr3", "dng", "heic", "heif", "jp2", "jxl", "nef", "orf", "psd", "raw", "svg"];

/// Folders nested deeper than this are left out and reported.
const MAX_DEPTH: usize = 64;

/// Whether the extension is that of a photo format that is decoded.
pub(super) fn is_photo_name(path: &Path) -> bool {
    has_extension(path, &PHOTO_EXTENSIONS)
}

fn has_extension(path: &Path, extensions: &[&str]) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|extension| extensions.iter().any(|known| known.eq_ignore_ascii_case(extension)))
}

/// The captions file of a photo, which need not exist.
pub(super) fn sidecar(photo: &Path) -> PathBuf {
    photo.with_extension("txt")
}

/// Scans `folder`: names in byte order, the photos of a folder before its subfolders.
pub(super) fn read(folder: &Path) -> Result<DatasetDraft, DatasetError> {
    let root = PhotoFolder::new(folder)?;
    // Only the top folder must be readable. Below it, what cannot be read is left out.
    fs::read_dir(root.root()).map_err(|error| DatasetError::io(folder, "read", &error))?;
    let mut scan = Scan {
        finder: PhotoFolder::new(folder)?,
        draft: DatasetDraft::folder(root),
        first_level: Vec::new(),
    };
    scan.folder(Path::new(""), 0);
    let used: HashSet<String> = scan.draft.items.iter().map(|item| item.category.clone()).collect();
    for category in scan.first_level.iter().filter(|category| !used.contains(*category)) {
        scan.draft.skip(category, "no usable photo in this folder; add photos or remove it");
    }
    Ok(scan.draft)
}

struct Scan {
    finder: PhotoFolder,
    draft: DatasetDraft,
    first_level: Vec<String>,
}

impl Scan {
    /// Reads one folder, given by its path below the root. Recursion ends at [`MAX_DEPTH`].
    fn folder(&mut self, below: &Path, depth: usize) {
        let path = self.finder.root().join(below);
        let mut names: Vec<(OsString, fs::FileType)> = Vec::new();
        match fs::read_dir(&path) {
            Ok(entries) => {
                for entry in entries {
                    match entry.and_then(|entry| Ok((entry.file_name(), entry.file_type()?))) {
                        Ok(entry) => names.push(entry),
                        Err(error) => {
                            self.draft.skip(name_of(below), format_args!("an entry cannot be read: {error}"))
                        }
                    }
                }
            }
            Err(error) => {
                return self.draft.skip(name_of(below), format_args!("the folder cannot be read: {error}"));
            }
        }
        names.retain(|(name, _)| !name.as_encoded_bytes().starts_with(b"."));
        names.sort_unstable_by(|a, b| a.0.as_encoded_bytes().cmp(b.0.as_encoded_bytes()));

        // In a folder without .txt files, no captions file is looked for.
        let captioned = names.iter().any(|(name, _)| has_extension(Path::new(name), &["txt"]));
        let (folders, files): (Vec<_>, Vec<_>) =
            names.into_iter().partition(|(_, file_type)| file_type.is_dir());
        for (name, file_type) in files {
            self.file(&below.join(name), file_type, captioned);
        }
        for (name, _) in folders {
            let below = below.join(name);
            if depth == 0 {
                self.first_level.push(name_of(&below));
            }
            if depth == MAX_DEPTH {
                self.draft.skip(
                    name_of(&below),
                    format_args!("folders nested more than {MAX_DEPTH} deep are not read"),
                );
            } else {
                self.folder(&below, depth + 1);
            }
        }
    }

    fn file(&mut self, below: &Path, file_type: fs::FileType, captioned: bool) {
        let name = name_of(below);
        if has_extension(below, &UNSUPPORTED_EXTENSIONS) {
            return self.draft.skip(name, "an unsupported format; convert it to JPEG, PNG or WebP");
        }
        if !is_photo_name(below) {
            // Not a photo, but a link without an extension may be meant as a category.
            if file_type.is_symlink()
                && fs::metadata(self.finder.root().join(below)).is_ok_and(|target| target.is_dir())
            {
                self.draft.skip(
                    name,
                    "a link to a folder, which is not followed; copy the folder or open it directly",
                );
            }
            return;
        }
        if !file_type.is_file() && !file_type.is_symlink() {
            return self
                .draft
                .skip(name, format_args!("{}, not a photo; it is not opened", kind_of(file_type)));
        }
        let path = match self.finder.find_path(below) {
            Ok(path) => path,
            Err(Refusal::Missing) => {
                return self.draft.skip(name, "a broken symbolic link; restore its target");
            }
            Err(Refusal::Refused(reason)) => return self.draft.skip(name, reason),
        };
        let category = match below.components().next() {
            Some(first) if below.components().nth(1).is_some() => name_of(Path::new(first.as_os_str())),
            _ => UNCATEGORIZED.to_owned(),
        };
        if let Some(photo) = self.draft.add_found(name, path, &category)
            && captioned
        {
            self.captions(below, photo);
        }
    }

    fn captions(&mut self, photo_file: &Path, photo: DraftPhoto) {
        let below = sidecar(photo_file);
        let path = match self.finder.find_path(&below) {
            Ok(path) => path,
            Err(Refusal::Missing) => return,
            Err(Refusal::Refused(reason)) => {
                return self.draft.skip(name_of(&below), format_args!("captions: {reason}"));
            }
        };
        let bytes = match read_regular(&path) {
            Ok(bytes) => bytes,
            Err(error) => return self.draft.skip(name_of(&below), error),
        };
        for (line, text) in caption_lines(&bytes) {
            let place = at_line(&below, line as u64 + 1);
            match text {
                Ok(text) => self.draft.caption(photo, text, place),
                Err(_) => self
                    .draft
                    .skip(name_of(&below), format_args!("{place}: not UTF-8; save the file as UTF-8")),
            }
        }
    }
}

/// Splits a captions file into its lines that are not blank, with their positions from 0.
pub(super) fn caption_lines(
    bytes: &[u8],
) -> impl Iterator<Item = (usize, Result<&str, std::str::Utf8Error>)> {
    without_byte_order_mark(bytes)
        .split(|byte| *byte == b'\n')
        .enumerate()
        .filter(|(_, line)| !line.trim_ascii().is_empty())
        .map(|(position, line)| (position, std::str::from_utf8(line)))
}

/// Formats a path below the root, separated by '/'. Names that are not UTF-8 are escaped, so that they stay different.
fn name_of(below: &Path) -> String {
    let parts: Vec<_> = below
        .components()
        .map(|part| {
            let part = part.as_os_str();
            part.to_str().map_or_else(|| display_path(Path::new(part)).into_owned(), str::to_owned)
        })
        .collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}
