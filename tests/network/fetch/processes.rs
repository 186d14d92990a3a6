//! More than one process: killed half-way, two at once, and one that may not write.
//!
//! A child process is this test program itself, told to run [`child`] alone. What it shall do it reads from the
//! environment, as the real program does.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use clipscope_networks::fetch::Fetcher;
use clipscope_test_support::server::Ending;
use clipscope_test_support::test_name;

use super::{
    Cache, Heard, Recorder,
    hub::{Fault, Hub, content, file, large},
};

const ROOT: &str = "CLIPSCOPE_TEST_ROOT";
const MARK: &str = "the child says: ";

fn weights() -> Vec<u8> {
    content(400_000, 13)
}

#[test]
#[ignore = "the child process of the tests in this file"]
fn child() {
    let root = std::env::var_os(ROOT).expect("set by the parent");
    let fetcher = Fetcher::from_env(root.into()).unwrap();
    match fetcher.fetch("reference", &[file("weights.bin")], &mut Recorder::default()) {
        Ok(fetched) => println!("{MARK}{} bytes", fetched[0].origin.bytes),
        Err(error) => println!("{MARK}{error}"),
    }
}

fn command(program: &Path, cache: &Cache, hub: &Hub) -> Command {
    let mut command = Command::new(program);
    command
        .args([
            "--exact",
            &test_name(module_path!(), "child"),
            "--ignored",
            "--nocapture",
            "--test-threads=1",
        ])
        .env_clear()
        .env(ROOT, cache.root())
        .env("HF_ENDPOINT", hub.server.url())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What the child said at its end.
fn said(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.split_once(MARK));
    line.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr))).1.to_owned()
}

fn eventually(what: &str, condition: impl Fn() -> bool) {
    let begun = Instant::now();
    while !condition() {
        assert!(begun.elapsed() < Duration::from_secs(10), "waited in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn a_fetch_that_was_killed_half_way_is_continued() {
    let hub = Hub::new(vec![large("weights.bin", weights())]).will([Fault::Ends(Ending::Stall(150_000))]);
    let cache = Cache::new();
    let mut child = command(&std::env::current_exe().unwrap(), &cache, &hub).spawn().unwrap();
    let part = cache.path("weights.bin.part");
    eventually("half of the file on disk", || part.metadata().is_ok_and(|part| part.len() == 150_000));
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(cache.names(), ["weights.bin.part", "weights.bin.part.json"]);

    let (fetched, progress) = cache.fetch(&hub, &[file("weights.bin")]);
    fetched.unwrap();
    // The lock went with the process that held it.
    assert!(!progress.heard.contains(&Heard::Waiting));
    assert_eq!(progress.heard[0], Heard::Checking(150_000));
    assert_eq!(hub.transfers()[1].range(), Some(150_000));
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
    assert_eq!(cache.names(), ["weights.bin", "weights.bin.origin.json"]);
}

#[test]
fn of_two_at_once_the_second_waits_and_finds_the_file_complete() {
    let hub =
        Arc::new(Hub::new(vec![large("weights.bin", weights())]).will([Fault::Ends(Ending::Stall(100_000))]));
    let cache = Cache::new();
    let first = command(&std::env::current_exe().unwrap(), &cache, &hub).spawn().unwrap();
    eventually("the first is in the middle", || hub.transfers().len() == 1);

    // The first goes on only when the second says that it waits.
    let told = Arc::clone(&hub);
    let mut progress =
        Recorder { on_waiting: Some(Box::new(move || told.server.release())), ..Recorder::default() };
    let fetched = cache.fetcher(&hub).fetch("reference", &[file("weights.bin")], &mut progress).unwrap();
    assert!(fetched[0].already_there);
    assert_eq!(progress.heard, [Heard::Waiting, Heard::Checking(400_000), Heard::Finished]);
    assert_eq!(said(first), "400000 bytes");
    assert_eq!(hub.transfers().len(), 1);
    assert_eq!(cache.read("weights.bin").unwrap(), weights());
}

#[cfg(unix)]
#[test]
fn a_read_only_cache_serves_what_it_has_and_says_what_it_cannot_do() {
    use std::{
        fs::{self, Permissions},
        os::unix::{fs::PermissionsExt, process::CommandExt},
    };
    let hub = Hub::new(vec![large("weights.bin", weights())]);
    let (full, empty) = (Cache::new(), Cache::new());
    full.fetch(&hub, &[file("weights.bin")]).0.unwrap();
    fs::create_dir(empty.root()).unwrap();
    let everyone_reads = |path: &Path| fs::set_permissions(path, Permissions::from_mode(0o555)).unwrap();
    for cache in [&full, &empty] {
        everyone_reads(cache.0.path());
        everyone_reads(&cache.root());
    }
    everyone_reads(&full.path(""));

    // Permissions do not bind root, so that the child becomes someone else; they must be able to read the program.
    let is_root = fs::write(empty.root().join("probe"), "").is_ok();
    let folder = tempfile::tempdir().unwrap();
    let mut program = std::env::current_exe().unwrap();
    if is_root {
        fs::remove_file(empty.root().join("probe")).unwrap();
        let copy = folder.path().join("test");
        fs::copy(&program, &copy).unwrap();
        everyone_reads(folder.path());
        program = copy;
    }
    let run = |cache: &Cache| {
        let mut command = command(&program, cache, &hub);
        if is_root {
            command.uid(65534).gid(65534);
        }
        said(command.spawn().unwrap())
    };
    let (served, refused) = (run(&full), run(&empty));
    // So that the folders can be removed again.
    for cache in [&full, &empty] {
        fs::set_permissions(cache.0.path(), Permissions::from_mode(0o755)).unwrap();
        fs::set_permissions(cache.root(), Permissions::from_mode(0o755)).unwrap();
    }
    fs::set_permissions(full.path(""), Permissions::from_mode(0o755)).unwrap();

    assert_eq!(served, "400000 bytes");
    let folder = empty.root().join("org--model");
    assert!(refused.starts_with(&format!("cannot create the folder {}", folder.display())), "{refused}");
    assert!(refused.contains("must be writable: choose another folder with --cache-dir"), "{refused}");
    assert_eq!(hub.transfers().len(), 1);
}
