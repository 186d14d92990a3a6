//! Compares a network with its reference implementation.
//!
//! Golden token ids and vectors are committed beside the cards (`golden.json`, written by `tools/make_golden.py`). A
//! network whose weights were not available when they were made has no golden vectors. It passes when its checkpoint
//! has the published hash and a forward pass gives finite vectors that are not zero; the outcome says so.

use image::{Rgb, RgbImage};
use serde::Deserialize;

use crate::error::ModelError;
use crate::role::Modality;
use crate::tower::Tower;

/// Smallest cosine with a golden vector that passes.
const MIN_COSINE: f64 = 0.9999;

/// A parsed `golden.json`.
#[derive(Debug, Default, Deserialize)]
struct Golden {
    /// For image networks: the outputs for [`picture`].
    #[serde(default)]
    picture: Option<Vec<Vec<f32>>>,
    /// For text networks.
    #[serde(default)]
    texts: Vec<GoldenText>,
    /// For text networks whose tokenizer is published with the checkpoint: SHA-256 of its `vocab.txt`, one token per
    /// line in the order of the ids.
    #[serde(default)]
    vocabulary_sha256: Option<String>,
}

#[derive(Debug, Deserialize)]
struct GoldenText {
    text: String,
    ids: Vec<u32>,
    /// One vector per output; empty when they are not known.
    outputs: Vec<Vec<f32>>,
}

/// The outcome for one network.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    /// Name on the card.
    pub network: String,
    /// Smallest cosine with a golden vector; `None` when there are none.
    pub worst_cosine: Option<f64>,
    /// Number of texts whose token ids were compared.
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

/// Runs a tower on its golden inputs and compares the results.
///
/// # Errors
/// When the tower cannot be loaded or run at all. A result that differs is a [`Verification::failure`].
pub fn verify(tower: &Tower) -> Result<Verification, ModelError> {
    let Some(json) = tower.golden() else { return compare(tower, &Golden::default()) };
    let golden: Golden = serde_json::from_str(json).map_err(|error| ModelError::Card {
        network: tower.card().name.clone(),
        reason: format!("golden.json: {error}"),
    })?;
    compare(tower, &golden)
}

fn compare(tower: &Tower, golden: &Golden) -> Result<Verification, ModelError> {
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
                Some(expected) => outcome.compare_vectors(tower, &found[0], expected, "the golden picture"),
                None => outcome.check_usable(&found[0]),
            }
        }
        Modality::Text => {
            if let Some(expected) = &golden.vocabulary_sha256 {
                let found = tower.vocabulary_sha256()?;
                if found != *expected {
                    outcome.fail(format!(
                        "the vocabulary of the tokenizer has the SHA-256 {found}, but {expected} was published"
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
                        "token {place} of '{}' has the id {:?}, in the reference {:?}",
                        golden.text,
                        tokens.ids.get(place),
                        golden.ids.get(place)
                    ));
                }
                if !golden.outputs.is_empty() {
                    let found = tower.embed_captions(&[tokens])?;
                    outcome.compare_vectors(tower, &found[0], &golden.outputs, &golden.text);
                }
            }
            if outcome.worst_cosine.is_none() {
                let found = tower.embed_captions(&[tower.tokenize("a photo")?])?;
                outcome.check_usable(&found[0]);
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

    /// Checks a vector without a golden one.
    fn check_usable(&mut self, found: &[f32]) {
        if found.iter().any(|value| !value.is_finite()) || found.iter().all(|&value| value == 0.0) {
            self.fail("a forward pass gives a vector that is zero or not finite".into());
        }
    }

    fn compare_vectors(&mut self, tower: &Tower, found: &[f32], expected: &[Vec<f32>], what: &str) {
        for ((output, part), expected) in tower.card().split(found).zip(expected) {
            if part.len() != expected.len() {
                self.fail(format!(
                    "output '{}' has {} values instead of {}",
                    output.output,
                    part.len(),
                    expected.len()
                ));
                continue;
            }
            let cosine = cosine(part, expected);
            self.worst_cosine = Some(self.worst_cosine.map_or(cosine, |worst| worst.min(cosine)));
            if cosine.is_nan() || cosine < MIN_COSINE {
                self.fail(format!(
                    "output '{}' for '{what}' has cosine {cosine:.6} with the reference; at least {MIN_COSINE} is needed",
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

/// The golden picture, as `tools/make_golden.py` defines it.
fn picture() -> RgbImage {
    RgbImage::from_fn(320, 240, |x, y| {
        let blue = if (x / 16 + y / 16) % 2 == 1 { 200 } else { 30 };
        Rgb([((7 * x + 3 * y) % 256) as u8, ((x * y / 64) % 256) as u8, blue])
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, DeviceKind, ModelStore, SetName};

    fn tower(modality: Modality) -> std::sync::Arc<Tower> {
        let catalog = Catalog::built_in().unwrap();
        let set = catalog.open(&SetName::MINI, DeviceKind::Cpu, &ModelStore::new("unused")).unwrap();
        set.towers(modality).next().unwrap().clone()
    }

    fn golden(tower: &Tower) -> Golden {
        serde_json::from_str(tower.golden().unwrap()).unwrap()
    }

    #[test]
    fn one_different_id_fails() {
        let tower = tower(Modality::Text);
        let mut golden = golden(&tower);
        assert!(compare(&tower, &golden).unwrap().passed());
        golden.texts[1].ids[3] += 1;
        let failure = compare(&tower, &golden).unwrap().failure.unwrap();
        assert!(failure.contains("token 3"), "{failure}");
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
            let outcome = compare(&tower, &golden).unwrap();
            assert!(!outcome.passed() && outcome.worst_cosine.unwrap() < MIN_COSINE);
        }
    }

    #[test]
    fn another_vocabulary_fails() {
        let tower = tower(Modality::Text);
        let own = tower.vocabulary_sha256().unwrap();
        let with = |sha256: &str| Golden { vocabulary_sha256: Some(sha256.into()), ..Golden::default() };
        assert!(compare(&tower, &with(&own)).unwrap().passed());
        assert!(!compare(&tower, &with(&"0".repeat(64))).unwrap().passed());
    }
}
