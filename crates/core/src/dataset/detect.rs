//! Detecting the kind of data set at a path.
//!
//! A folder is searched for a manifest, in this order: `dataset.json`, `metadata.jsonl`, `metadata.csv`, Flickr captions,
//! `captions.csv`, COCO captions (also in `annotations/`), and the metadata of Hugging Face splits (`train/metadata.csv`
//! and so on). Without a manifest it is a folder tree.

use std::{
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use super::{
    draft::DatasetDraft,
    error::DatasetError,
    files::{PhotoFolder, Refusal, kind_of, read_manifest},
    flickr,
    manifest::Manifest,
    origin::{CaptionStore, DatasetKind, DatasetOrigin},
    table, tree,
};
use clipscope_base::display_safe::display_path;

/// Manifests recognized by their name.
const MANIFESTS: [&str; 3] = ["dataset.json", "metadata.jsonl", "metadata.csv"];

/// Manifests whose names other files may have too: used only if their first line fits.
const LIKELY_MANIFESTS: [&str; 5] =
    ["captions.txt", "results.csv", "Flickr8k.token.txt", "results_20130124.token", "captions.csv"];

/// Folders that Hugging Face treats as splits, in reading order.
const SPLITS: [&str; 7] = ["train", "training", "validation", "valid", "val", "test", "testing"];

/// Reads the data set at `path`, whatever its kind.
pub(super) fn read(path: &Path) -> Result<(DatasetDraft, DatasetOrigin), DatasetError> {
    // Follows links: the user gave this path.
    let metadata = fs::metadata(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => DatasetError::not_found(path),
        _ => DatasetError::io(path, "read", &error),
    })?;
    if metadata.is_dir() {
        read_folder(path)
    } else if metadata.is_file() {
        read_file(path)
    } else {
        Err(DatasetError::not_regular(path, kind_of(metadata.file_type())))
    }
}

fn read_folder(folder: &Path) -> Result<(DatasetDraft, DatasetOrigin), DatasetError> {
    for name in MANIFESTS {
        if let Some(manifest) = manifest_in(folder, name)? {
            return read_file(&manifest);
        }
    }
    for name in LIKELY_MANIFESTS {
        if let Some(manifest) = manifest_in(folder, name)? {
            let bytes = read_manifest(&manifest)?;
            if flickr::format(&bytes).is_some() || table::layout(&manifest, &bytes).is_some() {
                return read_file(&manifest);
            }
        }
    }
    match coco_captions(folder)?.as_slice() {
        [] => {}
        [manifest] => return read_file(manifest),
        [first, ..] => {
            let problem = format!("several captions files, for example {}", display_path(first));
            return Err(DatasetError::unrecognized(folder, problem, "give one of them"));
        }
    }
    if let Some(draft) = read_splits(folder)? {
        return Ok((draft, DatasetOrigin::read_only(DatasetKind::HuggingFace)));
    }
    let root = PhotoFolder::new(folder)?.root().to_owned();
    let mut draft = tree::read(folder)?;
    for manifest in manifests_below(folder) {
        let reason = "a manifest in a subfolder, which is not read; give its folder to use it";
        draft.skip(display_path(&manifest), reason);
    }
    Ok((draft, DatasetOrigin { kind: DatasetKind::FolderTree, captions: CaptionStore::Sidecar(root) }))
}

/// Reads the splits of a Hugging Face imagefolder, each with its own metadata, as one data set: `train/cats/a.jpg` has the
/// category `cats`. `None` if no split has metadata.
fn read_splits(folder: &Path) -> Result<Option<DatasetDraft>, DatasetError> {
    let root = PhotoFolder::new(folder)?;
    let mut whole: Option<DatasetDraft> = None;
    let mut without = Vec::new();
    for split in SPLITS {
        // Links to folders are not followed, here as everywhere below the given folder.
        let below = root.root().join(split);
        if !fs::symlink_metadata(&below).is_ok_and(|metadata| metadata.is_dir()) {
            continue;
        }
        let below = folder.join(split);
        let manifest = match manifest_in(&below, "metadata.jsonl")? {
            Some(manifest) => Some(manifest),
            None => manifest_in(&below, "metadata.csv")?,
        };
        match manifest {
            Some(manifest) => {
                let draft = read_file(&manifest)?.0;
                match &mut whole {
                    Some(whole) => whole.append(split, draft),
                    None => {
                        whole.insert(DatasetDraft::folder(PhotoFolder::new(folder)?)).append(split, draft)
                    }
                }
            }
            None => without.push(split),
        }
    }
    if let Some(whole) = &mut whole {
        for split in without {
            whole.skip(split, "a split without metadata.csv or metadata.jsonl; add one or remove the folder");
        }
    }
    Ok(whole)
}

fn read_file(path: &Path) -> Result<(DatasetDraft, DatasetOrigin), DatasetError> {
    Manifest::open(path)?.read()
}

/// The manifest named `name` in a folder, if there is one. A link out of the folder is refused.
fn manifest_in(folder: &Path, name: &str) -> Result<Option<PathBuf>, DatasetError> {
    match PhotoFolder::new(folder)?.find(name) {
        Ok(_) => Ok(Some(folder.join(name))),
        Err(Refusal::Missing) => Ok(None),
        Err(Refusal::Refused(reason)) => {
            Err(DatasetError::unrecognized(&folder.join(name), reason, "or give the manifest itself"))
        }
    }
}

/// The files `captions_*.json` of a folder and of its `annotations`, in byte order.
fn coco_captions(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let mut found = Vec::new();
    for below in [folder.to_owned(), folder.join("annotations")] {
        let Ok(entries) = fs::read_dir(&below) else { continue };
        for name in entries.flatten().map(|entry| entry.file_name()) {
            let Some(name) = name.to_str() else { continue };
            if name.starts_with("captions_") && name.ends_with(".json") {
                found.extend(manifest_in(&below, name)?);
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The manifests in the subfolders of a folder, which a scan for photos ignores.
fn manifests_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut folders: Vec<PathBuf> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|file_type| file_type.is_dir()))
        .map(|entry| entry.path())
        .collect();
    folders.sort_unstable();
    folders
        .iter()
        .flat_map(|folder| MANIFESTS.map(|name| folder.join(name)))
        .filter(|path| path.is_file())
        .collect()
}
