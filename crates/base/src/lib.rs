//! The foundation of every other crate of clipscope.
//!
//! Owns: the safe display of foreign text, the plural of counted things, the priority of threads, and crash-safe files. Must
//! not know: photos, networks, numbers or screens; nothing here depends on another part of the program.

#![forbid(unsafe_code)]

pub mod display_safe;
pub mod priority;
pub mod storage;
pub mod words;
