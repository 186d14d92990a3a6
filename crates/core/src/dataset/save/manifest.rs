//! Captions in the project's own manifest. Order, indentation and line ends are kept.

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
};

use serde::Serialize;
use serde_json::Value;

use super::change::{CaptionChange, Edited, caption_positions, find_caption};
use crate::dataset::{
    error::{DatasetError, at_key},
    files::without_byte_order_mark,
    item::Item,
    project::{self, ProjectEntry, ProjectManifest, description_of, descriptions},
};
use clipscope_base::display_safe::display_path;

/// Where an entry is in a manifest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct EntryPosition {
    category: usize,
    entry: usize,
}

/// Applies changes, each with its photo, to the contents of a manifest. `path` is only used in messages.
pub(super) fn edit(
    path: &Path,
    old: &[u8],
    items: &[Item],
    changes: &[(&Item, &CaptionChange<'_>)],
) -> Result<Edited, DatasetError> {
    let json = without_byte_order_mark(old);
    let mut manifest = project::parse(path, json)?;
    // Every caption is found in the unchanged file before any is replaced.
    let mut taken: BTreeMap<EntryPosition, HashSet<usize>> = BTreeMap::new();
    let found: Vec<Result<_, DatasetError>> = changes
        .iter()
        .map(|(item, change)| {
            let entry = find_entry(&manifest, item, items).ok_or_else(|| {
                let problem = "the file has no entry for this photo";
                let place = at_key(path, change.file);
                DatasetError::not_saved(place, problem, "add an entry, then save again")
            })?;
            let (category, entries) = &manifest.0[entry.category];
            let place = at_key(path, format!("{category}[{}]", entry.entry));
            let description = description_of(&entries[entry.entry]);
            let texts: Vec<_> = descriptions(description).into_iter().map(|(_, text)| text).collect();
            let taken = taken.entry(entry).or_default();
            let position = find_caption(&texts, change, taken, place)?;
            taken.extend(position);
            Ok((entry, position))
        })
        .collect();
    let mut refused = Vec::with_capacity(changes.len());
    for ((_, change), found) in changes.iter().zip(found) {
        refused.push(match found {
            Ok((entry, position)) => {
                let entry = &mut manifest.0[entry.category].1[entry.entry];
                put_description(entry, position, change.text.trim());
                None
            }
            Err(reason) => Some(reason),
        });
    }
    let mut bytes = to_json(&manifest, json)
        .map_err(|error| DatasetError::not_saved(display_path(path), error, "save the caption by hand"))?;
    if json.ends_with(b"\n") {
        bytes.push(b'\n');
    }
    if json.windows(2).any(|pair| pair == b"\r\n") {
        // Line breaks inside JSON strings are escaped, so every one here belongs to the layout.
        bytes = String::from_utf8_lossy(&bytes).replace('\n', "\r\n").into_bytes();
    }
    Ok(Edited { bytes, refused })
}

/// Finds the entry that gave the item its captions, with the same preferences as when reading.
fn find_entry(manifest: &ProjectManifest, item: &Item, items: &[Item]) -> Option<EntryPosition> {
    let mut best = None;
    for (category, (name, entries)) in manifest.0.iter().enumerate() {
        for (entry, value) in entries.iter().enumerate() {
            let Ok(parsed) = ProjectEntry::of(name, entry, value) else { continue };
            let named = parsed.names().iter().position(|name| same_name(name, &item.file));
            // Best: `<category>/<filename>`; then `<filename>` in the item's category; then `<filename>`, unless that
            // entry is about another photo.
            let rank = match named {
                Some(0) => 0,
                Some(_) if *name == item.category => 1,
                Some(_) if items.iter().all(|other| other.file != parsed.names()[0]) => 2,
                _ => continue,
            };
            if best.is_none_or(|(known, _)| rank < known) {
                best = Some((rank, EntryPosition { category, entry }));
            }
        }
    }
    best.map(|(_, position)| position)
}

/// Whether a name in a manifest is that of a photo, which has no `.` and no doubled separators.
fn same_name(name: &str, file: &str) -> bool {
    name.split('/').filter(|part| !part.is_empty() && *part != ".").eq(file.split('/'))
}

/// Puts a text at a position of the description, or after its texts. The position is one of this description's.
fn put_description(entry: &mut Value, position: Option<usize>, text: &str) {
    let texts = descriptions(description_of(entry)).into_iter().map(|(_, text)| text);
    let empty = caption_positions(texts).is_empty();
    let Some(entry) = entry.as_object_mut() else { return };
    let value = Value::from(text);
    match (entry.get_mut("description"), position) {
        (Some(Value::Array(texts)), Some(position)) if position < texts.len() => texts[position] = value,
        (Some(Value::Array(texts)), _) => texts.push(value),
        (Some(description), None) if !empty => *description = Value::Array(vec![description.take(), value]),
        _ => drop(entry.insert("description".to_owned(), value)),
    }
}

/// Writes the manifest as JSON, indented as `old` is.
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
