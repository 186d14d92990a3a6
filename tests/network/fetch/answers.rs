//! Answers other than the file, and answers about another file than the one asked for.

use clipscope_networks::fetch::Verified;
use clipscope_test_support::server::{Answer, Ending, Server};

use super::{
    Cache, Recorder,
    hub::{COMMIT, Fault, Hub, content, file, large, part_of, sha256, small},
};

const PAGE: &str = "<!DOCTYPE html><html><head><title>Log in\u{1b}[31m to\n the Wi-Fi</title></head></html>";

fn weights() -> Vec<u8> {
    content(50_000, 7)
}

fn hub() -> Hub {
    Hub::new(vec![large("weights.bin", weights())])
}

fn page() -> Answer {
    Answer::new(200, PAGE).header("Content-Type", "text/html; charset=utf-8")
}

#[test]
fn an_error_page_sent_as_200_is_called_one_and_costs_nothing_that_is_there() {
    let hub = hub().will([Fault::Ends(Ending::Cut(10_000)), Fault::Says(page())]);
    let cache = Cache::new();
    let message = cache.error(&hub, &[file("weights.bin")]);
    assert!(
        message.contains("sent a web page ('Log in⟨U+001B⟩[31m to the Wi-Fi') in place of the file"),
        "{message}"
    );
    assert_eq!(hub.transfers().len(), 2);
    cache.fetch(&hub, &[file("weights.bin")]).0.unwrap();
    assert_eq!(hub.transfers()[2].range(), Some(10_000));
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[test]
fn an_error_page_in_disguise_is_called_one_too() {
    // Of another length than the file.
    let hub = hub().will([Fault::Says(Answer::new(200, PAGE))]);
    let cache = Cache::new();
    let message = cache.error(&hub, &[file("weights.bin")]);
    assert!(message.contains(&format!("sends {}, it looks like a web page", PAGE.len())), "{message}");

    // Of the same length.
    let mut page = PAGE.as_bytes().to_vec();
    page.resize(weights().len(), b' ');
    hub.also([Fault::Says(Answer::new(200, page))]);
    let message = cache.error(&hub, &[file("weights.bin")]);
    assert!(message.contains("wrong content, it looks like a web page"), "{message}");
    assert!(message.contains(&sha256(&weights())), "{message}");
    assert_eq!(cache.names(), [""; 0]);
}

#[test]
fn a_page_in_answer_to_the_first_question_is_called_one() {
    let server = Server::start(|_| page());
    let cache = Cache::new();
    let files = [file("weights.bin")];
    let error = cache.fetcher_at(&server.url()).fetch("reference", &files, &mut Recorder::default());
    let message = error.unwrap_err().to_string();
    assert!(message.contains("sent a web page"), "{message}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_file_that_the_repository_lacks_is_named() {
    let hub = hub();
    let message = Cache::new().error(&hub, &[file("model.safetensors")]);
    assert!(message.contains("does not have model.safetensors ('EntryNotFound')"), "{message}");
    assert_eq!(hub.server.requests().len(), 1);
}

#[test]
fn a_refusal_says_what_to_do_and_is_not_repeated() {
    for (status, remedy) in [
        (401, "set HF_TOKEN"),
        (403, "accept the terms on the repository's page"),
        (418, "check HF_ENDPOINT"),
    ] {
        let server =
            Server::start(move |_| Answer::new(status, "").header("X-Error-Message", "Access is restricted"));
        let mut progress = Recorder::default();
        let fetcher = Cache::new().fetcher_at(&server.url());
        let message = fetcher.fetch("reference", &[file("x")], &mut progress).unwrap_err().to_string();
        assert!(message.contains(&format!("answered {status}")) && message.contains(remedy), "{message}");
        assert!(message.contains("('Access is restricted')"), "{message}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn a_server_in_trouble_is_asked_again_but_not_for_ever() {
    let unwell = || Fault::Says(Answer::new(503, ""));
    let hub = hub().will([unwell(), unwell()]);
    let cache = Cache::new();
    cache.fetch(&hub, &[file("weights.bin")]).0.unwrap();
    assert_eq!(hub.transfers().len(), 3);

    hub.also(vec![unwell(); 9]);
    let message = Cache::new().error(&hub, &[file("weights.bin")]);
    assert!(message.contains("answered 503"), "{message}");
    assert_eq!(hub.transfers().len(), 6);
}

#[test]
fn a_server_that_asks_for_a_long_pause_is_left_alone() {
    let hub = hub().will([Fault::Says(Answer::new(429, "").header("Retry-After", 300))]);
    let message = Cache::new().error(&hub, &[file("weights.bin")]);
    assert!(message.contains("answered 429; it asks for a pause of 300 s"), "{message}");
    assert_eq!(hub.transfers().len(), 1);
}

#[test]
fn a_pinned_hash_is_what_the_file_must_have() {
    let mut wanted = file("weights.bin");
    wanted.sha256 = Some(sha256(&weights()).to_uppercase());
    let cache = Cache::new();
    let fetched = cache.fetch(&hub(), &[wanted.clone()]).0.unwrap();
    assert_eq!(fetched[0].origin.verified, Verified::Pinned);

    // The hub has another file by now: both hashes are shown and nothing is transferred.
    let other = Hub::new(vec![large("weights.bin", content(50_000, 8))]);
    let message = Cache::new().error(&other, &[wanted.clone()]);
    for hash in [sha256(&weights()), sha256(&content(50_000, 8))] {
        assert!(message.contains(&hash), "{message}");
    }
    assert!(other.transfers().is_empty());

    // What was fetched under another pin does not count as complete.
    wanted.sha256 = Some(sha256(&content(50_000, 8)));
    assert!(!cache.fetch(&other, &[wanted]).0.unwrap()[0].already_there);
    assert_eq!(cache.read("weights.bin").unwrap(), content(50_000, 8));
}

#[test]
fn a_pinned_hash_holds_for_a_small_file_whose_sha256_is_not_published() {
    let text = b"{}".to_vec();
    let mut wanted = file("tokenizer.json");
    wanted.sha256 = Some(sha256(b"{ }"));
    let hub = Hub::new(vec![small("tokenizer.json", text.clone())]);
    let cache = Cache::new();
    let message = cache.error(&hub, &[wanted.clone()]);
    assert!(message.contains(&sha256(b"{ }")) && message.contains(&sha256(&text)), "{message}");
    assert!(message.contains("update clipscope"), "{message}");
    assert_eq!(cache.names(), [""; 0]);
    wanted.sha256 = Some(sha256(&text));
    assert_eq!(cache.fetch(&hub, &[wanted]).0.unwrap()[0].origin.verified, Verified::Pinned);
}

#[test]
fn a_file_that_nothing_vouches_for_is_refused() {
    // A mirror that passes on content and length, but not the hub's headers; its ETag means something of its own.
    let mirror = Server::start(|request| {
        part_of(&weights(), &format!("\"{}\"", sha256(b"something else")), request, None)
    });
    let cache = Cache::new();
    let mut wanted = file("weights.bin");
    let fetch =
        |wanted| cache.fetcher_at(&mirror.url()).fetch("reference", &[wanted], &mut Recorder::default());
    let message = fetch(wanted.clone()).unwrap_err().to_string();
    assert!(message.contains("publishes no hash"), "{message}");
    assert_eq!(mirror.requests().len(), 1);
    // A hash on the card is enough.
    wanted.sha256 = Some(sha256(&weights()));
    assert_eq!(fetch(wanted).unwrap()[0].origin.verified, Verified::Pinned);
}

#[test]
fn a_renamed_repository_is_followed_to_where_the_headers_are() {
    let hub = Hub::new(vec![small("tokenizer.json", b"{}".to_vec())]);
    let (target, body) = (hub.server.url(), vec![b'x'; 50]);
    let old_name = Server::start(move |request| {
        Answer::new(307, body.clone()).header("Location", format!("{target}{}", request.target))
    });
    let cache = Cache::new();
    let files = [file("tokenizer.json")];
    let fetched =
        cache.fetcher_at(&old_name.url()).fetch("reference", &files, &mut Recorder::default()).unwrap();
    assert_eq!(fetched[0].origin.bytes, 2);
    assert_eq!(fetched[0].origin.commit.as_deref(), Some(COMMIT));
    assert_eq!(fetched[0].origin.sha256, sha256(b"{}"));
}

#[test]
fn redirects_end() {
    let server = Server::start(|request| Answer::new(302, "").header("Location", &request.target));
    let fetcher = Cache::new().fetcher_at(&server.url());
    let message = fetcher.fetch("reference", &[file("x")], &mut Recorder::default()).unwrap_err().to_string();
    assert!(message.contains("redirects more than 10 times"), "{message}");
    assert_eq!(server.requests().len(), 11);
}

#[test]
fn names_that_would_leave_the_folder_are_refused_before_anything_is_asked() {
    let hub = hub();
    for path in ["../weights.bin", "/etc/passwd", "a//b", "a\\b", "c:evil", "", "a/./b", "tab\there"] {
        let message = Cache::new().error(&hub, &[file(path)]);
        assert!(message.contains("is refused"), "{message}");
        assert!(!message.contains('\t'), "{message}");
    }
    let mut wanted = file("weights.bin");
    wanted.repo = "a/../b".into();
    assert!(Cache::new().error(&hub, &[wanted.clone()]).contains("is refused"));
    wanted.repo = "a/b/c".into();
    assert!(Cache::new().error(&hub, &[wanted.clone()]).contains("is refused"));
    wanted = file("weights.bin");
    wanted.sha256 = Some("abc".into());
    assert!(Cache::new().error(&hub, &[wanted]).contains("is refused"));
    assert!(hub.server.requests().is_empty());
}

#[test]
fn a_name_with_spaces_and_signs_reaches_the_hub_as_it_is() {
    let server = Server::start(|_| Answer::new(404, ""));
    let fetcher = Cache::new().fetcher_at(&server.url());
    let mut wanted = file("a b#?%.bin");
    wanted.revision = "refs/pr/1".into();
    fetcher.fetch("reference", &[wanted], &mut Recorder::default()).unwrap_err();
    assert_eq!(server.requests()[0].target, "/org/model/resolve/refs%2Fpr%2F1/a%20b%23%3F%25.bin");
    assert_eq!(server.requests()[0].header("accept-encoding"), Some("identity"));
}
