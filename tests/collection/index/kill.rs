//! The index under `kill -9`: what was finished is there afterwards.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use clipscope_core::index::{EmbedOutcome, Index, IndexError, IndexWriter, ListedPhoto, Unlisted, update};

use clipscope_test_support::test_name;

use super::photos::{Folder, damaged, made, vector};

const FOLDER: &str = "CLIPSCOPE_TEST_INDEX";
const PHOTOS: usize = 600;
const KILLS: u64 = 60;

fn listed(root: &std::path::Path) -> Vec<ListedPhoto> {
    let name = |photo: usize| PathBuf::from(format!("{photo:04}.jpg"));
    (0..PHOTOS).map(|photo| ListedPhoto { name: name(photo), path: root.join(name(photo)) }).collect()
}

/// Not a test of its own: the process that is killed. Says how many photos are done after each group.
#[test]
fn writer() {
    let Some(root) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let folder = root.join(clipscope_core::index::FOLDER);
    let (mut writer, _) = IndexWriter::open(&folder, &root, made()).unwrap();
    let listed = listed(&root);
    let embed = |photos: &[usize]| {
        // Slow enough to be killed at any stage.
        std::thread::sleep(Duration::from_millis(2));
        Ok(photos
            .iter()
            .map(|&photo| EmbedOutcome::Vector(vector(&std::fs::read(&listed[photo].path).unwrap())))
            .collect())
    };
    let mut out = std::io::stdout();
    update::<IndexError>(&mut writer, &listed, Unlisted::Keep, embed, |counts, _| {
        writeln!(out, "done {}", counts.done()).unwrap();
        out.flush().unwrap();
    })
    .unwrap();
}

#[test]
fn nothing_finished_is_lost_by_kills_at_random_moments() {
    if std::env::var_os(FOLDER).is_some() {
        return;
    }
    let folder = Folder::new(PHOTOS);
    let mut most = 0;
    let mut random = 0x9E37_79B9_u64;
    for round in 0..KILLS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([&test_name(module_path!(), "writer"), "--exact", "--nocapture"])
            .env(FOLDER, folder.root())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(5 + (random >> 58)));
        child.kill().unwrap();
        child.wait().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let done = said.filter_map(|line| line.rsplit_once("done ")?.1.parse::<usize>().ok()).max();
        most = most.max(done.unwrap_or(0));
        if let Ok(index) = Index::open(&folder.index_folder()) {
            assert!(index.len() >= most, "round {round}: {} of {most}", index.len());
            assert_eq!(damaged(&index), 0);
        } else {
            assert_eq!(most, 0, "round {round}");
        }
        if most == PHOTOS {
            // Start over: a changed photo would leave the rest unchanged.
            let _ = std::fs::remove_dir_all(folder.index_folder());
            most = 0;
        }
    }
    let before = Index::open(&folder.index_folder()).map_or(0, |index| index.len());
    let (counts, _) = folder.update();
    assert!(counts.unchanged >= before);
    folder.check();
}
