//! Saving edited captions: in the project's own manifest, in the file that replaced its captions, or in the text file
//! beside a photo of a folder tree.
//!
//! Each file is read again first, so that only these captions change. A caption is found by the text that it had: where
//! that is no longer in the file nothing is replaced. The old file stays as `<name>.bak`; the new one is written beside
//! it, flushed to disk and renamed into place, so that a crash leaves the old file or the new one. Of JSON, order,
//! indentation and line ends stay; a text file keeps every other byte.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::Value;

use super::{
    contents::Dataset,
    error::{DatasetError, at_key},
    files::{PhotoFolder, Refusal, read_regular},
    item::{Item, PhotoSource},
    origin::CaptionStore,
    project::{self, ProjectEntry, ProjectManifest, description_of},
    tree,
};
use clipscope_base::display_safe::display_path;
use clipscope_base::storage::{self, UnfinishedFile};

/// A caption and what is to stand in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaptionChange<'a> {
    /// The photo, as the data set names it.
    pub file: &'a str,
    /// Which of the photo's captions, as they were read: empty and repeated ones of the file do not count.
    pub number: usize,
    /// The text that it has in the file. `None` adds a caption, whose number is the one behind the last.
    pub old: Option<&'a str>,
    /// The new text.
    pub text: &'a str,
}

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
        let item = self.items.iter().find(|item| item.file == file);
        let old = item.and_then(|item| item.captions.get(caption_index)).map(String::as_str);
        let change = CaptionChange { file, number: caption_index, old, text };
        // One change has one outcome.
        self.save_captions(&[change]).remove(0)
    }

    /// Saves many captions and returns for each, in their order, the file that was written or why it was not saved. `self`
    /// stays as it is.
    ///
    /// A file is read and written once, and its `.bak` is what it was before all of them. A caption that is refused leaves
    /// the others as they would be without it.
    ///
    /// # Errors
    /// For each caption as for [`Dataset::save_caption`], and where its text in the file is not [`CaptionChange::old`].
    pub fn save_captions(&self, changes: &[CaptionChange<'_>]) -> Vec<Result<PathBuf, DatasetError>> {
        let mut outcomes: Vec<_> = changes.iter().map(|change| self.file_of(change)).collect();
        let mut files: BTreeMap<PathBuf, Vec<usize>> = BTreeMap::new();
        for (index, outcome) in outcomes.iter().enumerate() {
            if let Ok(path) = outcome {
                files.entry(path.clone()).or_default().push(index);
            }
        }
        for (path, indices) in files {
            let here: Vec<_> = indices.iter().map(|&index| &changes[index]).collect();
            match self.rewrite(&path, &here) {
                Ok(refused) => {
                    for (index, reason) in indices.into_iter().zip(refused) {
                        if let Some(reason) = reason {
                            outcomes[index] = Err(reason);
                        }
                    }
                }
                Err(error) => {
                    for index in indices {
                        outcomes[index] = Err(error.clone());
                    }
                }
            }
        }
        outcomes
    }

    fn item_of(&self, change: &CaptionChange<'_>) -> Result<&Item, DatasetError> {
        self.items.iter().find(|item| item.file == change.file).ok_or_else(|| {
            DatasetError::not_saved(change.file, "no such photo in the data set", "choose one of its photos")
        })
    }

    /// The file that a caption is saved in, whether it exists or not.
    fn file_of(&self, change: &CaptionChange<'_>) -> Result<PathBuf, DatasetError> {
        let item = self.item_of(change)?;
        if change.text.trim().is_empty() {
            return Err(DatasetError::not_saved(change.file, "the text is empty", "write a caption"));
        }
        match &self.origin.captions {
            // A link is kept: what it leads to is written.
            CaptionStore::Project(manifest) => {
                fs::canonicalize(manifest).map_err(|error| DatasetError::io(manifest, "read", &error))
            }
            CaptionStore::Sidecar(root) => sidecar_of(root, item),
            CaptionStore::None => Err(DatasetError::not_saved(
                &self.path,
                format_args!("this kind of data set ({}) is read-only", self.origin.kind),
                "open it with --captions FILE, a file in the project's own format, which can be saved",
            )),
        }
    }

    /// Writes one file with all its changes but those that are refused; the reasons are in the order of the changes.
    fn rewrite(
        &self,
        path: &Path,
        changes: &[&CaptionChange<'_>],
    ) -> Result<Vec<Option<DatasetError>>, DatasetError> {
        let (old, new, refused) = match &self.origin.captions {
            CaptionStore::Project(manifest) => {
                let old = read_regular(path)?;
                let (new, refused) = manifest_with(self, manifest, &old, changes)?;
                (Some(old), new, refused)
            }
            _ => {
                let old = match fs::symlink_metadata(path) {
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
                    _ => Some(read_regular(path)?),
                };
                let (new, refused) = text_file_with(path, old.as_deref().unwrap_or_default(), changes);
                (old, new, refused)
            }
        };
        if refused.iter().any(Option::is_none) {
            write_keeping_old(path, old.as_deref(), &new)?;
        }
        Ok(refused)
    }
}

/// Where a caption stands among the texts of its photo; `None` where it is added behind them. `taken` are the positions of
/// captions that change with it.
///
/// The text that it had decides: other captions, also of the same save, may have made its number that of another one.
fn position_of(
    texts: &[Option<&str>],
    change: &CaptionChange<'_>,
    taken: &HashSet<usize>,
    place: impl std::fmt::Display,
) -> Result<Option<usize>, DatasetError> {
    let read = as_read(texts.iter().copied());
    let Some(old) = change.old else {
        if change.number == read.len() {
            return Ok(None);
        }
        let problem = format!("there is no caption number {}", change.number + 1);
        return Err(DatasetError::not_saved(place, problem, CHANGED));
    };
    let holds = |position: &usize| {
        !taken.contains(position) && texts[*position].is_some_and(|text| text.trim() == old.trim())
    };
    // Equal texts are one caption, so that any of them will do; the one of its number is the likeliest.
    let found = read.get(change.number).copied().into_iter().chain(0..texts.len()).find(holds);
    found.map(Some).ok_or_else(|| {
        let problem = format!("caption number {} is not the text that was read", change.number + 1);
        DatasetError::not_saved(place, problem, CHANGED)
    })
}

/// What to do about a file that is not what was read.
const CHANGED: &str =
    "the file has changed since it was read; save the caption by hand, or open the data set again";

/// A manifest, `old`, with the changes, and why some are not in it.
fn manifest_with(
    dataset: &Dataset,
    manifest: &Path,
    old: &[u8],
    changes: &[&CaptionChange<'_>],
) -> Result<(Vec<u8>, Vec<Option<DatasetError>>), DatasetError> {
    let json = old.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(old);
    let mut parsed = project::parse(manifest, json)?;
    // Everything is found in the file as it is, before anything is replaced.
    let mut taken: BTreeMap<(usize, usize), HashSet<usize>> = BTreeMap::new();
    let found: Vec<Result<_, DatasetError>> = changes
        .iter()
        .map(|change| {
            let entry = entry_of(&parsed, dataset.item_of(change)?, &dataset.items).ok_or_else(|| {
                let problem = "the file has no entry for this photo";
                let place = at_key(manifest, change.file);
                DatasetError::not_saved(place, problem, "add an entry, then save again")
            })?;
            let (name, entries) = &parsed.0[entry.0];
            let place = at_key(manifest, format!("{name}[{}]", entry.1));
            let description = description_of(&entries[entry.1]);
            let texts: Vec<_> =
                project::descriptions(description).into_iter().map(|(_, text)| text).collect();
            let taken = taken.entry(entry).or_default();
            let position = position_of(&texts, change, taken, place)?;
            taken.extend(position);
            Ok((entry, position))
        })
        .collect();
    let mut refused = Vec::with_capacity(changes.len());
    for (change, found) in changes.iter().zip(found) {
        refused.push(match found {
            Ok(((category, entry), position)) => {
                put_description(&mut parsed.0[category].1[entry], position, change.text.trim());
                None
            }
            Err(reason) => Some(reason),
        });
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
    Ok((new, refused))
}

/// The entry that gave the item its captions, as (category, position): its own name first, as when reading.
fn entry_of(manifest: &ProjectManifest, item: &Item, items: &[Item]) -> Option<(usize, usize)> {
    let mut best = None;
    for (category, (name, entries)) in manifest.0.iter().enumerate() {
        for (position, entry) in entries.iter().enumerate() {
            let Ok(entry) = ProjectEntry::of(name, position, entry) else { continue };
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

/// Puts a text at a position of the description, or behind its texts. The position is one of this description's.
fn put_description(entry: &mut Value, position: Option<usize>, text: &str) {
    let empty =
        as_read(project::descriptions(description_of(entry)).into_iter().map(|(_, text)| text)).is_empty();
    let Some(entry) = entry.as_object_mut() else { return };
    let value = Value::from(text);
    match (entry.get_mut("description"), position) {
        (Some(Value::Array(texts)), Some(position)) if position < texts.len() => texts[position] = value,
        (Some(Value::Array(texts)), _) => texts.push(value),
        (Some(description), None) if !empty => *description = Value::Array(vec![description.take(), value]),
        _ => drop(entry.insert("description".to_owned(), value)),
    }
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
fn to_json(manifest: &ProjectManifest, old: &[u8]) -> serde_json::Result<Vec<u8>> {
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

/// The text file of a photo of a folder tree, whether it exists or not.
fn sidecar_of(root: &Path, item: &Item) -> Result<PathBuf, DatasetError> {
    let mut folder = PhotoFolder::new(root)?;
    let refused = |problem: String| DatasetError::not_saved(&item.file, problem, "save the caption by hand");
    // A name that is not UTF-8 is only known in its shown form, which names no file.
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

/// A text file, `old`, with the changes, and why some are not in it. Photos that share a text file (`a.jpg` and `a.png`)
/// share its captions, also when one is edited.
fn text_file_with(
    path: &Path,
    old: &[u8],
    changes: &[&CaptionChange<'_>],
) -> (Vec<u8>, Vec<Option<DatasetError>>) {
    let lines: Vec<_> = tree::caption_lines(old).collect();
    let texts: Vec<_> = lines.iter().map(|(_, line)| line.ok()).collect();
    let mut taken = HashSet::new();
    let (mut new, mut added) = (old.to_vec(), Vec::new());
    let mut refused = Vec::with_capacity(changes.len());
    for change in changes {
        let text = change.text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
        let text = text.collect::<Vec<_>>().join(" ");
        match position_of(&texts, change, &taken, display_path(path)) {
            Ok(Some(position)) => {
                taken.insert(position);
                // One line takes the place of one, so that the others stay where they are.
                new = replace_line(&new, lines[position].0, &text);
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
        if !new.is_empty() && !new.ends_with(b"\n") {
            new.push(b'\n');
        }
        new.extend_from_slice(text.as_bytes());
        new.push(b'\n');
    }
    (new, refused)
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
    let mut file = UnfinishedFile::create_beside(path).map_err(unwritable)?;
    file.write_all(bytes).map_err(unwritable)?;
    if let Ok(metadata) = fs::metadata(like) {
        file.as_file().set_permissions(metadata.permissions()).map_err(unwritable)?;
    }
    file.finish(path).map_err(unwritable)?;
    storage::sync_folder(folder).map_err(unwritable)
}
