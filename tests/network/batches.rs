//! No bit of a vector depends on what shares its batch, on the order, or on the number of threads.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use clipscope_networks::{
    Catalog, CropPixels, DecodeLimits, DeviceKind, Modality, ModelStore, Role, SetName, TokenIds, Tower,
    decode_photo,
};
use clipscope_test_support::formula;

use super::reference::{store, tower};

/// Texts of very different lengths, one of them longer than any network reads.
fn texts() -> Vec<String> {
    let words = "a red fox, an old bicycle and three melons beside the (rather) unhurried canal at dawn";
    let words: Vec<&str> = words.split(' ').collect();
    let mut texts: Vec<String> = (1..=words.len()).step_by(3).map(|count| words[..count].join(" ")).collect();
    texts.push(
        "ZŁOTÓWKA 12/7 — ½ µm, „naïve“ 日本語 𝕏 and nothing else that anybody would call a caption".into(),
    );
    texts.push("a photo of a dog. ".repeat(70));
    texts.push("dog".into());
    texts
}

/// Checks that `embed` gives every input the bits that it gives it alone, whichever others come with it.
fn bits_hold<T: Clone + Sync>(name: &str, inputs: &[T], embed: impl Fn(&[T]) -> Vec<Vec<f32>> + Sync) {
    let bits = |vector: &[f32]| vector.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
    let alone: Vec<Vec<u32>> =
        inputs.iter().map(|input| bits(&embed(std::slice::from_ref(input))[0])).collect();
    let count = inputs.len();
    let forward: Vec<usize> = (0..count).collect();
    let mixed: Vec<usize> = (0..count).map(|place| (place * 5 + 3) % count).collect();
    let backward: Vec<usize> = (0..count).rev().collect();
    assert_ne!(count % 5, 0, "so that the mixed order has every input");
    // Batches of several sizes, among others behind and before which there is something else each time.
    let partitions =
        [(1, &forward, 7), (2, &mixed, 2), (count, &forward, 1), (7, &backward, 7), (3, &mixed, 7)];
    for (threads, order, size) in partitions {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        for places in order.chunks(size) {
            let batch: Vec<T> = places.iter().map(|&place| inputs[place].clone()).collect();
            let found = pool.install(|| embed(&batch));
            assert_eq!(found.len(), places.len());
            for (place, found) in places.iter().zip(&found) {
                let differ = bits(found).iter().zip(&alone[*place]).filter(|(a, b)| a != b).count();
                assert_eq!(
                    differ, 0,
                    "{name}: values of input {place} in the batch {places:?}, {threads} threads"
                );
            }
        }
    }
    assert!(
        alone.iter().enumerate().all(|(place, one)| !alone[..place].contains(one)),
        "{name}: inputs are alike"
    );
}

fn text_tower_holds(tower: &Tower) {
    let tokens: Vec<TokenIds> = texts().iter().map(|text| tower.tokenize(text).unwrap()).collect();
    let lengths: std::collections::BTreeSet<usize> = tokens.iter().map(|tokens| tokens.ids.len()).collect();
    assert!(lengths.len() >= 6 && tokens.iter().any(|tokens| tokens.truncated), "{lengths:?}");
    bits_hold(&tower.card().name, &tokens, |batch| tower.embed_captions(batch).unwrap());
}

/// Formula images, `count` of them.
fn image_tower_holds(tower: &Tower, count: u64) {
    let images: Vec<Vec<f32>> = (0..count).map(|number| formula::image(number, 224)).collect();
    bits_hold(&tower.card().name, &images, |batch| tower.embed_normalized(batch.concat()).unwrap());
}

fn mini(modality: Modality) -> Arc<Tower> {
    let catalog = Catalog::built_in().unwrap();
    let set = catalog.open(&SetName::MINI, DeviceKind::Cpu, &ModelStore::new("unused")).unwrap();
    set.towers(modality).next().unwrap().clone()
}

#[test]
fn a_caption_has_one_vector_in_every_batch() {
    text_tower_holds(&mini(Modality::Text));
}

#[test]
fn a_photo_has_one_vector_in_every_batch() {
    let tower = mini(Modality::Image);
    image_tower_holds(&tower, 6);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/parity/photos");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let crop = |file: &std::path::PathBuf| -> CropPixels {
        tower.crop(&decode_photo(&fs::read(file).unwrap(), &DecodeLimits::default()).unwrap()).unwrap()
    };
    let crops: Vec<CropPixels> = files[..9].iter().map(crop).collect();
    bits_hold("photos", &crops, |batch| tower.embed_photos(batch).unwrap());
}

#[test]
fn the_reference_networks_give_one_vector_in_every_batch() {
    for role in [Role::PreClipText, Role::ClipText] {
        text_tower_holds(&tower(store(), role));
    }
    for role in [Role::PreClipImage, Role::ClipImage] {
        image_tower_holds(&tower(store(), role), 4);
    }
}

#[test]
fn a_typed_phrase_has_the_bits_of_the_equal_caption() {
    let catalog = Catalog::built_in().unwrap();
    let set = catalog.open(&SetName::MINI, DeviceKind::Cpu, &ModelStore::new("unused")).unwrap();
    let tower = mini(Modality::Text);
    let tokens: Vec<TokenIds> = texts().iter().map(|text| tower.tokenize(text).unwrap()).collect();
    for (text, vector) in texts().iter().zip(tower.embed_captions(&tokens).unwrap()) {
        let typed = set.embed_caption(&format!(" {text} ")).unwrap();
        assert_eq!(typed.len(), 2);
        for (output, part) in tower.card().split(&vector) {
            let (_, typed) = typed.iter().find(|(role, _)| *role == output.role).unwrap();
            let same = typed.iter().zip(part).all(|(a, b)| a.to_bits() == b.to_bits());
            assert!(same && typed.len() == part.len(), "{text:?}, {}", output.role.name());
        }
    }
}
