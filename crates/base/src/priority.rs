//! Priorities of threads whose work can wait.
//!
//! Owns: the niceness of threads. Must not know: what they compute.

/// Lowers the priority of the calling thread for good, on systems with a priority per thread.
///
/// Threads that respond to the user keep the normal priority.
pub fn lower(priority: Priority) {
    if cfg!(target_os = "linux") {
        // Elsewhere it would apply to the whole process. A refusal only makes the interface less smooth.
        let _ = rustix::process::setpriority_process(None, priority as i32);
    }
}

/// A priority below the normal one, as a niceness.
#[derive(Debug, Clone, Copy)]
pub enum Priority {
    /// Computing numbers for the screen.
    Numbers = 5,
    /// Embedding. Not the lowest priority, which would stall beside another busy program.
    Embedding = 10,
}
