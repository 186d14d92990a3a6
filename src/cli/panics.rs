//! Panics: bugs in this program or a library, never the user's fault.
//!
//! Owns what is said about them: nothing where a caller turns the end of the thread into an error (a photo left out, a job
//! without an answer), one line where the program ends. All of them are logged. The dashboard puts its own hook before this
//! one, to give the terminal back.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook};

use super::failure::Failure;

/// The exit code after a bug, as in Rust.
const FAULT: u8 = 101;

/// Runs `work`; a panic becomes an error of one line.
pub(super) fn contained(work: impl FnOnce() -> Result<u8, Failure>) -> Result<u8, Failure> {
    set_hook(Box::new(|info| tracing::error!("{info}")));
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let message = format!(
            "internal error: {}; finished work is kept. Please report this with the command and the file it was \
             given (--log FILE records where it happened)",
            words(payload.as_ref())
        );
        Err(Failure::new(FAULT, message))
    })
}

/// The message of a panic.
fn words(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or("no reason given")
}

#[cfg(test)]
mod tests {
    use std::process::{Command, ExitCode};

    use super::*;

    const FAULTY: &str = "CLIPSCOPE_TEST_PANIC";

    /// The program that the next test starts, not a test itself.
    #[test]
    fn program() {
        let Ok(place) = std::env::var(FAULTY) else { return };
        let work = || {
            if place == "worker" {
                // Whoever waits for it knows what it means.
                let ended = std::thread::spawn(|| panic!("a decoder fell over")).join();
                return Err(Failure::input(if ended.is_err() { "a.jpg: left out" } else { "it went well" }));
            }
            panic!("fell over at \x1b[2J{}", "here")
        };
        let code = super::super::exit(contained(work));
        std::process::exit(if code == ExitCode::from(FAULT) { 101 } else { 3 });
    }

    #[test]
    fn a_panic_is_one_line_and_one_that_is_waited_for_is_none() {
        for (place, code, line) in [
            ("worker", 3, "clipscope: a.jpg: left out\n"),
            ("main", 101, "clipscope: internal error: fell over at ⟨U+001B⟩[2Jhere; "),
        ] {
            let mut command = Command::new(std::env::current_exe().unwrap());
            command.args(["cli::panics::tests::program", "--exact", "--nocapture"]).env(FAULTY, place);
            let output = command.output().unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(said.starts_with(line) && said.lines().count() == 1, "{place}: {said}");
            assert_eq!(output.status.code(), Some(code), "{said}");
        }
    }
}
