//! A data set while its manifest is being read. Every format reports photos and captions here and decides nothing itself.
//!
//! Owns the rules that all formats share: each photo counts once, a caption is trimmed, not empty and not repeated, and
//! whatever is left out becomes a [`Skipped`] row.

use std::{
    collections::{HashMap, HashSet, hash_map::DefaultHasher},
    fmt::Display,
    hash::{Hash, Hasher},
    path::PathBuf,
};

use super::{
    files::{FoundPhoto, PhotoFolder, Refusal},
    item::{Item, PhotoSource, Skipped, UNCATEGORIZED},
    photo_names::DataSetPhotos,
};

/// Where photos are looked up: in a folder, among those compiled in, or among those of a data set.
pub(super) enum PhotoLookup {
    Folder(PhotoFolder),
    Bundled(&'static [(&'static str, &'static [u8])]),
    DataSet(DataSetPhotos),
}

impl PhotoLookup {
    fn find(&mut self, name: &str) -> Result<(String, PhotoSource), Refusal> {
        match self {
            Self::Folder(folder) => {
                folder.find(name).map(|FoundPhoto { name, path }| (name, PhotoSource::File(path)))
            }
            Self::Bundled(table) => table
                .iter()
                .find(|(file, _)| *file == name)
                .map(|&(file, bytes)| (file.to_owned(), PhotoSource::Bundled(bytes)))
                .ok_or(Refusal::Missing),
            Self::DataSet(photos) => photos.find(name),
        }
    }
}

/// A photo of a [`DatasetDraft`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct DraftPhoto(usize);

/// A data set in the making.
pub(super) struct DatasetDraft {
    photos: PhotoLookup,
    pub items: Vec<Item>,
    pub skipped: Vec<Skipped>,
    /// Appended to the reason for a missing photo: the folders that were searched.
    pub searched: String,
    by_file: HashMap<String, DraftPhoto>,
    by_path: HashMap<PathBuf, DraftPhoto>,
    /// Names without a photo that are already in `skipped`: five captions of a missing photo make one row.
    refused: HashSet<String>,
    /// Hashes of (photo, caption). Captions are compared only when their hashes are equal.
    captions: HashSet<u64>,
}

impl DatasetDraft {
    pub(super) fn new(photos: PhotoLookup) -> Self {
        Self {
            photos,
            items: Vec::new(),
            skipped: Vec::new(),
            searched: String::new(),
            by_file: HashMap::new(),
            by_path: HashMap::new(),
            refused: HashSet::new(),
            captions: HashSet::new(),
        }
    }

    pub(super) fn folder(folder: PhotoFolder) -> Self {
        Self::new(PhotoLookup::Folder(folder))
    }

    /// Records something that is left out, with a reason. Both texts may hold any characters.
    pub(super) fn skip(&mut self, file: impl Display, reason: impl Display) {
        self.skipped.push(Skipped::new(file, reason));
    }

    /// Adds a photo that the manifest should list once. Later entries for it are left out as duplicates.
    ///
    /// Takes the first of `names` that exists. `place` is where the manifest names it.
    pub(super) fn add(&mut self, names: &[&str], category: &str, place: impl Display) -> Option<DraftPhoto> {
        match self.look_up(names, &place)? {
            LookedUp::New(file, source) => Some(self.push(file, source, category)),
            LookedUp::Known(photo) => {
                let first = &self.items[photo.0];
                let reason = format!(
                    "{place}: this photo is already listed (category {:?}); the first entry counts",
                    first.category
                );
                let file = first.file.clone();
                self.skip(file, reason);
                None
            }
        }
    }

    /// Adds a photo that the manifest may name in several rows, as in formats with one caption per row.
    ///
    /// The category of the first row counts.
    pub(super) fn add_or_find(
        &mut self,
        name: &str,
        category: &str,
        place: impl Display,
    ) -> Option<DraftPhoto> {
        if let Some(&photo) = self.by_file.get(name) {
            return Some(photo);
        }
        match self.look_up(&[name], &place)? {
            LookedUp::New(file, source) => Some(self.push(file, source, category)),
            LookedUp::Known(photo) => Some(photo),
        }
    }

    /// Adds a photo whose path is known to be inside the folder and free of symbolic links. `file` is its name relative
    /// to the folder.
    pub(super) fn add_found(&mut self, file: String, path: PathBuf, category: &str) -> Option<DraftPhoto> {
        if let Some(&known) = self.by_path.get(&path) {
            let reason = format!(
                "a link to a photo of the data set ({}), which counts once",
                self.items[known.0].file
            );
            self.skip(file, reason);
            return None;
        }
        // A name that is not UTF-8 is known by its escaped form, which could be the real name of another file.
        if self.by_file.contains_key(&file) {
            self.skip(file, "another photo is displayed with the same name; rename one of them");
            return None;
        }
        Some(self.push(file, PhotoSource::File(path), category))
    }

    /// Merges another draft, whose photos are in the folder `below` of this one.
    pub(super) fn append(&mut self, below: &str, other: Self) {
        for mut item in other.items {
            item.file = format!("{below}/{}", item.file);
            let photo = self.push(item.file, item.source, &item.category);
            self.items[photo.0].captions = item.captions;
        }
        self.skipped.extend(other.skipped);
    }

    /// Adds a caption to a photo, trimmed. Empty and repeated captions are left out.
    pub(super) fn caption(&mut self, photo: DraftPhoto, text: &str, place: impl Display) {
        let text = text.trim();
        let reason = if text.is_empty() {
            "the caption is empty and is left out"
        } else if !self.captions.insert(hash(photo, text))
            && self.items[photo.0].captions.iter().any(|known| known == text)
        {
            "the photo already has this caption; it counts once"
        } else {
            self.items[photo.0].captions.push(text.to_owned());
            return;
        };
        let file = self.items[photo.0].file.clone();
        self.skip(file, format_args!("{place}: {reason}"));
    }

    fn look_up(&mut self, names: &[&str], place: &impl Display) -> Option<LookedUp> {
        let mut reason = None;
        for name in names {
            match self.photos.find(name) {
                Ok((file, source)) => {
                    let known = self.by_file.get(&file).or_else(|| match &source {
                        PhotoSource::File(path) => self.by_path.get(path),
                        PhotoSource::Bundled(_) => None,
                    });
                    return Some(known.map_or(LookedUp::New(file, source), |&photo| LookedUp::Known(photo)));
                }
                Err(Refusal::Missing) => {}
                Err(Refusal::Refused(why)) => {
                    reason = Some(why);
                    break;
                }
            }
        }
        let named = names.last().copied().unwrap_or_default();
        if self.refused.insert(named.to_owned()) {
            let reason = reason.unwrap_or_else(|| {
                let looked = match names {
                    // The name is said already.
                    [_] if self.searched.is_empty() => String::new(),
                    names => format!(" (looked for {}{})", names.join(" and "), self.searched),
                };
                format!("no such file{looked}; add the photo or remove the entry")
            });
            self.skip(named, format_args!("{place}: {reason}"));
        }
        None
    }

    fn push(&mut self, file: String, source: PhotoSource, category: &str) -> DraftPhoto {
        let photo = DraftPhoto(self.items.len());
        if let PhotoSource::File(path) = &source {
            self.by_path.insert(path.clone(), photo);
        }
        self.by_file.insert(file.clone(), photo);
        self.items.push(Item { file, source, category: category.to_owned(), captions: Vec::new() });
        photo
    }
}

enum LookedUp {
    New(String, PhotoSource),
    Known(DraftPhoto),
}

/// The first folder of a name, which is its category.
pub(super) fn first_folder(name: &str) -> &str {
    let name = name.trim_start_matches("./");
    match name.split_once('/') {
        Some((folder, _)) if !folder.is_empty() => folder,
        _ => UNCATEGORIZED,
    }
}

fn hash(photo: DraftPhoto, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (photo, text).hash(&mut hasher);
    hasher.finish()
}
