//! Weight maps and checkpoints as a target calls them.

use std::path::Path;
use std::sync::Arc;

use burn::nn::LinearConfig;

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
