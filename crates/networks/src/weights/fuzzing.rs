//! The readers of weights as the fuzz targets call them, which reach only what is public.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use burn::nn::{Linear, LinearConfig};

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
        let count: usize = checkpoint.shape(&name).expect("the name was listed").iter().product();
        if let Ok(values) = checkpoint.values(&name) {
            assert_eq!(values.len(), count, "{name}");
        }
        if let Ok(Some(bytes)) = checkpoint.f32_bytes(&name) {
            assert_eq!(bytes.len(), count * 4, "{name}");
        }
    }
}

/// Parses a weight map and fills a small module through it.
pub fn fill_from(map: &str, checkpoint: &Path) {
    let Ok(map) = WeightMap::parse(map) else { return };
    let mut tensors = Checkpoint::default();
    tensors.add_file(checkpoint, "").expect("the checkpoint of the target is valid");
    let _ = map.fill(&mut small_module(), &Arc::new(tensors));
}

/// Saves a small module as a Burnpack in an empty folder, applies `damage` to the bytes of the file and loads it again.
///
/// # Panics
/// When a damaged file is loaded, an undamaged one is not, or the loaded module is not the saved one.
pub fn check_burnpack(folder: &Path, damage: impl FnOnce(&mut Vec<u8>)) {
    let values = |module: &Linear| module.weight.val().into_data().try_to_vec::<f32>().expect("f32 values");
    let saved = small_module();
    burnpack::save(&saved, folder, "key");
    let mut files = fs::read_dir(folder).expect("the folder exists");
    let file = files.next().expect("a file was saved").expect("the folder can be read").path();
    let whole = fs::read(&file).expect("the file was saved");
    let mut bytes = whole.clone();
    damage(&mut bytes);
    fs::remove_file(&file).expect("the folder can be written");
    fs::write(&file, &bytes).expect("the folder can be written");
    let mut loaded = small_module();
    assert_eq!(burnpack::load(&mut loaded, folder, "key"), bytes == whole);
    if bytes == whole {
        assert_eq!(values(&loaded), values(&saved));
    }
}

fn small_module() -> Linear {
    LinearConfig::new(3, 2).init(&burn::tensor::Device::default())
}
