//! `--from DIR`: files carried in by hand.

use std::{fs, path::Path};

use clipscope_networks::fetch::{FetchError, Fetched, Fetcher, RemoteFile, Verified};
use tempfile::TempDir;

use super::{
    Cache, Heard, Recorder,
    hub::{COMMIT, Hub, content, file, git_hash, large, sha256},
};

fn weights() -> Vec<u8> {
    content(70_000, 11)
}

fn import(cache: &Cache, from: &Path, files: &[RemoteFile]) -> Result<Vec<Fetched>, FetchError> {
    Fetcher::builder(cache.root()).build().import(from, files, &mut Recorder::default())
}

fn put(folder: &TempDir, path: &str, content: &[u8]) {
    let path = folder.path().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn pinned(path: &str) -> RemoteFile {
    RemoteFile { sha256: Some(sha256(&weights())), ..file(path) }
}

#[test]
fn a_file_is_found_in_every_layout() {
    for place in [
        "2_Dense/weights.bin".to_owned(),
        "model/2_Dense/weights.bin".to_owned(),
        "org/model/2_Dense/weights.bin".to_owned(),
        "org--model/2_Dense/weights.bin".to_owned(),
        format!("models--org--model/snapshots/{COMMIT}/2_Dense/weights.bin"),
        format!("hub/models--org--model/snapshots/{COMMIT}/2_Dense/weights.bin"),
    ] {
        let (folder, cache) = (tempfile::tempdir().unwrap(), Cache::new());
        put(&folder, &place, &weights());
        let imported = import(&cache, folder.path(), &[pinned("2_Dense/weights.bin")]).unwrap();
        assert_eq!(imported[0].origin.verified, Verified::Pinned, "{place}");
        assert_eq!(cache.read("2_Dense/weights.bin").unwrap(), weights());
        // The original stays.
        assert_eq!(fs::read(folder.path().join(&place)).unwrap(), weights());
        // A second time nothing is copied.
        assert!(import(&cache, folder.path(), &[pinned("2_Dense/weights.bin")]).unwrap()[0].already_there);
    }
}

#[test]
fn a_file_with_no_known_hash_is_taken_and_said_to_be_unverified() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), Cache::new());
    put(&folder, "weights.bin", &weights());
    let mut progress = Recorder::default();
    let fetcher = Fetcher::builder(cache.root()).build();
    let imported = fetcher.import(folder.path(), &[file("weights.bin")], &mut progress).unwrap();
    assert_eq!(progress.heard, [Heard::Started { total: Some(70_000), resumed_from: 0 }, Heard::Finished]);
    assert_eq!(progress.position, 70_000);
    assert_eq!(imported[0].origin.verified, Verified::No);
    assert_eq!(imported[0].origin.sha256, sha256(&weights()));
    assert_eq!(imported[0].origin.url, folder.path().join("weights.bin").display().to_string());
}

#[test]
fn a_file_with_another_hash_than_the_pinned_one_is_not_taken() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), Cache::new());
    put(&folder, "weights.bin", b"not it");
    put(&folder, "tokenizer.json", b"{}");
    let files = [pinned("weights.bin"), file("tokenizer.json")];
    let message = import(&cache, folder.path(), &files).unwrap_err().to_string();
    assert!(message.contains(&sha256(&weights())) && message.contains(&sha256(b"not it")), "{message}");
    assert!(message.starts_with(&folder.path().join("weights.bin").display().to_string()), "{message}");
    // The good one beside it is in place, and nothing of the bad one.
    assert_eq!(cache.names(), ["tokenizer.json", "tokenizer.json.origin.json"]);
    // A right one in another place of the same folder is found.
    put(&folder, "model/weights.bin", &weights());
    import(&cache, folder.path(), &files).unwrap();
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[test]
fn a_git_lfs_pointer_is_called_one() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), Cache::new());
    put(&folder, "weights.bin", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    for wanted in [file("weights.bin"), pinned("weights.bin")] {
        let message = import(&cache, folder.path(), &[wanted]).unwrap_err().to_string();
        assert!(message.contains("it looks like a Git LFS pointer"), "{message}");
        assert_eq!(cache.names(), [""; 0]);
    }
}

#[test]
fn what_the_folder_lacks_is_named() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), Cache::new());
    put(&folder, "tokenizer.json", b"{}");
    fs::create_dir(folder.path().join("weights.bin")).unwrap();
    let files = [file("weights.bin"), file("tokenizer.json"), file("merges.txt")];
    let message = import(&cache, folder.path(), &files).unwrap_err().to_string();
    assert!(message.contains("has no org/model/weights.bin, org/model/merges.txt"), "{message}");
    assert!(cache.read("tokenizer.json").is_some());
    let message = import(&cache, &folder.path().join("nowhere"), &files).unwrap_err().to_string();
    assert!(message.contains("cannot read the folder"), "{message}");
}

#[cfg(unix)]
#[test]
fn the_name_of_a_blob_in_a_hub_cache_vouches_for_the_file() {
    let (folder, cache) = (tempfile::tempdir().unwrap(), Cache::new());
    let repo = "models--org--model";
    for (commit, name, content) in [
        ("aaaa", sha256(b"old"), b"old".to_vec()),
        (COMMIT, sha256(&weights()), weights()),
        (COMMIT, git_hash(b"{}"), b"{}".to_vec()),
    ] {
        let path = if content == b"{}" { "tokenizer.json" } else { "weights.bin" };
        put(&folder, &format!("{repo}/blobs/{name}"), &content);
        let snapshot = folder.path().join(repo).join("snapshots").join(commit);
        fs::create_dir_all(&snapshot).unwrap();
        std::os::unix::fs::symlink(format!("../../blobs/{name}"), snapshot.join(path)).unwrap();
    }
    put(&folder, &format!("{repo}/refs/main"), COMMIT.as_bytes());
    let files = [file("weights.bin"), file("tokenizer.json")];
    for imported in import(&cache, folder.path(), &files).unwrap() {
        assert_eq!(imported.origin.verified, Verified::Carried);
        assert_eq!(imported.origin.commit.as_deref(), Some(COMMIT));
    }
    // The revision asked for, not the first snapshot.
    assert_eq!(cache.read("weights.bin").unwrap(), weights());

    let cache = Cache::new();
    put(&folder, &format!("{repo}/blobs/{}", git_hash(b"{}")), b"[]");
    let message = import(&cache, folder.path(), &files).unwrap_err().to_string();
    assert!(message.contains(&git_hash(b"{}")) && message.contains(&git_hash(b"[]")), "{message}");
}

#[test]
fn the_folder_of_another_machine_vouches_for_its_files() {
    let (there, here) = (Cache::new(), Cache::new());
    let hub = Hub::new(vec![large("weights.bin", weights())]);
    there.fetch(&hub, &[file("weights.bin")]).0.unwrap();
    let imported = import(&here, &there.root(), &[file("weights.bin")]).unwrap();
    assert_eq!(imported[0].origin.verified, Verified::Carried);
    assert!(imported[0].origin.url.starts_with(&hub.server.url()));
    assert_eq!(imported[0].origin.commit.as_deref(), Some(COMMIT));

    // Damaged on the way.
    let mut damaged = weights();
    damaged[0] ^= 1;
    there.write("weights.bin", &damaged);
    let message = import(&Cache::new(), &there.root(), &[file("weights.bin")]).unwrap_err().to_string();
    assert!(message.contains(&sha256(&damaged)) && message.contains(&sha256(&weights())), "{message}");
}
