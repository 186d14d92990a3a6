//! One batch on its way through the towers: read, decoded or tokenized, embedded.
//!
//! Owns what may fail for one item without failing the others. Must not know of threads, events or files: those are the
//! pipeline's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::cache::Record;
use super::embeddings::Unit;
use clipscope_networks::{DecodeLimits, Modality, ModelError, Role, Tower, decode_photo};

/// Said of an item on which a library panicked.
const UNREADABLE: &str = "could not be processed (its reader failed); save it again with another program, or report it with the file";

/// An item on its way through the towers.
pub(super) struct Slot {
    pub unit: Unit,
    bytes: Vec<u8>,
    pub content: [u8; 32],
    pub vectors: Vec<(Role, Arc<[f32]>)>,
    pub failure: Option<String>,
    pub cached: bool,
    pub truncated: bool,
}

impl Slot {
    pub fn new(unit: Unit) -> Self {
        Self {
            unit,
            bytes: Vec::new(),
            content: [0; 32],
            vectors: Vec::new(),
            failure: None,
            cached: true,
            truncated: false,
        }
    }

    /// Takes what is to be embedded, or why it cannot be read.
    pub fn fill(&mut self, bytes: Result<Vec<u8>, String>) {
        match bytes {
            Ok(bytes) => self.bytes = bytes,
            Err(reason) => self.failure = Some(reason),
        }
        self.content = Sha256::digest(&self.bytes).into();
    }

    /// Takes a tower's record apart, a vector for each of its roles.
    pub fn accept(&mut self, record: &Record, tower: &Tower) {
        self.vectors
            .extend(tower.card().split(&record.vector).map(|(output, part)| (output.role, part.into())));
        self.truncated |= record.truncated;
    }
}

/// One record per slot that has not failed; a photo is decoded within `limits`.
///
/// # Errors
/// Those of the tower itself. Those of single items go into their slots.
pub(super) fn records(
    slots: &mut [Slot],
    tower: &Tower,
    limits: &DecodeLimits,
) -> Result<Vec<Option<Record>>, ModelError> {
    isolated(slots, |slots| forward(slots, tower, limits))
}

/// What `forward` makes of a batch. A panic in a library on one item's data must not take the others along: the batch is
/// then done item by item.
fn isolated(
    slots: &mut [Slot],
    mut forward: impl FnMut(&mut [Slot]) -> Result<Vec<Option<Record>>, ModelError>,
) -> Result<Vec<Option<Record>>, ModelError> {
    if let Ok(whole) = catch_unwind(AssertUnwindSafe(|| forward(slots))) {
        return whole;
    }
    let mut records = Vec::with_capacity(slots.len());
    for slot in slots {
        let one = catch_unwind(AssertUnwindSafe(|| forward(std::slice::from_mut(slot))));
        records.push(match one {
            Ok(record) => record?.pop().flatten(),
            Err(_) => {
                slot.failure = Some(UNREADABLE.into());
                None
            }
        });
    }
    Ok(records)
}

/// The forward pass of a batch. Errors of single items go into their slots; what is returned
/// as an error concerns the tower.
fn forward(
    slots: &mut [Slot],
    tower: &Tower,
    limits: &DecodeLimits,
) -> Result<Vec<Option<Record>>, ModelError> {
    tower.load()?;
    let mut places = Vec::with_capacity(slots.len());
    let mut truncated = vec![false; slots.len()];
    let vectors = match tower.card().modality {
        Modality::Image => {
            let mut crops = Vec::with_capacity(slots.len());
            for (place, slot) in slots.iter_mut().enumerate() {
                if slot.failure.is_some() {
                    continue;
                }
                match decode_photo(&slot.bytes, limits).and_then(|p| tower.crop(&p)) {
                    Ok(crop) => {
                        crops.push(crop);
                        places.push(place);
                    }
                    Err(error) => slot.failure = Some(error.to_string()),
                }
            }
            tower.embed_photos(&crops)?
        }
        Modality::Text => {
            let mut tokens = Vec::with_capacity(slots.len());
            for (place, slot) in slots.iter_mut().enumerate() {
                if slot.failure.is_some() {
                    continue;
                }
                match tower.tokenize(&String::from_utf8_lossy(&slot.bytes)) {
                    Ok(ids) => {
                        truncated[place] = ids.truncated;
                        tokens.push(ids);
                        places.push(place);
                    }
                    Err(error) => slot.failure = Some(error.to_string()),
                }
            }
            tower.embed_captions(&tokens)?
        }
    };
    let mut records = vec![None; slots.len()];
    for (place, vector) in places.into_iter().zip(vectors) {
        match unusable(&vector, tower) {
            Some(reason) => slots[place].failure = Some(reason),
            None => records[place] = Some(Record { vector, truncated: truncated[place] }),
        }
    }
    Ok(records)
}

/// Why a tower's answer cannot be compared with anything, if so.
fn unusable(vector: &[f32], tower: &Tower) -> Option<String> {
    for (_, part) in tower.card().split(vector) {
        if part.iter().any(|value| !value.is_finite()) {
            return Some(format!("{} gave a vector that is not finite", tower.card().name));
        }
        if part.iter().all(|&value| value == 0.0) {
            return Some(format!("{} gave a zero vector", tower.card().name));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_on_one_item_leaves_that_item_out_and_no_other() {
        let mut slots: Vec<Slot> = (0..4).map(|photo| Slot::new(Unit::Photo(photo))).collect();
        let records = isolated(&mut slots, |slots| {
            assert!(slots.iter().all(|slot| slot.unit != Unit::Photo(2)), "a decoder falls over");
            let vector = |slot: &Slot| {
                let Unit::Photo(photo) = slot.unit else { return None };
                Some(Record { vector: vec![photo as f32], truncated: false })
            };
            Ok(slots.iter().map(vector).collect())
        });
        let firsts = |record: &Option<Record>| record.as_ref().map(|record| record.vector[0]);
        let firsts: Vec<Option<f32>> = records.unwrap().iter().map(firsts).collect();
        assert_eq!(firsts, [Some(0.0), Some(1.0), None, Some(3.0)]);
        let failures: Vec<bool> = slots.iter().map(|slot| slot.failure.is_some()).collect();
        assert_eq!(failures, [false, false, true, false]);
    }
}
