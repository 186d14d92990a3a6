//! Pushing files of vectors to an engine in batches, without sending points that it already has.

use std::path::Path;

use super::collection::QdrantCollection;
use super::error::QdrantError;
use super::point::{Point, point};
use crate::shards::{ShardReader, ShardRows};

/// The progress of a push, in rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PushProgress {
    /// Rows of all files.
    pub total: u64,
    /// Rows sent.
    pub sent: u64,
    /// Rows that Qdrant already had.
    pub known: u64,
}

/// Pushes the rows of `files` to the collection, `batch` at a time, and creates it if needed. Rows that are there from an
/// earlier or interrupted push are not sent again.
///
/// # Errors
/// A file cannot be read or holds vectors of another model, the collection is for other vectors, or Qdrant refuses or
/// does not answer. Rows already sent stay; the same call continues from there.
pub fn push<P: AsRef<Path>>(
    collection: &QdrantCollection,
    files: &[P],
    batch: usize,
    progress: &mut dyn FnMut(PushProgress),
) -> Result<PushProgress, QdrantError> {
    let mut readers =
        files.iter().map(|file| ShardReader::open(file.as_ref())).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = readers.first() else { return Ok(PushProgress::default()) };
    let (role, model, dim) = (first.manifest().role, first.manifest().model.clone(), first.manifest().dim);
    let mixed = readers.iter().find(|reader| {
        let manifest = reader.manifest();
        manifest.role != role || manifest.model != model || manifest.dim != dim
    });
    if let Some(other) = mixed {
        return Err(QdrantError::Mixed { file: other.file().to_owned(), other: first.file().to_owned() });
    }
    let rows_of = |reader: &ShardReader| {
        let manifest = reader.manifest();
        manifest.end - manifest.first - manifest.left_out.len() as u64
    };
    let mut done = PushProgress { total: readers.iter().map(rows_of).sum(), ..PushProgress::default() };
    collection.ensure(dim)?;
    for reader in &mut readers {
        while let Some(rows) = reader.next_rows()? {
            send(collection, reader, &rows, batch.max(1), &mut done, progress)?;
        }
    }
    Ok(done)
}

fn send(
    collection: &QdrantCollection,
    reader: &ShardReader,
    rows: &ShardRows,
    batch: usize,
    done: &mut PushProgress,
    progress: &mut dyn FnMut(PushProgress),
) -> Result<(), QdrantError> {
    for start in (0..rows.len()).step_by(batch) {
        let end = rows.len().min(start + batch);
        let mut points: Vec<Point<'_>> =
            (start..end).map(|row| point(reader.manifest(), rows, row)).collect();
        let ids: Vec<&str> = points.iter().map(|point| point.id.as_str()).collect();
        let known = collection.known(&ids)?;
        let all = points.len();
        points.retain(|point| !known.contains(&point.id));
        if !points.is_empty() {
            collection.upsert(&points)?;
        }
        done.sent += points.len() as u64;
        done.known += (all - points.len()) as u64;
        progress(*done);
    }
    Ok(())
}
