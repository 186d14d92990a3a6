//! Captions in the text file beside a photo of a folder tree. Every other byte of the file is kept.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use super::change::{CaptionChange, Edited, find_caption};
use crate::dataset::{
    error::DatasetError,
    files::{BYTE_ORDER_MARK, PhotoFolder, Refusal},
    item::{Item, PhotoSource},
    tree,
};
use clipscope_base::display_safe::display_path;

/// The text file of a photo, which need not exist. `root` is the root of the folder tree.
pub(super) fn file_of(root: &Path, item: &Item) -> Result<PathBuf, DatasetError> {
    let mut folder = PhotoFolder::new(root)?;
    let refused = |problem: String| DatasetError::not_saved(&item.file, problem, "save the caption by hand");
    // A name that is not UTF-8 is only known in its escaped form, which names no file.
    match folder.find(&item.file) {
        Ok(found) if PhotoSource::File(found.path.clone()) == item.source => {}
        _ => return Err(refused("the photo is no longer there, or its name is not UTF-8".to_owned())),
    }
    let below = tree::sidecar(Path::new(&item.file));
    match folder.find_path(&below) {
        Ok(path) => Ok(path),
        Err(Refusal::Missing) => Ok(root.join(&below)),
        Err(Refusal::Refused(reason)) => Err(refused(reason)),
    }
}

/// Applies changes to the contents of a text file. Photos that share it (`a.jpg` and `a.png`) share its captions. `path` is
/// only used in messages.
pub(super) fn edit(path: &Path, old: &[u8], changes: &[(&Item, &CaptionChange<'_>)]) -> Edited {
    let lines: Vec<_> = tree::caption_lines(old).collect();
    let texts: Vec<_> = lines.iter().map(|(_, line)| line.ok()).collect();
    let mut taken = HashSet::new();
    let (mut bytes, mut added) = (old.to_vec(), Vec::new());
    let mut refused = Vec::with_capacity(changes.len());
    for (_, change) in changes {
        let text = change.text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
        let text = text.collect::<Vec<_>>().join(" ");
        match find_caption(&texts, change, &taken, display_path(path)) {
            Ok(Some(position)) => {
                taken.insert(position);
                // One line replaces one, so the numbers of the other lines stay the same.
                bytes = replace_line(&bytes, lines[position].0, &text);
                refused.push(None);
            }
            Ok(None) => {
                added.push(text);
                refused.push(None);
            }
            Err(reason) => refused.push(Some(reason)),
        }
    }
    for text in added {
        if !bytes.is_empty() && !bytes.ends_with(b"\n") {
            bytes.push(b'\n');
        }
        bytes.extend_from_slice(text.as_bytes());
        bytes.push(b'\n');
    }
    Edited { bytes, refused }
}

/// Replaces the line with this number, from 0; its line end and a byte order mark are kept.
fn replace_line(bytes: &[u8], replaced: usize, text: &str) -> Vec<u8> {
    let mut new = Vec::with_capacity(bytes.len() + text.len());
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number != replaced {
            new.extend_from_slice(line);
            continue;
        }
        if number == 0 && line.starts_with(BYTE_ORDER_MARK) {
            new.extend_from_slice(BYTE_ORDER_MARK);
        }
        new.extend_from_slice(text.as_bytes());
        let end = line.len() - line.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        new.extend_from_slice(&line[end..]);
    }
    new
}
