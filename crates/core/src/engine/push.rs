//! Bringing files of vectors to an engine, in batches, without sending what is there already.

use std::path::Path;

use super::point::{Point, point};
use super::{EngineError, Qdrant};
use crate::shards::{Rows, ShardReader};

/// How far a push is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Rows of all files.
    pub total: u64,
    /// Rows sent.
    pub sent: u64,
    /// Rows that the engine had already.
    pub known: u64,
}

/// Brings the rows of `files` to the collection, `batch` at a time, making it if need be. Rows that are there already, from
/// an earlier push or an interrupted one, are not sent again.
///
/// # Errors
/// When a file cannot be read or holds vectors of another model, the collection is made for others, or the engine refuses
/// or does not answer. What was sent stays; the same call goes on from there.
pub fn push<P: AsRef<Path>>(
    engine: &Qdrant,
    files: &[P],
    batch: usize,
    progress: &mut dyn FnMut(Progress),
) -> Result<Progress, EngineError> {
    let mut readers =
        files.iter().map(|file| ShardReader::open(file.as_ref())).collect::<Result<Vec<_>, _>>()?;
    let Some(first) = readers.first() else { return Ok(Progress::default()) };
    let (role, model, dim) = (first.manifest().role, first.manifest().model.clone(), first.manifest().dim);
    let mixed = readers.iter().find(|reader| {
        let manifest = reader.manifest();
        manifest.role != role || manifest.model != model || manifest.dim != dim
    });
    if let Some(other) = mixed {
        return Err(EngineError::Mixed { file: other.file().to_owned(), other: first.file().to_owned() });
    }
    let rows_of = |reader: &ShardReader| {
        let manifest = reader.manifest();
        manifest.end - manifest.first - manifest.left_out.len() as u64
    };
    let mut done = Progress { total: readers.iter().map(rows_of).sum(), ..Progress::default() };
    engine.ensure(dim)?;
    for reader in &mut readers {
        while let Some(rows) = reader.next_rows()? {
            send(engine, reader, &rows, batch.max(1), &mut done, progress)?;
        }
    }
    Ok(done)
}

fn send(
    engine: &Qdrant,
    reader: &ShardReader,
    rows: &Rows,
    batch: usize,
    done: &mut Progress,
    progress: &mut dyn FnMut(Progress),
) -> Result<(), EngineError> {
    for start in (0..rows.len()).step_by(batch) {
        let end = rows.len().min(start + batch);
        let mut points: Vec<Point<'_>> =
            (start..end).map(|row| point(reader.manifest(), rows, row)).collect();
        let ids: Vec<&str> = points.iter().map(|point| point.id.as_str()).collect();
        let known = engine.known(&ids)?;
        let all = points.len();
        points.retain(|point| !known.contains(&point.id));
        if !points.is_empty() {
            engine.upsert(&points)?;
        }
        done.sent += points.len() as u64;
        done.known += (all - points.len()) as u64;
        progress(*done);
    }
    Ok(())
}
