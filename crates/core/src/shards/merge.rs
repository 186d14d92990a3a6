//! Joining the shards of a data set, after proving that they are its parts and contain every row once.

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use super::error::ShardError;
use super::manifest::ShardManifest;
use super::read::ShardReader;
use super::write::ShardWriter;

/// Writes all rows of `shards`, given in any order, to `to`, and returns the manifest of the whole.
///
/// The ranges are compared before anything is written. The rows are checked while they are copied, one row group in memory
/// at a time.
///
/// # Errors
/// The shards are of different roles, models, dimensions or data sets, rows are missing or duplicated, or a file is damaged.
/// What was written to `to` is then useless.
pub fn merge<W, P>(shards: &[P], to: W) -> Result<(ShardManifest, W), ShardError>
where
    W: Write + Send,
    P: AsRef<Path>,
{
    let mut readers =
        shards.iter().map(|path| ShardReader::open(path.as_ref())).collect::<Result<Vec<_>, _>>()?;
    let first = readers.first().ok_or(ShardError::Nothing)?;
    for other in &readers[1..] {
        same_whole(first, other)?;
    }
    readers.sort_by_key(|reader| (reader.manifest().first, reader.manifest().end));
    let mut manifest = readers[0].manifest().clone();
    complete(&readers, manifest.total)?;
    manifest.first = 0;
    manifest.end = manifest.total;
    manifest.left_out =
        readers.iter().flat_map(|reader| reader.manifest().left_out.iter().copied()).collect();
    let mut writer = ShardWriter::new(to, manifest.clone())?;
    for reader in &mut readers {
        while let Some(rows) = reader.next_rows()? {
            writer.write(&rows)?;
        }
    }
    Ok((manifest, writer.finish()?))
}

fn same_whole(first: &ShardReader, other: &ShardReader) -> Result<(), ShardError> {
    let (a, b) = (first.manifest(), other.manifest());
    let embed_again = "embed both with the same model set";
    let problem = if a.role != b.role {
        Some((format!("{} and {} vectors", a.role.name(), b.role.name()), "merge one role at a time"))
    } else if a.dim != b.dim {
        Some((format!("vectors of {} and of {} components", a.dim, b.dim), embed_again))
    } else if a.model != b.model {
        let what = format!(
            "made with different models ({} {}, {} {})",
            a.network,
            short(&a.model),
            b.network,
            short(&b.model)
        );
        Some((what, embed_again))
    } else if a.fingerprint != b.fingerprint || a.total != b.total {
        let what = format!(
            "shards of different data sets, or of one that changed in between ({} with {} rows, {} with {})",
            a.dataset, a.total, b.dataset, b.total
        );
        Some((what, "embed all shards from the same photos and captions"))
    } else {
        None
    };
    problem.map_or(Ok(()), |(what, remedy)| {
        let (file, other) = (first.file().to_path_buf(), other.file().to_path_buf());
        Err(ShardError::Mismatch { file, other, what, remedy })
    })
}

fn short(key: &str) -> &str {
    key.get(..12).unwrap_or(key)
}

/// Verifies that sorted ranges cover `0..total` without gaps or overlaps.
fn complete(readers: &[ShardReader], total: u64) -> Result<(), ShardError> {
    let mut missing: Vec<Range<u64>> = Vec::new();
    let mut covered = 0;
    let mut last: Option<&ShardReader> = None;
    for reader in readers {
        let range = reader.manifest().range();
        if range.is_empty() {
            continue;
        }
        if let Some(last) = last
            && range.start < covered
        {
            let range = range.start..covered.min(range.end);
            let (file, other) = (last.file().to_path_buf(), reader.file().to_path_buf());
            return Err(ShardError::Double { file, other, range });
        }
        if range.start > covered {
            missing.push(covered..range.start);
        }
        covered = range.end;
        last = Some(reader);
    }
    if covered < total {
        missing.push(covered..total);
    }
    if missing.is_empty() { Ok(()) } else { Err(ShardError::Gap { missing, total }) }
}
