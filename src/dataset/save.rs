//! Saving an edited caption: in the project's own manifest, in the file that replaced its captions, or in the text file
//! beside a photo of a folder tree.
//!
//! The file is read again first, so that only this one caption changes. The old file stays as `<name>.bak`; the new one
//! is written beside it, flushed to disk and renamed into place, so that a crash leaves the old file or the new one. Of
//! JSON, order, indentation and line ends stay; a text file keeps every other byte.

use std::{
    collections::HashSet,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::{
    CaptionStore, Dataset, DatasetError, Item, Source,
    error::at_key,
    files::{PhotoFolder, Refusal, read_regular},
    project::{self, Entry, Manifest},
    tree,
};
use crate::display_safe::display_path;

impl Dataset {
    /// Saves `text` as the caption at `caption_index` of the photo called `file`; the index behind the last caption adds
    /// one. Returns the file that was written. `self` stays as it is.
    ///
    /// Indices count the captions as they were read: empty and repeated ones of the file do not count.
    ///
    /// # Errors
    /// When captions of this kind of data set cannot be saved, the photo or caption is not in the file (any more), `text`
    /// is empty, or the file cannot be written. Then the old file is still in place.
    pub fn save_caption(
        &self,
        file: &str,
        caption_index: usize,
        text: &str,
    ) -> Result<PathBuf, DatasetError> {
        let text = text.trim();
        let Some(item) = self.items.iter().find(|item| item.file == file) else {
            return Err(DatasetError::not_saved(
                file,
                "no such photo in the data set",
                "choose one of its photos",
            ));
        };
        if text.is_empty() {
            return Err(DatasetError::not_saved(file, "the text is empty", "write a caption"));
        }
        match &self.origin.captions {
            CaptionStore::Project(manifest) => save_in_manifest(self, manifest, item, caption_index, text),
            CaptionStore::Sidecar(root) => save_in_sidecar(root, item, caption_index, text),
            CaptionStore::None => Err(DatasetError::not_saved(
                &self.path,
                format_args!("this kind of data set ({}) is not written to", self.origin.kind),
                "give --captions FILE with a file in the project's own form, which can be saved",
            )),
        }
    }
}

fn save_in_manifest(
    dataset: &Dataset,
    manifest: &Path,
    item: &Item,
    caption: usize,
    text: &str,
) -> Result<PathBuf, DatasetError> {
    // A link is kept: what it leads to is written.
    let path = fs::canonicalize(manifest).map_err(|error| DatasetError::io(manifest, "read", &error))?;
    let old = read_regular(&path)?;
    let json = old.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&old);
    let mut parsed = project::parse(manifest, json)?;
    let Some((category, position)) = entry_of(&parsed, item, &dataset.items) else {
        let problem = "the file has no entry for this photo";
        return Err(DatasetError::not_saved(
            at_key(manifest, &item.file),
            problem,
            "add an entry, then save again",
        ));
    };
    let (name, entries) = &mut parsed.0[category];
    let key = format!("{name}[{position}]");
    if !replace_description(&mut entries[position], caption, text) {
        return Err(no_such_caption(at_key(manifest, key), caption));
    }
    let mut new = to_json(&parsed, json).map_err(|error| {
        DatasetError::not_saved(display_path(manifest), error, "save the caption by hand")
    })?;
    if json.ends_with(b"\n") {
        new.push(b'\n');
    }
    if json.windows(2).any(|pair| pair == b"\r\n") {
        // Line breaks inside JSON texts are escaped, so that every one here belongs to the layout.
        new = String::from_utf8_lossy(&new).replace('\n', "\r\n").into_bytes();
    }
    write_keeping_old(&path, Some(&old), &new)?;
    Ok(path)
}

/// The entry that gave the item its captions, as (category, position): its own name first, as when reading.
fn entry_of(manifest: &Manifest, item: &Item, items: &[Item]) -> Option<(usize, usize)> {
    let mut best = None;
    for (category, (name, entries)) in manifest.0.iter().enumerate() {
        for (position, entry) in entries.iter().enumerate() {
            let Ok(entry) = Entry::of(name, position, entry) else { continue };
            let named = entry.names().iter().position(|name| same_name(name, &item.file));
            // Best: `<category>/<filename>`; then `<filename>` in the item's category; then `<filename>`, unless that
            // entry is about another photo.
            let rank = match named {
                Some(0) => 0,
                Some(_) if *name == item.category => 1,
                Some(_) if items.iter().all(|other| other.file != entry.names()[0]) => 2,
                _ => continue,
            };
            if best.is_none_or(|(known, _, _)| rank < known) {
                best = Some((rank, category, position));
            }
        }
    }
    best.map(|(_, category, position)| (category, position))
}

/// Whether a name of a manifest is that of a photo, which is without `.` and doubled separators.
fn same_name(name: &str, file: &str) -> bool {
    name.split('/').filter(|part| !part.is_empty() && *part != ".").eq(file.split('/'))
}

/// Replaces or adds the caption; false if there is no such caption.
fn replace_description(entry: &mut Value, caption: usize, text: &str) -> bool {
    let Some(entry) = entry.as_object_mut() else { return false };
    let description = entry.get("description").filter(|description| !description.is_null());
    let found = project::descriptions(description);
    let slots: Vec<_> = found.iter().map(|(slot, _)| *slot).collect();
    let read = as_read(found.iter().map(|(_, text)| *text));
    let many = matches!(description, Some(Value::Array(_)));
    let value = Value::from(text);
    if let Some(&position) = read.get(caption) {
        match (slots[position], entry.get_mut("description")) {
            (Some(slot), Some(Value::Array(texts))) => texts[slot] = value,
            (_, Some(description)) => *description = value,
            (_, None) => return false,
        }
    } else if caption != read.len() {
        return false;
    } else if let (true, Some(Value::Array(texts))) = (many, entry.get_mut("description")) {
        texts.push(value);
    } else if let (false, Some(description)) = (read.is_empty(), entry.get_mut("description")) {
        *description = Value::Array(vec![description.take(), value]);
    } else {
        entry.insert("description".to_owned(), value);
    }
    true
}

/// The positions of the texts that count as captions: not empty, each once.
fn as_read<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> Vec<usize> {
    let mut seen = HashSet::new();
    texts
        .enumerate()
        .filter_map(|(position, text)| Some((position, text?.trim())))
        .filter(|(_, text)| !text.is_empty() && seen.insert(*text))
        .map(|(position, _)| position)
        .collect()
}

/// The manifest as JSON, indented as `old` is.
fn to_json(manifest: &Manifest, old: &[u8]) -> serde_json::Result<Vec<u8>> {
    let mut lines = old.trim_ascii().split(|byte| *byte == b'\n').skip(1).peekable();
    if lines.peek().is_none() {
        return serde_json::to_vec(manifest);
    }
    let indent = lines
        .map(|line| &line[..line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count()])
        .find(|indent| !indent.is_empty())
        .unwrap_or(b"  ");
    let mut json = Vec::with_capacity(old.len() + 256);
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent);
    manifest.serialize(&mut serde_json::Serializer::with_formatter(&mut json, formatter))?;
    Ok(json)
}

impl Serialize for Manifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(category, entries)| (category, entries)))
    }
}

/// Photos that share a text file (`a.jpg` and `a.png`) share its captions, also when one is edited.
fn save_in_sidecar(root: &Path, item: &Item, caption: usize, text: &str) -> Result<PathBuf, DatasetError> {
    let mut folder = PhotoFolder::new(root)?;
    let refused = |problem: String| DatasetError::not_saved(&item.file, problem, "save the caption by hand");
    // A name that is not UTF-8 is only known in its shown form, which names no file.
    match folder.find(&item.file) {
        Ok(found) if Source::File(found.path.clone()) == item.source => {}
        _ => return Err(refused("the photo is no longer there, or its name is not UTF-8".to_owned())),
    }
    let below = tree::sidecar(Path::new(&item.file));
    let (path, old) = match folder.find_path(&below) {
        Ok(path) => {
            let old = read_regular(&path)?;
            (path, Some(old))
        }
        Err(Refusal::Missing) => (root.join(&below), None),
        Err(Refusal::Refused(reason)) => return Err(refused(reason)),
    };
    let text =
        text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let old_bytes = old.as_deref().unwrap_or_default();
    let lines: Vec<_> = tree::caption_lines(old_bytes).collect();
    let read = as_read(lines.iter().map(|(_, line)| line.ok()));
    let new = match read.get(caption) {
        Some(&position) => replace_line(old_bytes, lines[position].0, &text),
        None if caption == read.len() => {
            let mut new = old_bytes.to_vec();
            if !new.is_empty() && !new.ends_with(b"\n") {
                new.push(b'\n');
            }
            new.extend_from_slice(text.as_bytes());
            new.push(b'\n');
            new
        }
        None => return Err(no_such_caption(display_path(&below), caption)),
    };
    write_keeping_old(&path, old.as_deref(), &new)?;
    Ok(path)
}

/// `bytes` with the line at `position` replaced; its line end and a byte order mark stay.
fn replace_line(bytes: &[u8], position: usize, text: &str) -> Vec<u8> {
    let mut new = Vec::with_capacity(bytes.len() + text.len());
    for (number, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
        if number != position {
            new.extend_from_slice(line);
            continue;
        }
        if number == 0 && line.starts_with(b"\xEF\xBB\xBF") {
            new.extend_from_slice(b"\xEF\xBB\xBF");
        }
        new.extend_from_slice(text.as_bytes());
        let end = line.len() - line.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        new.extend_from_slice(&line[end..]);
    }
    new
}

fn no_such_caption(place: impl std::fmt::Display, caption: usize) -> DatasetError {
    let problem = format!("it has no caption number {}", caption + 1);
    DatasetError::not_saved(place, problem, "the file has changed since it was read; open the data set again")
}

/// Puts `new` in the place of the file at `path`, and what was there (`old`) in `<path>.bak`.
fn write_keeping_old(path: &Path, old: Option<&[u8]>, new: &[u8]) -> Result<(), DatasetError> {
    if let Some(old) = old {
        let mut backup = path.as_os_str().to_owned();
        backup.push(".bak");
        write_atomically(Path::new(&backup), old, path)?;
    }
    write_atomically(path, new, path)
}

/// Temporary file, fsync, rename, fsync of the folder. The permissions are those of the file `like`, if it exists.
fn write_atomically(path: &Path, bytes: &[u8], like: &Path) -> Result<(), DatasetError> {
    let unwritable = |error: std::io::Error| DatasetError::io(path, "written", &error);
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    builder.prefix(".clipscope-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // A new file gets what the user's umask allows; tempfile's own default would keep it from everyone else.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(unwritable)?;
    file.write_all(bytes).map_err(unwritable)?;
    if let Ok(metadata) = fs::metadata(like) {
        file.as_file().set_permissions(metadata.permissions()).map_err(unwritable)?;
    }
    file.as_file().sync_all().map_err(unwritable)?;
    file.persist(path).map_err(|error| unwritable(error.error))?;
    #[cfg(unix)]
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(unwritable)?;
    Ok(())
}
