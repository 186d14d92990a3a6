//! Support that two or more test programs, benches or examples share.
//!
//! Owns made-up inputs (weights, pictures, collections) and stand-ins for the outside world (a terminal, an HTTP server).
//! Must not know the crates under test, so that each of them can use it in its own unit tests.

#![deny(unsafe_code)]

pub mod checkpoints;
pub mod collection;
pub mod formula;
pub mod layouts;
pub mod memory;
#[allow(unsafe_code)]
pub mod pty;
mod pytorch;
pub mod server;

/// The name under which a test program lists the test `name` of a module, from its `module_path!()`. For tests that start
/// their own program again with `--exact`.
#[must_use]
pub fn test_name(module_path: &str, name: &str) -> String {
    match module_path.split_once("::") {
        Some((_program, module)) => format!("{module}::{name}"),
        None => name.to_owned(),
    }
}
