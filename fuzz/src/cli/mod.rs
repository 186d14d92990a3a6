//! The configuration as a target calls it.

#[path = "../../../src/cli/args.rs"]
mod args;
#[path = "../../../src/cli/config/mod.rs"]
mod config;
#[path = "../../../src/cli/values.rs"]
mod values;

use std::path::Path;

use config::Config;

use crate::shows;

/// Reads a configuration, and again what is printed of it.
///
/// # Panics
/// When an error does not fit in a line, or what is printed does not read back to itself.
pub fn check_config(text: &str) {
    let read = |text: &str| Config::parse(text, Path::new("config.toml"));
    let config = match read(text) {
        Ok(config) => config,
        Err(error) => {
            assert!(shows(&error.to_string()), "{error}");
            return;
        }
    };
    let _ = config.settings(|_| None);
    let printed = config.to_toml();
    let again = read(&printed).expect("what is printed can be read");
    assert_eq!(again.to_toml(), printed);
}
