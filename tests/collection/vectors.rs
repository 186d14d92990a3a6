//! Small files of vectors, made without any network.

use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};

use clipscope_core::shards::{ShardManifest, ShardRows, ShardWriter};
use clipscope_networks::Role;

pub const DIM: usize = 3;

/// The manifest of rows `range` of `total`.
pub fn manifest(range: Range<u64>, total: u64) -> ShardManifest {
    ShardManifest {
        schema: 1,
        role: Role::ClipImage,
        network: "toy".into(),
        model: "0123456789abcdef0123456789abcdef".into(),
        dim: DIM,
        dataset: "photos".into(),
        fingerprint: "f".repeat(64),
        total,
        first: range.start,
        end: range.end,
        left_out: Vec::new(),
        made_with: None,
    }
}

/// ShardRows with these ids; row `i` is the same wherever it stands, of unit length, and unlike any other.
pub fn rows(ids: impl Iterator<Item = u64>) -> ShardRows {
    let mut rows = ShardRows::default();
    for id in ids {
        let (sin, cos) = (id as f32 * 0.1).sin_cos();
        rows.ids.push(id);
        rows.paths.push(format!("folder/{id}.jpg"));
        rows.categories.push(if id % 2 == 0 { "even" } else { "odd" }.into());
        rows.captions.push((id % 3 == 0).then(|| format!("caption \u{1F600} of {id}")));
        rows.content_sha256.push(format!("{id:064x}"));
        rows.vectors.extend([sin, cos, 0.0]);
    }
    rows
}

/// Writes a file called `name` with the rows of its manifest that are not left out.
pub fn file(folder: &Path, name: &str, manifest: &ShardManifest) -> PathBuf {
    let path = folder.join(name);
    let ids = manifest.range().filter(|id| !manifest.left_out.contains(id));
    let mut writer = ShardWriter::new(File::create(&path).unwrap(), manifest.clone()).unwrap();
    writer.write(&rows(ids)).unwrap();
    writer.finish().unwrap();
    path
}
