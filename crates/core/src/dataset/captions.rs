//! Replacing the captions of a data set, for instance with another language, from a manifest of any format.
//!
//! Owns which captions replace which, and what is said about photos and entries that have no counterpart.

use std::{collections::HashMap, path::Path};

use super::{
    contents::Dataset,
    draft::{DatasetDraft, PhotoLookup},
    error::{DatasetError, at_key},
    item::Skipped,
    manifest::{Manifest, ManifestFormat},
    origin::CaptionStore,
    photo_names::{DataSetPhotos, NOT_IN_DATA_SET},
    project::{self, FORMAT, ProjectEntry},
};
use clipscope_base::display_safe::display_path;

/// Replaces the captions of all photos with those of `file`. Photos without an entry lose their captions and get a row in
/// `skipped`.
pub(super) fn replace(dataset: &mut Dataset, file: &Path) -> Result<(), DatasetError> {
    let manifest = Manifest::open_captions(file).map_err(|error| match error {
        DatasetError::NotFound { .. } => {
            DatasetError::unrecognized(file, "no such file", "check the path given to --captions")
        }
        error => error,
    })?;
    match manifest.format {
        ManifestFormat::Project => from_project(dataset, &manifest),
        _ => from_rows(dataset, &manifest),
    }
}

/// Entries beside the data set's photos that are named one by one; more are counted.
const NAMED: usize = 3;

/// As [`replace`], from a format that names photos by their path: an entry belongs to the photo that
/// [`DataSetPhotos::find`] finds.
fn from_rows(dataset: &mut Dataset, manifest: &Manifest<'_>) -> Result<(), DatasetError> {
    let file = manifest.path;
    let mut draft = DatasetDraft::new(PhotoLookup::DataSet(DataSetPhotos::of(&dataset.items)));
    manifest.read_into(&mut draft)?;
    // A manifest of a whole data set has thousands of entries that a part of it has no photo for.
    let mut others = 0;
    let mut skipped: Vec<Skipped> = Vec::new();
    for row in draft.skipped {
        let other = row.reason.ends_with(NOT_IN_DATA_SET);
        others += usize::from(other);
        if !other || others <= NAMED {
            skipped.push(row);
        }
    }
    if others > NAMED {
        let reason = format!("{} more of its photos are not in the data set", others - NAMED);
        skipped.push(Skipped::new(display_path(file), at_key(file, reason)));
    }
    let captions: HashMap<String, Vec<String>> =
        draft.items.into_iter().map(|item| (item.file, item.captions)).collect();
    finish(dataset, manifest.path, skipped, captions, "name the photos as in the data set")?;
    dataset.origin.captions = CaptionStore::None;
    Ok(())
}

/// As [`replace`], from a file of the project's own format: an entry belongs to the photo named `<category>/<filename>` or, if
/// there is none, `<filename>`.
fn from_project(dataset: &mut Dataset, manifest: &Manifest<'_>) -> Result<(), DatasetError> {
    let Manifest { path: file, bytes, .. } = manifest;
    let manifest = project::parse(file, bytes)?;
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
    let captions =
        captions.into_iter().map(|(index, texts)| (dataset.items[index].file.clone(), texts)).collect();
    finish(dataset, file, skipped, captions, FORMAT)?;
    dataset.origin.captions = CaptionStore::Project((*file).to_owned());
    Ok(())
}

/// Gives each photo its captions, by file. An error if none has any.
fn finish(
    dataset: &mut Dataset,
    file: &Path,
    mut skipped: Vec<Skipped>,
    mut captions: HashMap<String, Vec<String>>,
    remedy: &'static str,
) -> Result<(), DatasetError> {
    if captions.values().all(Vec::is_empty) {
        let detail =
            skipped.first().map_or_else(|| "it lists no photos".to_owned(), |first| first.reason.clone());
        return Err(DatasetError::manifest(
            at_key(file, "no caption for any photo of the data set"),
            detail,
            remedy,
        ));
    }
    for item in &mut dataset.items {
        let texts = captions.remove(&item.file);
        if texts.is_none() {
            let reason = at_key(file, "no entry for this photo, which is left without a caption");
            skipped.push(Skipped::new(&item.file, reason));
        }
        item.captions = texts.unwrap_or_default();
    }
    dataset.skipped.append(&mut skipped);
    Ok(())
}
