//! Opening files whose names others chose.
//!
//! Neither function follows a symbolic link in the last component or waits for the other end of a FIFO. What was opened may
//! still be no regular file: the caller looks at its metadata.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file for reading.
///
/// # Errors
/// The system's; a symbolic link is one.
pub fn open_regular(path: &Path) -> io::Result<File> {
    hardened(OpenOptions::new().read(true)).open(path)
}

/// Opens the file that a lock is taken on, making it if need be and changing nothing in it.
///
/// # Errors
/// The system's; a symbolic link is one.
pub fn open_for_lock(path: &Path) -> io::Result<File> {
    hardened(OpenOptions::new().create(true).write(true).truncate(false)).open(path)
}

#[cfg(unix)]
fn hardened(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;

    use rustix::fs::OFlags;
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32)
}

#[cfg(not(unix))]
fn hardened(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::fs;
    use std::sync::mpsc;
    use std::time::Duration;

    #[test]
    fn a_link_is_not_followed_and_a_fifo_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link, fifo) =
            (folder.path().join("a.jpg"), folder.path().join("b.jpg"), folder.path().join("c.jpg"));
        fs::write(&file, "photo").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(open_regular(&file).is_ok());
        assert!(open_regular(&link).is_err());
        assert!(open_for_lock(&link).is_err());
        assert_eq!(fs::read(&file).unwrap(), b"photo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        let (opened, answer) = mpsc::channel();
        std::thread::spawn(move || opened.send(open_regular(&fifo)));
        let file = answer.recv_timeout(Duration::from_secs(20)).expect("opening waits for a writer").unwrap();
        assert!(!file.metadata().unwrap().is_file());
    }
}
