//! Collections made by a formula, the same on every machine.

use std::io;
use std::path::{Path, PathBuf};

/// Vectors around one center: those of real networks lie in clusters too.
const PER_CLUSTER: usize = 200;

/// Vigna's SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Four uniform numbers added: close enough to a normal one.
    fn normal(&mut self) -> f32 {
        let bits = self.next();
        (0..4).map(|part| ((bits >> (16 * part)) & 0xFFFF) as f32 / 65_536.0 - 0.5).sum()
    }
}

/// Vector `number` of a collection, `[dim]`: its cluster's center plus as much noise. Numbers beyond the collection serve
/// as queries.
pub fn vector(number: usize, clusters: usize, dim: usize) -> Vec<f32> {
    let cluster = number % clusters.max(1);
    let mut center = Random(cluster as u64 ^ 0xC1);
    let mut noise = Random(number as u64 ^ 0xA5_0000_0000);
    (0..dim).map(|_| center.normal() + noise.normal()).collect()
}

/// A query as a phrase gives it: [`vector`] plus an offset that is the same for all phrases and four times as long as
/// what tells the photos apart (the modality gap, Liang et al. 2022).
pub fn phrase(number: usize, clusters: usize, dim: usize) -> Vec<f32> {
    let mut gap = Random(0x6A);
    vector(number, clusters, dim)
        .into_iter()
        // Center and noise together have a variance of 2.
        .map(|value| value + 4.0 * std::f32::consts::SQRT_2 * gap.normal())
        .collect()
}

/// Clusters in a collection of `count` vectors.
pub fn clusters(count: usize) -> usize {
    (count / PER_CLUSTER).max(1)
}

/// One photo of an index: name, hash of its content, size in bytes, vector.
pub type Row = (PathBuf, [u8; 32], u64, Vec<f32>);

/// The `count` photos of a collection of clustered vectors, `[dim]` each. Their files do not exist.
pub fn rows(count: usize, dim: usize) -> impl ExactSizeIterator<Item = Row> {
    let clusters = clusters(count);
    (0..count).map(move |number| {
        let name = PathBuf::from(format!("{:03}/photo-{number:07}.jpg", number % 1000));
        let mut content = [0; 32];
        content[..8].copy_from_slice(&Random(number as u64).next().to_le_bytes());
        (name, content, 100_000, vector(number, clusters, dim))
    })
}

/// Writes `count` different JPEG files of 16×16 pixels in a hundred folders.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn photos(folder: &Path, count: usize) -> io::Result<()> {
    for part in 0..100.min(count) {
        std::fs::create_dir_all(folder.join(format!("{part:02}")))?;
    }
    for number in 0..count {
        let mut random = Random(number as u64);
        let color = random.next().to_le_bytes();
        let picture = image::RgbImage::from_fn(16, 16, |x, y| {
            let at = |shift: u32| color[((x / 4 + y / 4 + shift) % 8) as usize];
            image::Rgb([at(0), at(3), at(5)])
        });
        let path = folder.join(format!("{:02}/photo-{number:06}.jpg", number % 100));
        picture.save(path).map_err(io::Error::other)?;
    }
    Ok(())
}
