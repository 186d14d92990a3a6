//! Makes a collection for the benches, the same on every machine:
//!
//! `cargo run --release --example make_collection -- vectors 1000000 512 FOLDER` an index of clustered vectors;
//! `cargo run --release --example make_collection -- photos 100000 FOLDER` small JPEG files in a hundred folders.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[path = "../benches/collection/mod.rs"]
mod collection;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<usize>().ok());
    let folder = |index: usize| arguments.get(index).map(PathBuf::from);
    let done = match (arguments.first().map(String::as_str), number(1)) {
        (Some("vectors"), Some(count)) => match (number(2), folder(3)) {
            (Some(dim), Some(folder)) => {
                collection::vectors(&folder, count, dim).map_err(|error| error.to_string())
            }
            _ => Err("give COUNT DIM FOLDER".into()),
        },
        (Some("photos"), Some(count)) => match folder(2) {
            Some(folder) => collection::photos(Path::new(&folder), count).map_err(|error| error.to_string()),
            None => Err("give COUNT FOLDER".into()),
        },
        _ => Err("give 'vectors COUNT DIM FOLDER' or 'photos COUNT FOLDER'".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("make_collection: {message}");
            ExitCode::FAILURE
        }
    }
}
