//! Changing an index, which one process at a time may do.
//!
//! Owns the lock, the rows that are added and those that die, and the merging of segments. A commit is durable when it
//! returns. Must not know: where vectors come from.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::error::IndexError;
use super::manifest::{DeadRows, IndexManifest, SegmentListing};
use super::models::IndexModels;
use super::place::{self, FOLDER, root_of};
use super::segment::{self, NewRow, PhotoFacts, Segment};
use clipscope_analysis::Vectors;
use clipscope_analysis::nearest::to_half;
use clipscope_base::storage;

/// This many segments of one size class are merged into one.
const MERGE: usize = 8;
/// Rows in the smallest size class.
const SMALL: usize = 64;

/// Numbers of a segment and of a row in it.
pub(super) type RowPlace = (usize, usize);

/// Rows by their path below the root.
pub(super) type Names<'a> = HashMap<&'a [u8], (RowPlace, PhotoFacts)>;

/// Where a vector is stored.
#[derive(Debug, Clone, Copy)]
pub(super) enum VectorPlace {
    /// In a segment of the index.
    Kept(RowPlace),
    /// In a segment that the manifest does not list.
    Stray(RowPlace),
}

/// The state in which an index was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// There was no index.
    New,
    /// It is intact and of the same models.
    Kept,
    /// It was built with another model set, named here, and is built anew.
    OtherModels(String),
    /// It was damaged, as described here; the intact rows are reused.
    Repaired(String),
}

/// An index open for changes.
pub struct IndexWriter {
    folder: PathBuf,
    root: PathBuf,
    manifest: IndexManifest,
    /// The manifest on disk; `None` if that one cannot be used.
    written: Option<IndexManifest>,
    /// The segments of the manifest, in its order.
    segments: Vec<Segment>,
    /// Segments that the manifest does not list, left by a killed run or a lost manifest. Their vectors are reused.
    strays: Vec<Segment>,
    /// Held as long as this value lives; the system releases it however the process ends.
    _lock: File,
}

/// A row to add.
#[derive(Debug, Clone)]
pub(super) struct Addition {
    pub name: Vec<u8>,
    pub facts: PhotoFacts,
    pub vector: Vec<u8>,
}

impl IndexWriter {
    /// Opens the index in `folder` for changes, or starts a new one. `root` is the folder of the photos.
    ///
    /// # Errors
    /// Another process is writing the index, it has a newer format, or the folder cannot be written.
    pub fn open(folder: &Path, root: &Path, models: IndexModels) -> Result<(Self, Opened), IndexError> {
        let fail = IndexError::write(folder);
        place::check(folder)?;
        let inside = folder.ends_with(FOLDER);
        fs::create_dir_all(folder).map_err(&fail)?;
        if inside && root_of(folder) != root {
            let (folder, root) = (folder.to_owned(), root_of(folder));
            return Err(IndexError::OtherRoot { folder, root });
        }
        let lock = open_lock(&folder.join("lock"))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(IndexError::Busy(folder.to_owned())),
            Err(fs::TryLockError::Error(error)) => return Err(fail(error)),
        }
        storage::remove_leftovers(folder);
        let read = IndexManifest::read(folder);
        // The photos it lists still exist, but not below the new root: an update would empty the index.
        if let Some(other) = read.as_ref().ok().and_then(|manifest| manifest.root.as_ref())
            && !inside
            && other != root
            && other.is_dir()
        {
            return Err(IndexError::OtherRoot { folder: folder.to_owned(), root: other.clone() });
        }
        let (mut manifest, mut opened) = match read {
            Ok(manifest) if manifest.models.key == models.key && manifest.models.dim == models.dim => {
                (manifest, Opened::Kept)
            }
            Ok(manifest) => (IndexManifest::empty(models), Opened::OtherModels(manifest.models.set)),
            Err(IndexError::Missing(_)) => (IndexManifest::empty(models), Opened::New),
            Err(IndexError::Damaged { reason, .. }) => {
                (IndexManifest::empty(models), Opened::Repaired(format!("the manifest: {reason}")))
            }
            Err(error) => return Err(error),
        };
        let written = (opened == Opened::Kept).then(|| manifest.clone());
        manifest.root = (!inside).then(|| root.to_owned());
        let listed = std::mem::take(&mut manifest.segments);
        let mut writer = Self {
            folder: folder.to_owned(),
            root: root.to_owned(),
            manifest,
            written,
            segments: Vec::new(),
            strays: Vec::new(),
            _lock: lock,
        };
        for mut listing in listed {
            let models = &writer.manifest.models;
            match Segment::open(folder, &listing.name, &models.key, models.dim) {
                Ok(segment) if segment.rows() == listing.rows => {
                    if let Some(damage) = kill_damaged(&segment, &mut listing.dead) {
                        opened = Opened::Repaired(damage);
                    }
                    writer.segments.push(segment);
                    writer.manifest.segments.push(listing);
                }
                Ok(_) => opened = Opened::Repaired("a segment has the wrong number of rows".into()),
                Err(error) => opened = Opened::Repaired(error.to_string()),
            }
        }
        writer.find_strays();
        Ok((writer, opened))
    }

    /// The folder of the photos.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// The models that the vectors come from.
    #[must_use]
    pub fn models(&self) -> &IndexModels {
        &self.manifest.models
    }

    /// The number of living rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.manifest.segments.iter().map(|listing| listing.rows - listing.dead.count()).sum()
    }

    /// Whether there is no living row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn find_strays(&mut self) {
        let IndexModels { key, dim, .. } = self.manifest.models;
        self.strays = segment::files_in(&self.folder)
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .filter(|name| self.segments.iter().all(|segment| segment.name != *name))
            .filter_map(|name| Segment::open(&self.folder, name, &key, dim).ok())
            .collect();
    }

    /// Every living row by its path, and rows whose path another row has too, which only a damaged index has.
    pub(super) fn by_name(&self) -> (Names<'_>, Vec<RowPlace>) {
        let (mut rows, mut doubles) = (HashMap::with_capacity(self.len()), Vec::new());
        for (number, (segment, listing)) in self.segments.iter().zip(&self.manifest.segments).enumerate() {
            for row in (0..segment.rows()).filter(|&row| !listing.dead.has(row)) {
                let found = ((number, row), segment.facts(row));
                if let Some((older, _)) = rows.insert(segment.name_of(row), found) {
                    doubles.push(older);
                }
            }
        }
        (rows, doubles)
    }

    /// Every intact vector by the content of its photo, including those of dead rows and unlisted segments.
    pub(super) fn by_content(&self) -> HashMap<[u8; 32], VectorPlace> {
        let mut found = HashMap::new();
        let mut add = |segments: &[Segment], at: fn(RowPlace) -> VectorPlace| {
            for (number, segment) in segments.iter().enumerate() {
                let whole = (0..segment.rows()).filter(|&row| segment.vector(row).is_some());
                found.extend(whole.map(|row| (segment.facts(row).content, at((number, row)))));
            }
        };
        add(&self.strays, VectorPlace::Stray);
        add(&self.segments, VectorPlace::Kept);
        found
    }

    /// A vector found by [`IndexWriter::by_content`].
    pub(super) fn vector(&self, at: VectorPlace) -> Option<&[u8]> {
        let (segments, (number, row)) = match at {
            VectorPlace::Kept(row) => (&self.segments, row),
            VectorPlace::Stray(row) => (&self.strays, row),
        };
        segments.get(number)?.vector(row)
    }

    /// The number of segments; later commits append to them.
    pub(super) fn segments(&self) -> usize {
        self.segments.len()
    }

    /// Marks rows as dead and adds others, durably.
    pub(super) fn commit(&mut self, dead: &[RowPlace], additions: &[Addition]) -> Result<(), IndexError> {
        for &(number, row) in dead {
            if let Some(listing) = self.manifest.segments.get_mut(number) {
                listing.dead.add(row);
            }
        }
        if !additions.is_empty() {
            let rows = additions.iter().map(|addition| NewRow {
                name: Cow::Borrowed(&addition.name),
                facts: addition.facts,
                vector: Cow::Borrowed(&addition.vector),
            });
            let IndexModels { key, dim, .. } = self.manifest.models;
            let name = segment::write(&self.folder, &key, dim, rows)?;
            self.append(name)?;
        }
        self.write_manifest()
    }

    /// Writes the manifest durably if it has changed.
    fn write_manifest(&mut self) -> Result<(), IndexError> {
        if self.written.as_ref() != Some(&self.manifest) {
            self.manifest.write(&self.folder)?;
            self.written = Some(self.manifest.clone());
        }
        Ok(())
    }

    /// Adds photos with vectors computed elsewhere, streamed into one segment: path below the root, SHA-256 of the file, size
    /// in bytes, vector of any length. Photos that are in the index already must not be given. Their modification time
    /// counts as unknown, so the next update compares their content.
    ///
    /// # Errors
    /// A vector of another dimension or without direction (reported as damaged input), or an error of the system.
    pub fn import(
        &mut self,
        photos: impl Iterator<Item = (PathBuf, [u8; 32], u64, Vec<f32>)>,
    ) -> Result<(), IndexError> {
        let IndexModels { key, dim, .. } = self.manifest.models;
        let mut refused = None;
        let rows = photos.map_while(|(path, content, size, vector)| {
            match Vectors::from_rows(dim, [vector.as_slice()]) {
                Ok(unit) => Some(NewRow {
                    name: Cow::Owned(path.as_os_str().as_encoded_bytes().to_vec()),
                    facts: PhotoFacts { content, modified: i64::MIN, size },
                    vector: Cow::Owned(to_half(unit.as_slice()).collect()),
                }),
                Err(error) => {
                    refused = Some(IndexError::damaged(&path, error.to_string()));
                    None
                }
            }
        });
        let name = segment::write(&self.folder, &key, dim, rows)?;
        if let Some(refused) = refused {
            return Err(refused);
        }
        self.append(name)?;
        self.write_manifest()
    }

    fn append(&mut self, name: String) -> Result<(), IndexError> {
        let IndexModels { key, dim, .. } = self.manifest.models;
        let segment = Segment::open(&self.folder, &name, &key, dim)?;
        self.manifest.segments.push(SegmentListing { name, rows: segment.rows(), dead: DeadRows::default() });
        self.segments.push(segment);
        Ok(())
    }

    /// Merges segments from number `from` on, as long as there are many of one size or one is mostly dead. Living rows keep
    /// their order, but get new numbers.
    pub(super) fn tidy(&mut self, from: usize) -> Result<(), IndexError> {
        while let Some(range) = self.mergeable(from) {
            let IndexModels { key, dim, .. } = self.manifest.models;
            let parts = self.segments[range.clone()].iter().zip(&self.manifest.segments[range.clone()]);
            let rows = parts.flat_map(|(segment, listing)| {
                let living = (0..segment.rows()).filter(|&row| !listing.dead.has(row));
                living.filter_map(|row| {
                    let (name, vector) = (Cow::Borrowed(segment.name_of(row)), segment.vector(row)?);
                    Some(NewRow { name, facts: segment.facts(row), vector: Cow::Borrowed(vector) })
                })
            });
            let name = segment::write(&self.folder, &key, dim, rows)?;
            let merged = Segment::open(&self.folder, &name, &key, dim)?;
            let listing = SegmentListing { name, rows: merged.rows(), dead: DeadRows::default() };
            let kept = usize::from(merged.rows() > 0);
            self.segments.splice(range.clone(), [merged].into_iter().take(kept));
            self.manifest.segments.splice(range, [listing].into_iter().take(kept));
            self.write_manifest()?;
        }
        Ok(())
    }

    /// The segments to merge next. Size classes are powers of [`MERGE`], so that a row is copied only a few times however
    /// many segments are added.
    fn mergeable(&self, from: usize) -> Option<std::ops::Range<usize>> {
        let listings = self.manifest.segments.get(from..)?;
        let mostly_dead = |listing: &SegmentListing| listing.dead.count() * 2 > listing.rows;
        if let Some(number) = listings.iter().position(mostly_dead) {
            return Some(from + number..from + number + 1);
        }
        let class = |listing: &SegmentListing| (listing.rows / SMALL).max(1).ilog(MERGE);
        let end = from + listings.len();
        (0..usize::BITS).find_map(|largest| {
            let run = listings.iter().rev().take_while(|listing| class(listing) <= largest).count();
            (run >= MERGE).then_some(end - run..end)
        })
    }

    /// Removes the segments that the manifest does not list. Only after a complete update, which may still need their
    /// vectors.
    pub(super) fn sweep(&mut self) {
        self.strays.clear();
        for path in segment::files_in(&self.folder) {
            let named = |segment: &Segment| path.ends_with(&segment.name);
            if !self.segments.iter().any(named) {
                let _ = fs::remove_file(&path);
            }
        }
    }
}

/// Opens the lock file without following a link, blocking on a FIFO or changing its content.
fn open_lock(path: &Path) -> Result<File, IndexError> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(IndexError::Foreign { file: path.to_owned(), reason: "is not a regular file" });
    }
    storage::open_for_lock(path).map_err(IndexError::write(path))
}

impl IndexManifest {
    fn empty(models: IndexModels) -> Self {
        Self { models, root: None, segments: Vec::new() }
    }
}

/// Marks the rows of damaged blocks as dead; describes the damage, if any.
fn kill_damaged(segment: &Segment, dead: &mut DeadRows) -> Option<String> {
    let broken: Vec<usize> =
        (0..segment.blocks()).into_par_iter().filter(|&block| segment.block(block).is_none()).collect();
    for &block in &broken {
        let rows = block * segment::BLOCK..((block + 1) * segment::BLOCK).min(segment.rows());
        rows.for_each(|row| dead.add(row));
    }
    (!broken.is_empty()).then(|| format!("{}: vectors do not match their checksum", segment.name))
}
