//! Reading a file of vectors, and refusing one that contradicts its manifest.

use std::collections::BTreeSet;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FloatType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use super::error::ShardError;
use super::layout::{METADATA_KEY, SCHEMA, layout};
use super::manifest::ShardManifest;
use super::rows::ShardRows;

/// An open file of vectors, read one row group at a time.
pub struct ShardReader {
    file: PathBuf,
    reader: SerializedFileReader<File>,
    manifest: ShardManifest,
    group: usize,
    /// The row of the whole that is expected next.
    next: u64,
    left_out: BTreeSet<u64>,
}

impl ShardReader {
    /// Opens a file and checks its layout and its manifest.
    ///
    /// # Errors
    /// There is no such file, it has another layout, or its manifest contradicts itself.
    pub fn open(file: &Path) -> Result<Self, ShardError> {
        let opened = File::open(file).map_err(|error| ShardError::io(file, error))?;
        let fail = |problem: &str| ShardError::unreadable(file, problem);
        let reader = guarded(file, || SerializedFileReader::new(opened))?;
        let metadata = reader.metadata().file_metadata();
        let pairs = metadata.key_value_metadata();
        let json = pairs
            .and_then(|pairs| pairs.iter().find(|pair| pair.key == METADATA_KEY)?.value.as_deref())
            .ok_or_else(|| fail("a Parquet file that clipscope did not write (no clipscope metadata)"))?;
        let manifest: ShardManifest = serde_json::from_str(json)
            .map_err(|error| ShardError::unreadable(file, format!("its manifest cannot be read: {error}")))?;
        if manifest.schema != SCHEMA {
            let problem = format!("layout version {} where {SCHEMA} is understood", manifest.schema);
            return Err(ShardError::unreadable(file, problem));
        }
        let columns = layout().map_err(|error| ShardError::unreadable(file, error))?;
        if metadata.schema_descr().root_schema().get_fields() != columns.get_fields() {
            return Err(fail("its columns are not those of a file of vectors"));
        }
        let left_out: BTreeSet<u64> = manifest.left_out.iter().copied().collect();
        let covered = manifest.range();
        let rows = u64::try_from(metadata.num_rows()).unwrap_or(0);
        if manifest.dim == 0
            || covered.start > covered.end
            || covered.end > manifest.total
            || left_out.iter().any(|id| !covered.contains(id))
            || rows + left_out.len() as u64 != covered.end - covered.start
        {
            return Err(fail("its manifest and its rows do not agree"));
        }
        Ok(Self { file: file.to_path_buf(), reader, next: manifest.first, manifest, group: 0, left_out })
    }

    /// The manifest of the file.
    #[must_use]
    pub fn manifest(&self) -> &ShardManifest {
        &self.manifest
    }

    /// The path of the file.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The next rows; `None` at the end, once every row of the range was read or is listed as left out.
    ///
    /// # Errors
    /// The file is damaged, a row is missing, out of order or of another model, or a vector is not finite.
    pub fn next_rows(&mut self) -> Result<Option<ShardRows>, ShardError> {
        if self.group == self.reader.num_row_groups() {
            self.expect_up_to(self.manifest.end)?;
            return Ok(None);
        }
        let rows =
            guarded(&self.file, || read_group(&*self.reader.get_row_group(self.group)?, &self.manifest))?;
        self.group += 1;
        for &id in &rows.ids {
            if id < self.next || id >= self.manifest.end {
                let problem = format!("row {id} stands where row {} or a later one belongs", self.next);
                return Err(ShardError::unreadable(&self.file, problem));
            }
            self.expect_up_to(id)?;
            self.next = id + 1;
        }
        if let Some(place) = rows.vectors.iter().position(|value| !value.is_finite()) {
            let id = rows.ids[place / self.manifest.dim];
            let problem = format!("the vector of row {id} holds a value that is not a finite number");
            return Err(ShardError::unreadable(&self.file, problem));
        }
        Ok(Some(rows))
    }

    /// Verifies that all rows between the last one and `id` are listed as left out.
    fn expect_up_to(&mut self, id: u64) -> Result<(), ShardError> {
        match (self.next..id).find(|row| !self.left_out.contains(row)) {
            Some(row) => Err(ShardError::unreadable(&self.file, format!("row {row} is missing"))),
            None => {
                self.next = id;
                Ok(())
            }
        }
    }
}

/// Calls the Parquet library. A damaged file may make it panic, which counts as an error of the file.
fn guarded<T>(file: &Path, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ShardError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|error| ShardError::unreadable(file, error)),
        Err(_) => Err(ShardError::unreadable(file, "the file is damaged")),
    }
}

fn read_group(group: &dyn RowGroupReader, manifest: &ShardManifest) -> Result<ShardRows, ParquetError> {
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    let (ids, _, _) = column::<Int64Type>(group, 0, rows)?;
    let ids = ids
        .into_iter()
        .map(u64::try_from)
        .collect::<Result<_, _>>()
        .map_err(|_| ParquetError::General("an id is negative".into()))?;
    let texts = |place: usize| -> Result<Vec<String>, ParquetError> {
        let (values, _, _) = column::<ByteArrayType>(group, place, rows)?;
        if values.len() != rows {
            return Err(short());
        }
        values.iter().map(text).collect()
    };
    let (values, defined, _) = column::<ByteArrayType>(group, 3, rows)?;
    let mut values = values.iter();
    let captions = defined
        .iter()
        .map(|&level| if level == 0 { Ok(None) } else { text(values.next().ok_or_else(short)?).map(Some) })
        .collect::<Result<Vec<_>, _>>()?;
    let (vectors, _, repeats) = column::<FloatType>(group, 7, rows)?;
    let dim = manifest.dim;
    let starts_right = repeats.iter().enumerate().all(|(place, &level)| (level == 0) == (place % dim == 0));
    if vectors.len() != rows * dim || repeats.len() != vectors.len() || !starts_right {
        return Err(ParquetError::General(format!("a vector does not have {dim} components")));
    }
    if texts(5)?.iter().any(|role| role != manifest.role.name())
        || texts(6)?.iter().any(|model| *model != manifest.model)
    {
        return Err(ParquetError::General("a row is of another role or model than the file".into()));
    }
    let read = ShardRows {
        ids,
        paths: texts(1)?,
        categories: texts(2)?,
        captions,
        content_sha256: texts(4)?,
        vectors,
    };
    if read.len() != rows || read.captions.len() != rows {
        return Err(short());
    }
    Ok(read)
}

/// Values, definition levels and repetition levels of a column.
type Column<T> = (Vec<T>, Vec<i16>, Vec<i16>);

fn column<T: DataType>(
    group: &dyn RowGroupReader,
    place: usize,
    rows: usize,
) -> Result<Column<T::T>, ParquetError> {
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(place)?);
    let (mut values, mut defined, mut repeats) = (Vec::new(), Vec::new(), Vec::new());
    let mut read = 0;
    while read < rows {
        let (records, _, _) =
            reader.read_records(rows - read, Some(&mut defined), Some(&mut repeats), &mut values)?;
        if records == 0 {
            return Err(short());
        }
        read += records;
    }
    Ok((values, defined, repeats))
}

fn text(bytes: &ByteArray) -> Result<String, ParquetError> {
    Ok(bytes.as_utf8()?.to_owned())
}

fn short() -> ParquetError {
    ParquetError::General("a column ends early".into())
}
