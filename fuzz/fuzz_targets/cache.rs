//! Any bytes as a segment of the cache, and any damage to a good one: a record is as it was stored, or missing.
#![no_main]

use std::fs;

use clipscope_core::embedding::{Record, VectorCache};
use libfuzzer_sys::fuzz_target;

const KEY: [u8; 32] = [7; 32];
const DIM: usize = 3;

fn stored() -> [([u8; 32], Record); 2] {
    [1u8, 2].map(|seed| {
        let vector = vec![f32::from(seed), 0.5, -1.0];
        ([seed; 32], Record { vector, truncated: seed == 2 })
    })
}

fuzz_target!(|data: &[u8]| {
    let Some((&choice, rest)) = data.split_first() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let cache = VectorCache::new(folder.path());
    cache.open(&KEY, DIM).put(stored().to_vec()).expect("the folder can be written");
    let tower = fs::read_dir(folder.path().join("vectors")).expect("it was written").next();
    let tower = tower.expect("it was written").expect("it can be read").path();
    let segment = fs::read_dir(&tower).expect("it was written").next();
    let segment = segment.expect("it was written").expect("it can be read").path();
    if choice % 2 == 0 {
        fs::write(tower.join("other.vectors"), rest).expect("the folder can be written");
        let found = cache.open(&KEY, DIM);
        for (content, record) in stored() {
            assert_eq!(*found.get(&content).expect("another file hides nothing"), record);
        }
    } else {
        // Pairs of a position and a mask; an odd byte at the end cuts the file.
        let mut bytes = fs::read(&segment).expect("it was written");
        let (pairs, odd) = rest.as_chunks::<2>();
        for [position, mask] in pairs {
            let position = usize::from(*position) % bytes.len();
            bytes[position] ^= mask;
        }
        if let [length] = odd {
            bytes.truncate(usize::from(*length));
        }
        fs::write(&segment, bytes).expect("the folder can be written");
        let found = cache.open(&KEY, DIM);
        for (content, record) in stored() {
            if let Some(found) = found.get(&content) {
                assert_eq!(*found, record);
            }
        }
        // Storing again repairs the damage.
        found.put(stored().to_vec()).expect("the folder can be written");
        assert_eq!(cache.open(&KEY, DIM).len(), 2);
    }
});
