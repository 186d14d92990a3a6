//! Rows of a Parquet file that any program may have written.
//!
//! Owns: finding the columns, and reading them a thousand rows at a time, so that memory does not grow with the file. Must not
//! know what the rows are for.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parquet::basic::{Compression, LogicalType, Type};
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType};
use parquet::errors::ParquetError;
use parquet::file::metadata::FileMetaData;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::schema::types::SchemaDescriptor;

use super::collector::Collector;
use super::error::{VectorFileError, brief};
use super::row::{Head, NamedNetwork, Row};
use crate::shards::ShardManifest;
use crate::shards::layout::{METADATA_KEY, SCHEMA};
use clipscope_networks::Role;

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

/// The numbers of the columns used.
struct Columns {
    path: Option<usize>,
    caption: Option<usize>,
    role: Option<usize>,
    model: Option<usize>,
    vector: usize,
    kind: VectorKind,
    /// The definition level of a component that is there.
    defined: i16,
}

#[derive(Clone, Copy)]
enum VectorKind {
    F16,
    F32,
    F64,
}

impl Columns {
    fn find(file: &Path, schema: &SchemaDescriptor) -> Result<Self, VectorFileError> {
        let fail = |problem: String| VectorFileError::file(file, problem);
        let of = |name: &str| -> Vec<usize> {
            let leaves = 0..schema.num_columns();
            leaves
                .filter(|&leaf| schema.column(leaf).path().parts().first().is_some_and(|n| n == name))
                .collect()
        };
        let text = |name: &str| match of(name)[..] {
            [] => Ok(None),
            [leaf]
                if schema.column(leaf).max_rep_level() == 0
                    && schema.column(leaf).path().parts().len() == 1
                    && schema.column(leaf).physical_type() == Type::BYTE_ARRAY =>
            {
                Ok(Some(leaf))
            }
            _ => Err(fail(format!("its column '{name}' does not hold text"))),
        };
        let (path, caption) = (text("path")?, text("caption")?);
        if path.is_none() && caption.is_none() {
            let names: Vec<&str> =
                schema.root_schema().get_fields().iter().map(|field| field.name()).collect();
            let names = brief(&names.join(", "));
            return Err(fail(format!(
                "it has no column 'path' and none 'caption' (its columns: {names}); see docs/models.md for the layout"
            )));
        }
        let wanted = "a list of float16, float32 or float64 is needed";
        let vector = match of("vector")[..] {
            [] => return Err(fail(format!("it has no column 'vector'; {wanted}"))),
            [leaf] if schema.column(leaf).max_rep_level() == 1 => leaf,
            _ => return Err(fail(format!("its column 'vector' is not one list a row; {wanted}"))),
        };
        let column = schema.column(vector);
        let half = column.logical_type_ref() == Some(&LogicalType::Float16) && column.type_length() == 2;
        let kind = match column.physical_type() {
            Type::FLOAT => VectorKind::F32,
            Type::DOUBLE => VectorKind::F64,
            Type::FIXED_LEN_BYTE_ARRAY if half => VectorKind::F16,
            other => return Err(fail(format!("its column 'vector' holds lists of {other}; {wanted}"))),
        };
        let (role, model, defined) = (text("role")?, text("model")?, column.max_def_level());
        Ok(Self { path, caption, role, model, vector, kind, defined })
    }

    fn check_compression(&self, file: &Path, group: &dyn RowGroupReader) -> Result<(), VectorFileError> {
        let texts = [self.path, self.caption, self.role, self.model];
        let mut columns = texts.into_iter().flatten().chain([self.vector]);
        match columns.find_map(|column| not_read(group.metadata().column(column).compression())) {
            Some(problem) => Err(VectorFileError::file(file, problem)),
            None => Ok(()),
        }
    }
}

/// Why a compression is not read here, if it is not.
fn not_read(compression: Compression) -> Option<String> {
    if matches!(compression, Compression::UNCOMPRESSED | Compression::SNAPPY) {
        return None;
    }
    let name = format!("{compression:?}");
    let name = name.split('(').next().unwrap_or_default().to_lowercase();
    Some(format!(
        "it is compressed with {name}, which this build does not read; write it with compression=\"snappy\" or \
         \"uncompressed\""
    ))
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
    if caption.is_none() && role.modality() == clipscope_networks::Modality::Text {
        return Err(format!("its role is {named}, but it has no caption"));
    }
    Ok(role)
}

/// A column of texts. A value shares the memory of its page or dictionary.
struct Texts {
    column: Option<ColumnReaderImpl<ByteArrayType>>,
    values: Vec<Option<ByteArray>>,
}

impl Texts {
    fn open(group: &dyn RowGroupReader, column: Option<usize>) -> Result<Self, ParquetError> {
        let column = column.map(|column| group.get_column_reader(column)).transpose()?;
        Ok(Self { column: column.map(get_typed_column_reader), values: Vec::new() })
    }

    /// A value among those read last.
    fn at(&self, place: usize, name: &str) -> Result<Option<&str>, String> {
        let text = self.values[place].as_ref().map(|value| std::str::from_utf8(value.data())).transpose();
        text.map_err(|_| format!("its {name} is not UTF-8; write it as UTF-8"))
    }

    /// Reads the next `count` values; all are `None` where the file has no such column.
    fn next(&mut self, count: usize) -> Result<(), ParquetError> {
        self.values.clear();
        let Some(column) = &mut self.column else {
            self.values.resize(count, None);
            return Ok(());
        };
        let (mut found, mut defined) = (Vec::new(), Vec::new());
        read_exactly(column, count, &mut defined, &mut Vec::new(), &mut found)?;
        if defined.is_empty() {
            self.values.extend(found.into_iter().map(Some));
        } else {
            let mut found = found.into_iter();
            self.values.extend(defined.iter().map(|&level| if level == 0 { None } else { found.next() }));
        }
        if self.values.len() == count { Ok(()) } else { Err(short()) }
    }
}

/// The column of vectors.
struct VectorColumn {
    reader: VectorReader,
    defined: i16,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    /// The components of the rows in memory, one after the other.
    components: Vec<f32>,
    /// The length of each row; `None` where the list or a component is null.
    lengths: Vec<Option<usize>>,
}

enum VectorReader {
    F16(ColumnReaderImpl<FixedLenByteArrayType>),
    F32(ColumnReaderImpl<FloatType>),
    F64(ColumnReaderImpl<DoubleType>),
}

impl VectorColumn {
    fn open(group: &dyn RowGroupReader, columns: &Columns) -> Result<Self, ParquetError> {
        let column = group.get_column_reader(columns.vector)?;
        let reader = match columns.kind {
            VectorKind::F16 => VectorReader::F16(get_typed_column_reader(column)),
            VectorKind::F32 => VectorReader::F32(get_typed_column_reader(column)),
            VectorKind::F64 => VectorReader::F64(get_typed_column_reader(column)),
        };
        Ok(Self {
            reader,
            defined: columns.defined,
            definitions: Vec::new(),
            repetitions: Vec::new(),
            components: Vec::new(),
            lengths: Vec::new(),
        })
    }

    /// Reads the next `count` rows.
    fn next(&mut self, count: usize) -> Result<(), ParquetError> {
        self.definitions.clear();
        self.repetitions.clear();
        self.components.clear();
        self.lengths.clear();
        let (definitions, repetitions) = (&mut self.definitions, &mut self.repetitions);
        match &mut self.reader {
            VectorReader::F32(reader) => {
                read_exactly(reader, count, definitions, repetitions, &mut self.components)?;
            }
            VectorReader::F64(reader) => {
                let mut found = Vec::new();
                read_exactly(reader, count, definitions, repetitions, &mut found)?;
                self.components.extend(found.into_iter().map(|value| value as f32));
            }
            VectorReader::F16(reader) => {
                let mut found = Vec::new();
                read_exactly(reader, count, definitions, repetitions, &mut found)?;
                for value in &found {
                    let bytes = value.data().try_into().map_err(|_| short())?;
                    self.components.push(half::f16::from_le_bytes(bytes).to_f32());
                }
            }
        }
        // A list starts where the repetition level is 0.
        for (&repeated, &level) in self.repetitions.iter().zip(&self.definitions) {
            if repeated == 0 {
                self.lengths.push(Some(0));
            }
            let length = self.lengths.last_mut().ok_or_else(short)?;
            *length = length.filter(|_| level == self.defined).map(|length| length + 1);
        }
        let whole = self.lengths.iter().all(Option::is_some);
        let components: usize = self.lengths.iter().flatten().sum();
        if self.lengths.len() != count || (whole && components != self.components.len()) {
            return Err(short());
        }
        Ok(())
    }
}

/// Reads `count` records, which may be spread over several pages.
fn read_exactly<T: DataType>(
    column: &mut ColumnReaderImpl<T>,
    count: usize,
    definitions: &mut Vec<i16>,
    repetitions: &mut Vec<i16>,
    values: &mut Vec<T::T>,
) -> Result<(), ParquetError> {
    let mut read = 0;
    while read < count {
        let (records, _, _) =
            column.read_records(count - read, Some(definitions), Some(repetitions), values)?;
        if records == 0 {
            return Err(short());
        }
        read += records;
    }
    Ok(())
}

fn short() -> ParquetError {
    ParquetError::General("a column ends early".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use parquet::basic::ZstdLevel;

    #[test]
    fn a_compression_that_is_not_read_is_named_with_what_to_do() {
        let problem = not_read(Compression::ZSTD(ZstdLevel::default())).unwrap();
        assert!(problem.contains("with zstd,") && problem.contains("compression=\"snappy\""), "{problem}");
        assert_eq!(not_read(Compression::UNCOMPRESSED).or(not_read(Compression::SNAPPY)), None);
    }
}
