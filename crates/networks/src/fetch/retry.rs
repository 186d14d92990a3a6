//! Tries again after failures that may pass.

use std::{thread, time::Duration};

use super::{
    error::{FailedAttempt, FetchError, Retry},
    progress::Progress,
    settings::FetchSettings,
};

/// Longest pause that is not the server's wish.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Longest sleep without asking whether the fetch is still wanted.
const NAP: Duration = Duration::from_millis(100);

/// Calls `attempt` until it succeeds, fails for good, or failed too often.
pub(super) fn until_success<T>(
    settings: &FetchSettings,
    progress: &mut dyn Progress,
    mut attempt: impl FnMut() -> Result<T, FailedAttempt>,
) -> Result<T, FetchError> {
    let mut failures = 0;
    loop {
        if !progress.goes_on() {
            return Err(FetchError::Stopped);
        }
        match attempt() {
            Ok(value) => return Ok(value),
            Err(failed) => {
                failures += 1;
                pause(settings, failed, failures, progress)?;
            }
        }
    }
}

/// Waits before the next attempt; returns the error when there is none. `failures` counts this one and those in a row
/// before it.
pub(super) fn pause(
    settings: &FetchSettings,
    failed: FailedAttempt,
    failures: u32,
    progress: &mut dyn Progress,
) -> Result<(), FetchError> {
    let usual = settings.first_pause.saturating_mul(1 << failures.saturating_sub(1).min(16));
    let pause = match failed.retry {
        Retry::Never => return Err(*failed.error),
        _ if failures >= settings.attempts => return Err(*failed.error),
        Retry::Later => usual.min(LONGEST_PAUSE),
        Retry::After(pause) => pause,
        Retry::Now => Duration::ZERO,
    };
    progress.retrying(&failed.error.to_string(), pause);
    // In short naps, so that nobody who gives up waits for the rest.
    let mut left = pause;
    while !left.is_zero() {
        if !progress.goes_on() {
            return Err(FetchError::Stopped);
        }
        let nap = left.min(NAP);
        thread::sleep(nap);
        left -= nap;
    }
    Ok(())
}
