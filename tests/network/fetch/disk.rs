//! Disks that are full, read-only or hold something already.

use std::fs;

use clipscope_networks::fetch::{FileState, RemoteFile, Verified, status};
use clipscope_test_support::server::{Answer, Ending};

use super::{
    Cache, Heard, Recorder,
    hub::{Fault, Hub, content, file, git_hash, large, sha256, small},
};

fn weights() -> Vec<u8> {
    content(200_000, 9)
}

fn hub() -> Hub {
    Hub::new(vec![large("weights.bin", weights()), small("tokenizer.json", b"{}".to_vec())])
}

fn files() -> [RemoteFile; 2] {
    [file("tokenizer.json"), file("weights.bin")]
}

#[test]
fn a_full_cache_opens_no_connection() {
    let cache = Cache::new();
    let hub = hub();
    cache.fetch(&hub, &files()).0.unwrap();
    let requests = hub.server.requests().len();
    let (fetched, progress) = cache.fetch(&hub, &files());
    assert!(fetched.unwrap().iter().all(|file| file.already_there));
    assert_eq!(hub.server.requests().len(), requests);
    assert!(progress.planned.iter().all(|file| file.already_there));
    assert!(progress.starts().is_empty());

    // And therefore needs no network.
    let endpoint = hub.server.url();
    drop(hub);
    let fetched = cache.fetcher_at(&endpoint).fetch("reference", &files(), &mut Recorder::default());
    assert_eq!(fetched.unwrap().len(), 2);
}

#[test]
fn without_network_and_without_files_the_way_by_hand_is_shown() {
    let hub = hub();
    let endpoint = hub.server.url();
    drop(hub);
    let mut progress = Recorder::default();
    let fetched = Cache::new().fetcher_at(&endpoint).fetch("reference", &files(), &mut progress);
    let message = fetched.unwrap_err().to_string();
    assert!(message.contains("cannot be reached") && message.contains("--from DIR"), "{message}");
    assert_eq!(progress.retries().len(), 2);
}

#[test]
fn a_file_that_was_damaged_on_disk_is_fetched_again() {
    let cache = Cache::new();
    let hub = hub();
    cache.fetch(&hub, &files()).0.unwrap();
    let mut damaged = weights();
    damaged[100] ^= 1;
    cache.write("weights.bin", &damaged);
    let fetched = cache.fetch(&hub, &files()).0.unwrap();
    assert!(fetched[0].already_there && !fetched[1].already_there);
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[test]
fn a_good_file_without_a_record_is_not_fetched_again() {
    let cache = Cache::new();
    let hub = hub();
    cache.write("weights.bin", &weights());
    cache.write("tokenizer.json", b"[]");
    let fetched = cache.fetch(&hub, &files()).0.unwrap();
    assert_eq!(fetched[1].origin.verified, Verified::Published);
    assert!(fetched[1].already_there);
    // The one that only looked like it was replaced.
    assert!(!fetched[0].already_there);
    assert_eq!(cache.read("tokenizer.json").unwrap(), b"{}");
    assert!(hub.transfers().is_empty());
    assert!(cache.read("weights.bin.origin.json").is_some());

    // With a hash on the card the hub need not be asked.
    let cache = Cache::new();
    cache.write("weights.bin", &weights());
    let mut pinned = file("weights.bin");
    pinned.sha256 = Some(sha256(&weights()));
    let requests = hub.server.requests().len();
    assert!(cache.fetch(&hub, &[pinned]).0.unwrap()[0].already_there);
    assert_eq!(hub.server.requests().len(), requests);
}

/// `/dev/full` is the kernel's own full disk: opening succeeds, every write fails with ENOSPC.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_names_the_folder_and_keeps_what_is_finished() {
    let cache = Cache::new();
    let hub = hub();
    cache.write("README", b"");
    std::os::unix::fs::symlink("/dev/full", cache.path("weights.bin.part")).unwrap();
    let message = cache.error(&hub, &files());
    let folder = cache.root().join("org--model");
    assert!(message.starts_with(&format!("cannot write {}/weights.bin.part", folder.display())), "{message}");
    assert!(message.contains(&format!("free some space in {}", folder.display())), "{message}");
    assert!(message.contains("--cache-dir"), "{message}");
    // Not tried again: the disk stays full.
    assert_eq!(hub.transfers().len(), 1);
    assert_eq!(cache.read("tokenizer.json").unwrap(), b"{}");

    // With space again, the same command finishes.
    fs::remove_file(cache.path("weights.bin.part")).unwrap();
    let fetched = cache.fetch(&hub, &files()).0.unwrap();
    assert!(fetched[0].already_there && !fetched[1].already_there);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let cache = Cache::new();
    fs::write(cache.root(), "a file where the folder should be").unwrap();
    let message = cache.error(&hub(), &files());
    assert!(
        message.starts_with(&format!("cannot create the folder {}", cache.root().display())),
        "{message}"
    );
}

#[test]
fn status_tells_missing_partial_damaged_and_present_apart() {
    let cache = Cache::new();
    let hub = hub().will([Fault::Ends(Ending::Cut(7)), Fault::Says(Answer::new(404, ""))]);
    let state = |files: &[RemoteFile]| {
        let statuses = status(&cache.root(), files);
        statuses.into_iter().map(|file| (file.state, file.bytes, file.verified)).collect::<Vec<_>>()
    };
    assert_eq!(state(&files()), [(FileState::Missing, 0, None); 2]);
    cache.error(&hub, &files());
    // The small file came first and met the faults: both contents go through the same queue.
    cache.fetch(&hub, &[file("tokenizer.json")]).0.unwrap();
    hub.also([Fault::Ends(Ending::Cut(1_000)), Fault::Says(Answer::new(404, ""))]);
    cache.error(&hub, &files());
    assert_eq!(
        state(&files()),
        [(FileState::Present, 2, Some(Verified::Published)), (FileState::Partial, 1_000, None)]
    );

    let mut pinned = file("tokenizer.json");
    pinned.sha256 = Some("0".repeat(64));
    assert_eq!(state(&[pinned]), [(FileState::Damaged, 2, None)]);
    cache.write("tokenizer.json", b"{}cut");
    assert_eq!(state(&[file("tokenizer.json")]), [(FileState::Damaged, 5, None)]);
    fs::remove_file(cache.path("tokenizer.json.origin.json")).unwrap();
    assert_eq!(state(&[file("tokenizer.json")]), [(FileState::Present, 5, None)]);
    assert_eq!(status(&cache.root(), &[file("tokenizer.json")])[0].path, cache.path("tokenizer.json"));
}

#[test]
fn a_file_on_disk_is_hashed_before_it_is_trusted() {
    let cache = Cache::new();
    let hub = hub();
    cache.fetch(&hub, &files()).0.unwrap();
    let (_, progress) = cache.fetch(&hub, &files());
    assert_eq!(
        progress.heard,
        [Heard::Checking(2), Heard::Finished, Heard::Checking(200_000), Heard::Finished]
    );
    // The record holds the SHA-256 also where the hub publishes git's hash.
    let record = String::from_utf8(cache.read("tokenizer.json.origin.json").unwrap()).unwrap();
    assert!(record.contains(&sha256(b"{}")) && !record.contains(&git_hash(b"{}")), "{record}");
}
