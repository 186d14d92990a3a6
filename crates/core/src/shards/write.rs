//! Writing a file of vectors.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::Encoding;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::ColumnPath;

use super::arrow_schema;
use super::error::ShardError;
use super::layout::{METADATA_KEY, layout};
use super::manifest::ShardManifest;
use super::rows::ShardRows;

/// Rows per row group, which are in memory together: 2 KB each with 512 components.
const ROWS_AT_ONCE: usize = 4096;

/// A file of vectors being written. It is unreadable until [`ShardWriter::finish`].
pub struct ShardWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    manifest: ShardManifest,
    waiting: ShardRows,
    next: u64,
}

impl<W: Write + Send> ShardWriter<W> {
    /// Starts a file. It is not compressed, since vectors do not compress well.
    ///
    /// # Errors
    /// `to` cannot be written.
    pub fn new(to: W, manifest: ShardManifest) -> Result<Self, ShardError> {
        let vector = ColumnPath::new(["vector", "list", "element"].map(String::from).to_vec());
        let json = serde_json::to_string(&manifest).map_err(unwritable)?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("clipscope ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_column_dictionary_enabled(vector.clone(), false)
            .set_column_encoding(vector.clone(), Encoding::PLAIN)
            .set_column_statistics_enabled(vector, EnabledStatistics::None)
            .set_key_value_metadata(Some(vec![
                KeyValue::new(METADATA_KEY.to_owned(), json),
                KeyValue::new(arrow_schema::KEY.to_owned(), arrow_schema::encoded(manifest.dim)),
            ]))
            .build();
        let file = SerializedFileWriter::new(to, layout().map_err(unwritable)?, Arc::new(properties))
            .map_err(unwritable)?;
        Ok(Self { file, next: manifest.first, manifest, waiting: ShardRows::default() })
    }

    /// Adds rows, with ids ascending from call to call.
    ///
    /// # Errors
    /// Columns differ in length, an id is out of order or outside the range of the manifest, or the file cannot be written.
    pub fn write(&mut self, rows: &ShardRows) -> Result<(), ShardError> {
        let count = rows.len();
        let lengths =
            [rows.paths.len(), rows.categories.len(), rows.captions.len(), rows.content_sha256.len()];
        if lengths != [count; 4] || rows.vectors.len() != count * self.manifest.dim {
            return Err(ShardError::Unwritable(format!(
                "{count} ids, {lengths:?} texts and {} numbers do not make rows of {} components",
                rows.vectors.len(),
                self.manifest.dim
            )));
        }
        for &id in &rows.ids {
            if id < self.next || id >= self.manifest.end {
                let (next, end) = (self.next, self.manifest.end);
                return Err(ShardError::Unwritable(format!("id {id} is not among {next}..{end}")));
            }
            self.next = id + 1;
        }
        let dim = self.manifest.dim;
        // Row groups are full whatever the calls bring, so that a merge gives the bytes of the whole.
        let mut start = 0;
        while start < count {
            let end = count.min(start + ROWS_AT_ONCE - self.waiting.len());
            let waiting = &mut self.waiting;
            waiting.ids.extend(&rows.ids[start..end]);
            waiting.paths.extend_from_slice(&rows.paths[start..end]);
            waiting.categories.extend_from_slice(&rows.categories[start..end]);
            waiting.captions.extend_from_slice(&rows.captions[start..end]);
            waiting.content_sha256.extend_from_slice(&rows.content_sha256[start..end]);
            waiting.vectors.extend_from_slice(&rows.vectors[start * dim..end * dim]);
            start = end;
            if waiting.len() == ROWS_AT_ONCE {
                self.flush()?;
            }
        }
        Ok(())
    }

    /// Completes the file and returns what it was written to.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn finish(mut self) -> Result<W, ShardError> {
        self.flush()?;
        self.file.into_inner().map_err(unwritable)
    }

    fn flush(&mut self) -> Result<(), ShardError> {
        let rows = std::mem::take(&mut self.waiting);
        if rows.is_empty() {
            return Ok(());
        }
        let same = |text: &str| vec![ByteArray::from(text); rows.len()];
        let ids: Vec<i64> =
            rows.ids.iter().map(|&id| i64::try_from(id)).collect::<Result<_, _>>().map_err(unwritable)?;
        let (repeats, defined) = list_levels(rows.len(), self.manifest.dim);
        let captions: Vec<ByteArray> = rows.captions.iter().flatten().map(|text| bytes(text)).collect();
        let has_caption: Vec<i16> = rows.captions.iter().map(|caption| caption.is_some().into()).collect();
        let mut group = self.file.next_row_group().map_err(unwritable)?;
        column::<Int64Type, _>(&mut group, &ids, None, None)?;
        column::<ByteArrayType, _>(&mut group, &texts(&rows.paths), None, None)?;
        column::<ByteArrayType, _>(&mut group, &texts(&rows.categories), None, None)?;
        column::<ByteArrayType, _>(&mut group, &captions, Some(&has_caption), None)?;
        column::<ByteArrayType, _>(&mut group, &texts(&rows.content_sha256), None, None)?;
        column::<ByteArrayType, _>(&mut group, &same(self.manifest.role.name()), None, None)?;
        column::<ByteArrayType, _>(&mut group, &same(&self.manifest.model), None, None)?;
        column::<FloatType, _>(&mut group, &rows.vectors, Some(&defined), Some(&repeats))?;
        group.close().map_err(unwritable)?;
        Ok(())
    }
}

/// Parquet's repetition and definition levels for `rows` lists of `dim` elements: a list starts where the repetition level is
/// 0, and no element is null.
fn list_levels(rows: usize, dim: usize) -> (Vec<i16>, Vec<i16>) {
    let repeats = (0..rows * dim).map(|place| i16::from(place % dim != 0)).collect();
    (repeats, vec![1; rows * dim])
}

fn column<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &[T::T],
    defined: Option<&[i16]>,
    repeats: Option<&[i16]>,
) -> Result<(), ShardError> {
    let missing = || ShardError::Unwritable("the layout has fewer columns than are written".into());
    let mut column = group.next_column().map_err(unwritable)?.ok_or_else(missing)?;
    column.typed::<T>().write_batch(values, defined, repeats).map_err(unwritable)?;
    column.close().map_err(unwritable)
}

fn texts(texts: &[String]) -> Vec<ByteArray> {
    texts.iter().map(|text| bytes(text)).collect()
}

fn bytes(text: &str) -> ByteArray {
    ByteArray::from(text)
}

fn unwritable(error: impl std::fmt::Display) -> ShardError {
    ShardError::Unwritable(error.to_string())
}
