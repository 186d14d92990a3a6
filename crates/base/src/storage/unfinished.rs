//! Writing a file so that its name never stands for half of it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// How temporary names start in the program's own folders.
pub(super) const OWN_PREFIX: &str = ".new-";
/// How temporary names start in the user's folders.
const FOREIGN_PREFIX: &str = ".clipscope-";

/// Who may use a new file: its mode, before the umask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone.
    Owner = 0o600,
    /// Whoever the umask allows, as with most programs.
    Umask = 0o666,
}

/// A file under a temporary name. Dropping it removes it.
#[derive(Debug)]
pub struct UnfinishedFile(NamedTempFile);

impl UnfinishedFile {
    /// A temporary file in one of the program's own folders.
    ///
    /// # Errors
    /// The system's.
    pub fn create_in(folder: &Path, access: Access) -> io::Result<Self> {
        Self::create(folder, OWN_PREFIX, access)
    }

    /// A temporary file in the folder of `path`, which it is to become, whoever's that folder is.
    ///
    /// # Errors
    /// The system's.
    pub fn create_beside(path: &Path) -> io::Result<Self> {
        Self::create(folder_of(path), FOREIGN_PREFIX, Access::Umask)
    }

    /// A temporary file whose name starts with `prefix`.
    ///
    /// # Errors
    /// The system's.
    pub fn create(folder: &Path, prefix: &str, access: Access) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, access as u32);
        // Opened here, since the crate's own error would name the temporary file instead of the one that was asked for.
        tempfile::Builder::new().prefix(prefix).make_in(folder, |path| options.open(path)).map(Self)
    }

    /// Where it is, for libraries that write to a path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The open file.
    #[must_use]
    pub fn as_file(&self) -> &File {
        self.0.as_file()
    }

    /// The open file, for writing.
    #[must_use]
    pub fn as_file_mut(&mut self) -> &mut File {
        self.0.as_file_mut()
    }

    /// Flushes the file to disk and gives it its name; what was there is replaced in one step.
    ///
    /// The name itself survives a power cut only once the folder is flushed too: [`super::sync_folder`].
    ///
    /// # Errors
    /// The system's; the temporary file is then removed.
    pub fn finish(self, path: &Path) -> io::Result<()> {
        self.as_file().sync_all()?;
        self.rename(path)
    }

    /// Gives the file its name without flushing it: for content that can be checked and made anew.
    ///
    /// # Errors
    /// The system's; the temporary file is then removed.
    pub fn rename(self, path: &Path) -> io::Result<()> {
        self.0.persist(path).map(drop).map_err(|error| error.error)
    }
}

impl Write for UnfinishedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.as_file_mut().flush()
    }
}

/// Replaces `path` by `bytes` by way of the file `temporary`, for a folder that is locked: what a killed process left under
/// that name is written over.
///
/// # Errors
/// The system's; `path` is then as it was.
pub fn write_through(temporary: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let write = || {
        let mut file = File::create(temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(temporary, path)
    };
    write().inspect_err(|_| {
        let _ = fs::remove_file(temporary);
    })
}

/// Writes a file that must not exist yet.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`], or the system's; then no half of a file is left.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).inspect_err(|_| {
        let _ = fs::remove_file(path);
    })
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_its_name_when_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("report.json");
        fs::write(&path, "old").unwrap();
        let mut file = UnfinishedFile::create_beside(&path).unwrap();
        file.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        file.finish(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        drop(UnfinishedFile::create_in(folder.path(), Access::Owner).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn an_error_does_not_name_the_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = UnfinishedFile::create_in(&folder.path().join("missing"), Access::Umask).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(!error.to_string().contains(OWN_PREFIX), "{error}");
    }

    #[test]
    fn a_file_that_exists_is_not_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("grid.csv");
        write_new(&path, b"first").unwrap();
        assert_eq!(write_new(&path, b"second").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"first");
    }

    #[cfg(unix)]
    #[test]
    fn access_is_the_owners_or_the_umasks() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let mode = |file: &File| file.metadata().unwrap().permissions().mode() & 0o777;
        let plain = mode(&File::create(folder.path().join("plain")).unwrap());
        let own = UnfinishedFile::create_in(folder.path(), Access::Owner).unwrap();
        assert_eq!(mode(own.as_file()), 0o600);
        let shared = UnfinishedFile::create_in(folder.path(), Access::Umask).unwrap();
        assert_eq!(mode(shared.as_file()), plain);
    }
}
