//! What lies in a folder, and what should no longer lie there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::unfinished::OWN_PREFIX;

/// Temporary files older than this are orphans of a killed process; younger ones may still be written.
const LEFTOVER_AGE: Duration = Duration::from_secs(3600);

/// The files of a folder with this extension, in byte order; none when the folder cannot be read.
pub fn files_with_extension(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> =
        paths_in(folder).filter(|path| path.extension().is_some_and(|found| found == extension)).collect();
    paths.sort();
    paths
}

/// Removes the temporary files that killed processes left in one of the program's own folders.
pub fn remove_leftovers(folder: &Path) {
    let unfinished = |path: &Path| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(OWN_PREFIX.as_bytes()))
    };
    remove_old_files(folder, unfinished);
}

/// Removes the files of a folder that are `unfinished` by their name and more than an hour old.
pub fn remove_old_files(folder: &Path, unfinished: impl Fn(&Path) -> bool) {
    for path in paths_in(folder).filter(|path| unfinished(path)) {
        let modified = fs::symlink_metadata(&path).and_then(|metadata| metadata.modified());
        if modified.is_ok_and(|modified| modified.elapsed().is_ok_and(|age| age > LEFTOVER_AGE)) {
            // Another process may have been faster.
            let _ = fs::remove_file(path);
        }
    }
}

/// Makes renames in a folder survive a power cut. Does nothing where the system has no such call for folders.
///
/// # Errors
/// When the folder cannot be opened or flushed.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

fn paths_in(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.filter_map(|entry| Some(entry.ok()?.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_files_with_a_temporary_name_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        for (name, hours) in [(".new-old", 2), (".new-fresh", 0), (".clipscope-old", 2), ("old", 2)] {
            let file = fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(std::time::SystemTime::now() - Duration::from_secs(hours * 3600)).unwrap();
        }
        remove_leftovers(folder.path());
        let mut left: Vec<_> =
            paths_in(folder.path()).map(|path| path.file_name().unwrap().to_owned()).collect();
        left.sort();
        assert_eq!(left, [".clipscope-old", ".new-fresh", "old"]);
        remove_leftovers(&folder.path().join("missing"));
    }
}
