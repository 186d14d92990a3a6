//! Memory-mapped files; the `unsafe` of this module is here.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use super::error::IndexError;

/// Maps a whole file for reading.
pub(super) fn map(path: &Path) -> Result<Mmap, IndexError> {
    let file = File::open(path).map_err(IndexError::read(path))?;
    // SAFETY: a mapping is sound as long as nobody changes the file. Segments are written under a temporary name, never
    // changed after the rename, and removed by unlinking, which leaves mappings intact. A user who truncates one in place
    // kills the process with SIGBUS, as in every program that maps files.
    unsafe { Mmap::map(&file) }.map_err(IndexError::read(path))
}
