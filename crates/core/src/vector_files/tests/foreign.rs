//! Parquet files as other programs write them.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use half::f16;
use parquet::data_type::{
    ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType,
    Int64Type,
};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;

/// A row: path, caption, vector.
pub type Row<'a> = (&'a str, Option<&'a str>, Vec<f64>);

#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    F16,
    F32,
    F64,
}

pub const KINDS: [(Kind, &str); 3] = [
    (Kind::F16, "fixed_len_byte_array(2) element (FLOAT16)"),
    (Kind::F32, "float element"),
    (Kind::F64, "double item"),
];

/// A column of a file.
pub enum Column<'a> {
    Numbers,
    Texts(&'a str, Vec<Option<&'a str>>),
    Vectors(Kind, Vec<Vec<f64>>),
}

fn group_of<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, File>,
    values: &[T::T],
    defined: &[i16],
    repeated: Option<&[i16]>,
) {
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<T>().write_batch(values, Some(defined), repeated).unwrap();
    column.close().unwrap();
}

/// Writes a file with these columns in this order, its rows spread over two row groups.
pub fn write(path: &Path, columns: &[Column<'_>], properties: WriterProperties) {
    let fields: Vec<String> = columns
        .iter()
        .map(|column| match column {
            Column::Numbers => "optional int64 number;".into(),
            Column::Texts(name, _) => format!("optional binary {name} (STRING);"),
            Column::Vectors(kind, _) => {
                let element = KINDS.iter().find(|(known, _)| known == kind).unwrap().1;
                format!("optional group vector (LIST) {{ repeated group list {{ optional {element}; }} }}")
            }
        })
        .collect();
    let schema = Arc::new(parse_message_type(&format!("message m {{ {} }}", fields.join(" "))).unwrap());
    let mut writer =
        SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties)).unwrap();
    let rows = columns
        .iter()
        .map(|column| match column {
            Column::Numbers => 0,
            Column::Texts(_, texts) => texts.len(),
            Column::Vectors(_, vectors) => vectors.len(),
        })
        .max()
        .unwrap();
    for part in [0..rows / 2, rows / 2..rows] {
        let mut group = writer.next_row_group().unwrap();
        for column in columns {
            match column {
                Column::Numbers => {
                    let numbers: Vec<i64> = part.clone().map(|row| row as i64).collect();
                    group_of::<Int64Type>(&mut group, &numbers, &vec![1; part.len()], None);
                }
                Column::Texts(_, texts) => {
                    let texts = &texts[part.clone()];
                    let values: Vec<ByteArray> =
                        texts.iter().flatten().map(|text| ByteArray::from(*text)).collect();
                    let defined: Vec<i16> = texts.iter().map(|text| text.is_some().into()).collect();
                    group_of::<ByteArrayType>(&mut group, &values, &defined, None);
                }
                Column::Vectors(kind, vectors) => write_vectors(&mut group, *kind, &vectors[part.clone()]),
            }
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

fn write_vectors(group: &mut SerializedRowGroupWriter<'_, File>, kind: Kind, vectors: &[Vec<f64>]) {
    let (mut values, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for vector in vectors {
        if vector.is_empty() {
            defined.push(1);
            repeated.push(0);
        }
        for (place, &value) in vector.iter().enumerate() {
            values.push(value);
            defined.push(3);
            repeated.push((place > 0).into());
        }
    }
    let repeated = Some(repeated.as_slice());
    match kind {
        Kind::F64 => group_of::<DoubleType>(group, &values, &defined, repeated),
        Kind::F32 => {
            let values: Vec<f32> = values.iter().map(|&value| value as f32).collect();
            group_of::<FloatType>(group, &values, &defined, repeated);
        }
        Kind::F16 => {
            let half = |value: &f64| FixedLenByteArray::from(f16::from_f64(*value).to_le_bytes().to_vec());
            let values: Vec<FixedLenByteArray> = values.iter().map(half).collect();
            group_of::<FixedLenByteArrayType>(group, &values, &defined, repeated);
        }
    }
}

/// Writes rows as most programs would.
pub fn plain(path: &Path, rows: &[Row<'_>]) -> PathBuf {
    let columns = [
        Column::Texts("path", rows.iter().map(|row| Some(row.0)).collect()),
        Column::Texts("caption", rows.iter().map(|row| row.1).collect()),
        Column::Vectors(Kind::F32, rows.iter().map(|row| row.2.clone()).collect()),
    ];
    write(path, &columns, WriterProperties::default());
    path.to_path_buf()
}
