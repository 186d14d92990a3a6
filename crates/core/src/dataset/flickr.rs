//! Flickr8k and Flickr30k captions, in the three formats in which they are distributed.
//!
//! | file | format | read by |
//! |---|---|---|
//! | `captions.txt` | `image,caption` header, then CSV | [`table`](super::table) |
//! | `Flickr8k.token.txt`, `*.token` | `name.jpg#0<tab>caption` | here |
//! | `results.csv` of Flickr30k | `image_name\| comment_number\| comment` header | here |
//!
//! A photo has five captions. There are no categories.

use std::path::{Path, PathBuf};

use super::rows::{CaptionRow, CaptionRows, bad_row, text_lines};

/// The photo folders of the distributed archives, relative to the captions file.
const PHOTO_FOLDERS: [&str; 9] = [
    ".",
    "Images",
    "images",
    "flickr30k_images",
    "flickr30k_images/flickr30k_images",
    "flickr30k-images",
    "Flicker8k_Dataset", // spelled this way in the archive
    "Flickr8k_Dataset",
    "Flicker8k_Dataset/Flicker8k_Dataset",
];

/// A format that is read line by line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FlickrFormat {
    /// `name.jpg#0<tab>caption`.
    Token,
    /// `name.jpg| 0| caption`, after a header.
    Pipe,
}

pub(super) fn photo_folders() -> Vec<PathBuf> {
    PHOTO_FOLDERS.iter().map(PathBuf::from).collect()
}

/// Recognizes the format by the first line.
pub(super) fn format(bytes: &[u8]) -> Option<FlickrFormat> {
    let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty())?;
    let first = std::str::from_utf8(first).ok()?;
    if token(first).is_some() {
        return Some(FlickrFormat::Token);
    }
    let mut fields = first.split('|').map(str::trim);
    let header = fields.next().is_some_and(|name| name.eq_ignore_ascii_case("image_name"));
    (header && fields.count() == 2).then_some(FlickrFormat::Pipe)
}

/// Reads captions in the format that [`format`] recognized.
pub(super) fn rows(path: &Path, bytes: &[u8], format: FlickrFormat) -> CaptionRows {
    let mut rows = CaptionRows::default();
    let lines = text_lines(path, bytes, &mut rows.skipped);
    let header = usize::from(format == FlickrFormat::Pipe);
    for (number, line) in lines.into_iter().skip(header) {
        let fields = match format {
            FlickrFormat::Token => token(line).ok_or("expected name.jpg#0, tab, caption; correct the line"),
            FlickrFormat::Pipe => pipe(line).ok_or("expected name.jpg| 0| caption; correct the line"),
        };
        match fields {
            Ok((file, caption)) => rows.rows.push(CaptionRow {
                line: number,
                file: file.to_owned(),
                caption: Some(caption.to_owned()),
                category: None,
            }),
            Err(problem) => rows.skipped.push(bad_row(path, number, problem)),
        }
    }
    rows
}

/// Splits `name.jpg#0<tab>caption`.
fn token(line: &str) -> Option<(&str, &str)> {
    let (name, caption) = line.split_once('\t')?;
    let (file, number) = name.trim().rsplit_once('#')?;
    (!file.is_empty() && is_number(number)).then_some((file, caption))
}

/// Splits `name.jpg| 0| caption`. The caption may contain more bars.
fn pipe(line: &str) -> Option<(&str, &str)> {
    let mut fields = line.splitn(3, '|').map(str::trim);
    let (file, number, caption) = (fields.next()?, fields.next()?, fields.next()?);
    (!file.is_empty() && is_number(number)).then_some((file, caption))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
