//! Files mapped into memory. The only `unsafe` of this room.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use super::IndexError;

/// Maps a whole file for reading.
pub(super) fn map(path: &Path) -> Result<Mmap, IndexError> {
    let file = File::open(path).map_err(IndexError::read(path))?;
    // SAFETY: a mapping is only sound while nobody changes the file. Segments are written under another name, never
    // changed once they have theirs, and taken away by unlinking, which leaves mappings alone. A user who truncates one
    // in place ends the process with SIGBUS, as with every program that maps files.
    unsafe { Mmap::map(&file) }.map_err(IndexError::read(path))
}
