//! Data sets as a user has them: folders and manifests, sound and broken, and what is said of each.

mod captions;
mod manifests;
mod project;
mod safety;
mod saving;
mod tree;

use std::{
    fs,
    path::{Path, PathBuf},
};

use clipscope_core::dataset::{CaptionChange, Dataset, DatasetError, OpenOptions};
use tempfile::TempDir;

/// A folder of files, gone when dropped. Photos are not decoded here, so that any bytes will do.
struct Folder(TempDir);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    fn write(&self, name: &str, contents: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, contents).unwrap();
        path
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Opens the folder, or the manifest called `name` in it.
    fn open(&self, name: &str) -> Result<Dataset, DatasetError> {
        open(&self.path(name))
    }

    /// The message when opening fails, the folder's own path taken out of it.
    fn error(&self, name: &str) -> String {
        self.short(self.open(name).unwrap_err())
    }

    fn short(&self, text: impl ToString) -> String {
        text.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }

    /// The skipped rows as "file | reason", the folder's own path taken out.
    fn skipped(&self, dataset: &Dataset) -> Vec<String> {
        dataset
            .skipped
            .iter()
            .map(|skipped| self.short(format!("{} | {}", skipped.file, skipped.reason)))
            .collect()
    }
}

fn open(path: &Path) -> Result<Dataset, DatasetError> {
    Dataset::open(path, &OpenOptions::default())
}

/// Saving one caption, found by its number.
trait SaveCaption {
    fn save_caption(&self, file: &str, number: usize, text: &str) -> Result<PathBuf, DatasetError>;
}

impl SaveCaption for Dataset {
    fn save_caption(&self, file: &str, number: usize, text: &str) -> Result<PathBuf, DatasetError> {
        let item = self.items.iter().find(|item| item.file == file);
        let old = item.and_then(|item| item.captions.get(number)).map(String::as_str);
        self.save_captions(&[CaptionChange { file, number, old, text }]).remove(0)
    }
}

/// The items as (file, category, captions joined with " / ").
fn rows(dataset: &Dataset) -> Vec<(&str, &str, String)> {
    dataset
        .items
        .iter()
        .map(|item| (item.file.as_str(), item.category.as_str(), item.captions.join(" / ")))
        .collect()
}

fn row<'a>(file: &'a str, category: &'a str, captions: &str) -> (&'a str, &'a str, String) {
    (file, category, captions.to_owned())
}
