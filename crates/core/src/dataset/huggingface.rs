//! Hugging Face imagefolder: `metadata.jsonl` with `file_name` and `text` on every line.
//!
//! The same columns in `metadata.csv` are read by [`table`](super::table). Names are relative to the metadata file; the
//! first folder of a name is the category, unless there is a `category` or a `label`.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    DatasetError, Skipped,
    draft::Draft,
    error::at_line,
    rows::{Categories, Row, Rows, bad_row, into_draft, text_lines},
};

const CAPTION_KEYS: [&str; 4] = ["text", "caption", "captions", "description"];

/// Reads JSON lines. A line that cannot be read is left out; the rest goes on.
pub(super) fn read(path: &Path, bytes: &[u8]) -> Result<Draft, DatasetError> {
    let mut rows = Rows::default();
    for (number, line) in text_lines(path, bytes, &mut rows.skipped) {
        match row(path, number, line) {
            Ok(found) => rows.rows.extend(found),
            Err(skipped) => rows.skipped.push(skipped),
        }
    }
    into_draft(path, rows, &[PathBuf::from(".")], Categories::FirstFolder)
}

/// The rows of one line: one for every caption, or a single one without caption.
fn row(path: &Path, number: u64, line: &str) -> Result<Vec<Row>, Skipped> {
    let entry: Value = serde_json::from_str(line).map_err(|error| {
        // Lines of a manifest that fits in memory fit in usize.
        let first_line = usize::try_from(number).unwrap_or(usize::MAX);
        let error =
            DatasetError::json(path, first_line, &error, "correct the JSON there; the line is left out");
        Skipped::new(at_line(path, number), error)
    })?;
    let Some(Value::String(file)) = entry.get("file_name") else {
        let problem = "no \"file_name\" text; the form is {\"file_name\": \"a.jpg\", \"text\": \"...\"}";
        return Err(bad_row(path, number, problem));
    };
    let text = |text: &Value| match text {
        Value::String(text) => Ok(text.clone()),
        _ => Err(bad_row(path, number, "the caption is not a text; write it in quotes")),
    };
    let captions = match CAPTION_KEYS.iter().find_map(|key| entry.get(key)) {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(texts)) => texts.iter().map(text).collect::<Result<_, _>>()?,
        Some(other) => vec![text(other)?],
    };
    let category = ["category", "label"].iter().find_map(|key| match entry.get(key)? {
        Value::String(name) => Some(name.trim().to_owned()),
        // The number of a class whose name is kept elsewhere.
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let category = category.filter(|name| !name.is_empty());
    let row = |caption| Row { line: number, file: file.clone(), caption, category: category.clone() };
    Ok(if captions.is_empty() {
        vec![row(None)]
    } else {
        captions.into_iter().map(|caption| row(Some(caption))).collect()
    })
}
