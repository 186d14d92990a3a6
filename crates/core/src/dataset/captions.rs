//! Other captions for the same photos, for instance in another language: a file of the project's own form.

use std::{collections::HashMap, path::Path};

use super::{
    CaptionStore, Dataset, DatasetError, Skipped,
    error::at_key,
    files::read_manifest,
    project::{self, Entry, SHAPE},
};

/// Replaces the captions of all photos with those of `file`.
///
/// An entry belongs to the photo called `<category>/<filename>`, else to the one called `<filename>`. Photos without an
/// entry end up without captions, which `skipped` says.
pub(super) fn replace(dataset: &mut Dataset, file: &Path) -> Result<(), DatasetError> {
    let bytes = read_manifest(file).map_err(|error| match error {
        DatasetError::NotFound { .. } => {
            DatasetError::unrecognised(file, "no such file", "check the path given to --captions")
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
            let entry = match Entry::of(category, position, entry) {
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
                skipped.push(skip("no such photo in the data set; correct the name or take the entry out"));
                continue;
            };
            if captions.contains_key(&index) {
                skipped.push(skip("this photo was listed before; the first entry counts"));
                continue;
            }
            let mut texts = Vec::new();
            for (_, text) in project::descriptions(entry.description) {
                match text.map(str::trim) {
                    Some("") => skipped.push(skip("the caption is empty; the photo stays without it")),
                    Some(text) if texts.iter().any(|known| known == text) => {
                        skipped.push(skip("the photo has this caption already; it counts once"));
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
            SHAPE,
        ));
    }
    for (index, item) in dataset.items.iter_mut().enumerate() {
        let texts = captions.remove(&index);
        if texts.is_none() {
            let reason = at_key(file, "no entry for this photo; it stays without a caption");
            skipped.push(Skipped::new(&item.file, reason));
        }
        item.captions = texts.unwrap_or_default();
    }
    dataset.skipped.append(&mut skipped);
    dataset.origin.captions = CaptionStore::Project(file.to_owned());
    Ok(())
}
