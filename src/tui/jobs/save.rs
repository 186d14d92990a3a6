//! Saves captions to the files they came from, on a worker.

use std::sync::Arc;

use super::guarded::guarded;
use clipscope_base::display_safe::display_path;
use clipscope_core::dataset::{CaptionChange, Dataset};

/// A caption to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptionToSave {
    /// Its place among all captions.
    pub place: usize,
    /// File of its photo, as the data set names it.
    pub file: String,
    /// Its number among the photo's captions.
    pub number: usize,
    /// The text in the file.
    pub old: String,
    /// The new text.
    pub text: String,
}

/// Captions to be saved.
#[derive(Debug)]
pub struct SaveJob {
    /// The data set, which knows its files.
    pub dataset: Arc<Dataset>,
    /// At least one caption.
    pub captions: Vec<CaptionToSave>,
}

/// The outcome.
#[derive(Debug, Clone)]
pub struct SaveDone {
    /// Places of the captions that were saved, with the saved text.
    pub saved: Vec<(usize, String)>,
    /// The files written, safe to show.
    pub files: Vec<String>,
    /// Why a caption was not saved, safe to show.
    pub failure: Option<String>,
}

pub(super) fn perform(job: &SaveJob) -> SaveDone {
    let mut done = SaveDone { saved: Vec::new(), files: Vec::new(), failure: None };
    let changes: Vec<_> = job
        .captions
        .iter()
        .map(|caption| CaptionChange {
            file: &caption.file,
            number: caption.number,
            old: Some(&caption.old),
            text: &caption.text,
        })
        .collect();
    let outcomes = match guarded(|| Ok(job.dataset.save_captions(&changes))) {
        Ok(outcomes) => outcomes,
        Err(reason) => return SaveDone { failure: Some(reason), ..done },
    };
    for (caption, outcome) in job.captions.iter().zip(outcomes) {
        match outcome {
            Ok(path) => {
                done.saved.push((caption.place, caption.text.clone()));
                let file = display_path(&path).into_owned();
                if !done.files.contains(&file) {
                    done.files.push(file);
                }
            }
            Err(reason) => done.failure = done.failure.or(Some(reason.to_string())),
        }
    }
    done
}
