//! One batch on its way through a tower: decoded or tokenized, then embedded.
//!
//! Owns what may fail for one item without failing the others. Must not know: threads, events or files, which are the
//! run's.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::record::Record;
use super::unit::Unit;
use clipscope_networks::{DecodeLimits, Modality, ModelError, Role, Tower, decode_photo, photo_note};

/// The reason given when a library panicked on an item.
const UNREADABLE: &str = "could not be processed (its decoder failed); save it again with another program, or report a bug with the file attached";

/// A photo or text on its way through the towers.
pub(super) struct BatchItem {
    /// The units that it is the content of: one photo, or every caption of this text. At least one.
    pub units: Vec<Unit>,
    bytes: Vec<u8>,
    pub content: [u8; 32],
    pub vectors: Vec<(Role, Arc<[f32]>)>,
    pub failure: Option<String>,
    pub cached: bool,
    pub truncated: bool,
    /// What to tell about the photo's file.
    pub note: Option<&'static str>,
}

impl BatchItem {
    pub fn new(units: Vec<Unit>) -> Self {
        Self {
            units,
            bytes: Vec::new(),
            content: [0; 32],
            vectors: Vec::new(),
            failure: None,
            cached: true,
            truncated: false,
            note: None,
        }
    }

    /// Sets the content, or the reason why it cannot be read.
    pub fn fill(&mut self, bytes: Result<Vec<u8>, String>) {
        match bytes {
            Ok(bytes) => self.bytes = bytes,
            Err(reason) => self.failure = Some(reason),
        }
        // From the file and not from decoding it, since a cached photo is not decoded. No text begins as a photo does.
        self.note = photo_note(&self.bytes);
        self.content = Sha256::digest(&self.bytes).into();
    }

    /// Adds a tower's vectors, one for each of its roles.
    pub fn accept(&mut self, record: &Record, tower: &Tower) {
        self.vectors.extend(tower.vectors(&record.vector).map(|(role, part)| (role, part.into())));
        self.truncated |= record.truncated;
    }
}

/// Embeds a batch: one record per item, `None` for those that failed. Photos are decoded within `limits`.
///
/// # Errors
/// Errors of the tower itself. An error of one item is stored in the item.
pub(super) fn records(
    items: &mut [BatchItem],
    tower: &Tower,
    limits: &DecodeLimits,
) -> Result<Vec<Option<Record>>, ModelError> {
    isolated(items, |items| forward(items, tower, limits))
}

/// Runs `forward` on a batch. If a library panics on one item's data, the batch is repeated item by item, so that the
/// others survive.
fn isolated(
    items: &mut [BatchItem],
    mut forward: impl FnMut(&mut [BatchItem]) -> Result<Vec<Option<Record>>, ModelError>,
) -> Result<Vec<Option<Record>>, ModelError> {
    if let Ok(whole) = catch_unwind(AssertUnwindSafe(|| forward(items))) {
        return whole;
    }
    let mut records = Vec::with_capacity(items.len());
    for item in items {
        let one = catch_unwind(AssertUnwindSafe(|| forward(std::slice::from_mut(item))));
        records.push(match one {
            Ok(record) => record?.pop().flatten(),
            Err(_) => {
                item.failure = Some(UNREADABLE.into());
                None
            }
        });
    }
    Ok(records)
}

/// The forward pass of a batch; see [`records`] for errors.
fn forward(
    items: &mut [BatchItem],
    tower: &Tower,
    limits: &DecodeLimits,
) -> Result<Vec<Option<Record>>, ModelError> {
    tower.load()?;
    let mut places = Vec::with_capacity(items.len());
    let mut truncated = vec![false; items.len()];
    let vectors = match tower.card().modality {
        Modality::Image => {
            let mut crops = Vec::with_capacity(items.len());
            for (place, item) in items.iter_mut().enumerate() {
                if item.failure.is_some() {
                    continue;
                }
                match decode_photo(&item.bytes, limits).and_then(|p| tower.crop(&p)) {
                    Ok(crop) => {
                        crops.push(crop);
                        places.push(place);
                    }
                    Err(error) => item.failure = Some(error.to_string()),
                }
            }
            tower.embed_photos(&crops)?
        }
        Modality::Text => {
            let mut tokens = Vec::with_capacity(items.len());
            for (place, item) in items.iter_mut().enumerate() {
                if item.failure.is_some() {
                    continue;
                }
                match tower.tokenize(&String::from_utf8_lossy(&item.bytes)) {
                    Ok(ids) => {
                        truncated[place] = ids.truncated;
                        tokens.push(ids);
                        places.push(place);
                    }
                    Err(error) => item.failure = Some(error.to_string()),
                }
            }
            tower.embed_captions(&tokens)?
        }
    };
    let mut records = vec![None; items.len()];
    for (place, vector) in places.into_iter().zip(vectors) {
        match unusable(&vector, tower) {
            Some(reason) => items[place].failure = Some(reason),
            None => records[place] = Some(Record { vector, truncated: truncated[place] }),
        }
    }
    Ok(records)
}

/// The reason why a vector cannot be compared, if there is one.
fn unusable(vector: &[f32], tower: &Tower) -> Option<String> {
    for (_, part) in tower.card().split(vector) {
        if part.iter().any(|value| !value.is_finite()) {
            return Some(format!("{} returned a vector with a value that is not finite", tower.card().name));
        }
        if part.iter().all(|&value| value == 0.0) {
            return Some(format!("{} returned a zero vector", tower.card().name));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_on_one_item_leaves_that_item_out_and_no_other() {
        let mut items: Vec<BatchItem> =
            (0..4).map(|photo| BatchItem::new(vec![Unit::Photo(photo)])).collect();
        let records = isolated(&mut items, |items| {
            assert!(items.iter().all(|item| item.units != [Unit::Photo(2)]), "a decoder falls over");
            let vector = |item: &BatchItem| {
                let [Unit::Photo(photo)] = item.units[..] else { return None };
                Some(Record { vector: vec![photo as f32], truncated: false })
            };
            Ok(items.iter().map(vector).collect())
        });
        let firsts = |record: &Option<Record>| record.as_ref().map(|record| record.vector[0]);
        let firsts: Vec<Option<f32>> = records.unwrap().iter().map(firsts).collect();
        assert_eq!(firsts, [Some(0.0), Some(1.0), None, Some(3.0)]);
        let failures: Vec<bool> = items.iter().map(|item| item.failure.is_some()).collect();
        assert_eq!(failures, [false, false, true, false]);
    }
}
