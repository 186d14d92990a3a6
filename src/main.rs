//! The program; everything it does is in the library.

#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: clipscope::allocator::Allocator = clipscope::allocator::Allocator;

fn main() -> ExitCode {
    clipscope::cli::main()
}
