//! Catches panics of jobs.

use clipscope_base::display_safe::display_safe;

/// Runs `work`. A panic in it, which is a bug here or in a library, costs this result only.
pub(super) fn guarded<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err("internal error; please report it".into()))
        .map_err(|reason| display_safe(&reason).into_owned())
}
