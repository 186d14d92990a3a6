//! Which photo or caption of a data set a row belongs to.
//!
//! Owns the rules by which names and texts are the same. Must not know vectors or files of vectors.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::dataset::{Dataset, PhotoSource};

/// The photos and captions of a data set, by what rows call them.
pub(super) struct Wanted {
    photos: HashMap<String, usize>,
    /// Where each photo is, without symbolic links; `None` for one compiled into the program.
    sources: Vec<Option<PathBuf>>,
    texts: HashMap<String, usize>,
    /// For each text, the photos that have it as a caption, ascending.
    owners: Vec<Vec<usize>>,
    /// Folders that rows name, without symbolic links.
    folders: HashMap<String, Option<PathBuf>>,
}

impl Wanted {
    pub fn of(dataset: &Dataset) -> Self {
        let mut wanted = Self {
            photos: HashMap::new(),
            sources: Vec::new(),
            texts: HashMap::new(),
            owners: Vec::new(),
            folders: HashMap::new(),
        };
        for (photo, item) in dataset.items.iter().enumerate() {
            wanted.photos.insert(item.file.clone(), photo);
            wanted.sources.push(match &item.source {
                PhotoSource::File(path) => Some(path.clone()),
                PhotoSource::Bundled(_) => None,
            });
            for caption in &item.captions {
                let next = wanted.owners.len();
                let text = *wanted.texts.entry(caption.trim().to_owned()).or_insert(next);
                if text == next {
                    wanted.owners.push(Vec::new());
                }
                wanted.owners[text].push(photo);
            }
        }
        wanted
    }

    /// The number of photos.
    pub fn photos(&self) -> usize {
        self.sources.len()
    }

    /// The number of different captions.
    pub fn texts(&self) -> usize {
        self.owners.len()
    }

    /// The photo that the data set calls `file`.
    pub fn named(&self, file: &str) -> Option<usize> {
        self.photos.get(file).copied()
    }

    /// The number of a caption among the different captions.
    pub fn text(&self, caption: &str) -> Option<usize> {
        self.texts.get(caption.trim()).copied()
    }

    /// Whether a photo has this text as a caption.
    pub fn owns(&self, photo: usize, text: usize) -> bool {
        self.owners.get(text).is_some_and(|owners| owners.binary_search(&photo).is_ok())
    }

    /// The photo that a row means: by its name in the data set, or by a path to its file.
    pub fn photo(&mut self, path: &str) -> Option<usize> {
        if let Some(photo) = self.named(path) {
            return Some(photo);
        }
        // Only where the path ends in the name of a photo is the disk asked whether it is that photo.
        let ends = path.match_indices('/').map(|(at, _)| at);
        ends.filter_map(|at| Some((at, self.named(&path[at + 1..])?)))
            .collect::<Vec<_>>()
            .into_iter()
            .find_map(|(at, photo)| self.is_file_of(photo, &path[..at], &path[at + 1..]).then_some(photo))
    }

    /// Whether `name` in `folder` is the file of a photo.
    fn is_file_of(&mut self, photo: usize, folder: &str, name: &str) -> bool {
        let Some(source) = &self.sources[photo] else { return false };
        let known = self.folders.entry(folder.to_owned()).or_insert_with(|| {
            let folder = if folder.is_empty() { "/" } else { folder };
            fs::canonicalize(folder).ok()
        });
        let Some(folder) = known else { return false };
        let file = folder.join(Path::new(name));
        file == *source || fs::canonicalize(file).is_ok_and(|file| file == *source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Item, OpenOptions};

    #[test]
    fn a_photo_is_found_by_its_name_and_by_a_path_to_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("set/cats"), folder.path().join("other/cats"));
        for place in [&inside, &outside] {
            fs::create_dir_all(place).unwrap();
            fs::write(place.join("a.jpg"), "not read").unwrap();
        }
        let dataset = Dataset::open(&folder.path().join("set"), &OpenOptions::default()).unwrap();
        let mut wanted = Wanted::of(&dataset);
        let path = |place: &Path| place.join("a.jpg").to_str().unwrap().to_owned();
        assert_eq!(wanted.photo("cats/a.jpg"), Some(0));
        assert_eq!(wanted.photo("./cats/a.jpg"), None, "not in the current folder");
        assert_eq!(wanted.photo(&path(&inside)), Some(0));
        assert_eq!(wanted.photo(&path(&folder.path().join("set/../set/cats"))), Some(0));
        assert_eq!(wanted.photo(&path(&outside)), None, "another folder's");
        assert_eq!(wanted.photo("a.jpg"), None);
        assert_eq!(wanted.photo(""), None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(folder.path().join("set"), folder.path().join("link")).unwrap();
            assert_eq!(wanted.photo(&path(&folder.path().join("link/cats"))), Some(0));
        }
    }

    #[test]
    fn equal_captions_are_one_text_and_spaces_around_them_do_not_count() {
        let item = |file: &str, captions: &[&str]| Item {
            file: file.into(),
            source: PhotoSource::Bundled(&[]),
            category: "x".into(),
            captions: captions.iter().map(ToString::to_string).collect(),
        };
        let items = vec![item("a", &["one", "two"]), item("b", &["two"])];
        let mut wanted = Wanted::of(&Dataset::from_items("made", items));
        assert_eq!((wanted.photos(), wanted.texts()), (2, 2));
        assert_eq!(wanted.text(" two\n"), Some(1));
        assert_eq!(wanted.text("Two"), None);
        assert!(wanted.owns(0, 1) && wanted.owns(1, 1) && !wanted.owns(1, 0));
        assert_eq!(wanted.photo("/somewhere/b"), None, "compiled in, so it has no file");
    }
}
