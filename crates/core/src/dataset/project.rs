//! The project's own manifest: `{"category": [{"filename": "a.jpg", "description": "..."}]}`.
//!
//! A description may also be a list of texts, or be left out. A photo is `<folder>/<category>/<filename>` or
//! `<folder>/<filename>`. The same form serves for files that replace captions, see [`captions`](super::captions).

use std::{fmt, path::Path};

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::Value;

use super::{DatasetError, draft::Draft, error::at_key, files::PhotoFolder};

pub(super) const SHAPE: &str = r#"the form is {"category": [{"filename": "a.jpg", "description": "..."}]}"#;

/// The manifest as it stands in the file: categories in order, their entries not checked yet.
///
/// Not a `serde_json::Map`, which would let the second of two equal categories replace the first in silence.
pub(super) struct Manifest(pub Vec<(String, Vec<Value>)>);

/// One entry of a manifest.
pub(super) struct Entry<'a> {
    pub category: &'a str,
    /// The key path, as `clouds[3]`.
    pub key: String,
    pub filename: &'a str,
    /// `None` where there is no description.
    pub description: Option<&'a Value>,
}

/// Reads the manifest at `path`, whose contents are `bytes`; photos lie in its folder.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Draft, DatasetError> {
    let mut draft = Draft::folder(PhotoFolder::new(path.parent().unwrap_or(Path::new(".")))?);
    read_into(&mut draft, path, bytes)?;
    Ok(draft)
}

/// Reads a manifest's bytes. `path` only names the manifest in messages.
pub(super) fn read_into(draft: &mut Draft, path: &Path, bytes: &[u8]) -> Result<(), DatasetError> {
    let manifest = parse(path, bytes)?;
    for (category, entries) in &manifest.0 {
        let before = draft.items.len();
        for (position, entry) in entries.iter().enumerate() {
            let entry = match Entry::of(category, position, entry) {
                Ok(entry) => entry,
                Err((key, problem)) => {
                    draft.skip(&key, at_key(path, format_args!("{key}: {problem}")));
                    continue;
                }
            };
            let place = at_key(path, &entry.key);
            let names = entry.names();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let Some(index) = draft.add(&names, category, &place) else {
                continue;
            };
            for (slot, text) in descriptions(entry.description) {
                let key = slot_key(&entry.key, slot);
                match text {
                    Some(text) => draft.caption(index, text, at_key(path, key)),
                    None => draft.skip(
                        entry.filename,
                        at_key(path, format_args!("{key}: not a text; write it in quotes")),
                    ),
                }
            }
        }
        if draft.items.len() == before {
            let reason = if entries.is_empty() { "lists no photos" } else { "has no photo left" };
            draft.skip(
                category,
                at_key(path, format_args!("category {category:?} {reason}; add photos or take it out")),
            );
        }
    }
    Ok(())
}

/// Parses a manifest of the project's form.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Manifest, DatasetError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let remedy = if error.is_data() { SHAPE } else { "correct the JSON there" };
        DatasetError::json(path, 1, &error, remedy)
    })
}

impl<'a> Entry<'a> {
    /// The entry at `position` of a category; otherwise its key path and what is wrong with it.
    pub(super) fn of(category: &'a str, position: usize, entry: &'a Value) -> Result<Self, (String, String)> {
        let key = format!("{category}[{position}]");
        let problem = match entry.get("filename") {
            Some(Value::String(filename)) if !filename.is_empty() => {
                let description = entry.get("description").filter(|description| !description.is_null());
                return Ok(Self { category, key, filename, description });
            }
            Some(Value::String(_)) => "\"filename\" is empty; name the photo",
            Some(_) => "\"filename\" is not a text; write it in quotes",
            None if entry.is_object() => "no \"filename\"; name the photo",
            None => SHAPE,
        };
        Err((key, problem.to_owned()))
    }

    /// The names under which the photo is looked up, in this order.
    pub(super) fn names(&self) -> Vec<String> {
        let own = self.filename.to_owned();
        if self.category.is_empty() { vec![own] } else { vec![format!("{}/{own}", self.category), own] }
    }
}

/// The texts of a description with their position in its list (`None` for a plain text). `(_, None)` is not a text.
pub(super) fn descriptions(description: Option<&Value>) -> Vec<(Option<usize>, Option<&str>)> {
    match description {
        None => Vec::new(),
        Some(Value::Array(texts)) => {
            texts.iter().enumerate().map(|(position, text)| (Some(position), text.as_str())).collect()
        }
        Some(other) => vec![(None, other.as_str())],
    }
}

fn slot_key(entry: &str, slot: Option<usize>) -> String {
    match slot {
        Some(position) => format!("{entry}.description[{position}]"),
        None => format!("{entry}.description"),
    }
}

impl<'de> Deserialize<'de> for Manifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Categories;

        impl<'de> Visitor<'de> for Categories {
            type Value = Manifest;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object with one list of photos a category")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Manifest, A::Error> {
                let mut categories: Vec<(String, Vec<Value>)> = Vec::new();
                let mut known = std::collections::HashSet::new();
                while let Some((category, entries)) = map.next_entry::<String, Value>()? {
                    if !known.insert(category.clone()) {
                        return Err(A::Error::custom(format_args!(
                            "category {category:?} is given twice; join the lists"
                        )));
                    }
                    let Value::Array(entries) = entries else {
                        return Err(A::Error::custom(format_args!(
                            "category {category:?} is not a list of photos"
                        )));
                    };
                    categories.push((category, entries));
                }
                Ok(Manifest(categories))
            }
        }

        deserializer.deserialize_map(Categories)
    }
}
