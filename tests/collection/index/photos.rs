//! A folder of files that stand for photos, and vectors made of their bytes.

use std::fs;
use std::path::{Path, PathBuf};

use clipscope_analysis::Vectors;
use clipscope_core::index::{
    EmbedOutcome, Index, IndexError, IndexModels, IndexWriter, ListedPhoto, Opened, Unlisted, UpdateCounts,
    update,
};
use sha2::{Digest, Sha256};

pub const DIM: usize = 24;

pub fn made() -> IndexModels {
    IndexModels { key: [7; 32], dim: DIM, set: "mini".into() }
}

/// The vector of a content, `[DIM]`.
pub fn vector(content: &[u8]) -> Vec<f32> {
    Sha256::digest(content).iter().take(DIM).map(|&byte| f32::from(byte) - 127.5).collect()
}

pub fn unit(content: &[u8]) -> Vec<f32> {
    Vectors::from_rows(DIM, [vector(content).as_slice()]).unwrap().as_slice().to_vec()
}

pub struct Folder {
    pub dir: tempfile::TempDir,
    /// Contents that cannot be embedded.
    pub bad: Vec<Vec<u8>>,
    pub unlisted: Unlisted,
}

impl Folder {
    pub fn new(photos: usize) -> Self {
        let folder = Self { dir: tempfile::tempdir().unwrap(), bad: Vec::new(), unlisted: Unlisted::Keep };
        for photo in 0..photos {
            folder.put(&format!("{photo:04}.jpg"), format!("photo {photo}").as_bytes());
        }
        folder
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap()
    }

    pub fn put(&self, name: &str, content: &[u8]) {
        let path = self.root().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn index_folder(&self) -> PathBuf {
        self.root().join(clipscope_core::index::FOLDER)
    }

    pub fn listed(&self) -> Vec<ListedPhoto> {
        let mut listed = Vec::new();
        list(&self.root(), &self.root(), &mut listed);
        listed.sort_by(|a, b| a.name.cmp(&b.name));
        listed
    }

    pub fn writer(&self) -> (IndexWriter, Opened) {
        let open = || IndexWriter::open(&self.index_folder(), &self.root(), made());
        // A process that another test is starting holds the lock as well, until it runs its program.
        let tries = (0..1000).map(|_| open()).find(|opened| {
            let busy = matches!(opened, Err(IndexError::Busy(_)));
            if busy {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            !busy
        });
        tries.unwrap_or_else(open).unwrap()
    }

    /// Updates the index; the names of the files that were embedded come back too.
    pub fn update(&self) -> (UpdateCounts, Vec<String>) {
        let (mut writer, _) = self.writer();
        self.update_with(&mut writer, &self.listed(), usize::MAX).unwrap()
    }

    /// The same, but the run is broken off before the group after `groups` is embedded.
    pub fn update_with(
        &self,
        writer: &mut IndexWriter,
        listed: &[ListedPhoto],
        groups: usize,
    ) -> Result<(UpdateCounts, Vec<String>), IndexError> {
        let mut embedded = Vec::new();
        let mut left = groups;
        let embed = |photos: &[usize]| {
            left = left.checked_sub(1).ok_or_else(|| IndexError::Missing("broken off".into()))?;
            Ok(photos
                .iter()
                .map(|&photo| {
                    let content = fs::read(&listed[photo].path).unwrap();
                    embedded.push(listed[photo].name.display().to_string());
                    if self.bad.contains(&content) {
                        return EmbedOutcome::Skipped("bad".into());
                    }
                    EmbedOutcome::Vector(vector(&content))
                })
                .collect::<Vec<_>>())
        };
        let counts = update::<IndexError>(writer, listed, self.unlisted, embed, |_, _| {})?;
        Ok((counts, embedded))
    }

    pub fn open(&self) -> Index {
        Index::open(&self.index_folder()).unwrap()
    }

    /// Fails unless the index holds exactly the files of the folder, each found by its own content.
    pub fn check(&self) {
        let index = self.open();
        let mut names: Vec<PathBuf> =
            (0..index.len()).map(|place| index.entry(place).unwrap().path).collect();
        names.sort();
        let listed: Vec<PathBuf> = self.listed().into_iter().map(|photo| photo.name).collect();
        assert_eq!(names, listed);
        assert_eq!(damaged(&index), 0);
        for photo in self.listed() {
            let content = fs::read(&photo.path).unwrap();
            let best = index.search(&unit(&content), 1, -1.0).unwrap()[0];
            assert!(best.score > 0.999, "{}: {best:?}", photo.name.display());
            assert_eq!(index.entry(best.row).unwrap().content, <[u8; 32]>::from(Sha256::digest(&content)));
        }
    }
}

fn list(root: &Path, folder: &Path, listed: &mut Vec<ListedPhoto>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().as_encoded_bytes().starts_with(b".") {
            continue;
        }
        if path.is_dir() {
            list(root, &path, listed);
        } else {
            listed.push(ListedPhoto { name: path.strip_prefix(root).unwrap().to_owned(), path });
        }
    }
}

/// Photos that cannot be searched: in a segment that is lost, or in a block that does not match its checksum.
pub fn damaged(index: &Index) -> usize {
    index.lost() + (0..index.len()).filter(|&place| index.vector(place).is_none()).count()
}
