//! Writing to the terminal and to the files that are asked for.

use std::io::Write;
use std::path::Path;

use super::failure::Failure;
use clipscope_base::display_safe::display_path;
use clipscope_base::storage::UnfinishedFile;

/// Writes a line to stderr. If nobody reads it any more (`2> >(head -1)`, a terminal that is gone), that is no reason to stop;
/// `eprintln!` would panic.
pub(super) fn tell(line: std::fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Writes to stdout; a reader that has gone away (`| head`) is not an error.
pub(super) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::input(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a file asked for with `--out` so that a crash leaves the old one or the new one, never half
/// of it. What is no regular file (`/dev/stdout`, a pipe, a link) is written to as it is.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_file_with(path, |file| {
        file.write_all(bytes).map_err(|error| {
            let name = display_path(path);
            Failure::input(format!("cannot write {name}: {error}; choose another --out"))
        })
    })
}

/// [`write_file`] for what is written piece by piece.
pub(super) fn write_file_with<T>(
    path: &Path,
    write: impl FnOnce(&mut std::fs::File) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let fail = |error: std::io::Error| {
        Failure::input(format!("cannot write {}: {error}; choose another --out", display_path(path)))
    };
    if std::fs::symlink_metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return write(&mut std::fs::File::create(path).map_err(fail)?);
    }
    let mut file = UnfinishedFile::create_beside(path).map_err(fail)?;
    let written = write(file.as_file_mut())?;
    file.finish(path).map_err(fail)?;
    Ok(written)
}
