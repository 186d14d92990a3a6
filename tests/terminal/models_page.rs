//! The page of models in the real program, with a hub on this machine.
//!
//! The large files of `reference` lie in a Hugging Face cache made up for the test, where they are found by name; they are not
//! real, so nothing can be embedded with them, and whoever loads them says so. What the hub gives is real and compared.

use std::path::Path;

use clipscope_networks::fetch::RemoteFile;
use clipscope_networks::{Catalog, SetName};
use clipscope_test_support::pty::{CommandBuilder, Terminal};
use clipscope_test_support::server::{Answer, Server};
use sha1::Digest as _;

const PROGRAM: &str = env!("CARGO_BIN_EXE_clipscope");

/// The files of `reference`: those with a hash on their card, and those without.
fn files() -> (Vec<RemoteFile>, Vec<RemoteFile>) {
    let catalog = Catalog::built_in().unwrap();
    let set = catalog.set(SetName::REFERENCE.name()).unwrap();
    let files = catalog.infos(set).unwrap().into_iter().flat_map(|network| network.files);
    files.partition(|file| file.sha256.is_some())
}

/// A Hugging Face cache with a blob for each of the files.
fn hub_cache(folder: &Path, files: &[RemoteFile]) {
    for file in files {
        let blobs = folder.join(format!("models--{}/blobs", file.repo.replace('/', "--")));
        std::fs::create_dir_all(&blobs).unwrap();
        std::fs::write(blobs.join(file.sha256.as_ref().unwrap()), b"made up").unwrap();
    }
}

/// A hub that has every small file that is asked for.
fn hub() -> Server {
    Server::start(|request| {
        let body = format!("{{\"made up\": \"{}\"}}", request.target);
        let hash = sha1::Sha1::digest(format!("blob {}\0{body}", body.len()));
        Answer::new(200, body).header("X-Repo-Commit", "0123").header("ETag", format!("\"{hash:x}\""))
    })
}

fn start(cache: &Path, hub: &str, arguments: &[&str]) -> Terminal {
    let mut command = CommandBuilder::new(PROGRAM);
    command.args(["--images", "off", "--cache-dir", cache.to_str().unwrap()]);
    command.args(arguments);
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "C.UTF-8"), ("HF_ENDPOINT", hub)] {
        command.env(name, value);
    }
    command.env("XDG_CONFIG_HOME", cache);
    command.env("HF_HUB_CACHE", cache.join("hub"));
    for proxy in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "NO_COLOR"] {
        command.env_remove(proxy);
    }
    Terminal::start(command, 120, 40)
}

fn header(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[test]
fn two_keys_fetch_what_is_missing_and_switch_over() {
    let cache = tempfile::tempdir().unwrap();
    let (large, small) = files();
    assert!(!small.is_empty(), "there is nothing to fetch");
    hub_cache(&cache.path().join("hub"), &large);
    let hub = hub();
    let mut terminal = start(cache.path(), &hub.url(), &[]);
    terminal.wait_for("mini", |text| text.contains("20/20") && header(text).contains("mini")).unwrap();
    terminal.wait_for("the offer", |text| text.contains("the real CLIP is one key away: m")).unwrap();
    terminal.send("m");
    let text = terminal.wait_for("the question", |text| text.contains("for reference? Enter yes")).unwrap();
    assert!(text.contains("in the Hugging Face cache") && text.contains("not installed"), "{text}");
    assert!(hub.requests().is_empty(), "nothing is asked for before the yes");
    terminal.send("\r");
    let text = terminal.wait_for("the other set", |text| header(text).contains("reference ·")).unwrap();
    assert!(!text.contains("stand-in"), "{text}");
    for file in &small {
        let path = cache.path().join("models").join(file.repo.replace('/', "--")).join(&file.path);
        assert!(path.is_file(), "{}", path.display());
    }
    // The files that were made up are noticed.
    terminal.wait_for("the end of the run", |text| text.contains("stopped:")).unwrap();
    terminal.send("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
}

#[test]
fn files_that_another_program_has_downloaded_take_no_key_and_nothing_is_fetched() {
    let cache = tempfile::tempdir().unwrap();
    let (large, small) = files();
    hub_cache(&cache.path().join("hub"), &large);
    for file in small {
        let repo = cache.path().join("hub").join(format!("models--{}", file.repo.replace('/', "--")));
        let path = repo.join("snapshots").join(&file.revision).join(&file.path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "{}").unwrap();
    }
    let hub = hub();
    let mut terminal = start(cache.path(), &hub.url(), &[]);
    terminal.wait_for("reference", |text| header(text).contains("reference ·")).unwrap();
    terminal.send("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
    // Whoever asks for the stand-in gets to it from there.
    let mut terminal = start(cache.path(), &hub.url(), &["--models", "mini"]);
    terminal.wait_for("mini", |text| header(text).contains("mini ·")).unwrap();
    terminal.send("m");
    let text = terminal.wait_for("the page", |text| text.contains("> reference  ready")).unwrap();
    assert!(!text.contains("Enter yes"), "{text}");
    terminal.send("\r");
    terminal.wait_for("reference", |text| header(text).contains("reference ·")).unwrap();
    assert!(hub.requests().is_empty());
    terminal.send("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
}

#[test]
fn a_hub_with_other_files_is_refused_and_the_page_says_what_to_do() {
    let cache = tempfile::tempdir().unwrap();
    let hub = Server::start(|_| {
        Answer::new(302, "Found")
            .header("Location", "/stored")
            .header("X-Repo-Commit", "0123")
            .header("X-Linked-Etag", format!("\"{}\"", "ab".repeat(32)))
            .header("X-Linked-Size", 5)
    });
    let mut terminal = start(cache.path(), &hub.url(), &[]);
    terminal.wait_for("mini", |text| text.contains("20/20")).unwrap();
    terminal.send("m");
    terminal.wait_for("the question", |text| text.contains("for reference? Enter yes")).unwrap();
    terminal.send("\r");
    let text = terminal.wait_for("the reason", |text| text.contains("check HF_ENDPOINT")).unwrap();
    assert!(text.contains("> reference") && text.contains("--from DIR"), "{text}");
    terminal.send("\x1b");
    terminal
        .wait_for("the grid", |text| text.contains("Tab panel") && header(text).contains("mini ·"))
        .unwrap();
    terminal.send("q");
    assert_eq!(terminal.wait_exit().exit_code(), 0);
}
