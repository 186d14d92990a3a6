//! COCO captions: JSON with `images` (`id`, `file_name`) and `annotations` (`image_id`, `caption`).
//!
//! The photos are beside the JSON file, in `images/`, in a folder named after the split (`val2017` for
//! `captions_val2017.json`), or in one of these one level up, for JSON files in `annotations/`. There are no categories:
//! COCO's belong to its object annotations.

use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    path::{Path, PathBuf},
};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, Visitor},
};

use super::{
    draft::{DatasetDraft, DraftPhoto},
    error::{DatasetError, at_key},
    item::UNCATEGORIZED,
    rows::choose_folder,
};

#[derive(Deserialize)]
struct CocoManifest<'a> {
    #[serde(borrow)]
    images: Vec<CocoImage<'a>>,
    #[serde(borrow)]
    annotations: Vec<CocoCaption<'a>>,
}

#[derive(Deserialize)]
struct CocoImage<'a> {
    id: Option<CocoId>,
    #[serde(borrow)]
    file_name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct CocoCaption<'a> {
    image_id: Option<CocoId>,
    #[serde(borrow)]
    caption: Option<Cow<'a, str>>,
}

/// COCO's own ids are numbers; other data sets in its format also use strings.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum CocoId {
    Number(i64),
    Text(String),
}

/// Whether JSON has this format rather than the project's, which could have categories with these names.
pub(super) fn is_coco(bytes: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Peek {
        images: Vec<PeekImage>,
        #[serde(rename = "annotations")]
        _annotations: Vec<IgnoredAny>,
    }
    #[derive(Deserialize)]
    struct PeekImage {
        filename: Option<IgnoredAny>,
    }
    serde_json::from_slice::<Peek>(bytes)
        .is_ok_and(|peek| peek.images.iter().all(|image| image.filename.is_none()))
}

/// Reads JSON that [`is_coco`] accepted.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<DatasetDraft, DatasetError> {
    let manifest = parse(path, bytes)?;
    let names: Vec<&str> = manifest.images.iter().filter_map(|image| image.file_name.as_deref()).collect();
    let mut draft = choose_folder(path, &photo_folders(path), &names)?;
    add(&mut draft, path, &manifest);
    Ok(draft)
}

/// Adds the photos of JSON that [`is_coco`] accepted to a draft that finds them elsewhere than beside the file.
pub(super) fn read_into(draft: &mut DatasetDraft, path: &Path, bytes: &[u8]) -> Result<(), DatasetError> {
    add(draft, path, &parse(path, bytes)?);
    Ok(())
}

fn parse<'a>(path: &Path, bytes: &'a [u8]) -> Result<CocoManifest<'a>, DatasetError> {
    let manifest: CocoManifest<'_> = serde_json::from_slice(bytes).map_err(|error| {
        DatasetError::json(path, 1, &error, "the format is that of COCO's captions_val2017.json")
    })?;
    let annotations = &manifest.annotations;
    if !annotations.is_empty() && annotations.iter().all(|annotation| annotation.caption.is_none()) {
        let problem = "no annotation has a \"caption\"";
        return Err(DatasetError::manifest(
            at_key(path, "annotations"),
            problem,
            "give the captions_*.json of the split",
        ));
    }
    Ok(manifest)
}

fn add(draft: &mut DatasetDraft, path: &Path, manifest: &CocoManifest<'_>) {
    // `None`: an image that was left out; its captions are left out without further rows.
    let mut images: HashMap<&CocoId, Option<DraftPhoto>> = HashMap::with_capacity(manifest.images.len());
    for (position, image) in manifest.images.iter().enumerate() {
        let key = at_key(path, format_args!("images[{position}]"));
        let (Some(id), Some(file)) = (&image.id, &image.file_name) else {
            draft.skip(&key, format_args!("{key}: \"id\" or \"file_name\" is missing; add it"));
            continue;
        };
        if images.contains_key(id) {
            draft.skip(file, format_args!("{key}: its id {id} is already used; the first image counts"));
            continue;
        }
        images.insert(id, draft.add(&[file], UNCATEGORIZED, &key));
    }
    for (position, annotation) in manifest.annotations.iter().enumerate() {
        let key = at_key(path, format_args!("annotations[{position}]"));
        let (Some(id), Some(caption)) = (&annotation.image_id, &annotation.caption) else {
            draft.skip(&key, format_args!("{key}: \"image_id\" or \"caption\" is missing; add it"));
            continue;
        };
        match images.get(id) {
            Some(&Some(photo)) => draft.caption(photo, caption, &key),
            Some(None) => {}
            None => draft.skip(
                &key,
                format_args!("{key}: no image has the id {id}; add the image or remove the caption"),
            ),
        }
    }
}

fn photo_folders(path: &Path) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from("."), PathBuf::from("images")];
    let split =
        path.file_stem().and_then(|stem| stem.to_str()).map(|stem| stem.rsplit('_').next().unwrap_or(stem));
    // A file name holds no separator, so any split but `..` names one folder.
    if let Some(split) = split.filter(|split| !matches!(*split, "" | "." | "..")) {
        folders.extend([PathBuf::from(split), Path::new("images").join(split), Path::new("..").join(split)]);
        folders.push(Path::new("../images").join(split));
    }
    folders.push(PathBuf::from("../images"));
    folders
}

impl fmt::Display for CocoId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Text(text) => write!(formatter, "{text:?}"),
        }
    }
}

impl<'de> Deserialize<'de> for CocoId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CocoIdVisitor;

        impl Visitor<'_> for CocoIdVisitor {
            type Value = CocoId;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an id, a whole number or a string")
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<CocoId, E> {
                Ok(CocoId::Number(number))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<CocoId, E> {
                // Ids beyond i64 are kept as text, so that no two ids become equal.
                Ok(i64::try_from(number).map_or_else(|_| CocoId::Text(number.to_string()), CocoId::Number))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<CocoId, E> {
                Ok(CocoId::Text(text.to_owned()))
            }
        }

        deserializer.deserialize_any(CocoIdVisitor)
    }
}
