//! From pixels and text to vectors: agreement with the reference implementations.
//!
//! The fixtures are made by `tools/make_parity_fixtures.py` with the original networks in PyTorch
//! (full precision) and Pillow's preprocessing.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use clipscope_networks::{
    Catalog, DecodeLimits, DeviceKind, Modality, ModelStore, Role, SetName, Tower, decode_photo,
};
use safetensors::SafeTensors;
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    photos: Vec<Photo>,
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Photo {
    file: String,
}

#[derive(Deserialize)]
struct Text {
    text: String,
    token_ids: Vec<u32>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn fixture() -> (Fixture, Vec<u8>) {
    let folder = root().join("tests/fixtures/parity");
    let json = fs::read_to_string(folder.join("mini.json")).unwrap();
    (serde_json::from_str(&json).unwrap(), fs::read(folder.join("mini.safetensors")).unwrap())
}

fn photo(file: &str) -> image::RgbImage {
    let bytes = fs::read(root().join("dataset").join(file)).unwrap();
    decode_photo(&bytes, &DecodeLimits::default()).unwrap()
}

fn tower(modality: Modality) -> std::sync::Arc<Tower> {
    let set = Catalog::built_in().unwrap();
    let set = set.open(&SetName::MINI, DeviceKind::Cpu, &ModelStore::new("unused")).unwrap();
    set.towers(modality).next().unwrap().clone()
}

/// Rows `[n, dim]` of a fixture tensor.
fn rows(bytes: &[u8], name: &str) -> Vec<Vec<f32>> {
    let file = SafeTensors::deserialize(bytes).unwrap();
    let tensor = file.tensor(name).unwrap();
    let values: Vec<f32> =
        tensor.data().chunks_exact(4).map(|quad| f32::from_le_bytes(quad.try_into().unwrap())).collect();
    values.chunks_exact(tensor.shape()[1]).map(<[f32]>::to_vec).collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum::<f64>();
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

/// Checks every output of a tower against the expected rows of its role and returns the worst cosine.
fn worst(tower: &Tower, found: &[Vec<f32>], expected: &HashMap<Role, Vec<Vec<f32>>>, limit: f64) -> f64 {
    let mut worst = 1.0f64;
    assert!(expected.values().all(|expected| expected.len() == found.len()));
    for (index, vector) in found.iter().enumerate() {
        for (output, part) in tower.card().split(vector) {
            let cosine = cosine(part, &expected[&output.role][index]);
            assert!(cosine >= limit, "{} of item {index}: cosine {cosine}", output.role.name());
            worst = worst.min(cosine);
        }
    }
    worst
}

fn image_vectors(tensors: &[u8]) -> HashMap<Role, Vec<Vec<f32>>> {
    HashMap::from([
        (Role::PreClipImage, rows(tensors, "image_features")),
        (Role::ClipImage, rows(tensors, "image_shared")),
    ])
}

#[test]
fn pixels_give_the_vectors_of_the_reference_implementation() {
    let folder = root().join("tests/fixtures/parity");
    let mut files: Vec<_> =
        fs::read_dir(folder.join("photos")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert_eq!(files.len(), 20);
    let tower = tower(Modality::Image);
    let crops: Vec<_> = files
        .iter()
        .map(|file| {
            let picture = decode_photo(&fs::read(file).unwrap(), &DecodeLimits::default()).unwrap();
            tower.crop(&picture).unwrap()
        })
        .collect();
    let expected = image_vectors(&fs::read(folder.join("photos.safetensors")).unwrap());
    let together = worst(&tower, &tower.embed_photos(&crops).unwrap(), &expected, 0.9999);
    println!("worst cosine from pixels over {} photos: {together:.7}", crops.len());
    let one_by_one: Vec<_> =
        crops.iter().map(|crop| tower.embed_photos(std::slice::from_ref(crop)).unwrap().remove(0)).collect();
    worst(&tower, &one_by_one, &expected, 0.9999);
}

#[test]
fn jpeg_files_give_the_vectors_of_the_reference_implementation() {
    let (fixture, tensors) = fixture();
    let tower = tower(Modality::Image);
    assert_eq!(fixture.photos.len(), 20);
    let crops: Vec<_> = fixture.photos.iter().map(|entry| tower.crop(&photo(&entry.file)).unwrap()).collect();
    let together = worst(&tower, &tower.embed_photos(&crops).unwrap(), &image_vectors(&tensors), 0.9999);
    println!("worst cosine from JPEG files over {} photos: {together:.7}", crops.len());
}

#[test]
fn captions_give_the_vectors_of_the_reference_implementation() {
    let (fixture, tensors) = fixture();
    let tower = tower(Modality::Text);
    let tokens: Vec<_> = fixture.texts.iter().map(|entry| tower.tokenize(&entry.text).unwrap()).collect();
    let expected = HashMap::from([
        (Role::PreClipText, rows(&tensors, "text_sentence")),
        (Role::ClipText, rows(&tensors, "text_shared")),
    ]);
    // All together they are padded to the longest; one by one not at all. Both must agree.
    let together = tower.embed_captions(&tokens).unwrap();
    let worst_together = worst(&tower, &together, &expected, 0.9999);
    println!("worst cosine over {} texts: {worst_together:.7}", tokens.len());
    let one_by_one: Vec<_> =
        tokens.iter().map(|ids| tower.embed_captions(std::slice::from_ref(ids)).unwrap().remove(0)).collect();
    worst(&tower, &one_by_one, &expected, 0.9999);
}

#[test]
fn token_ids_equal_the_reference_tokenizer() {
    let (fixture, _) = fixture();
    let tower = tower(Modality::Text);
    let card = fs::read_to_string(root().join("models/mini/all-minilm-l6-v2/card.json")).unwrap();
    let card: serde_json::Value = serde_json::from_str(&card).unwrap();
    let limit = card["tokenizer"]["max_tokens"].as_u64().unwrap() as usize;
    for entry in &fixture.texts {
        let found = tower.tokenize(&entry.text).unwrap();
        assert_eq!(found.ids, entry.token_ids, "{:?}", entry.text);
        assert!(found.ids.len() <= limit);
        assert!(!found.truncated || found.ids.len() == limit, "{:?}", entry.text);
    }
    assert!(
        fixture.texts.iter().any(|entry| tower.tokenize(&entry.text).unwrap().truncated),
        "one fixture is over-long"
    );
}

#[test]
fn cards_name_the_weights_that_are_compiled_in() {
    use sha2::{Digest, Sha256};
    for folder in ["efficientnet-lite0", "all-minilm-l6-v2"] {
        let folder = root().join("models/mini").join(folder);
        let card: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(folder.join("card.json")).unwrap()).unwrap();
        let weights = &card["weights"][0];
        let bytes = fs::read(folder.join(weights["file"].as_str().unwrap())).unwrap();
        assert_eq!(weights["bytes"], bytes.len());
        let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(weights["sha256"], hash);
    }
}
