//! What the dashboard's page of models shows and fetches.
//!
//! Owns the state of every set on this machine, and how the news of a fetch are added up. Must not know how they are drawn.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::models::{in_order, state};
use crate::tui::model::{FetchNews, FetchStage, NetworkRow, SetRow};
use clipscope_networks::fetch::{FetchError, Fetcher, FileState, Planned, Progress, RemoteFile, status};
use clipscope_networks::{
    Catalog, ModelError, ModelStore, ModelsInfo, NetworkInfo, Role, SetDefinition, SetName,
};

/// The set in use as the catalog has it, or as it was put together on the command line.
pub(super) fn definition(info: &ModelsInfo) -> SetDefinition {
    let about = "as it was asked for on the command line".into();
    let mut set = SetDefinition::empty(info.set.clone(), about);
    for tower in &info.towers {
        set.put(tower.role, tower.name.as_str());
    }
    for network in &info.missing {
        for role in &network.roles {
            set.put(*role, network.name.as_str());
        }
    }
    set
}

/// Every set of the catalog.
pub(super) fn rows(catalog: &Catalog, store: &ModelStore) -> Result<Vec<SetRow>, ModelError> {
    catalog.sets().map(|set| row(catalog, set, store)).collect()
}

fn row(catalog: &Catalog, set: &SetDefinition, store: &ModelStore) -> Result<SetRow, ModelError> {
    let infos = catalog.infos(set)?;
    let mut networks: Vec<NetworkRow> = Vec::new();
    for (index, network) in infos.iter().enumerate() {
        let same = |other: &&NetworkInfo| {
            !network.files.is_empty() && network.files.iter().all(|file| other.files.contains(file))
        };
        networks.push(NetworkRow {
            name: network.name.clone(),
            roles: Role::ALL.into_iter().filter(|&role| set.network(role) == Some(&network.name)).collect(),
            bytes: network.bytes,
            same_files_as: infos[..index].iter().find(same).map(|other| other.name.clone()),
            license: network.license.clone(),
            state: state(store, network),
        });
    }
    Ok(SetRow {
        name: set.name.name().to_owned(),
        about: set.about.clone(),
        best: set.name == SetName::REFERENCE,
        to_fetch: to_fetch(store, &in_order(infos)),
        networks,
    })
}

/// Bytes that a fetch of these files would bring, as far as their cards say.
fn to_fetch(store: &ModelStore, files: &[RemoteFile]) -> u64 {
    let lacking = files.iter().filter(|file| store.find_elsewhere(file).is_none());
    lacking
        .map(|file| match status(&store.downloads(), std::slice::from_ref(file)).first() {
            Some(found) => match found.state {
                FileState::Present => 0,
                FileState::Partial => file.bytes.unwrap_or(0).saturating_sub(found.bytes),
                FileState::Damaged | FileState::Missing => file.bytes.unwrap_or(0),
            },
            None => 0,
        })
        .sum()
}

/// Fetches what a set lacks.
pub(super) fn fetch(
    catalog: &Catalog,
    name: &str,
    store: &ModelStore,
    fetcher: &Fetcher,
    tell: &mut dyn FnMut(FetchNews),
    stop: &AtomicBool,
) -> Result<(), String> {
    let infos = catalog.set(name).and_then(|set| catalog.infos(set)).map_err(|error| error.to_string())?;
    fetch_files(name, in_order(infos), store, fetcher, tell, stop)
}

/// Fetches those of a set's files that are not here.
fn fetch_files(
    name: &str,
    mut files: Vec<RemoteFile>,
    store: &ModelStore,
    fetcher: &Fetcher,
    tell: &mut dyn FnMut(FetchNews),
    stop: &AtomicBool,
) -> Result<(), String> {
    files.retain(|file| store.find_elsewhere(file).is_none());
    let mut reporter = Reporter::new(tell, stop);
    reporter.say(FetchStage::Asking);
    match fetcher.fetch(name, &files, &mut reporter) {
        Ok(_) => Ok(()),
        Err(FetchError::Stopped) => Err("stopped".into()),
        Err(error) => Err(error.to_string()),
    }
}

/// Adds up the files of a fetch.
struct Reporter<'a> {
    tell: &'a mut dyn FnMut(FetchNews),
    stop: &'a AtomicBool,
    /// Bytes of each file that is to arrive, and how many of them are here.
    files: HashMap<String, (u64, u64)>,
    /// The file that arrives.
    current: Option<String>,
    /// Bytes of the file that is being checked: those done, and all.
    checked: (u64, u64),
}

impl<'a> Reporter<'a> {
    fn new(tell: &'a mut dyn FnMut(FetchNews), stop: &'a AtomicBool) -> Self {
        Self { tell, stop, files: HashMap::new(), current: None, checked: (0, 0) }
    }

    fn say(&mut self, stage: FetchStage) {
        let (done, total) = match stage {
            FetchStage::Checking => self.checked,
            _ => self.files.values().fold((0, 0), |(done, total), file| (done + file.1, total + file.0)),
        };
        (self.tell)(FetchNews { stage, done, total });
    }
}

impl Progress for Reporter<'_> {
    fn planned(&mut self, _set: &str, files: &[Planned]) {
        for file in files.iter().filter(|file| !file.already_there) {
            self.files.insert(file.file.clone(), (file.bytes.unwrap_or(0), file.on_disk));
        }
        self.say(FetchStage::Receiving);
    }

    fn checking(&mut self, _file: &str, total_bytes: u64) {
        self.current = None;
        self.checked = (0, total_bytes);
        self.say(FetchStage::Checking);
    }

    fn started(&mut self, file: &str, total_bytes: Option<u64>, resumed_from: u64) {
        let known = self.files.get(file).map_or(0, |file| file.0);
        self.files.insert(file.to_owned(), (total_bytes.unwrap_or(known), resumed_from));
        self.current = Some(file.to_owned());
        self.say(FetchStage::Receiving);
    }

    fn advanced(&mut self, bytes: u64) {
        match self.current.as_ref().and_then(|file| self.files.get_mut(file)) {
            Some(file) => {
                file.1 += bytes;
                self.say(FetchStage::Receiving);
            }
            None => {
                self.checked.0 += bytes;
                self.say(FetchStage::Checking);
            }
        }
    }

    fn retrying(&mut self, reason: &str, _pause: Duration) {
        self.say(FetchStage::Retrying(reason.to_owned()));
    }

    fn waiting(&mut self, _lock: &Path) {
        self.say(FetchStage::Waiting);
    }

    fn finished(&mut self) {
        self.current = None;
    }

    fn goes_on(&mut self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use clipscope_test_support::server::{Answer, Server};
    use sha2::Digest as _;

    use super::*;
    use crate::tui::model::NetworkState;

    fn put(store: &ModelStore, file: &RemoteFile, ending: &str, bytes: u64) {
        let path =
            store.downloads().join(file.repo.replace('/', "--")).join(format!("{}{ending}", file.path));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        // Without content: only the length counts here.
        std::fs::File::create(path).unwrap().set_len(bytes).unwrap();
    }

    fn reference(store: &ModelStore) -> SetRow {
        let rows = rows(&Catalog::built_in().unwrap(), store).unwrap();
        rows.into_iter().find(|row| row.best).expect("one is the best")
    }

    #[test]
    fn a_set_says_what_it_lacks_and_counts_a_shared_file_once() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::new(folder.path());
        let all = rows(&Catalog::built_in().unwrap(), &store).unwrap();
        let mini = all.iter().find(|row| row.name == "mini").unwrap();
        assert!(mini.is_whole() && mini.to_fetch == 0 && !mini.best, "{mini:?}");
        assert!(mini.networks.iter().all(|network| network.state == NetworkState::Included));

        let set = reference(&store);
        assert!(!set.is_whole() && set.networks.len() == 4, "{set:?}");
        assert!(set.networks.iter().all(|network| network.state == NetworkState::Missing), "{set:?}");
        let sum: u64 = set.networks.iter().filter(|n| n.same_files_as.is_none()).map(|n| n.bytes).sum();
        assert_eq!(set.to_fetch, sum);
        assert_eq!(set.networks.iter().filter(|n| n.same_files_as.is_some()).count(), 1);
    }

    #[test]
    fn what_is_here_is_no_longer_to_fetch() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::new(folder.path());
        let all = reference(&store).to_fetch;
        let catalog = Catalog::built_in().unwrap();
        let files = in_order(catalog.infos(catalog.set("reference").unwrap()).unwrap());
        let file = files.iter().find(|file| file.bytes.is_some()).unwrap();
        let length = file.bytes.unwrap();
        put(&store, file, ".part", 1_000);
        let set = reference(&store);
        assert_eq!(set.to_fetch, all - 1_000);
        assert!(set.is_begun() && !set.is_whole(), "{set:?}");
        put(&store, file, "", length);
        let set = reference(&store);
        assert_eq!(set.to_fetch, all - length);
        put(&store, file, "", length - 1);
        let set = reference(&store);
        assert_eq!(set.to_fetch, all, "a damaged file is fetched again");
        assert!(set.networks.iter().any(|network| network.state == NetworkState::Damaged), "{set:?}");
    }

    #[test]
    fn the_files_of_a_fetch_are_added_up() {
        let mut news = Vec::new();
        let stop = AtomicBool::new(false);
        let mut tell = |told| news.push(told);
        let mut reporter = Reporter::new(&mut tell, &stop);
        let planned = |file: &str, bytes, on_disk, already_there| Planned {
            file: file.into(),
            license: String::new(),
            bytes: Some(bytes),
            on_disk,
            already_there,
        };
        reporter.planned(
            "x",
            &[planned("a", 100, 40, false), planned("b", 50, 0, false), planned("c", 7, 7, true)],
        );
        reporter.checking("a", 40);
        reporter.advanced(40);
        reporter.finished();
        reporter.started("a", Some(100), 40);
        reporter.advanced(60);
        reporter.finished();
        reporter.started("b", Some(50), 0);
        reporter.advanced(20);
        // The server begins anew.
        reporter.started("b", Some(50), 0);
        reporter.advanced(10);
        assert!(reporter.goes_on());
        stop.store(true, Ordering::Relaxed);
        assert!(!reporter.goes_on());
        let counts: Vec<_> = news.iter().map(|news| (news.stage.clone(), news.done, news.total)).collect();
        use FetchStage::{Checking, Receiving};
        assert_eq!(
            counts,
            [
                (Receiving, 40, 150),
                (Checking, 0, 40),
                (Checking, 40, 40),
                (Receiving, 40, 150),
                (Receiving, 100, 150),
                (Receiving, 100, 150),
                (Receiving, 120, 150),
                (Receiving, 100, 150),
                (Receiving, 110, 150),
            ]
        );
    }

    /// A hub with one large file, which it stores elsewhere and publishes under its SHA-256.
    fn hub(content: &'static [u8]) -> Server {
        Server::start(move |request| {
            if request.target.starts_with("/stored") {
                let start = request.range().unwrap_or(0);
                let rest = &content[start as usize..];
                let status = if start == 0 { 200 } else { 206 };
                return Answer::new(status, rest).header("ETag", "\"mark\"").header(
                    "Content-Range",
                    format!("bytes {start}-{}/{}", content.len() - 1, content.len()),
                );
            }
            Answer::new(302, "Found")
                .header("Location", "/stored")
                .header("X-Repo-Commit", "0123")
                .header("X-Linked-Etag", format!("\"{}\"", hex::encode(sha2::Sha256::digest(content))))
                .header("X-Linked-Size", content.len())
        })
    }

    #[test]
    fn a_fetch_that_is_stopped_goes_on_where_it_was() {
        static CONTENT: [u8; 1_000_000] = [7; 1_000_000];
        let hub = hub(&CONTENT);
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::new(folder.path());
        let fetcher = Fetcher::builder(store.downloads()).endpoint(&hub.url()).unwrap().build();
        let file = RemoteFile {
            repo: "org/name".into(),
            revision: "main".into(),
            path: "model.bin".into(),
            bytes: Some(1_000_000),
            sha256: Some(hex::encode(sha2::Sha256::digest(CONTENT))),
            license: "MIT".into(),
        };
        let stop = AtomicBool::new(false);
        let mut arrived = 0;
        let mut halfway = |news: FetchNews| {
            assert!(news.stage == FetchStage::Asking || news.total == 1_000_000, "{news:?}");
            arrived = news.done;
            stop.store(news.done > 300_000, Ordering::Relaxed);
        };
        let stopped = fetch_files("x", vec![file.clone()], &store, &fetcher, &mut halfway, &stop);
        assert_eq!(stopped, Err("stopped".into()));
        assert!(0 < arrived && arrived < 1_000_000, "{arrived}");
        assert_eq!(to_fetch(&store, std::slice::from_ref(&file)), 1_000_000 - arrived);

        let mut counts = Vec::new();
        let mut tell = |news: FetchNews| {
            if news.stage == FetchStage::Receiving {
                counts.push(news.done);
            }
        };
        let stop = AtomicBool::new(false);
        fetch_files("x", vec![file.clone()], &store, &fetcher, &mut tell, &stop).unwrap();
        assert_eq!(counts.first(), Some(&arrived), "what was here counts from the start");
        assert!(counts.is_sorted() && counts.last() == Some(&1_000_000), "{counts:?}");
        assert_eq!(std::fs::read(store.path("org/name", "model.bin")).unwrap(), CONTENT);
        assert_eq!(to_fetch(&store, &[file]), 0);
    }

    #[test]
    fn a_hub_that_cannot_be_reached_is_an_error_with_a_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::new(folder.path());
        let fetcher = Fetcher::builder(store.downloads()).endpoint("http://127.0.0.1:9").unwrap();
        let fetcher = fetcher.retries(1, Duration::ZERO).build();
        let catalog = Catalog::built_in().unwrap();
        let stop = AtomicBool::new(false);
        let error = fetch(&catalog, "reference", &store, &fetcher, &mut |_| {}, &stop).unwrap_err();
        assert!(error.contains("cannot be reached") && error.contains("--from DIR"), "{error}");
    }

    #[test]
    fn a_set_put_together_on_the_command_line_keeps_its_networks() {
        let folder = tempfile::tempdir().unwrap();
        let store = ModelStore::new(folder.path());
        let mut catalog = Catalog::built_in().unwrap();
        let mut set = catalog.set("mini").unwrap().clone();
        set.name = SetName::new("mini+clip-vit-b32");
        set.put(Role::ClipImage, "clip-vit-b32-vision");
        set.put(Role::ClipText, "clip-vit-b32-text");
        catalog.add_set(set.clone()).unwrap();
        let device = clipscope_networks::DeviceKind::Cpu;
        let info = clipscope_networks::ModelSet::open(&catalog, &set, device, &store).unwrap().info();
        let found = definition(&info);
        assert_eq!(found.name, set.name);
        for role in Role::ALL {
            assert_eq!(found.network(role), set.network(role), "{}", role.name());
        }
    }
}
