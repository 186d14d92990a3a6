//! Imports files from a folder: finds them, compares them with the hashes that are known, and copies them into place.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use super::{
    digest::{ContentDigest, Tally},
    error::{FetchError, disk},
    expected::{ContentMismatch, ExpectedDigests},
    lock::RepositoryLock,
    origin::{Fetched, Origin, Verified},
    paths::{FilePaths, read_json, regular_length, remove},
    progress::Progress,
    remote_file::RemoteFile,
    status::find_complete,
};

const CHUNK: usize = 256 * 1024;

/// A file that may be the one looked for.
struct Candidate {
    path: PathBuf,
    /// The hash that lies beside it.
    carried: Option<ContentDigest>,
    commit: Option<String>,
    /// Where it came from, if that is on record.
    url: Option<String>,
}

/// Does the work of [`Fetcher::import`](super::Fetcher::import).
pub(super) fn import(
    root: &Path,
    folder: &Path,
    files: &[RemoteFile],
    progress: &mut dyn Progress,
) -> Result<Vec<Fetched>, FetchError> {
    for file in files {
        file.check()?;
    }
    fs::read_dir(folder).map_err(disk("read the folder", folder))?;
    let (mut fetched, mut missing, mut failed) = (Vec::new(), Vec::new(), None);
    for file in files {
        match import_one(root, folder, file, progress) {
            Ok(Some(file)) => fetched.push(file),
            Ok(None) => missing.push(file.label()),
            Err(error) if error.is_wrong_content() => failed = failed.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    match failed {
        Some(error) => Err(error),
        None if missing.is_empty() => Ok(fetched),
        None => Err(FetchError::NotInFolder { folder: folder.to_path_buf(), missing: missing.join(", ") }),
    }
}

fn import_one(
    root: &Path,
    folder: &Path,
    file: &RemoteFile,
    progress: &mut dyn Progress,
) -> Result<Option<Fetched>, FetchError> {
    if let Some(fetched) = find_complete(root, file, progress)? {
        return Ok(Some(fetched));
    }
    let candidates = candidates(folder, file);
    if candidates.is_empty() {
        return Ok(None);
    }
    let _lock = RepositoryLock::take(root, &file.repo, progress)?;
    let paths = FilePaths::new(root, file);
    let mut failed = None;
    for candidate in candidates {
        let expected =
            ExpectedDigests { pinned: file.pinned(), published: None, carried: candidate.carried.clone() };
        match copy(&paths, &candidate, &expected, progress) {
            Ok(fetched) => return Ok(Some(fetched)),
            Err(error) => {
                remove(&paths.import)?;
                if !error.is_wrong_content() {
                    return Err(error);
                }
                // Another candidate may be the right one.
                failed = failed.or(Some(error));
            }
        }
    }
    failed.map_or(Ok(None), Err)
}

/// Copies a candidate, hashing it on the way, and puts it into place if it is the right file.
fn copy(
    paths: &FilePaths,
    candidate: &Candidate,
    expected: &ExpectedDigests,
    progress: &mut dyn Progress,
) -> Result<Fetched, FetchError> {
    paths.make_folder()?;
    let (from, to) = (&candidate.path, &paths.import);
    let mut source = File::open(from).map_err(disk("read", from))?;
    let mut copy = File::create(to).map_err(disk("write", to))?;
    progress.started(&paths.label, regular_length(from), 0);
    let mut tally = Tally::default();
    let mut chunk = vec![0; CHUNK];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => {
                copy.write_all(&chunk[..read]).map_err(disk("write", to))?;
                tally.update(&chunk[..read]);
                progress.advanced(read as u64);
                if !progress.goes_on() {
                    return Err(FetchError::Stopped);
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(disk("read", from)(error)),
        }
    }
    progress.finished();
    let refused = |mismatch: ContentMismatch| {
        let remedy = "it was not imported: copy it to the folder again, or fetch it";
        mismatch.into_error(&from.to_string_lossy(), &tally, remedy)
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
    paths.put_in_place(to, &copy, &origin)?;
    Ok(Fetched { path: paths.target.clone(), origin, already_there: false })
}

/// Every regular file below `folder` that may be `file`, in each layout.
fn candidates(folder: &Path, file: &RemoteFile) -> Vec<Candidate> {
    let name = file.repo.rsplit('/').next().unwrap_or(&file.repo);
    let flat_name = file.repo.replace('/', "--");
    let mut candidates = Vec::new();
    for base in [folder.to_path_buf(), folder.join(name), folder.join(&file.repo), folder.join(&flat_name)] {
        candidates.extend(plain(base.join(&file.path)));
    }
    for base in [folder.to_path_buf(), folder.join("hub")] {
        let repo = base.join(format!("models--{flat_name}"));
        for commit in snapshots(&repo, &file.revision) {
            candidates.extend(cached(repo.join("snapshots").join(&commit).join(&file.path), commit));
        }
    }
    candidates
}

/// A file under its own name, with its origin record if it was fetched by this program.
fn plain(path: PathBuf) -> Option<Candidate> {
    regular_length(&path)?;
    let mut record = path.clone().into_os_string();
    record.push(".origin.json");
    let origin: Option<Origin> = read_json(Path::new(&record));
    // A record without a comparison proves nothing.
    let origin = origin.filter(|origin| origin.verified != Verified::No);
    Some(Candidate {
        path,
        carried: origin.as_ref().and_then(|origin| ContentDigest::parse(&origin.sha256)),
        commit: origin.as_ref().and_then(|origin| origin.commit.clone()),
        url: origin.map(|origin| origin.url),
    })
}

/// A file of a hub cache: a link to a blob whose name is the hash that the hub publishes.
fn cached(path: PathBuf, commit: String) -> Option<Candidate> {
    regular_length(&path)?;
    let blob = fs::read_link(&path).ok();
    let carried =
        blob.as_deref().and_then(Path::file_name).and_then(|name| ContentDigest::parse(name.to_str()?));
    Some(Candidate { path, carried, commit: Some(commit), url: None })
}

/// The commits of a repository in a hub cache, the one that `revision` stands for first.
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
