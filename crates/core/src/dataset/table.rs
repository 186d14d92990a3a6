//! CSV files with a header: a column with the photo's name and, optionally, columns with its caption and category.
//!
//! Separated by commas, semicolons or tabs. Several rows for one photo add captions to it.

use std::path::Path;

use super::{
    error::{DatasetError, at_line},
    item::Skipped,
    origin::DatasetKind,
    rows::{CaptionRow, CaptionRows, bad_row, not_utf8},
};

/// Headers in order of preference, case-insensitive. `file_name` is Hugging Face's.
const FILE_HEADERS: [&str; 7] =
    ["file_name", "filename", "file", "image", "image_name", "path", "image_path"];
const CAPTION_HEADERS: [&str; 4] = ["text", "caption", "captions", "description"];
/// `label` is the class in Hugging Face's image folders.
const CATEGORY_HEADERS: [&str; 2] = ["category", "label"];

pub(super) const REMEDY: &str = "start it with a header such as \"file,caption\" or \"file_name,text\" (also: image, path; description; category, label)";

/// The delimiter and columns of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TableLayout {
    delimiter: u8,
    file: usize,
    caption: Option<usize>,
    category: Option<usize>,
    pub kind: DatasetKind,
}

/// Reads the layout from the first line, if that is a header with a column for the photo.
pub(super) fn layout(path: &Path, bytes: &[u8]) -> Option<TableLayout> {
    let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty())?;
    b",;\t".iter().find_map(|&delimiter| {
        let mut header = csv::ByteRecord::new();
        reader(first, delimiter).read_byte_record(&mut header).ok()?;
        let names: Vec<String> =
            header.iter().map(|name| String::from_utf8_lossy(name).trim().to_lowercase()).collect();
        let column =
            |known: &[&str]| known.iter().find_map(|known| names.iter().position(|name| name == known));
        let file = column(&FILE_HEADERS)?;
        let text_file = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("txt"));
        let kind = if names[file] == "file_name" {
            DatasetKind::HuggingFace
        } else if text_file && names == ["image", "caption"] {
            DatasetKind::Flickr
        } else {
            DatasetKind::Csv
        };
        let (caption, category) = (column(&CAPTION_HEADERS), column(&CATEGORY_HEADERS));
        // A single column could be any text: one word of prose is not a header.
        (names.len() > 1 || kind == DatasetKind::HuggingFace).then_some(TableLayout {
            delimiter,
            file,
            caption,
            category,
            kind,
        })
    })
}

/// Reads a table. A bad row is left out.
pub(super) fn rows(path: &Path, bytes: &[u8], layout: TableLayout) -> Result<CaptionRows, DatasetError> {
    if let Some(line) = unclosed_quote(bytes, layout.delimiter) {
        return Err(DatasetError::manifest(
            at_line(path, line),
            "the quotation mark that opens a field here is never closed",
            "close it, or write it twice inside a quoted field",
        ));
    }
    let mut rows = CaptionRows::default();
    if layout.caption.is_none() {
        let problem = "no caption column (text, caption, description); the photos have no captions";
        rows.skipped.push(bad_row(path, 1, problem));
    }
    let mut reader = reader(bytes, layout.delimiter);
    let mut record = csv::ByteRecord::new();
    let mut header = true;
    while reader.read_byte_record(&mut record).map_err(|error| {
        DatasetError::manifest(at_line(path, reader_line(&error)), &error, "correct the row")
    })? {
        if std::mem::take(&mut header) {
            continue;
        }
        let line = record.position().map_or(0, csv::Position::line);
        match row(path, &record, line, layout) {
            Ok(row) => rows.rows.push(row),
            Err(skipped) => rows.skipped.push(skipped),
        }
    }
    Ok(rows)
}

fn row(path: &Path, record: &csv::ByteRecord, line: u64, layout: TableLayout) -> Result<CaptionRow, Skipped> {
    let field = |column: usize| match record.get(column).map(std::str::from_utf8) {
        None => Ok(None),
        Some(Ok(text)) => Ok(Some(text)),
        Some(Err(_)) => Err(not_utf8(path, line)),
    };
    let file = field(layout.file)?.map(str::trim).unwrap_or_default();
    if file.is_empty() {
        return Err(bad_row(path, line, "the row names no photo; add the name or remove the row"));
    }
    let caption = layout.caption.map(field).transpose()?;
    if let Some(None) = caption {
        return Err(bad_row(
            path,
            line,
            "the row ends before its caption; add it, or quote a field with line breaks",
        ));
    }
    let category =
        layout.category.map(field).transpose()?.flatten().map(str::trim).filter(|name| !name.is_empty());
    Ok(CaptionRow {
        line,
        file: file.to_owned(),
        caption: caption.flatten().map(str::to_owned),
        category: category.map(str::to_owned),
    })
}

fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(bytes)
}

fn reader_line(error: &csv::Error) -> u64 {
    error.position().map_or(0, csv::Position::line)
}

/// The line of a quoted field that is never closed. The csv crate accepts it, which would turn all rows after it into one
/// caption.
fn unclosed_quote(bytes: &[u8], delimiter: u8) -> Option<u64> {
    let (mut line, mut opened, mut field_start) = (1, None, true);
    let mut bytes = bytes.iter().peekable();
    while let Some(&byte) = bytes.next() {
        match (byte, opened) {
            (b'"', Some(_)) if bytes.peek() == Some(&&b'"') => {
                bytes.next();
            }
            (b'"', Some(_)) => opened = None,
            (b'"', None) if field_start => opened = Some(line),
            _ => {}
        }
        field_start = byte == delimiter || byte == b'\n' || byte == b'\r';
        line += u64::from(byte == b'\n');
    }
    opened
}
