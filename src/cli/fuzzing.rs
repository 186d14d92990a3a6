//! The configuration as the fuzz target calls it, which reaches only what is public.

use std::path::Path;

use super::config::Config;
use clipscope_base::display_safe::display_safe;

/// Reads a configuration, prints it and reads it again.
///
/// # Panics
/// When an error is not safe to display, or the printed configuration is not read back as the same one.
pub fn check_config(text: &str) {
    let read = |text: &str| Config::parse(text, Path::new("config.toml"));
    let config = match read(text) {
        Ok(config) => config,
        Err(error) => {
            let message = error.to_string();
            assert_eq!(display_safe(&message), message);
            return;
        }
    };
    let _ = config.settings(|_| None);
    let printed = config.to_toml();
    let again = read(&printed).expect("a printed configuration can be read");
    assert_eq!(again.to_toml(), printed);
}
