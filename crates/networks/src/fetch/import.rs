//! Files that were carried in by hand: found in a folder, compared as far as a hash is known, copied into place.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::{
    Fetched, Fetcher, Progress, RemoteFile,
    digest::{Digest, Tally},
    error::{FetchError, disk},
    status,
    store::{Expected, Lock, Origin, Slot, Unequal, Verified, read_json, regular_length, remove},
};

const CHUNK: usize = 256 * 1024;

/// A file that may be the one looked for.
struct Candidate {
    path: PathBuf,
    /// Which of the paths of its [`RemoteFile`] it is.
    name: String,
    /// What lies beside it and vouches for it.
    carried: Option<Digest>,
    commit: Option<String>,
    /// Where it came from, when that is on record.
    url: Option<String>,
}

impl Fetcher {
    /// Takes the files from `dir`, which may hold them under their paths, below the name of their repository, as this
    /// program lays them out, or as a hub cache does. Nothing is asked of the hub; `dir` is only read.
    ///
    /// A file is compared with the SHA-256 on its model card, and with the hash that lies beside it (in a hub cache the
    /// name of its blob). Where neither is known, it is taken and [`Verified::No`] says so.
    ///
    /// # Errors
    /// The first [`FetchError`], after all files were looked at: those that are good are in place by then.
    pub fn import(
        &self,
        dir: &Path,
        files: &[RemoteFile],
        progress: &mut dyn Progress,
    ) -> Result<Vec<Fetched>, FetchError> {
        for file in files {
            file.check()?;
        }
        fs::read_dir(dir).map_err(disk("read the folder", dir))?;
        let (mut fetched, mut missing, mut failed) = (Vec::new(), Vec::new(), None);
        for file in files {
            match self.import_one(dir, file, progress) {
                Ok(Some(file)) => fetched.push(file),
                Ok(None) => missing.push(file.label()),
                Err(error) if error.is_wrong_content() => failed = failed.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        match failed {
            Some(error) => Err(error),
            None if missing.is_empty() => Ok(fetched),
            None => Err(FetchError::NotInFolder { dir: dir.to_path_buf(), missing: missing.join(", ") }),
        }
    }

    fn import_one(
        &self,
        dir: &Path,
        file: &RemoteFile,
        progress: &mut dyn Progress,
    ) -> Result<Option<Fetched>, FetchError> {
        if let Some(fetched) = status::complete(&self.root, file, progress)? {
            return Ok(Some(fetched));
        }
        let candidates = candidates(dir, file);
        if candidates.is_empty() {
            return Ok(None);
        }
        let _lock = Lock::take(&self.root, &file.repo, progress)?;
        let mut failed = None;
        for candidate in candidates {
            let slot = Slot::new(&self.root, &file.repo, &candidate.name);
            let expected = Expected {
                pinned: file.pinned(&candidate.name),
                published: None,
                carried: candidate.carried.clone(),
            };
            match take(&slot, &candidate, &expected, progress) {
                Ok(fetched) => return Ok(Some(fetched)),
                Err(error) => {
                    remove(&slot.import)?;
                    if !error.is_wrong_content() {
                        return Err(error);
                    }
                    // Another place may hold the right one.
                    failed = failed.or(Some(error));
                }
            }
        }
        failed.map_or(Ok(None), Err)
    }
}

/// Copies a candidate, hashing it on the way, and gives it its name if it is the right one.
fn take(
    slot: &Slot,
    candidate: &Candidate,
    expected: &Expected,
    progress: &mut dyn Progress,
) -> Result<Fetched, FetchError> {
    slot.make_folder()?;
    let (from, to) = (&candidate.path, &slot.import);
    let mut source = File::open(from).map_err(disk("read", from))?;
    let mut copy = File::create(to).map_err(disk("write", to))?;
    progress.started(&slot.label, regular_length(from), 0);
    let mut tally = Tally::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => {
                copy.write_all(&chunk[..read]).map_err(disk("write", to))?;
                tally.update(&chunk[..read]);
                progress.advanced(read as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(disk("read", from)(error)),
        }
    }
    progress.finished();
    let refused = |unequal: Unequal| {
        unequal.error(&from.to_string_lossy(), &tally, "it was not taken: carry it in again, or fetch it")
    };
    let verified = expected.check(&tally, to).map_err(refused)?;
    if let (Verified::No, Some(looks_like)) = (verified, tally.looks_like()) {
        return Err(FetchError::NotTheFile { path: from.clone(), looks_like });
    }
    let origin = Origin {
        url: candidate.url.clone().unwrap_or_else(|| from.to_string_lossy().into_owned()),
        commit: candidate.commit.clone(),
        sha256: tally.sha256(),
        bytes: tally.bytes(),
        verified,
    };
    slot.settle(to, &copy, &origin)?;
    Ok(Fetched { path: slot.target.clone(), name: candidate.name.clone(), origin, already_there: false })
}

/// Every regular file below `dir` that may be `file`: by path first, in each layout; by alternative after that.
fn candidates(dir: &Path, file: &RemoteFile) -> Vec<Candidate> {
    let name = file.repo.rsplit('/').next().unwrap_or(&file.repo);
    let folder = file.repo.replace('/', "--");
    let mut candidates = Vec::new();
    for path in file.paths() {
        for base in [dir.to_path_buf(), dir.join(name), dir.join(&file.repo), dir.join(&folder)] {
            candidates.extend(plain(base.join(path), path));
        }
        for base in [dir.to_path_buf(), dir.join("hub")] {
            let repo = base.join(format!("models--{folder}"));
            for commit in snapshots(&repo, &file.revision) {
                candidates.extend(cached(repo.join("snapshots").join(&commit).join(path), path, commit));
            }
        }
    }
    candidates
}

/// A file as such, with the record that this program keeps beside it when it comes from such a place.
fn plain(path: PathBuf, name: &str) -> Option<Candidate> {
    regular_length(&path)?;
    let mut record = path.clone().into_os_string();
    record.push(".origin.json");
    let origin: Option<Origin> = read_json(Path::new(&record));
    // A record that says "compared with nothing" vouches for nothing.
    let origin = origin.filter(|origin| origin.verified != Verified::No);
    Some(Candidate {
        path,
        name: name.into(),
        carried: origin.as_ref().and_then(|origin| Digest::parse(&origin.sha256)),
        commit: origin.as_ref().and_then(|origin| origin.commit.clone()),
        url: origin.map(|origin| origin.url),
    })
}

/// A file of a hub cache: a link to a blob that is called after the hash which the hub publishes.
fn cached(path: PathBuf, name: &str, commit: String) -> Option<Candidate> {
    regular_length(&path)?;
    let blob = fs::read_link(&path).ok();
    let carried = blob.as_deref().and_then(Path::file_name).and_then(|name| Digest::parse(name.to_str()?));
    Some(Candidate { path, name: name.into(), carried, commit: Some(commit), url: None })
}

/// The commits that a hub cache holds of a repository, the one that `revision` stands for first.
fn snapshots(repo: &Path, revision: &str) -> Vec<String> {
    let mut commits: Vec<String> = fs::read_dir(repo.join("snapshots"))
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let current = fs::read_to_string(repo.join("refs").join(revision)).unwrap_or_else(|_| revision.into());
    commits.sort_by_key(|commit| (commit != current.trim(), commit.clone()));
    commits
}
