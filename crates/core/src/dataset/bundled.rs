//! The bundled photos, compiled into the program so that it works from anywhere.
//!
//! Captions and categories come from `dataset/dataset.json`; the table here only holds the bytes. A test checks that both
//! name the same files.

use std::path::Path;

use super::{
    contents::Dataset,
    draft::{DatasetDraft, PhotoLookup},
    origin::{DatasetKind, DatasetOrigin},
    project,
};

const MANIFEST: &[u8] = include_bytes!("../../../../dataset/dataset.json");

macro_rules! photos {
    ($($file:literal),+ $(,)?) => {
        &[$(($file, include_bytes!(concat!("../../../../dataset/", $file)).as_slice())),+]
    };
}

static PHOTOS: &[(&str, &[u8])] = photos![
    "airplanes/blue-biplane.jpg",
    "airplanes/grey-fighter-jet.jpg",
    "airplanes/jumbo-jet-in-flight.jpg",
    "airplanes/yellow-piper-cub.jpg",
    "clouds/dark-clouds-at-sunset.jpg",
    "clouds/pink-cumulus.jpg",
    "clouds/storm-clouds-over-field.jpg",
    "clouds/sun-behind-white-cloud.jpg",
    "drinks/espresso-red-cup.jpg",
    "drinks/glass-of-white-wine.jpg",
    "drinks/iced-coffee-straw.jpg",
    "drinks/latte-art-coffee.jpg",
    "food/burgers-with-basil.jpg",
    "food/citrus-slices.jpg",
    "food/cupcakes.jpg",
    "food/pizza.jpg",
    "racing_cars/red-formula-car.jpg",
    "racing_cars/red-white-indy-car.jpg",
    "racing_cars/striped-gt-car.jpg",
    "racing_cars/two-stock-cars.jpg",
];

/// Reads the bundled data set. If the compiled-in manifest were broken, which the tests rule out, `skipped` would say so.
pub(super) fn load() -> Dataset {
    let mut draft = DatasetDraft::new(PhotoLookup::Bundled(PHOTOS));
    if let Err(error) = project::read_into(&mut draft, Path::new("dataset.json"), MANIFEST) {
        draft.skip("dataset.json", error);
    }
    Dataset {
        path: "bundled".to_owned(),
        items: draft.items,
        skipped: draft.skipped,
        selection: None,
        origin: DatasetOrigin::read_only(DatasetKind::Bundled),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_manifest_name_the_same_photos() {
        let dataset = load();
        assert_eq!(dataset.skipped, []);
        let mut listed: Vec<_> = dataset.items.iter().map(|item| item.file.as_str()).collect();
        listed.sort_unstable();
        let table: Vec<_> = PHOTOS.iter().map(|(file, _)| *file).collect();
        assert_eq!(listed, table);
    }

    #[test]
    fn each_photo_of_the_table_is_a_jpeg_of_its_own() {
        let mut seen = std::collections::HashSet::new();
        for (file, bytes) in PHOTOS {
            assert!(bytes.starts_with(&[0xFF, 0xD8, 0xFF]), "{file}");
            assert!(seen.insert(bytes), "{file} holds the bytes of another photo");
        }
    }
}
