//! The photos that ship, compiled into the binary so that it works from anywhere.
//!
//! `dataset/dataset.json` stays the one place that says what the photos show; the table here only gives the bytes. A test
//! says that both name the same files.

use std::path::Path;

use super::{
    CaptionStore, Dataset, Kind, Origin,
    draft::{Draft, Photos},
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

/// The bundled data set. Should the compiled-in manifest be broken, which the tests exclude, `skipped` says so.
pub(super) fn load() -> Dataset {
    let mut draft = Draft::new(Photos::Bundled(PHOTOS));
    if let Err(error) = project::read_into(&mut draft, Path::new("dataset.json"), MANIFEST) {
        draft.skip("dataset.json", error);
    }
    let origin = Origin { kind: Kind::Bundled, captions: CaptionStore::None };
    Dataset {
        path: "bundled".to_owned(),
        items: draft.items,
        skipped: draft.skipped,
        selection: None,
        origin,
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
