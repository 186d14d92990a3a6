//! Photos, their captions and categories, and where they come from.
//!
//! Owns the manifest formats (one file each), the scan of folders, the validation of both, and saving edited captions. Must
//! not decode images, embed anything or print: it returns bytes, texts and reasons.
//!
//! A bad entry does not stop the rest: it becomes a [`Skipped`] row. A manifest that is unusable as a whole is a
//! [`DatasetError`], which names the file and line (or the JSON key path) and what to do next.
//!
//! File names, captions and categories are kept as they were found, control characters included: call
//! [`display_safe`](clipscope_base::display_safe::display_safe) before showing them.

mod bundled;
mod captions;
mod coco;
mod contents;
mod detect;
mod draft;
mod error;
mod files;
mod flickr;
mod huggingface;
mod item;
mod manifest;
mod open;
mod origin;
mod photo_names;
mod project;
mod rows;
mod sample;
mod save;
mod summary;
mod table;
mod tree;

pub use self::{
    contents::{Dataset, Selection},
    error::DatasetError,
    item::{Item, PhotoReader, PhotoSource, Skipped},
    open::{Inspect, OpenOptions},
    origin::{DatasetKind, DatasetOrigin},
    save::CaptionChange,
    summary::{ApproachScope, CategoryCount, DatasetSummary},
};
