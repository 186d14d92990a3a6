//! Replacing the captions of a data set, for instance with another language, from a file of the project's own format.

use std::{collections::HashMap, path::Path};

use super::{
    contents::Dataset,
    error::{DatasetError, at_key},
    files::read_manifest,
    item::Skipped,
    origin::CaptionStore,
    project::{self, FORMAT, ProjectEntry},
};

/// Replaces the captions of all photos with those of `file`.
///
/// An entry belongs to the photo named `<category>/<filename>` or, if there is none, `<filename>`. Photos without an entry
/// lose their captions and get a row in `skipped`.
pub(super) fn replace(dataset: &mut Dataset, file: &Path) -> Result<(), DatasetError> {
    let bytes = read_manifest(file).map_err(|error| match error {
        DatasetError::NotFound { .. } => {
            DatasetError::unrecognized(file, "no such file", "check the path given to --captions")
        }
        error => error,
    })?;
    let manifest = project::parse(file, &bytes)?;
    let by_file: HashMap<String, usize> =
        dataset.items.iter().enumerate().map(|(index, item)| (item.file.clone(), index)).collect();
    let mut captions: HashMap<usize, Vec<String>> = HashMap::new();
    let mut skipped = Vec::new();
    for (category, entries) in &manifest.0 {
        for (position, entry) in entries.iter().enumerate() {
            let entry = match ProjectEntry::of(category, position, entry) {
                Ok(entry) => entry,
                Err((key, problem)) => {
                    skipped.push(Skipped::new(&key, at_key(file, format_args!("{key}: {problem}"))));
                    continue;
                }
            };
            let skip = |problem: &str| {
                Skipped::new(entry.filename, at_key(file, format_args!("{}: {problem}", entry.key)))
            };
            let Some(&index) = entry.names().iter().find_map(|name| by_file.get(name)) else {
                skipped.push(skip("no such photo in the data set; correct the name or remove the entry"));
                continue;
            };
            if captions.contains_key(&index) {
                skipped.push(skip("this photo is already listed; the first entry counts"));
                continue;
            }
            let mut texts = Vec::new();
            for (_, text) in project::descriptions(entry.description) {
                match text.map(str::trim) {
                    Some("") => skipped.push(skip("the caption is empty and is left out")),
                    Some(text) if texts.iter().any(|known| known == text) => {
                        skipped.push(skip("the photo already has this caption; it counts once"));
                    }
                    Some(text) => texts.push(text.to_owned()),
                    None => skipped.push(skip("the description is not a text; write it in quotes")),
                }
            }
            captions.insert(index, texts);
        }
    }
    if captions.values().all(Vec::is_empty) {
        let detail =
            skipped.first().map_or_else(|| "it lists no photos".to_owned(), |first| first.reason.clone());
        return Err(DatasetError::manifest(
            at_key(file, "no caption for any photo of the data set"),
            detail,
            FORMAT,
        ));
    }
    for (index, item) in dataset.items.iter_mut().enumerate() {
        let texts = captions.remove(&index);
        if texts.is_none() {
            let reason = at_key(file, "no entry for this photo, which is left without a caption");
            skipped.push(Skipped::new(&item.file, reason));
        }
        item.captions = texts.unwrap_or_default();
    }
    dataset.skipped.append(&mut skipped);
    dataset.origin.captions = CaptionStore::Project(file.to_owned());
    Ok(())
}
