//! What Python programs have already downloaded: the Hugging Face caches on this machine.
//!
//! Their files are used in place and only read. A blob is called by its SHA-256, so a file is found by the hash on its card;
//! the hash itself is computed before the first use, like that of every checkpoint. A file without a hash on its card is
//! taken from the snapshot that the card names. Must not know: networks.

use std::fs;
use std::path::{Path, PathBuf};

/// The Hugging Face caches on this machine.
#[derive(Debug, Clone, Default)]
pub(super) struct HubCaches {
    folders: Vec<PathBuf>,
}

impl HubCaches {
    /// The cache that the variables name (`HF_HUB_CACHE`, `HUGGINGFACE_HUB_CACHE`, `HF_HOME`), else the usual one in the
    /// user's cache folder.
    pub fn of_user(lookup: &dyn Fn(&str) -> Option<String>) -> Self {
        let lookup = |name: &str| lookup(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let named = lookup("HF_HUB_CACHE").or_else(|| lookup("HUGGINGFACE_HUB_CACHE"));
        let home = || lookup("HF_HOME").map(|home| home.join("hub"));
        let usual = || {
            let cache =
                lookup("XDG_CACHE_HOME").or_else(|| lookup("HOME").map(|home| home.join(".cache")))?;
            Some(cache.join("huggingface/hub"))
        };
        Self { folders: named.or_else(home).or_else(usual).into_iter().collect() }
    }

    /// Finds a published file.
    pub fn find(&self, repo: &str, revision: &str, file: &str, sha256: Option<&str>) -> Option<PathBuf> {
        self.folders.iter().find_map(|folder| {
            let repo = folder.join(format!("models--{}", repo.replace('/', "--")));
            match sha256 {
                Some(sha256) => Some(repo.join("blobs").join(sha256)).filter(|blob| blob.is_file()),
                None => {
                    snapshot(&repo, revision).map(|folder| folder.join(file)).filter(|path| path.is_file())
                }
            }
        })
    }
}

/// The folder of a revision: a commit, or a branch that `refs` translates.
fn snapshot(repo: &Path, revision: &str) -> Option<PathBuf> {
    let snapshots = repo.join("snapshots");
    let commit = fs::read_to_string(repo.join("refs").join(revision)).unwrap_or_else(|_| revision.into());
    Some(snapshots.join(commit.trim())).filter(|folder| folder.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caches(folder: &Path) -> HubCaches {
        HubCaches { folders: vec![folder.join("missing"), folder.to_owned()] }
    }

    #[test]
    fn a_blob_is_found_by_its_hash_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = folder.path().join("models--org--name/blobs");
        fs::create_dir_all(&blobs).unwrap();
        fs::write(blobs.join("abc"), b"weights").unwrap();
        let caches = caches(folder.path());
        assert_eq!(caches.find("org/name", "main", "w.bin", Some("abc")), Some(blobs.join("abc")));
        assert_eq!(caches.find("org/name", "main", "w.bin", Some("abd")), None);
        assert_eq!(caches.find("org/other", "main", "w.bin", Some("abc")), None);
    }

    #[test]
    fn a_file_without_a_hash_comes_from_the_revision_of_the_card() {
        let folder = tempfile::tempdir().unwrap();
        let repo = folder.path().join("models--org--name");
        fs::create_dir_all(repo.join("refs")).unwrap();
        fs::create_dir_all(repo.join("snapshots/0123/sub")).unwrap();
        fs::write(repo.join("refs/main"), "0123\n").unwrap();
        fs::write(repo.join("snapshots/0123/sub/tokenizer.json"), "{}").unwrap();
        let caches = caches(folder.path());
        let found = Some(repo.join("snapshots/0123/sub/tokenizer.json"));
        assert_eq!(caches.find("org/name", "main", "sub/tokenizer.json", None), found);
        assert_eq!(caches.find("org/name", "0123", "sub/tokenizer.json", None), found);
        assert_eq!(caches.find("org/name", "4567", "sub/tokenizer.json", None), None);
        assert_eq!(caches.find("org/name", "main", "other.json", None), None);
    }

    #[test]
    fn the_variables_win_over_the_usual_place() {
        let of = |variables: &[(&str, &str)]| {
            let variables: Vec<(String, String)> =
                variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            HubCaches::of_user(&|name| {
                variables.iter().find(|(known, _)| known == name).map(|(_, v)| v.clone())
            })
            .folders
        };
        assert_eq!(of(&[("HOME", "/h"), ("HF_HUB_CACHE", "/c"), ("HF_HOME", "/f")]), [PathBuf::from("/c")]);
        assert_eq!(of(&[("HOME", "/h"), ("HF_HOME", "/f")]), [PathBuf::from("/f/hub")]);
        assert_eq!(of(&[("HOME", "/h"), ("HF_HOME", "")]), [PathBuf::from("/h/.cache/huggingface/hub")]);
        assert_eq!(of(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")]), [PathBuf::from("/x/huggingface/hub")]);
        assert!(of(&[]).is_empty());
    }
}
