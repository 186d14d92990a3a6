//! The networks that a user has added: a record of each in the store, never a copy of its weights.
//!
//! Must not know: what the weights are.

use std::fs;
use std::io;
use std::path::PathBuf;

use clipscope_base::display_safe::display_path;
use clipscope_base::storage;

use super::store::ModelStore;
use super::summary::LocalNetwork;

/// A larger file is no record.
const LONGEST: u64 = 1 << 20;

impl ModelStore {
    fn record(&self, name: &str) -> PathBuf {
        self.added_folder().join(format!("{name}.json"))
    }

    /// Remembers a network under its name; one of the same name is replaced.
    ///
    /// # Errors
    /// The record cannot be written.
    pub fn remember(&self, network: &LocalNetwork) -> io::Result<()> {
        let folder = self.added_folder();
        fs::create_dir_all(&folder)?;
        let text = serde_json::to_string_pretty(network)? + "\n";
        let mut file = storage::UnfinishedFile::create_beside(&self.record(&network.name))?;
        io::Write::write_all(file.as_file_mut(), text.as_bytes())?;
        file.finish(&self.record(&network.name))
    }

    /// Forgets a network; its weights stay where they are. False if there was none of that name.
    ///
    /// # Errors
    /// The record cannot be removed.
    pub fn forget(&self, name: &str) -> io::Result<bool> {
        // A name with a separator would be a path.
        if name.contains(['/', '\\']) {
            return Ok(false);
        }
        match fs::remove_file(self.record(name)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The networks that were added, by name. A record that cannot be read is an error that names it.
    #[must_use]
    pub fn added(&self) -> Vec<Result<LocalNetwork, String>> {
        let mut files = storage::files_with_extension(&self.added_folder(), "json");
        files.sort();
        let read = |path: PathBuf| {
            let fail = |reason: String| {
                format!("{}: {reason}; run 'clipscope models add' again", display_path(&path))
            };
            let length = fs::metadata(&path).map_err(|error| fail(error.to_string()))?.len();
            if length > LONGEST {
                return Err(fail("it is larger than a record can be".into()));
            }
            let text = fs::read_to_string(&path).map_err(|error| fail(error.to_string()))?;
            serde_json::from_str(&text).map_err(|error| fail(error.to_string()))
        };
        files.into_iter().map(read).collect()
    }
}
