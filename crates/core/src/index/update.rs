//! Bringing an index up to date with a folder.
//!
//! Owns the order of work. Photos with unchanged size and modification time are left alone; the others are hashed. Known
//! content keeps its vector, whatever its name is now; the rest is embedded. Each group is durable before the next one
//! starts. A row dies in the same commit that replaces it, and rows of vanished photos die last, so that an interrupted
//! run removes nothing. Must not know: how a photo is embedded.

use std::collections::{HashMap, HashSet};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::error::IndexError;
use super::manifest::os_string;
use super::segment::PhotoFacts;
use super::writer::{Addition, IndexWriter, RowPlace, VectorPlace};
use crate::dataset::PhotoSource;
use clipscope_analysis::Vectors;
use clipscope_analysis::nearest::to_half;

/// Photos embedded and then written together: the most work that a kill can cost.
const GROUP: usize = 64;
/// Photos hashed together.
const HASHED: usize = 512;
/// Commits between two rounds of merging.
const TIDY_EVERY: usize = 256;

/// A photo that the scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedPhoto {
    /// Its path below the root of the index.
    pub name: PathBuf,
    /// Its file.
    pub path: PathBuf,
}

/// The result of embedding one photo.
#[derive(Debug, Clone, PartialEq)]
pub enum EmbedOutcome {
    /// The vector, `[dim]`, of any length.
    Vector(Vec<f32>),
    /// The reason why there is no vector.
    Skipped(String),
}

/// The progress of an update, in photos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UpdateCounts {
    /// Found by the scan.
    pub listed: usize,
    /// Unchanged since the last update.
    pub unchanged: usize,
    /// New under this name, with content that was known.
    pub reused: usize,
    /// Embedded.
    pub embedded: usize,
    /// Skipped, with a reason.
    pub skipped: usize,
    /// Removed from the index, since their files are gone.
    pub removed: usize,
    /// Not found by the scan although their files exist; they stay in the index.
    pub unlisted: usize,
}

/// What happens to a photo whose file exists although the scan did not find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlisted {
    /// It stays: the scan of a folder may have run into an error.
    Keep,
    /// It is removed, since a manifest defines the collection. It stays if a folder above it cannot be read.
    Remove,
}

impl UpdateCounts {
    /// Photos that are finished.
    #[must_use]
    pub fn done(&self) -> usize {
        self.unchanged + self.reused + self.embedded + self.skipped
    }
}

/// A photo to examine, with the row that it will replace.
struct Pending {
    photo: usize,
    old: Option<RowPlace>,
    stat: (i64, u64),
}

/// Updates an index. `embed` gets indices into `listed` and returns one result for each, in the same order; `report` gets the
/// progress, and every skipped photo with the reason.
///
/// # Errors
/// Errors of the index and of `embed`. What was committed before stays.
pub fn update<E: From<IndexError>>(
    writer: &mut IndexWriter,
    listed: &[ListedPhoto],
    unlisted: Unlisted,
    mut embed: impl FnMut(&[usize]) -> Result<Vec<EmbedOutcome>, E>,
    mut report: impl FnMut(&UpdateCounts, Option<(usize, &str)>),
) -> Result<UpdateCounts, E> {
    let mut counts = UpdateCounts { listed: listed.len(), ..UpdateCounts::default() };
    let (pending, vanished, mut dead) = compare(writer, listed, &mut counts, &mut report);
    report(&counts, None);
    let base = writer.segments();
    let mut known = if pending.is_empty() { HashMap::new() } else { writer.by_content() };
    let (mut additions, mut commits) = (Vec::new(), 0);
    for batch in pending.chunks(HASHED) {
        let hashed: Vec<Result<PhotoFacts, String>> =
            batch.par_iter().map(|one| facts(&listed[one.photo], one.stat)).collect();
        // Of photos with the same content the first is embedded; the others reuse its vector.
        let (mut fresh, mut followers, mut ahead) = (Vec::new(), Vec::new(), HashSet::new());
        for (one, facts) in batch.iter().zip(hashed) {
            match facts {
                // Its row stays: nothing says that the photo has changed.
                Err(reason) => {
                    counts.skipped += 1;
                    report(&counts, Some((one.photo, &reason)));
                }
                Ok(facts) if known.contains_key(&facts.content) || ahead.contains(&facts.content) => {
                    followers.push((one, facts));
                }
                Ok(facts) => {
                    ahead.insert(facts.content);
                    fresh.push((one, facts));
                }
            }
        }
        for group in fresh.chunks(GROUP) {
            let photos: Vec<usize> = group.iter().map(|(one, _)| one.photo).collect();
            let outcomes = embed(&photos)?;
            for ((one, facts), outcome) in group.iter().zip(outcomes) {
                dead.extend(one.old);
                match settle(writer, &listed[one.photo], one.stat, outcome) {
                    Ok(vector) => {
                        counts.embedded += 1;
                        additions.push(addition(&listed[one.photo], *facts, vector));
                    }
                    Err(reason) => {
                        counts.skipped += 1;
                        report(&counts, Some((one.photo, &reason)));
                    }
                }
            }
            commit(writer, &mut dead, &mut additions, &mut known)?;
            report(&counts, None);
            commits += 1;
            if commits % TIDY_EVERY == 0 {
                writer.tidy(base)?;
                known = writer.by_content();
            }
        }
        for (one, facts) in followers {
            dead.extend(one.old);
            match known.get(&facts.content).and_then(|&at| writer.vector(at)) {
                Some(vector) => {
                    counts.reused += 1;
                    additions.push(addition(&listed[one.photo], facts, vector.to_vec()));
                }
                None => {
                    counts.skipped += 1;
                    report(&counts, Some((one.photo, "is identical to another photo that was skipped")));
                }
            }
        }
        commit(writer, &mut dead, &mut additions, &mut known)?;
        report(&counts, None);
    }
    let mut readable = HashMap::new();
    let gone =
        vanished.iter().filter(|(_, path)| is_gone(path, unlisted, &mut readable)).map(|(row, _)| *row);
    let others = dead.len();
    dead.extend(gone);
    counts.removed = dead.len() - others;
    counts.unlisted = vanished.len() - counts.removed;
    commit(writer, &mut dead, &mut additions, &mut known)?;
    writer.tidy(0)?;
    writer.sweep();
    report(&counts, None);
    Ok(counts)
}

/// The work to do: photos to examine, rows of photos that were not found, with their paths, and duplicate rows.
fn compare(
    writer: &IndexWriter,
    listed: &[ListedPhoto],
    counts: &mut UpdateCounts,
    report: &mut impl FnMut(&UpdateCounts, Option<(usize, &str)>),
) -> (Vec<Pending>, Vec<(RowPlace, PathBuf)>, Vec<RowPlace>) {
    let (mut known, doubles) = writer.by_name();
    let stats: Vec<Result<(i64, u64), String>> = listed.par_iter().map(|photo| stat(&photo.path)).collect();
    let mut pending = Vec::new();
    for (photo, (found, stat)) in listed.iter().zip(stats).enumerate() {
        let row = known.remove(found.name.as_os_str().as_encoded_bytes());
        match (stat, row) {
            (Ok(stat), Some((_, facts))) if stat == (facts.modified, facts.size) => counts.unchanged += 1,
            (Ok(stat), row) => pending.push(Pending { photo, old: row.map(|(row, _)| row), stat }),
            (Err(reason), _) => {
                counts.skipped += 1;
                report(counts, Some((photo, &reason)));
            }
        }
    }
    let vanished = known
        .into_iter()
        .map(|(name, (row, _))| (row, writer.root().join(PathBuf::from(os_string(name.to_vec())))));
    (pending, vanished.collect(), doubles)
}

/// Modification time in nanoseconds since 1970, and size of a file.
fn stat(path: &Path) -> Result<(i64, u64), String> {
    let metadata = std::fs::symlink_metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    Ok((modified(&metadata), metadata.len()))
}

fn modified(metadata: &Metadata) -> i64 {
    let Ok(time) = metadata.modified() else { return 0 };
    let clip = |nanoseconds: u128| i64::try_from(nanoseconds).unwrap_or(i64::MAX);
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => clip(after.as_nanos()),
        Err(before) => -clip(before.duration().as_nanos()),
    }
}

fn facts(photo: &ListedPhoto, stat: (i64, u64)) -> Result<PhotoFacts, String> {
    let bytes = PhotoSource::File(photo.path.clone()).read().map_err(|error| error.to_string())?;
    Ok(PhotoFacts { content: Sha256::digest(&bytes).into(), modified: stat.0, size: stat.1 })
}

/// The vector of an embedded photo in half precision, or the reason to skip it.
fn settle(
    writer: &IndexWriter,
    photo: &ListedPhoto,
    before: (i64, u64),
    outcome: EmbedOutcome,
) -> Result<Vec<u8>, String> {
    let vector = match outcome {
        EmbedOutcome::Vector(vector) => vector,
        EmbedOutcome::Skipped(reason) => return Err(reason),
    };
    // Hash and vector come from two reads of the file: they belong together only if it did not change in between.
    if stat(&photo.path)? != before {
        return Err("changed while it was being read; run the command again".into());
    }
    let unit =
        Vectors::from_rows(writer.models().dim, [vector.as_slice()]).map_err(|error| error.to_string())?;
    Ok(to_half(unit.as_slice()).collect())
}

fn addition(photo: &ListedPhoto, facts: PhotoFacts, vector: Vec<u8>) -> Addition {
    Addition { name: photo.name.as_os_str().as_encoded_bytes().to_vec(), facts, vector }
}

/// Commits the pending rows and makes their vectors available for reuse.
fn commit(
    writer: &mut IndexWriter,
    dead: &mut Vec<RowPlace>,
    additions: &mut Vec<Addition>,
    known: &mut HashMap<[u8; 32], VectorPlace>,
) -> Result<(), IndexError> {
    writer.commit(dead, additions)?;
    let number = writer.segments().saturating_sub(1);
    for (row, addition) in additions.iter().enumerate() {
        known.insert(addition.facts.content, VectorPlace::Kept((number, row)));
    }
    dead.clear();
    additions.clear();
    Ok(())
}

/// Whether a missing photo should be removed. Photos in unreadable folders are kept.
fn is_gone(path: &Path, unlisted: Unlisted, readable: &mut HashMap<PathBuf, bool>) -> bool {
    use std::io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    match std::fs::symlink_metadata(path) {
        Err(error) => {
            // Only a damaged index holds a name that no file can have.
            matches!(error.kind(), NotFound | NotADirectory | InvalidInput | InvalidFilename)
        }
        Ok(found) if !found.is_file() => true,
        Ok(_) => {
            unlisted == Unlisted::Remove
                && path.ancestors().skip(1).take_while(|folder| folder.components().count() > 1).all(
                    |folder| {
                        *readable
                            .entry(folder.to_owned())
                            .or_insert_with(|| std::fs::read_dir(folder).is_ok())
                    },
                )
        }
    }
}
