//! Takes in the rows of all files and keeps those that a data set needs.
//!
//! Owns the rules that rows must follow: one model and one length a role, no vector without a direction, no two vectors for one
//! thing. Must not know how a file is laid out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::{VectorFileError, brief};
use super::matching::Wanted;
use super::row::{Head, Row};
use clipscope_analysis::NULL_CAPTIONS;
use clipscope_base::display_safe::display_path;
use clipscope_networks::{Modality, Role};

/// Captions of equal text may differ by the rounding of the batches they were in, and by no more.
const SAME_TEXT: f64 = 0.999;
/// Examples of unmatched rows that are kept for a message.
const EXAMPLES: usize = 3;

/// What was read of one file.
pub(super) struct ReadFile {
    pub path: PathBuf,
    pub head: Head,
    pub rows: u64,
    /// Rows that belong to nothing in the data set.
    pub unmatched: u64,
    /// The first of them, shortened.
    pub examples: Vec<String>,
}

/// The vectors of one role that the data set needs.
pub(super) struct RoleTable {
    pub role: Role,
    pub dim: usize,
    /// The model as the first row names it.
    pub model: Option<String>,
    /// The file of the first row.
    pub file: usize,
    /// All files with rows of this role.
    pub files: Vec<usize>,
    /// By photo; empty for captions.
    pub photos: Vec<Option<Kept>>,
    /// By text; empty for photos.
    pub texts: Vec<Vec<TextVector>>,
}

/// A vector and where it was.
#[derive(Clone)]
pub(super) struct Kept {
    pub vector: Arc<[f32]>,
    file: usize,
    row: u64,
}

/// The vector of a text.
pub(super) struct TextVector {
    pub owner: Owner,
    pub kept: Kept,
}

/// Whose caption the text is in its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A photo of the data set with this caption.
    Photo(usize),
    /// The row has no path.
    Nobody,
    /// A photo that is not in the data set, or that has other captions there.
    Other,
}

/// The state while files are read.
pub(super) struct Collector {
    pub wanted: Wanted,
    pub files: Vec<ReadFile>,
    /// By role.
    pub tables: [Option<RoleTable>; 4],
    /// The null captions in the shared space.
    pub null_captions: Vec<Option<Kept>>,
}

impl Collector {
    pub fn new(wanted: Wanted) -> Self {
        let null_captions = vec![None; NULL_CAPTIONS.len()];
        Self { wanted, files: Vec::new(), tables: [const { None }; 4], null_captions }
    }

    /// Begins a file; the rows that follow are its own.
    pub fn begin(&mut self, path: &Path, head: Head) -> Result<(), VectorFileError> {
        let number = self.files.len();
        for (text, vector) in &head.null_captions {
            if !vector.iter().all(|value| value.is_finite()) || vector.iter().all(|&value| value == 0.0) {
                let problem = format!("the vector of the null caption '{text}' has no direction");
                return Err(VectorFileError::file(path, problem));
            }
            if let Some(place) = filler(text)
                && self.null_captions[place].is_none()
            {
                // The shards of a data set all hold these texts. Those of the first file are as good as any.
                self.null_captions[place] =
                    Some(Kept { vector: vector.as_slice().into(), file: number, row: 0 });
            }
        }
        let path = path.to_path_buf();
        self.files.push(ReadFile { path, head, rows: 0, unmatched: 0, examples: Vec::new() });
        Ok(())
    }

    /// Takes in a row.
    pub fn row(&mut self, row: Row<'_>) -> Result<(), VectorFileError> {
        let file = self.files.len() - 1;
        self.files[file].rows += 1;
        self.check(row, file)?;
        let matched = match row.role.modality() {
            Modality::Image => self.photo(row, file)?,
            Modality::Text => self.text(row, file)?,
        };
        if !matched {
            let file = &mut self.files[file];
            file.unmatched += 1;
            if file.examples.len() < EXAMPLES {
                file.examples.push(match row.caption {
                    Some(caption) if row.role.modality() == Modality::Text => {
                        format!("'{}'", brief(caption.trim()))
                    }
                    _ => brief(row.path),
                });
            }
        }
        Ok(())
    }

    /// Verifies what every row must have, whether anything matches it or not.
    fn check(&mut self, row: Row<'_>, file: usize) -> Result<(), VectorFileError> {
        let fail = |problem: String| Err(VectorFileError::row(&self.files[file].path, row.number, problem));
        let (photos, texts) = match row.role.modality() {
            Modality::Image => (self.wanted.photos(), 0),
            Modality::Text => (0, self.wanted.texts()),
        };
        let table = self.tables[row.role as usize].get_or_insert_with(|| RoleTable {
            role: row.role,
            dim: row.vector.len(),
            model: row.model.map(String::from),
            file,
            files: Vec::new(),
            photos: vec![None; photos],
            texts: std::iter::repeat_with(Vec::new).take(texts).collect(),
        });
        let first = &self.files[table.file].path;
        let (role, first) = (row.role.name(), display_path(first));
        if row.vector.is_empty() {
            return fail("its vector is empty; leave the row out, or embed it again".into());
        }
        if row.vector.len() != table.dim {
            let (found, expected) = (row.vector.len(), table.dim);
            return fail(format!(
                "its vector has {found} components, where the first {role} row of {first} has {expected}; write the \
                 vectors of one model"
            ));
        }
        if row.model != table.model.as_deref() {
            let name = |model: Option<&str>| {
                model.map_or("no named model".into(), |name| format!("'{}'", brief(name)))
            };
            return fail(format!(
                "it is of {}, where the first {role} row of {first} is of {}; a role takes the vectors of one model",
                name(row.model),
                name(table.model.as_deref())
            ));
        }
        if row.vector.iter().any(|value| !value.is_finite()) {
            return fail(
                "its vector holds a value that is not a finite 32-bit number; leave the row out, or embed it again".into(),
            );
        }
        if row.vector.iter().all(|&value| value == 0.0) {
            return fail(
                "its vector is all zeros, so it has no direction; leave the row out, or embed it again"
                    .into(),
            );
        }
        if table.files.last() != Some(&file) {
            table.files.push(file);
        }
        Ok(())
    }

    /// Keeps the vector of a photo; false if the data set has no such photo.
    fn photo(&mut self, row: Row<'_>, file: usize) -> Result<bool, VectorFileError> {
        let Some(photo) = self.wanted.photo(row.path) else { return Ok(false) };
        let Some(table) = &mut self.tables[row.role as usize] else { return Ok(false) };
        match &table.photos[photo] {
            Some(kept) if !same_bits(&kept.vector, row.vector) => {
                Err(double(&self.files, row, file, kept, &format!("the photo '{}'", brief(row.path))))
            }
            Some(_) => Ok(true),
            None => {
                table.photos[photo] = Some(Kept { vector: row.vector.into(), file, row: row.number });
                Ok(true)
            }
        }
    }

    /// Keeps the vector of a caption or null caption; false if the data set has no such caption.
    fn text(&mut self, row: Row<'_>, file: usize) -> Result<bool, VectorFileError> {
        let caption = row.caption.unwrap_or_default();
        let mut matched = false;
        if row.path.is_empty()
            && let Some(place) = filler(caption.trim())
        {
            matched = true;
            if row.role == Role::ClipText {
                match &self.null_captions[place] {
                    Some(kept) if !same_bits(&kept.vector, row.vector) => {
                        return Err(double(&self.files, row, file, kept, "this null caption"));
                    }
                    Some(_) => {}
                    None => {
                        self.null_captions[place] =
                            Some(Kept { vector: row.vector.into(), file, row: row.number });
                    }
                }
            }
        }
        let Some(text) = self.wanted.text(caption) else { return Ok(matched) };
        let owner = match self.wanted.photo(row.path) {
            _ if row.path.is_empty() => Owner::Nobody,
            Some(photo) if self.wanted.owns(photo, text) => Owner::Photo(photo),
            _ => Owner::Other,
        };
        let Some(table) = &mut self.tables[row.role as usize] else { return Ok(matched) };
        let known = &mut table.texts[text];
        let same_row = known.iter().find(|known| known.owner == owner);
        if let Some(TextVector { kept, .. }) = same_row.filter(|_| owner != Owner::Other)
            && !same_bits(&kept.vector, row.vector)
        {
            return Err(double(&self.files, row, file, kept, "the same caption of the same photo"));
        }
        if let Some(TextVector { kept, .. }) = known.first()
            && cosine(&kept.vector, row.vector) < SAME_TEXT
        {
            return Err(double(
                &self.files,
                row,
                file,
                kept,
                &format!("the same text, '{}'", brief(caption.trim())),
            ));
        }
        if same_row.is_none() {
            let kept = Kept { vector: row.vector.into(), file, row: row.number };
            known.push(TextVector { owner, kept });
        }
        Ok(true)
    }
}

/// Two rows with vectors for the same thing.
fn double(files: &[ReadFile], row: Row<'_>, file: usize, kept: &Kept, what: &str) -> VectorFileError {
    let (role, other) = (row.role.name(), kept.row);
    let of = match kept.file == file {
        true => String::new(),
        false => format!(" of {}", display_path(&files[kept.file].path)),
    };
    let problem =
        format!("its {role} vector is not that of row {other}{of}, which is for {what}; keep one of them");
    VectorFileError::row(&files[file].path, row.number, problem)
}

/// The place of a null caption in the fixed list.
fn filler(text: &str) -> Option<usize> {
    NULL_CAPTIONS.iter().position(|known| *known == text)
}

fn same_bits(a: &[f32], b: &[f32]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// The cosine of two vectors of any length; 0 if they have none in common.
fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot =
        |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum() };
    dot(a, b) / (dot(a, a).sqrt() * dot(b, b).sqrt())
}
