//! Looks at a checkpoint of the user's: what it is, and whether a graph here fits it.
//!
//! Names and shapes decide; values are not read, except the logit scale. Must not know: graphs, devices, cards.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::checkpoint::Checkpoint;
use super::family::{Family, FamilyTower};
use super::folder::{self, Found};
use super::layout::{self, Layout};
use super::other::other;
use super::refusal::{CheckpointError, Refusal};
use super::settings::{self, Settings};
use super::summary::{CheckpointSummary, LocalFile};
use super::view::View;
use super::weight_map::list;
use crate::role::Role;

/// Looks at a file or a folder of weights. Computes the SHA-256 of its files, and executes nothing.
///
/// # Errors
/// [`CheckpointError`] with the file and the reason.
pub fn inspect(path: &Path) -> Result<CheckpointSummary, CheckpointError> {
    let refused = |reason: Refusal| CheckpointError { path: path.into(), reason };
    let found = folder::find(path).map_err(refused)?;
    let mut checkpoint = Checkpoint::default();
    for (file, prefix) in &found.files {
        checkpoint
            .add_file(file, prefix)
            .map_err(|error| CheckpointError { path: file.clone(), reason: error.into() })?;
    }
    let weights = || found.files.first().map_or(path, |(file, _)| file).to_path_buf();
    let in_weights = |reason| CheckpointError { path: weights(), reason };
    let opened = Opened::new(checkpoint).map_err(in_weights)?;
    let families = opened.families().map_err(in_weights)?;
    let roles = opened.roles(families[0]).map_err(in_weights)?;
    let settings = settings(&found, &opened, families[0]).map_err(refused)?;
    let logit_scale = opened.logit_scale().map_err(in_weights)?;

    let read = |path: &Path, prefix: &str| {
        LocalFile::read(path, prefix).map_err(|error| CheckpointError {
            path: path.into(),
            reason: Refusal::Unreadable(error.to_string()),
        })
    };
    let files = found.files.iter().map(|(file, prefix)| read(file, prefix)).collect::<Result<_, _>>()?;
    // A vision tower's folder may hold a tokenizer, too; it has no use for one.
    let reads_text = roles.iter().any(|role| role.modality() == crate::role::Modality::Text);
    let tokenizer =
        found.tokenizer.as_deref().filter(|_| reads_text).map(|file| read(file, "")).transpose()?;
    Ok(CheckpointSummary {
        path: path.into(),
        layout: opened.layout,
        wrapping: opened.unwrapped.prefix,
        left_out: opened.unwrapped.left_out,
        families,
        roles,
        activation: settings.activation,
        logit_scale,
        max_tokens: settings.max_tokens,
        files,
        tokenizer,
    })
}

/// What the configuration says that belongs to the weights, where there is one.
fn settings(found: &Found, opened: &Opened, family: Family) -> Result<Settings, Refusal> {
    let Some(folder) = &found.configured_in else { return Ok(Settings::default()) };
    match (opened.layout, &found.modules) {
        (Layout::HuggingFace | Layout::OpenClip, _) => settings::clip(folder),
        (Layout::SentenceTransformers, Some((pooling, dense))) => {
            if let Some(pooling) = pooling {
                settings::pooling(pooling)?;
            }
            settings::dense(dense, family == Family::Distiluse)?;
            settings::sentence_transformer(folder)
        }
        (Layout::SentenceTransformers, None) | (Layout::Torchvision, _) => Ok(Settings::default()),
    }
}

/// A checkpoint whose layout is known, under the names that its layout has.
struct Opened {
    checkpoint: Checkpoint,
    layout: Layout,
    unwrapped: layout::Unwrapped,
}

impl Opened {
    fn new(mut checkpoint: Checkpoint) -> Result<Self, Refusal> {
        if checkpoint.names().next().is_none() {
            return Err(Refusal::Empty);
        }
        let unwrapped = layout::unwrap(&mut checkpoint);
        let Some(layout) = Layout::of(&checkpoint) else {
            let first: Vec<String> = checkpoint.names().take(3).map(|name| format!("'{name}'")).collect();
            return Err(Refusal::UnknownLayout(first.join(", ")));
        };
        layout.tidy(&mut checkpoint);
        Ok(Self { checkpoint, layout, unwrapped })
    }

    /// What the tensors can fill, at least one.
    fn families(&self) -> Result<Vec<Family>, Refusal> {
        if let Some(other) = other(&self.checkpoint, self.layout) {
            return Err(Refusal::OtherArchitecture { found: other.found, fits: other.fits });
        }
        let has = |name: &str| self.checkpoint.names().any(|found| found == name);
        Ok(match self.layout {
            Layout::HuggingFace | Layout::OpenClip => {
                vec![Family::ClipVitB32, Family::ClipVitB32Gelu]
            }
            Layout::Torchvision => vec![Family::Resnet50],
            Layout::SentenceTransformers if has("2_Dense.linear.bias") => vec![Family::Distiluse],
            Layout::SentenceTransformers if has("2_Dense.linear.weight") => vec![Family::Distilbert512],
            Layout::SentenceTransformers => {
                return Err(Refusal::OtherArchitecture {
                    found: "DistilBERT without a dense layer".into(),
                    fits: "a folder of sentence-transformers with modules.json and a dense layer from 768 to 512".into(),
                });
            }
        })
    }

    /// The roles whose towers are whole.
    fn roles(&self, family: Family) -> Result<Vec<Role>, Refusal> {
        let towers = family.towers();
        let present: Vec<&FamilyTower> =
            towers.iter().filter(|tower| self.stored(tower).keys().any(|name| self.has(name))).collect();
        let mut problems = Vec::new();
        for tower in &present {
            problems.extend(self.problems(tower, family));
        }
        problems.extend(self.surplus(towers).map_err(Refusal::Tensors)?);
        if problems.is_empty() && !present.is_empty() {
            return Ok(present.iter().map(|tower| tower.role).collect());
        }
        if present.is_empty() {
            problems.insert(0, "it holds no tensor of a tower".into());
        }
        Err(Refusal::Tensors(list(&problems)))
    }

    fn has(&self, name: &str) -> bool {
        self.checkpoint.shape(name).is_ok()
    }

    /// The tensors that a tower needs, under the layout's names, with the shapes they have there.
    fn stored(&self, tower: &FamilyTower) -> BTreeMap<String, Vec<usize>> {
        let stored = |(name, shape): (String, Vec<usize>)| {
            let (stored, view): (String, View) = self.layout.source(&name);
            (stored, view.stored_shape(&shape))
        };
        tower.tensors().into_iter().map(stored).collect()
    }

    /// Tensors that are missing or of another shape.
    fn problems(&self, tower: &FamilyTower, family: Family) -> Vec<String> {
        let problem = |(name, needed): (String, Vec<usize>)| match self.checkpoint.shape(&name) {
            Err(_) => Some(format!("tensor '{name}' is missing")),
            Ok(found) if found != needed => Some(format!(
                "tensor '{name}' has the shape {found:?}, but {} needs {needed:?}",
                family.name()
            )),
            Ok(_) => None,
        };
        self.stored(tower).into_iter().filter_map(problem).collect()
    }

    /// Tensors that no tower knows.
    fn surplus(&self, towers: &[FamilyTower]) -> Result<Vec<String>, String> {
        let known: BTreeSet<String> =
            towers.iter().flat_map(|tower| self.stored(tower).into_keys()).collect();
        let maps = towers.iter().map(FamilyTower::weight_map).collect::<Result<Vec<_>, _>>()?;
        Ok(self
            .checkpoint
            .names()
            .filter(|name| !known.contains(*name) && !maps.iter().all(|map| map.is_ignored(name)))
            .map(|name| format!("tensor '{name}' is not part of this network"))
            .collect())
    }

    /// `exp` of the tensor of that name.
    fn logit_scale(&self) -> Result<Option<f32>, Refusal> {
        if !self.has("logit_scale") {
            return Ok(None);
        }
        let values = self.checkpoint.values("logit_scale").map_err(Refusal::Tensors)?;
        match values.as_slice() {
            &[value] if value.exp().is_finite() => Ok(Some(value.exp())),
            _ => Err(Refusal::Tensors("tensor 'logit_scale' is not one finite number".into())),
        }
    }
}
