//! The reference networks with weights from a formula: a checkpoint in the official layout is
//! written, read through the weight map, run, and compared with what the reference implementation
//! gave for the same weights (`tools/make_reference_fixtures.py`).

use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use clipscope_networks::{
    Catalog, DecodeLimits, DeviceKind, ModelError, ModelSet, ModelStore, Role, SetName, TokenIds, Tower,
    decode_photo,
};
use clipscope_test_support::checkpoints::{
    self, CLIP, DISTILUSE, RESNET, described, fixtures, json, write_safetensors,
};
use clipscope_test_support::formula;
use safetensors::SafeTensors;
use serde_json::Value;

/// A store with all checkpoints of the reference set, written once for all tests here.
pub(super) fn store() -> &'static ModelStore {
    static STORE: OnceLock<ModelStore> = OnceLock::new();
    STORE.get_or_init(|| {
        // Nothing drops a static, and the store has gigabytes: each process has a folder by its number,
        // and removes those of processes that are gone.
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"));
        for entry in fs::read_dir(root).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap_or_default();
            let process = name.strip_prefix("reference-").map(|number| Path::new("/proc").join(number));
            if process.is_some_and(|process| !process.exists()) {
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        let folder = root.join(format!("reference-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let store = ModelStore::new(&folder).without_verification();
        checkpoints::write(|repo, file| store.path(repo, file));
        store
    })
}

pub(super) fn tower(store: &ModelStore, role: Role) -> Arc<Tower> {
    let set = open(store).unwrap();
    set.tower(role).unwrap().clone()
}

fn open(store: &ModelStore) -> Result<ModelSet, ModelError> {
    Catalog::built_in().unwrap().open(&SetName::REFERENCE, DeviceKind::Cpu, store)
}

/// The reference implementation's vectors, `[n, dim]`.
fn expected(name: &str) -> Vec<Vec<f32>> {
    let bytes = fs::read(fixtures().join("vectors.safetensors")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let tensor = file.tensor(name).unwrap();
    let values: Vec<f32> =
        tensor.data().chunks_exact(4).map(|quad| f32::from_le_bytes(quad.try_into().unwrap())).collect();
    values.chunks_exact(tensor.shape()[1]).map(<[f32]>::to_vec).collect()
}

/// Cosine and largest difference. With formula weights all images are alike for ResNet-50, so the
/// cosine alone would prove little.
pub(crate) fn agree(name: &str, found: &[Vec<f32>]) {
    let expected = expected(name);
    assert_eq!(found.len(), expected.len(), "{name}");
    for (row, (found, expected)) in found.iter().zip(&expected).enumerate() {
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
        };
        let cosine = dot(found, expected) / (dot(found, found) * dot(expected, expected)).sqrt();
        assert!(cosine >= 0.99999, "{name} row {row}: cosine {cosine}");
        let largest = expected.iter().fold(0f32, |largest, value| largest.max(value.abs()));
        let difference = found.iter().zip(expected).fold(0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(difference <= 2e-5 * largest, "{name} row {row}: {difference} of {largest}");
    }
}

pub(crate) fn formula_images(batch: &Value) -> Vec<f32> {
    let (first, count) = (batch["first"].as_u64().unwrap(), batch["count"].as_u64().unwrap());
    (first..first + count).flat_map(|n| formula::image(n, 224)).collect()
}

pub(crate) fn token_rows(rows: &Value) -> Vec<TokenIds> {
    let rows: Vec<Vec<u32>> = serde_json::from_value(rows.clone()).unwrap();
    rows.into_iter().map(|ids| TokenIds { ids, truncated: false }).collect()
}

fn image_tower_agrees(role: Role, name: &str) {
    let tower = tower(store(), role);
    let images = &json("inputs.json")["images"];
    for batch in ["batch_1", "batch_8"] {
        let found = tower.embed_normalized(formula_images(&images[batch])).unwrap();
        agree(&format!("{name}.{batch}"), &found);
    }
    let crops: Vec<_> = images["photos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            let path = fixtures().join("../parity/photos").join(file.as_str().unwrap());
            let photo = decode_photo(&fs::read(path).unwrap(), &DecodeLimits::default()).unwrap();
            tower.crop(&photo).unwrap()
        })
        .collect();
    agree(&format!("{name}.photos"), &tower.embed_photos(&crops).unwrap());
}

fn text_tower_agrees(role: Role, name: &str, batches: &[&str]) {
    let tower = tower(store(), role);
    for batch in batches {
        let input = &json("inputs.json")[name][batch];
        let tokens = token_rows(&input["ids"]);
        agree(&format!("{name}.{batch}"), &tower.embed_captions(&tokens).unwrap());
        if let Some(texts) = input["texts"].as_array() {
            let tokens: Vec<TokenIds> =
                texts.iter().map(|text| tower.tokenize(text.as_str().unwrap()).unwrap()).collect();
            agree(&format!("{name}.{batch}"), &tower.embed_captions(&tokens).unwrap());
        }
    }
}

#[test]
fn the_formula_gives_the_same_bits_as_in_python() {
    let values = json("formula.json");
    for entry in values["weights"].as_array().unwrap() {
        let shape: Vec<usize> = serde_json::from_value(entry["shape"].clone()).unwrap();
        let name = entry["tensor"].as_str().unwrap();
        let found = formula::weight(name, &shape, entry["index"].as_u64().unwrap());
        assert_eq!(format!("{:08x}", found.to_bits()), entry["value_bits"], "{name}");
    }
    for entry in values["images"].as_array().unwrap() {
        let [n, channel, y, x]: [u64; 4] = serde_json::from_value(entry["image"].clone()).unwrap();
        let found = formula::pixel(n, channel, y, x, 224);
        assert_eq!(format!("{:08x}", found.to_bits()), entry["value_bits"]);
    }
}

#[test]
fn resnet50_agrees_with_torchvision() {
    image_tower_agrees(Role::PreClipImage, "resnet50");
}

#[test]
fn clip_vision_agrees_with_transformers() {
    image_tower_agrees(Role::ClipImage, "clip_vision");
}

#[test]
fn clip_text_agrees_with_transformers() {
    text_tower_agrees(Role::ClipText, "clip_text", &["batch_1", "batch_8"]);
}

#[test]
fn distiluse_agrees_with_sentence_transformers() {
    text_tower_agrees(Role::PreClipText, "distiluse", &["batch_1", "batch_8", "captions"]);
}

#[test]
fn later_starts_read_the_burnpack_and_not_the_checkpoint() {
    let store = store();
    let first = tower(store, Role::PreClipImage);
    first.load().unwrap();
    // The checkpoint is replaced by nonsense of the same name; a fresh tower does not look at it.
    let folder = tempfile::tempdir().unwrap();
    let copy = ModelStore::new(folder.path()).without_verification();
    let packs = store.downloads().parent().unwrap().join("burnpack");
    fs::create_dir_all(folder.path().join("burnpack")).unwrap();
    for entry in fs::read_dir(packs).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join("burnpack").join(path.file_name().unwrap())).unwrap();
    }
    for (repo, file) in
        [RESNET, CLIP, (DISTILUSE, "model.safetensors"), (DISTILUSE, "2_Dense/model.safetensors")]
    {
        let path = copy.path(repo, file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "nonsense").unwrap();
    }
    fs::copy(fixtures().join("distiluse-tokenizer.json"), copy.path(DISTILUSE, "tokenizer.json")).unwrap();
    let again = tower(&copy, Role::PreClipImage);
    let batch = formula_images(&json("inputs.json")["images"]["batch_1"]);
    agree("resnet50.batch_1", &again.embed_normalized(batch).unwrap());
}

#[test]
fn a_flipped_bit_in_a_burnpack_is_noticed_and_it_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::new(folder.path()).without_verification();
    for (repo, file) in [CLIP, (DISTILUSE, "model.safetensors"), (DISTILUSE, "2_Dense/model.safetensors")] {
        let path = store.path(repo, file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "not read here").unwrap();
    }
    fs::copy(fixtures().join("distiluse-tokenizer.json"), store.path(DISTILUSE, "tokenizer.json")).unwrap();
    write_safetensors(&store.path(RESNET.0, RESNET.1), &described(RESNET.0, RESNET.1), "");
    tower(&store, Role::PreClipImage).load().unwrap();
    let packs = || -> Vec<_> {
        fs::read_dir(folder.path().join("burnpack")).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let [pack] = packs().try_into().unwrap();
    let mut bad = fs::read(&pack).unwrap();
    let place = bad.len() / 2;
    bad[place] ^= 0x40;
    fs::write(&pack, &bad).unwrap();
    let batch = formula_images(&json("inputs.json")["images"]["batch_1"]);
    let again = tower(&store, Role::PreClipImage);
    agree("resnet50.batch_1", &again.embed_normalized(batch.clone()).unwrap());
    let [made] = packs().try_into().unwrap();
    // Parameters get new names each time, so the bytes differ; that it is whole shows in its being used.
    assert_ne!(fs::read(&made).unwrap(), bad);
    // It is mapped as it is loaded: losing the file after that changes nothing.
    let mapped = tower(&store, Role::PreClipImage);
    mapped.load().unwrap();
    fs::remove_file(&made).unwrap();
    agree("resnet50.batch_1", &mapped.embed_normalized(batch).unwrap());
}

/// A store whose every file is there, and `RESNET`'s is `bytes`.
fn store_with(bytes: &[u8]) -> (tempfile::TempDir, ModelStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = ModelStore::new(folder.path()).without_verification();
    for (repo, file) in [
        RESNET,
        CLIP,
        (DISTILUSE, "model.safetensors"),
        (DISTILUSE, "2_Dense/model.safetensors"),
        (DISTILUSE, "tokenizer.json"),
    ] {
        let path = store.path(repo, file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    (folder, store)
}

fn refused(bytes: &[u8], words: &[&str]) {
    let (_folder, store) = store_with(bytes);
    let error = tower(&store, Role::PreClipImage).load().unwrap_err();
    assert!(matches!(error, ModelError::Weights { .. }), "{error}");
    let message = error.to_string();
    for word in words {
        assert!(message.contains(word), "'{word}' is not in: {message}");
    }
    assert!(!store.downloads().parent().unwrap().join("burnpack").exists(), "nothing is kept of it");
}

#[test]
fn a_wrong_checkpoint_is_refused_with_its_reason() {
    let tensors = described(RESNET.0, RESNET.1);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("good");
    write_safetensors(&file, &tensors, "");
    let good = fs::read(&file).unwrap();

    // Another architecture.
    write_safetensors(&file, &described(DISTILUSE, "2_Dense/model.safetensors"), "");
    refused(&fs::read(&file).unwrap(), &["'bn1.bias' is missing", "and 2"]);
    // A tensor of another shape.
    let mut other = tensors.clone();
    other.get_mut("conv1.weight").unwrap().shape = vec![64, 3, 5, 5];
    write_safetensors(&file, &other, "");
    refused(&fs::read(&file).unwrap(), &["'conv1.weight'", "[64, 3, 5, 5]", "needs [64, 3, 7, 7]"]);
    // One tensor too many, one too few.
    let mut other = tensors.clone();
    let taken = other.remove("layer4.2.bn3.bias").unwrap();
    other.insert("surplus".into(), taken);
    write_safetensors(&file, &other, "");
    refused(&fs::read(&file).unwrap(), &["layer4.2.bn3.bias", "surplus"]);
    // Cut off, in the data and in the header.
    refused(&good[..good.len() / 2], &["model.safetensors"]);
    refused(&good[..100], &["model.safetensors"]);
    // Not a checkpoint at all.
    refused(b"<html>not found</html>", &["neither a safetensors file nor a PyTorch checkpoint"]);
    // A pickle that calls a function.
    refused(b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00true\x85R.", &["os.system", "models fetch"]);
}

#[test]
fn flipped_bytes_are_told_by_the_published_hash() {
    let (folder, _) = store_with(b"\x10\0\0\0\0\0\0\0{}");
    let store = ModelStore::new(folder.path());
    let message = tower(&store, Role::PreClipImage).load().unwrap_err().to_string();
    assert!(message.contains("SHA-256") && message.contains("models fetch"), "{message}");
}

#[test]
fn another_tokenizer_than_the_published_one_fails_verification() {
    // The store's tokenizer is a made-up one.
    let outcome = clipscope_networks::verify::verify(&tower(store(), Role::PreClipText)).unwrap();
    let failure = outcome.failure.unwrap();
    assert!(failure.contains("vocabulary"), "{failure}");
    assert!(clipscope_networks::verify::verify(&tower(store(), Role::ClipText)).unwrap().passed());
}

#[test]
fn a_set_that_is_not_complete_says_what_is_missing_and_the_rest_works() {
    let (folder, store) = store_with(b"x");
    fs::remove_file(store.path(CLIP.0, CLIP.1)).unwrap();
    let set = open(&store).unwrap();
    let info = set.info();
    for role in [Role::ClipImage, Role::ClipText] {
        let missing = info.missing(role).unwrap();
        assert_eq!(missing.files, [format!("{}/{}", CLIP.0, CLIP.1)]);
        assert!(info.tower(role).is_none() && set.tower(role).is_none());
    }
    assert!(info.missing(Role::PreClipImage).is_none() && set.tower(Role::PreClipImage).is_some());
    let chosen = ModelSet::open_default(&Catalog::built_in().unwrap(), DeviceKind::Cpu, &store).unwrap();
    assert_eq!(*chosen.name(), SetName::MINI, "a set that lacks something is used only when asked for");
    drop(folder);
}

#[test]
fn a_set_without_any_files_is_not_installed() {
    let folder = tempfile::tempdir().unwrap();
    let message = open(&ModelStore::new(folder.path())).err().unwrap().to_string();
    for words in ["pytorch_model.bin", "resnet50", "models fetch reference"] {
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_checkpoint_in_the_hub_cache_is_used_in_place() {
    let (hub, own) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let blobs = hub.path().join(format!("models--{}/blobs", CLIP.0.replace('/', "--")));
    fs::create_dir_all(&blobs).unwrap();
    let card = Catalog::built_in().unwrap().network("clip-vit-b32-text").unwrap().clone();
    let info = clipscope_networks::NetworkInfo::new(&card);
    let blob = blobs.join(info.files[0].sha256.as_deref().unwrap());
    fs::hard_link(store().path(CLIP.0, CLIP.1), &blob)
        .or_else(|_| fs::copy(store().path(CLIP.0, CLIP.1), &blob).map(drop))
        .unwrap();
    let lookup = |name: &str| (name == "HF_HUB_CACHE").then(|| hub.path().to_str().unwrap().to_owned());
    let store = ModelStore::new(own.path()).with_hub_cache(&lookup).without_verification();
    assert_eq!(store.find_elsewhere(&info.files[0]), Some(blob));
    let set = open(&store).unwrap();
    assert!(set.info().missing(Role::PreClipImage).is_some());
    let embed = |tower: &Tower| tower.embed_captions(&[tower.tokenize("a red cup").unwrap()]).unwrap();
    assert_eq!(embed(set.tower(Role::ClipText).unwrap()), embed(&tower(self::store(), Role::ClipText)));
    assert!(!store.downloads().exists(), "nothing was copied");
}
