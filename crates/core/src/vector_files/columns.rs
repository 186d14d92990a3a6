//! The columns of a Parquet file of vectors, found by name and read some rows at a time.

use std::path::Path;

use parquet::basic::{Compression, LogicalType, Type};
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType};
use parquet::errors::ParquetError;
use parquet::file::reader::RowGroupReader;
use parquet::schema::types::SchemaDescriptor;

use super::error::{VectorFileError, brief};

/// The numbers of the columns used.
pub(super) struct Columns {
    pub path: Option<usize>,
    pub caption: Option<usize>,
    pub role: Option<usize>,
    pub model: Option<usize>,
    pub vector: usize,
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
    pub fn find(file: &Path, schema: &SchemaDescriptor) -> Result<Self, VectorFileError> {
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

    pub fn check_compression(&self, file: &Path, group: &dyn RowGroupReader) -> Result<(), VectorFileError> {
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
        "it is compressed with {name}, which this build does not read; write it with \
         compression=\"snappy\""
    ))
}

/// A column of texts. A value shares the memory of its page or dictionary.
pub(super) struct Texts {
    column: Option<ColumnReaderImpl<ByteArrayType>>,
    values: Vec<Option<ByteArray>>,
}

impl Texts {
    pub fn open(group: &dyn RowGroupReader, column: Option<usize>) -> Result<Self, ParquetError> {
        let column = column.map(|column| group.get_column_reader(column)).transpose()?;
        Ok(Self { column: column.map(get_typed_column_reader), values: Vec::new() })
    }

    /// A value among those read last.
    pub fn at(&self, place: usize, name: &str) -> Result<Option<&str>, String> {
        let text = self.values[place].as_ref().map(|value| std::str::from_utf8(value.data())).transpose();
        text.map_err(|_| format!("its {name} is not UTF-8; write it as UTF-8"))
    }

    /// Reads the next `count` values; all are `None` where the file has no such column.
    pub fn next(&mut self, count: usize) -> Result<(), ParquetError> {
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
pub(super) struct VectorColumn {
    reader: VectorReader,
    defined: i16,
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    /// The components of the rows in memory, one after the other.
    pub components: Vec<f32>,
    /// The length of each row; `None` where the list or a component is null.
    pub lengths: Vec<Option<usize>>,
}

enum VectorReader {
    F16(ColumnReaderImpl<FixedLenByteArrayType>),
    F32(ColumnReaderImpl<FloatType>),
    F64(ColumnReaderImpl<DoubleType>),
}

impl VectorColumn {
    pub fn open(group: &dyn RowGroupReader, columns: &Columns) -> Result<Self, ParquetError> {
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
    pub fn next(&mut self, count: usize) -> Result<(), ParquetError> {
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
