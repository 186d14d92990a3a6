//! A data set while a manifest is being read: every format reports photos and captions here and decides nothing itself.
//!
//! Owns the rules that are equal for all formats: a photo stands once, a caption is trimmed, not empty and not given
//! twice, and whatever is left out becomes a [`Skipped`] row.

use std::{
    collections::{HashMap, HashSet, hash_map::DefaultHasher},
    fmt::Display,
    hash::{Hash, Hasher},
    path::PathBuf,
};

use super::{
    Item, Skipped, Source,
    files::{Found, PhotoFolder, Refusal},
};
use clipscope_base::display_safe::display_safe;

/// The category of photos to which nothing gives one: COCO's, Flickr's, or those beside the category folders.
pub const UNCATEGORISED: &str = "uncategorised";

/// Where photos are looked up: in a folder, or among those compiled in.
pub(super) enum Photos {
    Folder(PhotoFolder),
    Bundled(&'static [(&'static str, &'static [u8])]),
}

impl Photos {
    fn find(&mut self, name: &str) -> Result<(String, Source), Refusal> {
        match self {
            Self::Folder(folder) => folder.find(name).map(|Found { name, path }| (name, Source::File(path))),
            Self::Bundled(table) => table
                .iter()
                .find(|(file, _)| *file == name)
                .map(|&(file, bytes)| (file.to_owned(), Source::Bundled(bytes)))
                .ok_or(Refusal::Missing),
        }
    }
}

/// The index of a photo in [`Draft::items`].
pub(super) type Index = usize;

/// A data set in the making.
pub(super) struct Draft {
    photos: Photos,
    pub items: Vec<Item>,
    pub skipped: Vec<Skipped>,
    /// Appended to what is said of a missing photo: the folders in which it was looked for.
    pub looked_in: String,
    by_file: HashMap<String, Index>,
    by_path: HashMap<PathBuf, Index>,
    /// Names that gave no photo and are in `skipped` already: five captions of a missing photo are one row.
    refused: HashSet<String>,
    /// Hashes of (photo, caption): equality is only tested where they meet.
    captions: HashSet<u64>,
}

impl Draft {
    pub(super) fn new(photos: Photos) -> Self {
        Self {
            photos,
            items: Vec::new(),
            skipped: Vec::new(),
            looked_in: String::new(),
            by_file: HashMap::new(),
            by_path: HashMap::new(),
            refused: HashSet::new(),
            captions: HashSet::new(),
        }
    }

    pub(super) fn folder(folder: PhotoFolder) -> Self {
        Self::new(Photos::Folder(folder))
    }

    /// Leaves something out, with a reason. Both texts may hold anything.
    pub(super) fn skip(&mut self, file: impl Display, reason: impl Display) {
        self.skipped.push(Skipped::new(file, reason));
    }

    /// A photo that the manifest lists once; listed again it is left out as a duplicate.
    ///
    /// The first of `names` that exists is taken. `place` says where the manifest names it.
    pub(super) fn add(&mut self, names: &[&str], category: &str, place: impl Display) -> Option<Index> {
        match self.look_up(names, &place)? {
            Entry::New(file, source) => Some(self.push(file, source, category)),
            Entry::Known(index) => {
                let first = &self.items[index];
                let reason = format!(
                    "{place}: this photo was listed before (category {:?}); the first entry counts",
                    first.category
                );
                let file = first.file.clone();
                self.skip(file, reason);
                None
            }
        }
    }

    /// A photo that the manifest may name on many rows, as formats with one caption a row do.
    ///
    /// The category is that of the first row.
    pub(super) fn add_or_find(&mut self, name: &str, category: &str, place: impl Display) -> Option<Index> {
        if let Some(&index) = self.by_file.get(name) {
            return Some(index);
        }
        match self.look_up(&[name], &place)? {
            Entry::New(file, source) => Some(self.push(file, source, category)),
            Entry::Known(index) => Some(index),
        }
    }

    /// A photo whose path is known to be inside the folder and free of symbolic links. `file` is its name below it.
    pub(super) fn add_found(&mut self, file: String, path: PathBuf, category: &str) -> Option<Index> {
        if let Some(&index) = self.by_path.get(&path) {
            let reason =
                format!("a link to a photo of the data set ({}), which counts once", self.items[index].file);
            self.skip(file, reason);
            return None;
        }
        // A name that is not UTF-8 is known in its shown form, which another file could really have.
        if self.by_file.contains_key(&file) {
            self.skip(file, "a photo before it is shown with the same name; rename one of them");
            return None;
        }
        Some(self.push(file, Source::File(path), category))
    }

    /// Takes in another draft, whose photos lie in the folder `below` of this one.
    pub(super) fn append(&mut self, below: &str, other: Self) {
        for mut item in other.items {
            item.file = format!("{below}/{}", item.file);
            let index = self.push(item.file, item.source, &item.category);
            self.items[index].captions = item.captions;
        }
        self.skipped.extend(other.skipped);
    }

    /// Adds a caption to a photo, trimmed. Empty captions and repeated ones are left out.
    pub(super) fn caption(&mut self, index: Index, text: &str, place: impl Display) {
        let text = text.trim();
        let reason = if text.is_empty() {
            "the caption is empty; the photo stays without it"
        } else if !self.captions.insert(hash(index, text))
            && self.items[index].captions.iter().any(|known| known == text)
        {
            "the photo has this caption already; it counts once"
        } else {
            self.items[index].captions.push(text.to_owned());
            return;
        };
        let file = self.items[index].file.clone();
        self.skip(file, format_args!("{place}: {reason}"));
    }

    fn look_up(&mut self, names: &[&str], place: &impl Display) -> Option<Entry> {
        let mut reason = None;
        for name in names {
            match self.photos.find(name) {
                Ok((file, source)) => {
                    let known = self.by_file.get(&file).or_else(|| match &source {
                        Source::File(path) => self.by_path.get(path),
                        Source::Bundled(_) => None,
                    });
                    return Some(known.map_or(Entry::New(file, source), |&index| Entry::Known(index)));
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
                format!(
                    "no such file (looked for {}{}); put the photo there or take the entry out",
                    names.join(" and "),
                    self.looked_in
                )
            });
            self.skip(named, format_args!("{place}: {reason}"));
        }
        None
    }

    fn push(&mut self, file: String, source: Source, category: &str) -> Index {
        let index = self.items.len();
        if let Source::File(path) = &source {
            self.by_path.insert(path.clone(), index);
        }
        self.by_file.insert(file.clone(), index);
        self.items.push(Item { file, source, category: category.to_owned(), captions: Vec::new() });
        index
    }
}

enum Entry {
    New(String, Source),
    Known(Index),
}

/// The category that a name's first folder gives.
pub(super) fn first_folder(name: &str) -> &str {
    let name = name.trim_start_matches("./");
    match name.split_once('/') {
        Some((folder, _)) if !folder.is_empty() => folder,
        _ => UNCATEGORISED,
    }
}

fn hash(index: Index, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (index, text).hash(&mut hasher);
    hasher.finish()
}

impl Skipped {
    /// Both texts are made [`display_safe`].
    pub(super) fn new(file: impl Display, reason: impl Display) -> Self {
        let safe = |text: String| display_safe(&text).into_owned();
        Self { file: safe(file.to_string()), reason: safe(reason.to_string()) }
    }
}
