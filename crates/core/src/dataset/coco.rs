//! COCO captions: JSON with `images` (`id`, `file_name`) and `annotations` (`image_id`, `caption`).
//!
//! The photos lie beside the JSON file, in `images/`, in a folder called like the split (`val2017` of
//! `captions_val2017.json`), or in such folders one level up, as where the JSON lies in `annotations/`. There are no
//! categories: those of COCO belong to its object annotations.

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
    DatasetError,
    draft::{Draft, UNCATEGORISED},
    error::at_key,
    rows::choose_folder,
};

#[derive(Deserialize)]
struct Manifest<'a> {
    #[serde(borrow)]
    images: Vec<Image<'a>>,
    #[serde(borrow)]
    annotations: Vec<Annotation<'a>>,
}

#[derive(Deserialize)]
struct Image<'a> {
    id: Option<Id>,
    #[serde(borrow)]
    file_name: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Annotation<'a> {
    image_id: Option<Id>,
    #[serde(borrow)]
    caption: Option<Cow<'a, str>>,
}

/// COCO's own ids are numbers; data sets in its form also use texts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Id {
    Number(i64),
    Text(String),
}

/// Whether JSON is of this form rather than the project's, which could have categories of these names.
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
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Draft, DatasetError> {
    let manifest: Manifest<'_> = serde_json::from_slice(bytes).map_err(|error| {
        DatasetError::json(path, 1, &error, "the form is that of COCO's captions_val2017.json")
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
    let names: Vec<&str> = manifest.images.iter().filter_map(|image| image.file_name.as_deref()).collect();
    let mut draft = choose_folder(path, &photo_folders(path), &names)?;

    // `None`: an image that was left out, whose captions follow it in silence.
    let mut images: HashMap<&Id, Option<usize>> = HashMap::with_capacity(manifest.images.len());
    for (position, image) in manifest.images.iter().enumerate() {
        let key = at_key(path, format_args!("images[{position}]"));
        let (Some(id), Some(file)) = (&image.id, &image.file_name) else {
            draft.skip(&key, format_args!("{key}: \"id\" or \"file_name\" is missing; add it"));
            continue;
        };
        if images.contains_key(id) {
            draft.skip(file, format_args!("{key}: its id {id} was given before; the first image counts"));
            continue;
        }
        let index = draft.add(&[file], UNCATEGORISED, &key);
        images.insert(id, index);
    }
    for (position, annotation) in annotations.iter().enumerate() {
        let key = at_key(path, format_args!("annotations[{position}]"));
        let (Some(id), Some(caption)) = (&annotation.image_id, &annotation.caption) else {
            draft.skip(&key, format_args!("{key}: \"image_id\" or \"caption\" is missing; add it"));
            continue;
        };
        match images.get(id) {
            Some(&Some(index)) => draft.caption(index, caption, &key),
            Some(None) => {}
            None => draft
                .skip(&key, format_args!("{key}: no image has the id {id}; add it or take the caption out")),
        }
    }
    Ok(draft)
}

fn photo_folders(path: &Path) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from("."), PathBuf::from("images")];
    let split =
        path.file_stem().and_then(|stem| stem.to_str()).map(|stem| stem.rsplit('_').next().unwrap_or(stem));
    // The name of a file cannot hold a separator, so that the split names one folder once it is not `..`.
    if let Some(split) = split.filter(|split| !matches!(*split, "" | "." | "..")) {
        folders.extend([PathBuf::from(split), Path::new("images").join(split), Path::new("..").join(split)]);
        folders.push(Path::new("../images").join(split));
    }
    folders.push(PathBuf::from("../images"));
    folders
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(formatter, "{number}"),
            Self::Text(text) => write!(formatter, "{text:?}"),
        }
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;

        impl Visitor<'_> for IdVisitor {
            type Value = Id;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an id, a whole number or a text")
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Id, E> {
                Ok(Id::Number(number))
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Id, E> {
                // Beyond i64 only as a text, so that no two ids fall together.
                Ok(i64::try_from(number).map_or_else(|_| Id::Text(number.to_string()), Id::Number))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Id, E> {
                Ok(Id::Text(text.to_owned()))
            }
        }

        deserializer.deserialize_any(IdVisitor)
    }
}
