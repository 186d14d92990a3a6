//! Files that a crash cannot leave half written.
//!
//! Owns: temporary files and their names, flushing and renaming, what killed processes left behind, listings by extension,
//! and opening a file that is not to be trusted. Must not know: what is in the files, or what it means when one is missing.
//!
//! A file is written under a temporary name, flushed to disk and renamed. In the program's own folders the temporary name
//! starts with `.new-`, so that [`remove_leftovers`] finds it after a kill; in the user's folders it starts with
//! `.clipscope-` and is never swept.

mod folder;
mod open;
mod unfinished;

pub use folder::{files_with_extension, remove_leftovers, remove_old_files, sync_folder};
pub use open::{open_for_lock, open_regular};
pub use unfinished::{Access, UnfinishedFile, write_new, write_through};
