//! How a thread says that its work can wait.
//!
//! Owns: the niceness of threads. Must not know: what they compute.

/// Lowers the priority of the calling thread, where the system has one for each thread; there is no way back.
///
/// Threads that answer the reader keep the ordinary one.
pub fn lower(priority: Priority) {
    if cfg!(target_os = "linux") {
        // Elsewhere it would concern the whole process. A refusal costs smoothness only.
        let _ = rustix::process::setpriority_process(None, priority as i32);
    }
}

/// A niceness below the ordinary one.
#[derive(Debug, Clone, Copy)]
pub enum Priority {
    /// Numbers that a screen will show.
    Numbers = 5,
    /// Vectors. Not the lowest: beside another busy program they would stand still.
    Embedding = 10,
}
