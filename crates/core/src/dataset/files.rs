//! Reading untrusted files: which may be opened, and which names stay inside the data set.
//!
//! Every file of a data set is opened here. Only regular files are opened, never a FIFO, a device, a socket or a symbolic
//! link, and no more than [`MAX_FILE_BYTES`] are read. A name in a manifest is used only once [`PhotoFolder`] has shown
//! that it stays inside.

use std::{
    collections::HashMap,
    fs::{self, File, FileType, Metadata},
    io::{ErrorKind, Read},
    path::{Component, Path, PathBuf},
};

use super::error::DatasetError;
use clipscope_base::storage::open_regular;

/// The largest photo or manifest that is read, in bytes (256 MiB). COCO's largest caption file has 92 MB.
pub(super) const MAX_FILE_BYTES: u64 = 256 << 20;

/// How a text file in UTF-8 may begin.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes)
}

/// Reads a regular file. Refuses symbolic links (resolve them first), special files and files that are too large.
pub(super) fn read_regular(path: &Path) -> Result<Vec<u8>, DatasetError> {
    let unreadable = |error| DatasetError::io(path, "read", &error);
    let file = open_photo(path)?;
    let length = file.metadata().map_err(unreadable)?.len();

    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(too_large(path, bytes.len() as u64));
    }
    Ok(bytes)
}

/// Opens what [`read_regular`] would read.
pub(super) fn open_photo(path: &Path) -> Result<File, DatasetError> {
    let unreadable = |error| DatasetError::io(path, "read", &error);
    // Checked before opening, since opening a FIFO blocks and opening a device may have effects; checked again once open,
    // since the file may have been replaced in between.
    check_regular(path, &fs::symlink_metadata(path).map_err(unreadable)?)?;
    let file = open_regular(path).map_err(unreadable)?;
    check_regular(path, &file.metadata().map_err(unreadable)?)?;
    Ok(file)
}

/// Reads a manifest, without a byte order mark. The user gave the path, so a symbolic link is followed.
pub(super) fn read_manifest(path: &Path) -> Result<Vec<u8>, DatasetError> {
    let target = fs::canonicalize(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => DatasetError::not_found(path),
        _ => DatasetError::io(path, "read", &error),
    })?;
    let mut bytes = read_regular(&target)?;
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(DatasetError::unrecognized(path, "the text is UTF-16", "save it as UTF-8"));
    }
    if bytes.starts_with(BYTE_ORDER_MARK) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(bytes)
}

fn check_regular(path: &Path, metadata: &Metadata) -> Result<u64, DatasetError> {
    if !metadata.is_file() {
        return Err(DatasetError::not_regular(path, kind_of(metadata.file_type())));
    }
    if metadata.len() > MAX_FILE_BYTES {
        return Err(too_large(path, metadata.len()));
    }
    Ok(metadata.len())
}

fn too_large(path: &Path, bytes: u64) -> DatasetError {
    let path = clipscope_base::display_safe::display_path(path).into_owned();
    DatasetError::TooLarge { path, bytes, limit: MAX_FILE_BYTES }
}

/// The kind of a file for a message, such as "a FIFO" or "a folder".
pub(super) fn kind_of(file_type: FileType) -> &'static str {
    if file_type.is_symlink() {
        return "a symbolic link";
    }
    if file_type.is_dir() {
        return "a folder";
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if file_type.is_fifo() {
            return "a FIFO";
        }
        if file_type.is_socket() {
            return "a socket";
        }
        if file_type.is_block_device() || file_type.is_char_device() {
            return "a device";
        }
    }
    "a special file"
}

/// A photo that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FoundPhoto {
    /// Relative to the folder, separated by '/'.
    pub name: String,
    /// Free of symbolic links.
    pub path: PathBuf,
}

/// Why a name gives no photo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// There is no such file; another name may be tried.
    Missing,
    /// It must not or cannot be used, with the reason and what to do.
    Refused(String),
}

/// The folder that photo names are relative to. Proves that a name stays inside it.
#[derive(Debug)]
pub(super) struct PhotoFolder {
    /// Free of symbolic links.
    root: PathBuf,
    /// Folders already resolved, since a data set may name one folder many thousand times.
    resolved: HashMap<PathBuf, Result<PathBuf, Refusal>>,
}

impl PhotoFolder {
    pub(super) fn new(folder: &Path) -> Result<Self, DatasetError> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let root = fs::canonicalize(folder).map_err(|error| match error.kind() {
            ErrorKind::NotFound => DatasetError::not_found(folder),
            _ => DatasetError::io(folder, "read", &error),
        })?;
        Ok(Self { root, resolved: HashMap::new() })
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Finds the photo named `name` in a manifest, without opening it.
    pub(super) fn find(&mut self, name: &str) -> Result<FoundPhoto, Refusal> {
        let name = inside(name)?;
        let path = self.find_path(Path::new(&name))?;
        Ok(FoundPhoto { name, path })
    }

    /// Finds a file like [`PhotoFolder::find`], by a relative path of normal components only.
    pub(super) fn find_path(&mut self, relative: &Path) -> Result<PathBuf, Refusal> {
        let below = relative.parent().unwrap_or(Path::new(""));
        let folder = match self.resolved.get(below) {
            Some(folder) => folder.clone(),
            None => {
                let folder = self.follow(&self.root.join(below));
                self.resolved.insert(below.to_owned(), folder.clone());
                folder
            }
        }?;
        let Some(file_name) = relative.file_name() else {
            return Err(refused("the file name is empty"));
        };
        let mut path = folder.join(file_name);
        let mut metadata = fs::symlink_metadata(&path).map_err(|error| refusal(&error))?;
        if metadata.is_symlink() {
            path = self.follow(&path)?;
            metadata = fs::symlink_metadata(&path).map_err(|error| refusal(&error))?;
        }
        if !metadata.is_file() {
            return Err(Refusal::Refused(format!(
                "{}, not a photo; it is not opened",
                kind_of(metadata.file_type())
            )));
        }
        if metadata.len() > MAX_FILE_BYTES {
            return Err(Refusal::Refused(format!(
                "{} bytes, over the limit of {MAX_FILE_BYTES}",
                metadata.len()
            )));
        }
        Ok(path)
    }

    /// Follows the symbolic links of `path`, if the target is inside the folder.
    fn follow(&self, path: &Path) -> Result<PathBuf, Refusal> {
        let target = fs::canonicalize(path).map_err(|error| refusal(&error))?;
        if target.starts_with(&self.root) {
            Ok(target)
        } else {
            Err(refused("refused: a symbolic link points outside the data set; copy the photo into it"))
        }
    }
}

/// Reduces a name to its normal components, separated by '/', or says why it may not be used.
fn inside(name: &str) -> Result<String, Refusal> {
    let mut parts = Vec::new();
    for component in Path::new(name).components() {
        match component {
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            Component::CurDir => {}
            Component::ParentDir => {
                return Err(refused(
                    "refused: the name points outside the data set (`..`); use names below its folder",
                ));
            }
            Component::RootDir | Component::Prefix(_) => {
                return Err(refused(
                    "refused: the name is an absolute path; use a path relative to the data set",
                ));
            }
        }
    }
    if parts.is_empty() {
        return Err(refused("the file name is empty"));
    }
    Ok(parts.join("/"))
}

fn refused(reason: &str) -> Refusal {
    Refusal::Refused(reason.to_owned())
}

fn refusal(error: &std::io::Error) -> Refusal {
    match error.kind() {
        // A file in place of a folder is like a missing folder: the next name may be right.
        ErrorKind::NotFound | ErrorKind::NotADirectory => Refusal::Missing,
        _ => Refusal::Refused(format!("cannot be read: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_refused_before_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("photo.jpg");
        let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
        // Opening one gives the system's error, which says nothing of a socket.
        let message = read_regular(&socket).unwrap_err().to_string();
        assert!(message.contains("a socket"), "{message}");
    }
}
