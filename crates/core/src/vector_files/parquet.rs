//! Rows of a Parquet file that any program may have written.
//!
//! Owns: what the file says of itself, and handing over its rows a thousand at a time, so that memory does not grow with the
//! file. Must not know what the rows are for.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parquet::errors::ParquetError;
use parquet::file::metadata::FileMetaData;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use super::collector::Collector;
use super::columns::{Columns, Texts, VectorColumn};
use super::error::{VectorFileError, brief};
use super::row::{Head, NamedNetwork, Row};
use crate::shards::ShardManifest;
use crate::shards::layout::{METADATA_KEY, SCHEMA};
use clipscope_networks::{Modality, Role};

/// Rows in memory together.
const ROWS_AT_ONCE: usize = 1024;
/// Components in a row group that a small file may hold. Damaged or hostile files could claim any number.
const FEW_COMPONENTS: u64 = 1 << 26;
/// Beyond that, so many for each byte of the file: repeated values compress well.
const COMPONENTS_PER_BYTE: u64 = 16;
/// The key under which other programs can give the logit scale.
const LOGIT_SCALE: &str = "logit_scale";

/// Reads all rows of a file.
pub(super) fn read(file: &Path, collector: &mut Collector) -> Result<(), VectorFileError> {
    let opened = File::open(file).map_err(VectorFileError::io(file))?;
    let bytes = opened.metadata().map_err(VectorFileError::io(file))?.len();
    let reader = guarded(file, || SerializedFileReader::new(opened))?;
    let metadata = reader.metadata().file_metadata();
    let columns = Columns::find(file, metadata.schema_descr())?;
    collector.begin(file, head(file, metadata)?)?;
    let limit = FEW_COMPONENTS.max(bytes.saturating_mul(COMPONENTS_PER_BYTE));
    let mut first = 0;
    for number in 0..reader.num_row_groups() {
        let group = guarded(file, || reader.get_row_group(number))?;
        columns.check_compression(file, &*group)?;
        let levels = guarded(file, || levels(&*group, columns.vector))?;
        if levels > limit {
            let problem = format!("it claims {levels} numbers in {bytes} bytes; it is damaged");
            return Err(VectorFileError::file(file, problem));
        }
        first += group_rows(file, &*group, &columns, first, collector)?;
    }
    Ok(())
}

/// Calls the Parquet library. A damaged file may make it panic, which counts as an error of the file.
fn guarded<T>(file: &Path, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, VectorFileError> {
    let damaged = |what: &str| VectorFileError::file(file, format!("{what}; write it again"));
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|error| damaged(&format!("it cannot be read as Parquet: {error}"))),
        Err(_) => Err(damaged("the file is damaged")),
    }
}

/// What the file says of itself.
fn head(file: &Path, metadata: &FileMetaData) -> Result<Head, VectorFileError> {
    let value = |key: &str| {
        let pairs = metadata.key_value_metadata()?;
        pairs.iter().find(|pair| pair.key == key)?.value.as_deref()
    };
    let mut head = Head::default();
    if let Some(json) = value(METADATA_KEY) {
        let manifest: ShardManifest = serde_json::from_str(json)
            .map_err(|error| VectorFileError::file(file, format!("its manifest cannot be read: {error}")))?;
        if manifest.schema != SCHEMA {
            let problem = format!("layout version {} where {SCHEMA} is understood", manifest.schema);
            return Err(VectorFileError::file(file, problem));
        }
        let mut network = NamedNetwork { role: manifest.role, name: manifest.network, weights_sha256: None };
        if let Some(made_with) = manifest.made_with {
            network.weights_sha256 = Some(made_with.weights_sha256);
            head.set = Some(made_with.set);
            head.stand_in = made_with.stand_in.is_some();
            head.logit_scale = Some(made_with.logit_scale);
            for null in made_with.null_captions {
                let vector = null.components().filter(|vector| vector.len() == manifest.dim);
                let vector = vector.ok_or_else(|| {
                    VectorFileError::file(file, "the vector of a null caption in its manifest is damaged")
                })?;
                head.null_captions.push((null.text, vector));
            }
        }
        head.networks.push(network);
    }
    if let Some(text) = value(LOGIT_SCALE) {
        head.logit_scale = Some(text.trim().parse().map_err(|_| {
            VectorFileError::file(file, format!("its logit_scale is '{}', not a number", brief(text)))
        })?);
    }
    if let Some(scale) = head.logit_scale.filter(|scale| !(scale.is_finite() && *scale > 0.0)) {
        let problem = format!("its logit scale is {scale}; it must be above 0");
        return Err(VectorFileError::file(file, problem));
    }
    Ok(head)
}

/// The components that the pages of a column claim to hold.
fn levels(group: &dyn RowGroupReader, column: usize) -> Result<u64, ParquetError> {
    let mut pages = group.get_column_page_reader(column)?;
    let mut levels: u64 = 0;
    while let Some(page) = pages.peek_next_page()? {
        levels = levels.saturating_add(page.num_levels.unwrap_or(0) as u64);
        pages.skip_next_page()?;
    }
    Ok(levels)
}

/// Hands over the rows of a row group, the first of which is row `first` of the file; their number.
fn group_rows(
    file: &Path,
    group: &dyn RowGroupReader,
    columns: &Columns,
    first: u64,
    collector: &mut Collector,
) -> Result<u64, VectorFileError> {
    let text = |column: Option<usize>| guarded(file, || Texts::open(group, column));
    let (mut paths, mut captions) = (text(columns.path)?, text(columns.caption)?);
    let (mut roles, mut models) = (text(columns.role)?, text(columns.model)?);
    let mut vectors = guarded(file, || VectorColumn::open(group, columns))?;
    let total = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
    let mut done = 0;
    while done < total {
        let count = (total - done).min(ROWS_AT_ONCE as u64) as usize;
        guarded(file, || {
            [&mut paths, &mut captions, &mut roles, &mut models]
                .into_iter()
                .try_for_each(|texts| texts.next(count))?;
            vectors.next(count)
        })?;
        let mut start = 0;
        for (place, &length) in vectors.lengths.iter().enumerate() {
            let number = first + done + place as u64;
            let fail = |problem: String| VectorFileError::row(file, number, problem);
            let caption = captions.at(place, "caption").map_err(fail)?;
            let caption = caption.filter(|caption| !caption.trim().is_empty());
            let role = roles.at(place, "role").map_err(fail)?.filter(|role| !role.is_empty());
            let role = role_of(role, caption).map_err(fail)?;
            let Some(length) = length else {
                let problem =
                    "its vector is empty, null or holds a null; leave the row out, or embed it again";
                return Err(fail(problem.into()));
            };
            let vector = &vectors.components[start..start + length];
            start += length;
            collector.row(Row {
                number,
                role,
                model: models.at(place, "model").map_err(fail)?,
                path: paths.at(place, "path").map_err(fail)?.unwrap_or_default(),
                caption,
                vector,
            })?;
        }
        done += count as u64;
    }
    Ok(total)
}

/// The role a row names, or the one that follows from whether it has a caption.
fn role_of(named: Option<&str>, caption: Option<&str>) -> Result<Role, String> {
    let Some(named) = named else {
        return Ok(if caption.is_some() { Role::ClipText } else { Role::ClipImage });
    };
    let Some(role) = Role::ALL.into_iter().find(|role| role.name() == named) else {
        let names = Role::ALL.map(Role::name).join(", ");
        return Err(format!("its role is '{}'; a role is one of {names}", brief(named)));
    };
    if caption.is_none() && role.modality() == Modality::Text {
        return Err(format!("its role is {named}, but it has no caption"));
    }
    Ok(role)
}
