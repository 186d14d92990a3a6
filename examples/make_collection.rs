//! Makes a collection for the benches, the same on every machine:
//!
//! `cargo run --release --example make_collection -- vectors 1000000 512 FOLDER` an index of clustered vectors, for the
//! benches, or with `mini` in place of 512 one that the program opens and searches with its own models;
//! `cargo run --release --example make_collection -- photos 100000 FOLDER` small JPEG files in a hundred folders.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clipscope_core::index::{IndexError, IndexModels, IndexWriter};
use clipscope_networks::{Catalog, DeviceKind, ModelStore, SetName};
use clipscope_test_support::collection;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |index: usize| arguments.get(index).and_then(|text| text.parse::<usize>().ok());
    let folder = |index: usize| arguments.get(index).map(PathBuf::from);
    let done = match (arguments.first().map(String::as_str), number(1)) {
        (Some("vectors"), Some(count)) => {
            let made = match number(2) {
                Some(dim) => Some(IndexModels { key: [0xBE; 32], dim, set: "mini".into() }),
                None if arguments.get(2).is_some_and(|name| name == "mini") => mini(),
                None => None,
            };
            match (made, folder(3)) {
                (Some(made), Some(folder)) => write(&folder, count, made).map_err(|error| error.to_string()),
                _ => Err("give COUNT, DIM or 'mini', FOLDER".into()),
            }
        }
        (Some("photos"), Some(count)) => match folder(2) {
            Some(folder) => collection::photos(Path::new(&folder), count).map_err(|error| error.to_string()),
            None => Err("give COUNT FOLDER".into()),
        },
        _ => {
            Err("give 'vectors COUNT DIM FOLDER', 'vectors COUNT mini FOLDER' or 'photos COUNT FOLDER'"
                .into())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("make_collection: {message}");
            ExitCode::FAILURE
        }
    }
}

/// Writes an index of `count` photos that do not exist.
fn write(folder: &Path, count: usize, made: IndexModels) -> Result<(), IndexError> {
    let dim = made.dim;
    let (mut writer, _) = IndexWriter::open(folder, Path::new("/nonexistent"), made)?;
    writer.import(collection::rows(count, dim))
}

/// What identifies vectors of the set `mini`.
fn mini() -> Option<IndexModels> {
    let store = ModelStore::new(std::env::temp_dir());
    let set = Catalog::built_in().ok()?.open(&SetName::MINI, DeviceKind::Cpu, &store).ok()?;
    IndexModels::of(&set).ok()
}
