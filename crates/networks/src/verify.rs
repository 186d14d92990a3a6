//! Whether a network gives what its reference implementation gives.
//!
//! Golden token ids and vectors are committed beside the cards (`golden.json`, made by
//! `tools/make_golden.py`). Where no golden vectors exist, since the weights were not at hand when
//! this version was made, the outcome says so and rests on the published hash of the checkpoint,
//! which is computed anew, and on a forward pass whose vectors must be usable.

use image::{Rgb, RgbImage};
use serde::{Deserialize, Serialize};

use super::ModelError;
use super::card::Modality;
use super::tower::Tower;

/// The smallest cosine with a golden vector that passes.
pub const MIN_COSINE: f64 = 0.9999;

/// A parsed `golden.json`.
#[derive(Debug, Default, Deserialize)]
struct Golden {
    /// For image networks: the outputs for [`picture`].
    #[serde(default)]
    picture: Option<Vec<Vec<f32>>>,
    /// For text networks.
    #[serde(default)]
    texts: Vec<GoldenText>,
    /// For text networks whose tokenizer comes with the checkpoint: SHA-256 of its vocabulary, one
    /// token a line in the order of the ids, which is the published `vocab.txt`.
    #[serde(default)]
    vocabulary_sha256: Option<String>,
}

#[derive(Debug, Deserialize)]
struct GoldenText {
    text: String,
    ids: Vec<u32>,
    /// One vector an output; empty where they are not known.
    outputs: Vec<Vec<f32>>,
}

/// The outcome for one network.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Verification {
    /// Name on the card.
    pub network: String,
    /// Smallest cosine with a golden vector; `None` when there are none.
    pub worst_cosine: Option<f64>,
    /// Texts whose token ids were compared.
    pub token_lists: usize,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

impl Verification {
    /// Whether nothing contradicts the reference.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failure.is_none()
    }
}

/// Runs a tower on its golden inputs.
///
/// # Errors
/// When the tower cannot be loaded or run at all.
pub fn verify(tower: &Tower) -> Result<Verification, ModelError> {
    let Some(json) = tower.golden() else { return against(tower, &Golden::default()) };
    let golden: Golden = serde_json::from_str(json).map_err(|error| ModelError::Card {
        network: tower.card().name.clone(),
        reason: format!("golden.json: {error}"),
    })?;
    against(tower, &golden)
}

fn against(tower: &Tower, golden: &Golden) -> Result<Verification, ModelError> {
    tower.check_files()?;
    tower.load()?;
    let mut outcome = Verification {
        network: tower.card().name.clone(),
        worst_cosine: None,
        token_lists: 0,
        failure: None,
    };
    match tower.card().modality {
        Modality::Image => {
            let crop = tower.crop(&picture())?;
            let found = tower.embed_photos(&[crop])?;
            match &golden.picture {
                Some(expected) => outcome.compare(tower, &found[0], expected, "the golden picture"),
                None => outcome.usable(&found[0]),
            }
        }
        Modality::Text => {
            if let Some(expected) = &golden.vocabulary_sha256 {
                let found = tower.vocabulary_sha256()?;
                if found != *expected {
                    outcome.fail(format!(
                        "the tokenizer's vocabulary has the SHA-256 {found}, the published one {expected}"
                    ));
                }
            }
            for golden in &golden.texts {
                let tokens = tower.tokenize(&golden.text)?;
                outcome.token_lists += 1;
                if tokens.ids != golden.ids {
                    let place = tokens.ids.iter().zip(&golden.ids).position(|(a, b)| a != b);
                    let place = place.unwrap_or(tokens.ids.len().min(golden.ids.len()));
                    outcome.fail(format!(
                        "the tokenizer gives id {:?} at place {place} of '{}', the reference {:?}",
                        tokens.ids.get(place),
                        golden.text,
                        golden.ids.get(place)
                    ));
                }
                if !golden.outputs.is_empty() {
                    let found = tower.embed_captions(&[tokens])?;
                    outcome.compare(tower, &found[0], &golden.outputs, &golden.text);
                }
            }
            if outcome.worst_cosine.is_none() {
                let found = tower.embed_captions(&[tower.tokenize("a photo")?])?;
                outcome.usable(&found[0]);
            }
        }
    }
    Ok(outcome)
}

impl Verification {
    /// Keeps the first failure.
    fn fail(&mut self, reason: String) {
        self.failure.get_or_insert(reason);
    }

    /// What can be said of a vector that there is nothing to compare with.
    fn usable(&mut self, found: &[f32]) {
        if found.iter().any(|value| !value.is_finite()) || found.iter().all(|&value| value == 0.0) {
            self.fail("a forward pass gives no usable vector".into());
        }
    }

    fn compare(&mut self, tower: &Tower, found: &[f32], expected: &[Vec<f32>], what: &str) {
        for ((output, part), expected) in tower.card().split(found).zip(expected) {
            if part.len() != expected.len() {
                self.fail(format!("'{}' has {} values, not {}", output.output, part.len(), expected.len()));
                continue;
            }
            let cosine = cosine(part, expected);
            self.worst_cosine = Some(self.worst_cosine.map_or(cosine, |worst| worst.min(cosine)));
            if cosine.is_nan() || cosine < MIN_COSINE {
                self.fail(format!(
                    "'{}' of '{what}' has cosine {cosine:.6} with the reference, below {MIN_COSINE}",
                    output.output
                ));
            }
        }
    }
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot =
        |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum() };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// The picture of `tools/make_golden.py`, which defines it.
fn picture() -> RgbImage {
    RgbImage::from_fn(320, 240, |x, y| {
        let blue = if (x / 16 + y / 16) % 2 == 1 { 200 } else { 30 };
        Rgb([((7 * x + 3 * y) % 256) as u8, ((x * y / 64) % 256) as u8, blue])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeviceKind, ModelSet, ModelStore, SetName};

    fn tower(modality: Modality) -> std::sync::Arc<Tower> {
        let set = ModelSet::open(SetName::Mini, DeviceKind::Cpu, &ModelStore::new("unused")).unwrap();
        set.towers(modality).next().unwrap().clone()
    }

    fn golden(tower: &Tower) -> Golden {
        serde_json::from_str(tower.golden().unwrap()).unwrap()
    }

    #[test]
    fn one_different_id_fails() {
        let tower = tower(Modality::Text);
        let mut golden = golden(&tower);
        assert!(against(&tower, &golden).unwrap().passed());
        golden.texts[1].ids[3] += 1;
        let failure = against(&tower, &golden).unwrap().failure.unwrap();
        assert!(failure.contains("place 3"), "{failure}");
    }

    #[test]
    fn a_vector_that_points_elsewhere_fails() {
        for modality in [Modality::Image, Modality::Text] {
            let tower = tower(modality);
            let mut golden = golden(&tower);
            let vector = match golden.picture.as_mut() {
                Some(outputs) => &mut outputs[0],
                None => &mut golden.texts[0].outputs[0],
            };
            vector.rotate_right(1);
            let outcome = against(&tower, &golden).unwrap();
            assert!(!outcome.passed() && outcome.worst_cosine.unwrap() < MIN_COSINE);
        }
    }

    #[test]
    fn another_vocabulary_fails() {
        let tower = tower(Modality::Text);
        let own = tower.vocabulary_sha256().unwrap();
        let with = |sha256: &str| Golden { vocabulary_sha256: Some(sha256.into()), ..Golden::default() };
        assert!(against(&tower, &with(&own)).unwrap().passed());
        assert!(!against(&tower, &with(&"0".repeat(64))).unwrap().passed());
    }
}
