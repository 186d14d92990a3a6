//! Which files of a folder are the weights, and whose configuration lies beside them.
//!
//! Must not know: tensors.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::refusal::Refusal;
use super::settings::ConfigFile;

/// Names of weights in the order in which they are looked for: of transformers and sentence-transformers, then of open_clip.
const STANDARD: [&str; 4] =
    ["model.safetensors", "pytorch_model.bin", "open_clip_model.safetensors", "open_clip_pytorch_model.bin"];
const EXTENSIONS: [&str; 4] = ["safetensors", "bin", "pt", "pth"];

/// In front of the names of the dense layer's tensors.
pub(super) const DENSE: &str = "2_Dense.";

/// The files of one network.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Each with what stands in front of the names of its tensors.
    pub files: Vec<(PathBuf, &'static str)>,
    /// The folder whose configuration belongs to the weights.
    pub configured_in: Option<PathBuf>,
    /// For a folder of sentence-transformers: that of the pooling, where it has one, and of the dense layer.
    pub modules: Option<(Option<PathBuf>, PathBuf)>,
    pub tokenizer: Option<PathBuf>,
}

/// Finds the files.
///
/// # Errors
/// When a folder holds no weights, several that are not told apart, or modules that no graph has.
pub(super) fn find(path: &Path) -> Result<Found, Refusal> {
    if path.is_dir() {
        return match ConfigFile::read(path, "modules.json")? {
            Some(modules) => sentence_transformers(path, &modules),
            None => one_file(path, weights_in(path)?),
        };
    }
    if let Err(error) = fs::metadata(path) {
        return Err(Refusal::Unreadable(error.to_string()));
    }
    let name = path.file_name().unwrap_or_default();
    let standard = STANDARD.iter().any(|standard| name == *standard);
    match path.parent().filter(|_| standard) {
        // What lies beside a file of any name may belong to something else.
        Some(folder) => one_file(folder, path.into()),
        None => {
            Ok(Found { files: vec![(path.into(), "")], configured_in: None, modules: None, tokenizer: None })
        }
    }
}

fn one_file(folder: &Path, file: PathBuf) -> Result<Found, Refusal> {
    Ok(Found {
        files: vec![(file, "")],
        configured_in: Some(folder.into()),
        modules: None,
        tokenizer: existing(folder.join("tokenizer.json")),
    })
}

/// The file of weights in a folder.
fn weights_in(folder: &Path) -> Result<PathBuf, Refusal> {
    if let Some(found) = STANDARD.iter().find_map(|name| existing(folder.join(name))) {
        return Ok(found);
    }
    for name in ["model.safetensors.index.json", "pytorch_model.bin.index.json"] {
        if folder.join(name).is_file() {
            return Err(Refusal::NoWeights(format!(
                "its weights are in several parts ({name}); save them as one file, in Python: \
                 model.save_pretrained('FOLDER', max_shard_size='10GB')"
            )));
        }
    }
    let entries = fs::read_dir(folder).map_err(|error| Refusal::Unreadable(error.to_string()))?;
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.is_file() && path.extension().is_some_and(|end| EXTENSIONS.iter().any(|known| end == *known))
        })
        .collect();
    found.sort();
    match found.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Refusal::NoWeights(format!(
            "the folder holds no weights; looked for {} and files that end in .{}",
            STANDARD.join(", "),
            EXTENSIONS.join(", .")
        ))),
        several => {
            let names: Vec<_> = several
                .iter()
                .take(4)
                .map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned())
                .collect();
            Err(Refusal::NoWeights(format!(
                "the folder holds {} files of weights ({}{}); name one of them",
                several.len(),
                names.join(", "),
                if several.len() > names.len() { ", …" } else { "" }
            )))
        }
    }
}

/// A folder of sentence-transformers: a transformer, a mean, a dense layer; or a CLIP in a folder of its own.
fn sentence_transformers(folder: &Path, modules: &ConfigFile) -> Result<Found, Refusal> {
    let (mut transformer, mut pooling, mut dense) = (None, None, None);
    for module in modules.value.as_array().into_iter().flatten() {
        let text = |key: &str| module.get(key).and_then(Value::as_str).unwrap_or_default();
        let place = folder.join(text("path"));
        // Versions of sentence-transformers have moved the classes, not renamed them.
        match text("type").rsplit('.').next().unwrap_or_default() {
            "Transformer" => transformer = Some(place),
            "Pooling" => pooling = Some(place),
            "Dense" if dense.is_none() => dense = Some(place),
            "Normalize" => {}
            "CLIPModel" => return one_file(&place, weights_in(&place)?),
            other => {
                return Err(modules.refused(format!(
                    "the module {other:?} has no counterpart here; what fits is Transformer, Pooling, Dense, and CLIPModel"
                )));
            }
        }
    }
    let (Some(transformer), Some(dense)) = (transformer, dense) else {
        return Err(
            modules.refused("it names no Transformer followed by a Dense layer, which is what fits".into())
        );
    };
    Ok(Found {
        files: vec![(weights_in(&transformer)?, ""), (weights_in(&dense)?, DENSE)],
        tokenizer: existing(transformer.join("tokenizer.json"))
            .or_else(|| existing(folder.join("tokenizer.json"))),
        configured_in: Some(transformer),
        modules: Some((pooling, dense)),
    })
}

fn existing(path: PathBuf) -> Option<PathBuf> {
    path.is_file().then_some(path)
}
