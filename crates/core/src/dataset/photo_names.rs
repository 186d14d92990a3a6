//! The photos of a data set, found by the names that another file gives them.
//!
//! Owns which names are the same photo. Must not open a file.

use std::collections::HashMap;

use super::{
    files::Refusal,
    item::{Item, PhotoSource},
};

/// Why a name gives no photo.
pub(super) const NOT_IN_DATA_SET: &str =
    "no such photo in the data set; correct the name or remove the entry";

/// The photos by their name in the data set, and by the last part of it.
pub(super) struct DataSetPhotos {
    by_file: HashMap<String, PhotoSource>,
    by_last_part: HashMap<String, Vec<String>>,
}

impl DataSetPhotos {
    pub fn of(items: &[Item]) -> Self {
        let mut by_last_part: HashMap<String, Vec<String>> = HashMap::new();
        for item in items {
            by_last_part.entry(last_part(&item.file).to_owned()).or_default().push(item.file.clone());
        }
        let by_file = items.iter().map(|item| (item.file.clone(), item.source.clone())).collect();
        Self { by_file, by_last_part }
    }

    /// The photo with this name; or the only one whose name ends with it, or that it ends with, folder by folder: `a.jpg`,
    /// `val2017/a.jpg` and `images/val2017/a.jpg` are one photo unless the data set has several of them.
    pub fn find(&self, name: &str) -> Result<(String, PhotoSource), Refusal> {
        let name = name.trim().trim_start_matches("./");
        let found = |file: &str| self.by_file.get(file).map(|source| (file.to_owned(), source.clone()));
        if let Some(found) = found(name) {
            return Ok(found);
        }
        let alike = self.by_last_part.get(last_part(name)).map_or(&[][..], Vec::as_slice);
        let ends =
            |long: &str, short: &str| long.strip_suffix(short).is_some_and(|before| before.ends_with('/'));
        let mut fitting = alike.iter().filter(|file| ends(file, name) || ends(name, file));
        match (fitting.next(), fitting.next()) {
            (Some(file), None) => found(file).ok_or_else(not_there),
            (Some(first), Some(second)) => Err(Refusal::Refused(format!(
                "several photos of the data set are named so, such as {first} and {second}; write the whole name"
            ))),
            _ => Err(not_there()),
        }
    }
}

fn not_there() -> Refusal {
    Refusal::Refused(NOT_IN_DATA_SET.to_owned())
}

fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn photos(files: &[&str]) -> DataSetPhotos {
        let item = |file: &&str| Item {
            file: (*file).to_owned(),
            source: PhotoSource::Bundled(b""),
            category: String::new(),
            captions: Vec::new(),
        };
        DataSetPhotos::of(&files.iter().map(item).collect::<Vec<_>>())
    }

    #[test]
    fn a_photo_is_found_by_more_or_fewer_folders_than_its_name_has() {
        let photos = photos(&["val2017/a.jpg", "b.jpg", "x/c.jpg", "y/c.jpg"]);
        let file = |name| photos.find(name).ok().map(|(file, _)| file);
        assert_eq!(file("val2017/a.jpg").as_deref(), Some("val2017/a.jpg"));
        assert_eq!(file("a.jpg").as_deref(), Some("val2017/a.jpg"));
        assert_eq!(file("./images/val2017/a.jpg").as_deref(), Some("val2017/a.jpg"));
        assert_eq!(file("images/b.jpg").as_deref(), Some("b.jpg"));
        assert_eq!(file("x/c.jpg").as_deref(), Some("x/c.jpg"));
        for none in ["train2017/a.jpg", "aa.jpg", "bb.jpg", "", "/"] {
            assert_eq!(file(none), None, "{none}");
        }
        let Err(Refusal::Refused(why)) = photos.find("c.jpg") else { panic!() };
        assert!(why.contains("x/c.jpg and y/c.jpg"), "{why}");
    }
}
