//! Saving captions into the file they came from, on a worker.

use std::path::PathBuf;
use std::sync::Arc;

use super::guarded;
use crate::dataset::Dataset;
use crate::display_safe::display_path;

/// A caption to be saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptionToSave {
    /// Its place among all captions.
    pub place: usize,
    /// The photo, as the data set names it.
    pub file: String,
    /// Which of the photo's captions, as they were read.
    pub number: usize,
    /// The new text.
    pub text: String,
}

/// Captions to be saved.
#[derive(Debug)]
pub struct SaveJob {
    /// The data set, which knows its files.
    pub dataset: Arc<Dataset>,
    /// The captions, one at least.
    pub captions: Vec<CaptionToSave>,
}

/// What became of it.
#[derive(Debug, Clone)]
pub struct SaveDone {
    /// Captions that are saved, with the text that was saved.
    pub saved: Vec<(usize, String)>,
    /// The file written last, safe to show.
    pub file: Option<String>,
    /// Why the next one was not saved, safe to show.
    pub failure: Option<String>,
}

pub(super) fn perform(job: &SaveJob) -> SaveDone {
    let mut done = SaveDone { saved: Vec::new(), file: None, failure: None };
    for caption in &job.captions {
        let saved: Result<PathBuf, String> = guarded(|| {
            job.dataset
                .save_caption(&caption.file, caption.number, &caption.text)
                .map_err(|error| error.to_string())
        });
        match saved {
            Ok(path) => {
                done.saved.push((caption.place, caption.text.clone()));
                done.file = Some(display_path(&path).into_owned());
            }
            Err(reason) => {
                done.failure = Some(reason);
                break;
            }
        }
    }
    done
}
