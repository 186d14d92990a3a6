//! The project's own manifest: `{"category": [{"filename": "a.jpg", "description": "..."}]}`.
//!
//! A description may also be a list of strings, or be missing. A photo is `<folder>/<category>/<filename>` or
//! `<folder>/<filename>`. Files that replace captions may have the same format, see [`captions`](super::captions).

use std::{fmt, path::Path};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::Value;

use super::{
    draft::DatasetDraft,
    error::{DatasetError, at_key},
    files::PhotoFolder,
};

pub(super) const FORMAT: &str =
    r#"the format is {"category": [{"filename": "a.jpg", "description": "..."}]}"#;

/// A manifest as it is in the file: categories in order, entries not checked yet.
///
/// Not a `serde_json::Map`, in which the second of two equal categories would silently replace the first.
pub(super) struct ProjectManifest(pub Vec<(String, Vec<Value>)>);

/// One photo of a manifest.
pub(super) struct ProjectEntry<'a> {
    pub category: &'a str,
    /// The key path, for example `clouds[3]`.
    pub key: String,
    pub filename: &'a str,
    pub description: Option<&'a Value>,
}

/// Reads the manifest at `path`, whose contents are `bytes`. Photos are in its folder.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<DatasetDraft, DatasetError> {
    let mut draft = DatasetDraft::folder(PhotoFolder::new(path.parent().unwrap_or(Path::new(".")))?);
    read_into(&mut draft, path, bytes)?;
    Ok(draft)
}

/// Reads the contents of a manifest. `path` is only used in messages.
pub(super) fn read_into(draft: &mut DatasetDraft, path: &Path, bytes: &[u8]) -> Result<(), DatasetError> {
    let manifest = parse(path, bytes)?;
    for (category, entries) in &manifest.0 {
        let before = draft.items.len();
        for (position, entry) in entries.iter().enumerate() {
            let entry = match ProjectEntry::of(category, position, entry) {
                Ok(entry) => entry,
                Err((key, problem)) => {
                    draft.skip(&key, at_key(path, format_args!("{key}: {problem}")));
                    continue;
                }
            };
            let place = at_key(path, &entry.key);
            let names = entry.names();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let Some(photo) = draft.add(&names, category, &place) else {
                continue;
            };
            for (position, text) in descriptions(entry.description) {
                let key = description_key(&entry.key, position);
                match text {
                    Some(text) => draft.caption(photo, text, at_key(path, key)),
                    None => draft.skip(
                        entry.filename,
                        at_key(path, format_args!("{key}: not a text; write it in quotes")),
                    ),
                }
            }
        }
        if draft.items.len() == before {
            let reason = if entries.is_empty() { "lists no photos" } else { "has no usable photo" };
            draft.skip(
                category,
                at_key(path, format_args!("category {category:?} {reason}; add photos or remove it")),
            );
        }
    }
    Ok(())
}

pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<ProjectManifest, DatasetError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let remedy = if error.is_data() { FORMAT } else { "correct the JSON there" };
        DatasetError::json(path, 1, &error, remedy)
    })
}

impl<'a> ProjectEntry<'a> {
    /// Checks the entry at `position` of a category. The error is its key path and what is wrong with it.
    pub(super) fn of(category: &'a str, position: usize, entry: &'a Value) -> Result<Self, (String, String)> {
        let key = format!("{category}[{position}]");
        let problem = match entry.get("filename") {
            Some(Value::String(filename)) if !filename.is_empty() => {
                return Ok(Self { category, key, filename, description: description_of(entry) });
            }
            Some(Value::String(_)) => "\"filename\" is empty; name the photo",
            Some(_) => "\"filename\" is not a text; write it in quotes",
            None if entry.is_object() => "no \"filename\"; name the photo",
            None => FORMAT,
        };
        Err((key, problem.to_owned()))
    }

    /// The names to look the photo up by, in this order.
    pub(super) fn names(&self) -> Vec<String> {
        let own = self.filename.to_owned();
        if self.category.is_empty() { vec![own] } else { vec![format!("{}/{own}", self.category), own] }
    }
}

/// The description of an entry, if it has one.
pub(super) fn description_of(entry: &Value) -> Option<&Value> {
    entry.get("description").filter(|description| !description.is_null())
}

/// The texts of a description with their positions in its list (`None` for a plain string). `(_, None)` is not a string.
pub(super) fn descriptions(description: Option<&Value>) -> Vec<(Option<usize>, Option<&str>)> {
    match description {
        None => Vec::new(),
        Some(Value::Array(texts)) => {
            texts.iter().enumerate().map(|(position, text)| (Some(position), text.as_str())).collect()
        }
        Some(other) => vec![(None, other.as_str())],
    }
}

fn description_key(entry: &str, position: Option<usize>) -> String {
    match position {
        Some(position) => format!("{entry}.description[{position}]"),
        None => format!("{entry}.description"),
    }
}

impl<'de> Deserialize<'de> for ProjectManifest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ProjectVisitor;

        impl<'de> Visitor<'de> for ProjectVisitor {
            type Value = ProjectManifest;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object with one list of photos per category")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ProjectManifest, A::Error> {
                let mut categories: Vec<(String, Vec<Value>)> = Vec::new();
                let mut known = std::collections::HashSet::new();
                while let Some((category, entries)) = map.next_entry::<String, Value>()? {
                    if !known.insert(category.clone()) {
                        return Err(A::Error::custom(format_args!(
                            "category {category:?} appears twice; merge its lists"
                        )));
                    }
                    let Value::Array(entries) = entries else {
                        return Err(A::Error::custom(format_args!(
                            "category {category:?} is not a list of photos"
                        )));
                    };
                    categories.push((category, entries));
                }
                Ok(ProjectManifest(categories))
            }
        }

        deserializer.deserialize_map(ProjectVisitor)
    }
}

impl Serialize for ProjectManifest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(category, entries)| (category, entries)))
    }
}
