//! Brings an index up to date with what is in a folder.
//!
//! Owns the order of work: what has the same size and time is left alone; of the rest the content is hashed, and a
//! content that is known keeps its vector, whatever its name is now; what is left is embedded. Each group is durable
//! before the next one begins. A row dies together with what takes its place, and those of photos that are gone last, when
//! everything else is done: a run that is interrupted takes nothing out.

use std::collections::{HashMap, HashSet};
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::IndexError;
use super::manifest::os_string;
use super::segment::Facts;
use super::writer::{Addition, Row, Vector, Writer};
use crate::dataset::PhotoSource;
use clipscope_analysis::Vectors;
use clipscope_analysis::nearest::to_half;

/// Photos that are embedded and then written together: what a kill may cost.
const GROUP: usize = 64;
/// Photos that are hashed together.
const HASHED: usize = 512;
/// Commits between two rounds of merging.
const TIDY_EVERY: usize = 256;

/// A photo that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its path below the root of the index.
    pub name: PathBuf,
    /// Where it is.
    pub path: PathBuf,
}

/// What became of a photo that was to be embedded.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Its vector, `[dim]`, of any length.
    Vector(Vec<f32>),
    /// Why there is none.
    Skipped(String),
}

/// How far an update is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Photos that were found.
    pub listed: usize,
    /// Those that have not changed.
    pub unchanged: usize,
    /// Those that are new under their name and whose content was known.
    pub reused: usize,
    /// Those that were embedded.
    pub embedded: usize,
    /// Those that were left out.
    pub skipped: usize,
    /// Rows taken out, since their photos are gone.
    pub removed: usize,
    /// Photos that were not found, but whose files are there: they stay.
    pub unlisted: usize,
}

/// What becomes of a photo that was not found although its file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unlisted {
    /// It stays: a scan of a folder that passed over it may have met an error.
    Keep,
    /// It is taken out: a manifest says what the collection is. It stays where a folder above it cannot be read.
    Remove,
}

impl Counts {
    /// Photos that are dealt with.
    #[must_use]
    pub fn done(&self) -> usize {
        self.unchanged + self.reused + self.embedded + self.skipped
    }
}

/// A photo that must be looked at, and its row that this makes obsolete.
struct Pending {
    photo: usize,
    old: Option<Row>,
    stat: (i64, u64),
}

/// Updates an index. `embed` is given numbers of photos in `listed` and answers for each, in their order; `report` hears
/// how far the update is, and of each photo that is left out, with the reason.
///
/// # Errors
/// Those of the index, and those of `embed`. What was done before stays done.
pub fn update<E: From<IndexError>>(
    writer: &mut Writer,
    listed: &[Listed],
    unlisted: Unlisted,
    mut embed: impl FnMut(&[usize]) -> Result<Vec<Outcome>, E>,
    mut report: impl FnMut(&Counts, Option<(usize, &str)>),
) -> Result<Counts, E> {
    let mut counts = Counts { listed: listed.len(), ..Counts::default() };
    let (pending, vanished, mut dead) = compare(writer, listed, &mut counts, &mut report);
    report(&counts, None);
    let base = writer.segments();
    let mut known = if pending.is_empty() { HashMap::new() } else { writer.by_content() };
    let (mut additions, mut commits) = (Vec::new(), 0);
    for batch in pending.chunks(HASHED) {
        let hashed: Vec<Result<Facts, String>> =
            batch.par_iter().map(|one| facts(&listed[one.photo], one.stat)).collect();
        // The first photo of a content is embedded, the others follow it.
        let (mut fresh, mut followers, mut ahead) = (Vec::new(), Vec::new(), HashSet::new());
        for (one, facts) in batch.iter().zip(hashed) {
            match facts {
                // Its row stays: nothing says that the photo is another one now.
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
                    report(&counts, Some((one.photo, "has the content of another photo that was left out")));
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

/// What is to be done: photos to be looked at, rows whose photos were not found, with their paths, and rows that stand for a
/// photo that another row stands for.
fn compare(
    writer: &Writer,
    listed: &[Listed],
    counts: &mut Counts,
    report: &mut impl FnMut(&Counts, Option<(usize, &str)>),
) -> (Vec<Pending>, Vec<(Row, PathBuf)>, Vec<Row>) {
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

/// Time in nanoseconds since 1970 and size of a file.
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

fn facts(photo: &Listed, stat: (i64, u64)) -> Result<Facts, String> {
    let bytes = PhotoSource::File(photo.path.clone()).read().map_err(|error| error.to_string())?;
    Ok(Facts { content: Sha256::digest(&bytes).into(), modified: stat.0, size: stat.1 })
}

/// The vector of a photo that was embedded, in half precision.
fn settle(writer: &Writer, photo: &Listed, before: (i64, u64), outcome: Outcome) -> Result<Vec<u8>, String> {
    let vector = match outcome {
        Outcome::Vector(vector) => vector,
        Outcome::Skipped(reason) => return Err(reason),
    };
    // The hash and the vector are made of two readings: they belong together only if the file stayed the same.
    if stat(&photo.path)? != before {
        return Err("changed while it was read; run the command again".into());
    }
    let unit =
        Vectors::from_rows(writer.made().dim, [vector.as_slice()]).map_err(|error| error.to_string())?;
    Ok(to_half(unit.as_slice()).collect())
}

fn addition(photo: &Listed, facts: Facts, vector: Vec<u8>) -> Addition {
    Addition { name: photo.name.as_os_str().as_encoded_bytes().to_vec(), facts, vector }
}

/// Makes what is waiting durable, and its vectors known.
fn commit(
    writer: &mut Writer,
    dead: &mut Vec<Row>,
    additions: &mut Vec<Addition>,
    known: &mut HashMap<[u8; 32], Vector>,
) -> Result<(), IndexError> {
    writer.commit(dead, additions)?;
    let number = writer.segments().saturating_sub(1);
    for (row, addition) in additions.iter().enumerate() {
        known.insert(addition.facts.content, Vector::Kept((number, row)));
    }
    dead.clear();
    additions.clear();
    Ok(())
}

/// Whether a photo that was not found is no part of the collection any more. What lies in a folder that cannot be read at
/// the moment is.
fn is_gone(path: &Path, unlisted: Unlisted, readable: &mut HashMap<PathBuf, bool>) -> bool {
    use std::io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    match std::fs::symlink_metadata(path) {
        Err(error) => {
            // A name that no file can have is in a damaged index only.
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
