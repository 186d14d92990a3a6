//! Weight maps and checkpoints as a target calls them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use burn::nn::LinearConfig;

use super::burnpack;
use super::checkpoint::Checkpoint;
use super::weight_map::WeightMap;

/// Reads a checkpoint and every tensor in it.
///
/// # Panics
/// When a tensor has another number of values than its shape says.
pub fn read_checkpoint(file: &Path) {
    let mut checkpoint = Checkpoint::default();
    if checkpoint.add_file(file, "p.").is_err() {
        return;
    }
    checkpoint.strip_prefix("p.");
    let names: Vec<String> = checkpoint.names().map(String::from).collect();
    for name in names {
        let count: usize = checkpoint.shape(&name).expect("it was named").iter().product();
        if let Ok(values) = checkpoint.values(&name) {
            assert_eq!(values.len(), count, "{name}");
        }
        if let Ok(Some(bytes)) = checkpoint.f32_bytes(&name) {
            assert_eq!(bytes.len(), count * 4, "{name}");
        }
    }
}

/// Parses a map and fills a small module through it.
pub fn fill_from(map: &str, checkpoint: &Path) {
    let Ok(map) = WeightMap::parse(map) else { return };
    let mut tensors = Checkpoint::default();
    tensors.add_file(checkpoint, "").expect("the checkpoint of the target is whole");
    let mut module = LinearConfig::new(3, 2).init(&burn::tensor::Device::default());
    let _ = map.fill(&mut module, &Arc::new(tensors));
}

/// Saves a small module as a Burnpack, damages the file as [`crate::damage_bytes`] does and loads it.
///
/// # Panics
/// When what is loaded is not what was saved.
pub fn check_burnpack(damage: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let folder = folder.path();
    let new = || LinearConfig::new(3, 2).init(&burn::tensor::Device::default());
    let values =
        |module: &burn::nn::Linear| module.weight.val().into_data().to_vec::<f32>().expect("they are f32");
    let saved = new();
    burnpack::save(&saved, folder, "key");
    let file = fs::read_dir(folder)
        .expect("it was made")
        .next()
        .expect("it was saved")
        .expect("it can be read")
        .path();
    let mut bytes = fs::read(&file).expect("it was saved");
    crate::damage_bytes(&mut bytes, damage);
    let whole = fs::read(&file).expect("it was saved") == bytes;
    fs::remove_file(&file).expect("the folder can be written");
    fs::write(&file, bytes).expect("the folder can be written");
    let mut loaded = new();
    assert_eq!(burnpack::load(&mut loaded, folder, "key"), whole);
    if whole {
        assert_eq!(values(&loaded), values(&saved));
    }
}
