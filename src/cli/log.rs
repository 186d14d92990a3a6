//! The log file.
//!
//! Owns the format of a line and when it is written: on a thread of its own, so that nothing waits for the disk. Never
//! writes to the terminal. Must not decide what is logged.

use std::io::{self, Write};
use std::path::Path;

use tracing_appender::non_blocking::{NonBlocking, WorkerGuard};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use super::failure::Failure;
use clipscope_base::display_safe::{display_path, display_safe};

/// Starts appending to `file`. Dropping the guard writes what is still pending.
///
/// `verbose` 0 logs what was done and what went wrong, 1 logs more, 2 and above everything.
pub(super) fn start(file: &Path, verbose: u8) -> Result<WorkerGuard, Failure> {
    let cannot = |reason: &dyn std::fmt::Display| {
        Failure::input(format!("cannot write the log {}: {reason}; choose another --log", display_path(file)))
    };
    let open = std::fs::OpenOptions::new().create(true).append(true).open(file);
    let (writer, guard) = tracing_appender::non_blocking(open.map_err(|error| cannot(&error))?);
    let level = match verbose {
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_max_level(level)
        .with_thread_names(true)
        .with_writer(SafeLines(writer))
        .finish();
    tracing::subscriber::set_global_default(subscriber).map_err(|error| cannot(&error))?;
    Ok(guard)
}

/// Escapes each line before it is written, since logs are read in terminals.
struct SafeLines<W>(W);

impl<'a> MakeWriter<'a> for SafeLines<NonBlocking> {
    type Writer = SafeLines<NonBlocking>;

    fn make_writer(&'a self) -> Self::Writer {
        SafeLines(self.0.clone())
    }
}

impl<W: Write> Write for SafeLines<W> {
    /// Writes one event: the subscriber passes each of them whole.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        let line = display_safe(text.strip_suffix('\n').unwrap_or(&text)).into_owned();
        self.0.write_all(format!("{line}\n").as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line_and_holds_no_control_character() {
        let mut lines = SafeLines(Vec::new());
        lines.write_all(b"skipped a\x1b[2J\nINFO forged \xff\n").unwrap();
        let text = String::from_utf8(lines.0).unwrap();
        assert_eq!(text.lines().count(), 1);
        assert!(text.ends_with('\n') && !text.trim_end().chars().any(char::is_control), "{text:?}");
    }
}
