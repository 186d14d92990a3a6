//! The one process that changes an index.
//!
//! Owns the lock, what is appended, what dies, and the merging of segments. Every [`Writer::commit`] is durable when it
//! returns.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::manifest::{Dead, Listing, Manifest};
use super::reader::root_of;
use super::segment::{self, Facts, NewRow, Segment};
use super::{FOLDER, IndexError, Made};
use clipscope_analysis::Vectors;
use clipscope_analysis::nearest::to_half;
use clipscope_base::storage;

/// So many segments of one size class are merged into one.
const MERGE: usize = 8;
/// Rows in the smallest size class.
const SMALL: usize = 64;

/// Segment and row.
pub(super) type Row = (usize, usize);

/// Rows by the path below the root.
pub(super) type Names<'a> = HashMap<&'a [u8], (Row, Facts)>;

/// Where a vector is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Vector {
    /// In a segment of the index.
    Kept(Row),
    /// In a segment that no manifest names.
    Stray(Row),
}

/// How an index was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// There was none.
    New,
    /// It is whole and made with the same models.
    Kept,
    /// It was made with another model set, whose name this is, and is made anew.
    OtherModels(String),
    /// Something in it was damaged, as it says; what is whole is used again.
    Repaired(String),
}

/// An index that is being changed.
pub struct Writer {
    folder: PathBuf,
    root: PathBuf,
    manifest: Manifest,
    /// As it is on the disk; `None` where there is none that can be used.
    written: Option<Manifest>,
    /// Those of the manifest, in its order.
    segments: Vec<Segment>,
    /// Segments that no manifest names, of a run that was killed or an index whose manifest was lost: sources of vectors.
    strays: Vec<Segment>,
    /// Held while this lives; the system gives it back when the process ends in whatever way.
    _lock: File,
}

/// A row to be added.
#[derive(Debug, Clone)]
pub(super) struct Addition {
    pub name: Vec<u8>,
    pub facts: Facts,
    pub vector: Vec<u8>,
}

impl Writer {
    /// Opens the index in `folder` for changes, or begins one. `root` is the folder of the photos.
    ///
    /// # Errors
    /// Another process at work, an index of a newer version, or a folder that cannot be written.
    pub fn open(folder: &Path, root: &Path, made: Made) -> Result<(Self, Opened), IndexError> {
        let fail = IndexError::write(folder);
        let inside = folder.ends_with(FOLDER);
        check_place(folder, inside)?;
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
        let read = Manifest::read(folder);
        // Its photos are there, and none of them is below the new root: the index would be emptied.
        if let Some(other) = read.as_ref().ok().and_then(|manifest| manifest.root.as_ref())
            && !inside
            && other != root
            && other.is_dir()
        {
            return Err(IndexError::OtherRoot { folder: folder.to_owned(), root: other.clone() });
        }
        let (mut manifest, mut opened) = match read {
            Ok(manifest) if manifest.made.key == made.key && manifest.made.dim == made.dim => {
                (manifest, Opened::Kept)
            }
            Ok(manifest) => (Manifest::empty(made), Opened::OtherModels(manifest.made.set)),
            Err(IndexError::Missing(_)) => (Manifest::empty(made), Opened::New),
            Err(IndexError::Damaged { reason, .. }) => {
                (Manifest::empty(made), Opened::Repaired(format!("the manifest: {reason}")))
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
            let made = &writer.manifest.made;
            match Segment::open(folder, &listing.name, &made.key, made.dim) {
                Ok(segment) if segment.rows() == listing.rows => {
                    if let Some(damage) = kill_damaged(&segment, &mut listing.dead) {
                        opened = Opened::Repaired(damage);
                    }
                    writer.segments.push(segment);
                    writer.manifest.segments.push(listing);
                }
                Ok(_) => opened = Opened::Repaired("a segment has another length".into()),
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

    /// What the index is made with.
    #[must_use]
    pub fn made(&self) -> &Made {
        &self.manifest.made
    }

    /// Number of living rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.manifest.segments.iter().map(|listing| listing.rows - listing.dead.count()).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn find_strays(&mut self) {
        let Made { key, dim, .. } = self.manifest.made;
        self.strays = segment::files_in(&self.folder)
            .iter()
            .filter_map(|path| path.file_name()?.to_str())
            .filter(|name| self.segments.iter().all(|segment| segment.name != *name))
            .filter_map(|name| Segment::open(&self.folder, name, &key, dim).ok())
            .collect();
    }

    /// Every living row by its path below the root, and the rows whose path another one has too: no run writes such.
    pub(super) fn by_name(&self) -> (Names<'_>, Vec<Row>) {
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

    /// Every vector that is whole, by the content of its photo; those of dead rows and strays too.
    pub(super) fn by_content(&self) -> HashMap<[u8; 32], Vector> {
        let mut found = HashMap::new();
        let mut add = |segments: &[Segment], at: fn(Row) -> Vector| {
            for (number, segment) in segments.iter().enumerate() {
                let whole = (0..segment.rows()).filter(|&row| segment.vector(row).is_some());
                found.extend(whole.map(|row| (segment.facts(row).content, at((number, row)))));
            }
        };
        add(&self.strays, Vector::Stray);
        add(&self.segments, Vector::Kept);
        found
    }

    /// A vector found by [`Writer::by_content`].
    pub(super) fn vector(&self, at: Vector) -> Option<&[u8]> {
        let (segments, (number, row)) = match at {
            Vector::Kept(row) => (&self.segments, row),
            Vector::Stray(row) => (&self.strays, row),
        };
        segments.get(number)?.vector(row)
    }

    /// The segments there are; later commits add to them.
    pub(super) fn segments(&self) -> usize {
        self.segments.len()
    }

    /// Marks rows as dead and adds others, durably.
    pub(super) fn commit(&mut self, dead: &[Row], additions: &[Addition]) -> Result<(), IndexError> {
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
            let Made { key, dim, .. } = self.manifest.made;
            let name = segment::write(&self.folder, &key, dim, rows)?;
            self.append(name)?;
        }
        self.write_manifest()
    }

    /// Makes the manifest durable, if it is not as it is on the disk.
    fn write_manifest(&mut self) -> Result<(), IndexError> {
        if self.written.as_ref() != Some(&self.manifest) {
            self.manifest.write(&self.folder)?;
            self.written = Some(self.manifest.clone());
        }
        Ok(())
    }

    /// Adds photos whose vectors were made elsewhere, in one segment that is written as they come: path below the root,
    /// SHA-256 of the file, size in bytes, vector of any length. Photos that are in the index already must not be given.
    /// Their time of change counts as unknown: the next update compares the content.
    ///
    /// # Errors
    /// A vector of another dimension or without direction (reported as damage of the input), or the system's.
    pub fn import(
        &mut self,
        photos: impl Iterator<Item = (PathBuf, [u8; 32], u64, Vec<f32>)>,
    ) -> Result<(), IndexError> {
        let Made { key, dim, .. } = self.manifest.made;
        let mut refused = None;
        let rows = photos.map_while(|(path, content, size, vector)| {
            match Vectors::from_rows(dim, [vector.as_slice()]) {
                Ok(unit) => Some(NewRow {
                    name: Cow::Owned(path.as_os_str().as_encoded_bytes().to_vec()),
                    facts: Facts { content, modified: i64::MIN, size },
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
        let Made { key, dim, .. } = self.manifest.made;
        let segment = Segment::open(&self.folder, &name, &key, dim)?;
        self.manifest.segments.push(Listing { name, rows: segment.rows(), dead: Dead::default() });
        self.segments.push(segment);
        Ok(())
    }

    /// Merges segments from number `from` on, while there are many of one size or most rows of one are dead. The living
    /// keep their order, but the rows of these segments change their numbers.
    pub(super) fn tidy(&mut self, from: usize) -> Result<(), IndexError> {
        while let Some(range) = self.mergeable(from) {
            let Made { key, dim, .. } = self.manifest.made;
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
            let listing = Listing { name, rows: merged.rows(), dead: Dead::default() };
            let kept = usize::from(merged.rows() > 0);
            self.segments.splice(range.clone(), [merged].into_iter().take(kept));
            self.manifest.segments.splice(range, [listing].into_iter().take(kept));
            self.write_manifest()?;
        }
        Ok(())
    }

    /// The segments to be merged next. Sizes fall in classes of powers of [`MERGE`], so that a row is copied a few times
    /// only, however many segments are added.
    fn mergeable(&self, from: usize) -> Option<std::ops::Range<usize>> {
        let listings = self.manifest.segments.get(from..)?;
        let mostly_dead = |listing: &Listing| listing.dead.count() * 2 > listing.rows;
        if let Some(number) = listings.iter().position(mostly_dead) {
            return Some(from + number..from + number + 1);
        }
        let class = |listing: &Listing| (listing.rows / SMALL).max(1).ilog(MERGE);
        let end = from + listings.len();
        (0..usize::BITS).find_map(|largest| {
            let run = listings.iter().rev().take_while(|listing| class(listing) <= largest).count();
            (run >= MERGE).then_some(end - run..end)
        })
    }

    /// Takes away the segments that no manifest names. Only after an update is complete: until then their vectors may be
    /// wanted.
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

/// Refuses what was never an index, before anything in it is written: a link that somebody put where the index of a folder
/// lies leads anywhere, and a folder given with `--out` may hold other things.
fn check_place(folder: &Path, inside: bool) -> Result<(), IndexError> {
    let refuse = |file: PathBuf, reason| Err(IndexError::Foreign { file, reason });
    if inside && fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_symlink()) {
        return refuse(folder.to_owned(), "is a symbolic link");
    }
    let manifest = super::manifest::file_in(folder);
    if !inside && manifest.exists() && !Manifest::is_in(folder) {
        return refuse(manifest, "is not that of an index");
    }
    Ok(())
}

/// Opens the lock without following a link, waiting for a FIFO or changing what is there.
fn open_lock(path: &Path) -> Result<File, IndexError> {
    if fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(IndexError::Foreign { file: path.to_owned(), reason: "is no regular file" });
    }
    storage::open_for_lock(path).map_err(IndexError::write(path))
}

impl Manifest {
    fn empty(made: Made) -> Self {
        Self { made, root: None, segments: Vec::new() }
    }
}

/// Marks the rows of damaged blocks as dead; says so.
fn kill_damaged(segment: &Segment, dead: &mut Dead) -> Option<String> {
    let broken: Vec<usize> =
        (0..segment.blocks()).into_par_iter().filter(|&block| segment.block(block).is_none()).collect();
    for &block in &broken {
        let rows = block * segment::BLOCK..((block + 1) * segment::BLOCK).min(segment.rows());
        rows.for_each(|row| dead.add(row));
    }
    (!broken.is_empty()).then(|| format!("{}: vectors do not fit their checksum", segment.name))
}
