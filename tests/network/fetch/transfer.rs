//! What happens between the first byte and the last.

use std::time::Duration;

use clipscope_networks::fetch::{FetchError, Fetcher, Verified};
use clipscope_test_support::server::{Answer, Ending};

use super::{
    Cache, Heard, Recorder,
    hub::{COMMIT, Fault, Hub, LICENSE, STORAGE_MARK, content, file, git_hash, large, sha256, small},
};

const LENGTH: usize = 300_000;

fn weights() -> Vec<u8> {
    content(LENGTH, 1)
}

fn hub() -> Hub {
    Hub::new(vec![large("weights.bin", weights())])
}

#[test]
fn a_large_and_a_small_file_arrive_with_their_records() {
    let tokenizer = b"{\"version\": \"1.0\"}".to_vec();
    let hub =
        Hub::new(vec![large("2_Dense/weights.bin", weights()), small("tokenizer.json", tokenizer.clone())]);
    let cache = Cache::new();
    let (fetched, progress) = cache.fetch(&hub, &[file("2_Dense/weights.bin"), file("tokenizer.json")]);
    let fetched = fetched.unwrap();

    assert_eq!(fetched[0].path, cache.path("2_Dense/weights.bin"));
    assert_eq!(cache.read("2_Dense/weights.bin").unwrap(), weights());
    assert_eq!(cache.read("tokenizer.json").unwrap(), tokenizer);
    for (file, content) in fetched.iter().zip([&weights(), &tokenizer]) {
        assert!(!file.already_there);
        assert_eq!(file.origin.sha256, sha256(content));
        assert_eq!(file.origin.bytes, content.len() as u64);
        assert_eq!(file.origin.commit.as_deref(), Some(COMMIT));
        assert_eq!(file.origin.verified, Verified::Published);
    }
    let record: serde_json::Value =
        serde_json::from_slice(&cache.read("2_Dense/weights.bin.origin.json").unwrap()).unwrap();
    assert_eq!(record["url"], format!("{}/org/model/resolve/main/2_Dense/weights.bin", hub.server.url()));
    assert_eq!(record["commit"], COMMIT);
    assert_eq!(record["sha256"], sha256(&weights()));
    assert_eq!(record["bytes"], LENGTH);
    assert_eq!(cache.names(), ["2_Dense", "tokenizer.json", "tokenizer.json.origin.json"]);

    // Sizes and licenses were known before the first byte.
    let plan: Vec<_> =
        progress.planned.iter().map(|file| (&*file.file, &*file.license, file.bytes)).collect();
    assert_eq!(
        plan,
        [
            ("org/model/2_Dense/weights.bin", LICENSE, Some(LENGTH as u64)),
            ("org/model/tokenizer.json", LICENSE, Some(tokenizer.len() as u64)),
        ]
    );
    let total = Some(LENGTH as u64);
    assert_eq!(progress.heard[..2], [Heard::Started { total, resumed_from: 0 }, Heard::Finished]);
    assert_eq!(progress.position, tokenizer.len() as u64);
}

#[test]
fn a_truncated_body_is_continued_where_it_broke_off() {
    let hub = hub().will([Fault::Ends(Ending::Cut(100_000)), Fault::Ends(Ending::Cut(50_000))]);
    let cache = Cache::new();
    let (fetched, progress) = cache.fetch(&hub, &[file("weights.bin")]);
    fetched.unwrap();
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
    let transfers = hub.transfers();
    let ranges: Vec<_> = transfers.iter().map(|request| request.header("range")).collect();
    assert_eq!(ranges, [None, Some("bytes=100000-"), Some("bytes=150000-")]);
    // The storage's own mark, not the hub's hash, which the storage does not know.
    assert_eq!(transfers[1].header("if-range"), Some(STORAGE_MARK));
    assert_eq!(progress.position, LENGTH as u64);
}

#[test]
fn a_server_that_always_breaks_off_is_given_up_and_the_next_run_continues() {
    let hub = hub().will(vec![Fault::Ends(Ending::Cut(10_000)); 3]);
    let cache = Cache::new();
    let message = cache.error(&hub, &[file("weights.bin")]);
    assert!(message.starts_with("org/model/weights.bin: the transfer from 127.0.0.1:"), "{message}");
    assert!(message.contains("broke off after 30000 of 300000 bytes"), "{message}");
    assert!(message.ends_with("run the same command again to continue"), "{message}");
    assert_eq!(hub.transfers().len(), 3);
    assert_eq!(cache.names(), ["weights.bin.part", "weights.bin.part.json"]);

    let (fetched, progress) = cache.fetch(&hub, &[file("weights.bin")]);
    fetched.unwrap();
    assert_eq!(hub.transfers()[3].range(), Some(30_000));
    // Hashed before it was continued.
    assert_eq!(progress.heard[0], Heard::Checking(30_000));
    assert_eq!(progress.starts(), [30_000]);
    assert_eq!(progress.planned[0].on_disk, 30_000);
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
    assert_eq!(cache.names(), ["weights.bin", "weights.bin.origin.json"]);
}

#[test]
fn tries_that_bring_much_are_not_counted_against_a_long_transfer() {
    const MIB: usize = 1024 * 1024;
    let weights = content(5 * MIB, 2);
    let hub =
        Hub::new(vec![large("weights.bin", weights.clone())]).will(vec![Fault::Ends(Ending::Cut(MIB)); 4]);
    let cache = Cache::new();
    cache.fetch(&hub, &[file("weights.bin")]).0.unwrap();
    assert_eq!(cache.read("weights.bin").unwrap(), weights);
    assert_eq!(hub.transfers().len(), 5);
}

#[test]
fn wrong_bytes_are_deleted_and_both_hashes_shown() {
    let hub = hub().will([Fault::FlipsByte]);
    let mut wrong = weights();
    wrong[LENGTH - 1] ^= 1;
    let cache = Cache::new();
    let message = cache.error(&hub, &[file("weights.bin")]);
    assert!(message.contains(&format!("expected SHA-256 {}", sha256(&weights()))), "{message}");
    assert!(message.contains(&format!("got SHA-256 {}", sha256(&wrong))), "{message}");
    assert_eq!(cache.names(), [""; 0]);
    assert_eq!(hub.transfers().len(), 1);
}

#[test]
fn a_wrong_byte_in_a_small_file_is_found_by_gits_hash() {
    let text = b"{\"vocab\": {}}".to_vec();
    let hub = Hub::new(vec![small("tokenizer.json", text.clone())]).will([Fault::FlipsByte]);
    let cache = Cache::new();
    let message = cache.error(&hub, &[file("tokenizer.json")]);
    assert!(message.contains(&format!("expected git blob hash {}", git_hash(&text))), "{message}");
    assert_eq!(cache.names(), [""; 0]);
}

#[test]
fn a_part_that_was_damaged_on_disk_is_noticed_and_begun_anew() {
    let hub = hub().will(vec![Fault::Ends(Ending::Cut(20_000)); 3]);
    let cache = Cache::new();
    cache.error(&hub, &[file("weights.bin")]);
    let mut part = cache.read("weights.bin.part").unwrap();
    assert_eq!(part, weights()[..60_000]);
    part[5] ^= 1;
    cache.write("weights.bin.part", &part);

    let (fetched, progress) = cache.fetch(&hub, &[file("weights.bin")]);
    fetched.unwrap();
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
    assert_eq!(progress.starts(), [60_000, 0]);
    let ranges: Vec<_> = hub.transfers()[3..].iter().map(|request| request.range()).collect();
    assert_eq!(ranges, [Some(60_000), None]);
    assert_eq!(progress.position, LENGTH as u64);
}

#[test]
fn a_damaged_part_and_wrong_bytes_after_it_end_in_an_error() {
    let hub = hub().will([
        Fault::Ends(Ending::Cut(20_000)),
        Fault::Ends(Ending::Cut(20_000)),
        Fault::Ends(Ending::Cut(20_000)),
        Fault::FlipsByte,
        Fault::FlipsByte,
    ]);
    let cache = Cache::new();
    cache.error(&hub, &[file("weights.bin")]);
    assert!(cache.error(&hub, &[file("weights.bin")]).contains("wrong content"));
    assert_eq!(hub.transfers().len(), 5);
    assert_eq!(cache.names(), [""; 0]);
}

#[test]
fn a_part_that_is_whole_needs_no_transfer() {
    let hub = hub().will([Fault::Ends(Ending::Cut(LENGTH - 1)), Fault::Says(Answer::new(404, ""))]);
    let cache = Cache::new();
    cache.error(&hub, &[file("weights.bin")]);
    cache.write("weights.bin.part", &weights());
    cache.fetch(&hub, &[file("weights.bin")]).0.unwrap();
    assert_eq!(hub.transfers().len(), 2);
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[test]
fn a_part_longer_than_the_file_is_begun_anew() {
    let hub = hub().will([Fault::Ends(Ending::Cut(9)), Fault::Says(Answer::new(404, ""))]);
    let cache = Cache::new();
    cache.error(&hub, &[file("weights.bin")]);
    cache.write("weights.bin.part", &content(LENGTH + 1, 3));
    cache.fetch(&hub, &[file("weights.bin")]).0.unwrap();
    assert_eq!(hub.transfers()[2].range(), None);
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[test]
fn a_part_of_another_content_is_not_continued() {
    let cache = Cache::new();
    let old =
        Hub::new(vec![large("weights.bin", content(LENGTH, 4))])
            .will(vec![Fault::Ends(Ending::Cut(20_000)); 3]);
    cache.error(&old, &[file("weights.bin")]);
    let hub = hub();
    cache.fetch(&hub, &[file("weights.bin")]).0.unwrap();
    assert_eq!(hub.transfers().iter().map(|request| request.range()).collect::<Vec<_>>(), [None]);
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[test]
fn a_200_in_place_of_a_206_begins_the_file_anew() {
    let hub = hub().will([Fault::Ends(Ending::Cut(100_000)), Fault::IgnoresRange]);
    let cache = Cache::new();
    let (fetched, progress) = cache.fetch(&hub, &[file("weights.bin")]);
    fetched.unwrap();
    assert_eq!(hub.transfers()[1].range(), Some(100_000));
    assert_eq!(hub.transfers().len(), 2);
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
    assert_eq!(progress.starts(), [0, 0]);
    assert_eq!(progress.position, LENGTH as u64);
}

#[test]
fn a_206_from_another_place_is_not_joined() {
    let hub = hub().will([Fault::Ends(Ending::Cut(100_000)), Fault::WrongPlace]);
    let cache = Cache::new();
    let (fetched, progress) = cache.fetch(&hub, &[file("weights.bin")]);
    fetched.unwrap();
    assert!(progress.retries()[1].contains("sent another range"), "{:?}", progress.heard);
    assert_eq!(hub.transfers()[2].range(), None);
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[test]
fn a_416_begins_the_file_anew() {
    let hub = hub().will([Fault::Ends(Ending::Cut(100_000)), Fault::NothingLeft]);
    let cache = Cache::new();
    cache.fetch(&hub, &[file("weights.bin")]).0.unwrap();
    assert_eq!(hub.transfers()[2].range(), None);
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[test]
fn a_server_that_falls_silent_is_asked_again() {
    let hub = hub().will([Fault::Ends(Ending::Stall(100_000))]);
    let cache = Cache::new();
    let (fetched, progress) = cache.fetch(&hub, &[file("weights.bin")]);
    fetched.unwrap();
    assert!(progress.retries()[0].contains("sent nothing more within 0.4 s"), "{:?}", progress.heard);
    assert_eq!(hub.transfers()[1].range(), Some(100_000));
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[test]
fn a_body_whose_length_nobody_announces_is_compared_all_the_same() {
    let whole = Answer::new(200, weights()).unannounced();
    let longer = Answer::new(200, content(LENGTH + 1, 1)).unannounced();
    let hub = hub().will([
        Fault::Says(whole.clone().ending(Ending::Cut(LENGTH - 1))),
        Fault::Says(whole),
        Fault::Says(longer),
    ]);
    let cache = Cache::new();
    cache.fetch(&hub, &[file("weights.bin")]).0.unwrap();
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
    // Noticed as a transfer that broke off, and not as wrong content.
    assert_eq!(hub.transfers()[1].range(), Some(LENGTH as u64 - 1));

    let cache = Cache::new();
    let message = cache.error(&hub, &[file("weights.bin")]);
    assert!(message.contains("the hub publishes 300000 bytes"), "{message}");
    assert_eq!(cache.names(), [""; 0]);
}

#[test]
fn an_empty_file_arrives() {
    let hub = Hub::new(vec![small("merges.txt", Vec::new())]);
    let cache = Cache::new();
    cache.fetch(&hub, &[file("merges.txt")]).0.unwrap();
    assert_eq!(cache.read("merges.txt").unwrap(), b"");
}

#[test]
fn a_fetch_that_is_stopped_keeps_what_has_arrived_and_goes_on_from_there() {
    let hub = hub();
    let cache = Cache::new();
    let mut progress = Recorder { stop_at: Some(1), ..Recorder::default() };
    let stopped = cache.fetcher(&hub).fetch("reference", &[file("weights.bin")], &mut progress);
    assert!(matches!(stopped, Err(FetchError::Stopped)), "{stopped:?}");
    let arrived = progress.position;
    assert!(0 < arrived && arrived < LENGTH as u64, "{arrived}");
    assert_eq!(cache.read("weights.bin.part").unwrap(), weights()[..arrived as usize]);
    assert!(!progress.heard.contains(&Heard::Finished), "{:?}", progress.heard);

    // Stopped again while the part is hashed, it is still there.
    let mut progress = Recorder { stop_at: Some(1), ..Recorder::default() };
    let stopped = cache.fetcher(&hub).fetch("reference", &[file("weights.bin")], &mut progress);
    assert!(matches!(stopped, Err(FetchError::Stopped)), "{stopped:?}");
    assert_eq!(progress.heard, [Heard::Checking(arrived)]);

    let (fetched, progress) = cache.fetch(&hub, &[file("weights.bin")]);
    fetched.unwrap();
    assert_eq!(progress.starts(), [arrived]);
    assert_eq!(hub.transfers().last().unwrap().range(), Some(arrived));
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[test]
fn a_pause_between_attempts_ends_when_the_fetch_is_stopped() {
    let hub = hub().will([Fault::Ends(Ending::Cut(20_000)), Fault::Ends(Ending::Cut(1))]);
    let cache = Cache::new();
    let patient = Fetcher::builder(cache.root()).endpoint(&hub.server.url()).unwrap();
    // A pause that no test run outlasts.
    let patient = patient.retries(3, Duration::from_secs(100_000)).build();
    let mut progress = Recorder { stop_on_failure: true, ..Recorder::default() };
    let stopped = patient.fetch("reference", &[file("weights.bin")], &mut progress);
    assert!(matches!(stopped, Err(FetchError::Stopped)), "{stopped:?}");
}
