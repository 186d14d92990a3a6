//! Opening a data set: reading it, replacing its captions, keeping a part of it.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::{
    bundled, captions,
    contents::{Dataset, Selection},
    detect,
    error::DatasetError,
    item::{PhotoReader, Skipped},
    sample::sample,
    summary::DatasetSummary,
};
use clipscope_base::display_safe::display_path;

/// Tells from the start of a file whether it is a photo: nothing, or why not.
pub type Inspect<'a> = &'a (dyn Fn(&mut PhotoReader) -> Result<(), String> + Sync);

/// How a data set is opened. The default keeps everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// A manifest of any format whose captions replace all of the data set's.
    pub captions: Option<PathBuf>,
    /// Keep this many photos from the start (of the sample, if one is drawn).
    pub limit: Option<usize>,
    /// Draw this many photos with this seed and keep them in order. The same photos on every machine.
    pub sample: Option<(usize, u64)>,
}

impl Dataset {
    /// The 20 bundled photos: 5 categories, one caption per photo.
    pub fn bundled() -> Self {
        bundled::load()
    }

    /// [`Dataset::bundled`] with other captions, a limit or a sample.
    ///
    /// # Errors
    /// When the captions file cannot be used or no photo is left.
    pub fn bundled_with(options: &OpenOptions) -> Result<Self, DatasetError> {
        bundled::load().with_options(options)
    }

    /// Opens a folder or a manifest of any [`DatasetKind`](super::DatasetKind), recognized by its names and contents.
    ///
    /// # Errors
    /// When there is nothing at `path`, the manifest is unusable as a whole, or no photo is left.
    pub fn open(path: &Path, options: &OpenOptions) -> Result<Self, DatasetError> {
        Self::read(path)?.require_photos()?.with_options(options)
    }

    /// Summarizes what [`Dataset::open`] would read, even if no photo is left: then `images` is 0 and `skipped` says why.
    /// Each photo is opened once, and `inspect` may read as much of it as tells whether it is one.
    ///
    /// # Errors
    /// When there is nothing at `path` or the manifest is unusable as a whole.
    pub fn check(
        path: &Path,
        options: &OpenOptions,
        inspect: Inspect<'_>,
    ) -> Result<DatasetSummary, DatasetError> {
        let dataset = Self::read(path)?;
        if dataset.items.is_empty() {
            return Ok(dataset.summary());
        }
        let mut dataset = dataset.with_options(options)?;
        dataset.leave_out_what_is_no_photo(inspect);
        Ok(dataset.summary())
    }

    fn leave_out_what_is_no_photo(&mut self, inspect: Inspect<'_>) {
        let found: Vec<Result<(), String>> = self
            .items
            .par_iter()
            .map(|item| match item.source.open() {
                Ok(mut reader) => inspect(&mut reader),
                Err(error) => Err(error.to_string()),
            })
            .collect();
        let mut found = found.into_iter();
        self.items.retain(|item| match found.next() {
            Some(Err(reason)) => {
                self.skipped.push(Skipped::new(&item.file, reason));
                false
            }
            _ => true,
        });
    }

    fn read(path: &Path) -> Result<Self, DatasetError> {
        let (draft, origin) = detect::read(path)?;
        Ok(Self {
            path: display_path(path).into_owned(),
            items: draft.items,
            skipped: draft.skipped,
            selection: None,
            origin,
        })
    }

    fn with_options(mut self, options: &OpenOptions) -> Result<Self, DatasetError> {
        // Captions first: a captions file covers the whole data set, and must not be blamed for what a limit left out.
        if let Some(file) = &options.captions {
            captions::replace(&mut self, file)?;
        }
        if options.sample.is_some() || options.limit.is_some() {
            self.selection = Some(Selection {
                of: self.items.len(),
                sample: options.sample.map(|(count, _)| count),
                seed: options.sample.map(|(_, seed)| seed),
                limit: options.limit,
            });
        }
        if let Some((count, seed)) = options.sample {
            sample(&mut self.items, count, seed);
        }
        if let Some(limit) = options.limit {
            self.items.truncate(limit);
        }
        if self.items.is_empty() {
            return Err(DatasetError::no_photos(
                &self.path,
                "the limit or sample keeps none; ask for 1 or more",
            ));
        }
        Ok(self)
    }

    fn require_photos(self) -> Result<Self, DatasetError> {
        if !self.items.is_empty() {
            return Ok(self);
        }
        let detail = match self.skipped.as_slice() {
            [] => "it lists none; add photos, or give another folder or manifest".to_owned(),
            [first] => self.why(first),
            [first, rest @ ..] => format!("{} (and {} more left out)", self.why(first), rest.len()),
        };
        Err(DatasetError::no_photos(&self.path, detail))
    }

    /// A photo and why it was left out, without the manifest's name where the error begins with it.
    fn why(&self, skipped: &Skipped) -> String {
        let Skipped { file, reason } = skipped;
        match reason.strip_prefix(self.path.as_str()).and_then(|rest| rest.strip_prefix(':')) {
            Some(place) if place.starts_with(' ') => format!("{file}:{place}"),
            Some(line) => format!("{file}: line {line}"),
            None => format!("{file}: {}", skipped.reason_behind_file()),
        }
    }
}
