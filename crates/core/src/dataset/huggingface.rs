//! Hugging Face imagefolder: `metadata.jsonl` with `file_name` and `text` on every line.
//!
//! `metadata.csv` with the same columns is read by [`table`](super::table). Names are relative to the metadata file. The
//! category is `category` or `label` or, without these, the first folder of the name.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    error::{DatasetError, at_line},
    item::Skipped,
    rows::{CaptionRow, CaptionRows, bad_row, text_lines},
};

const CAPTION_KEYS: [&str; 4] = ["text", "caption", "captions", "description"];

/// Where the photos are, relative to the file.
pub(super) fn photo_folders() -> Vec<PathBuf> {
    vec![PathBuf::from(".")]
}

/// Reads JSON lines. A bad line is left out.
pub(super) fn rows(path: &Path, bytes: &[u8]) -> CaptionRows {
    let mut rows = CaptionRows::default();
    for (number, line) in text_lines(path, bytes, &mut rows.skipped) {
        match row(path, number, line) {
            Ok(found) => rows.rows.extend(found),
            Err(skipped) => rows.skipped.push(skipped),
        }
    }
    rows
}

/// Reads the rows of one line: one per caption, or one without a caption.
fn row(path: &Path, number: u64, line: &str) -> Result<Vec<CaptionRow>, Skipped> {
    let entry: Value = serde_json::from_str(line).map_err(|error| {
        // A manifest that fits in memory has no more lines than usize can count.
        let first_line = usize::try_from(number).unwrap_or(usize::MAX);
        let error =
            DatasetError::json(path, first_line, &error, "correct the JSON there; the line is left out");
        Skipped::new(at_line(path, number), error)
    })?;
    let Some(Value::String(file)) = entry.get("file_name") else {
        let problem = "no \"file_name\" text; the format is {\"file_name\": \"a.jpg\", \"text\": \"...\"}";
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
        // A class number, whose name is elsewhere.
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    });
    let category = category.filter(|name| !name.is_empty());
    let row = |caption| CaptionRow { line: number, file: file.clone(), caption, category: category.clone() };
    Ok(if captions.is_empty() {
        vec![row(None)]
    } else {
        captions.into_iter().map(|caption| row(Some(caption))).collect()
    })
}
