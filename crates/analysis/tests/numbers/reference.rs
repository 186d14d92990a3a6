//! The numbers of `analysis` against those that other implementations get from the same vectors:
//! scikit-learn, scipy, CLIP_benchmark and sentence-transformers where they have the number, a second
//! implementation in numpy elsewhere. `tools/make_analysis_fixtures.py` made the fixtures and says which is
//! which.

use std::fs;
use std::path::PathBuf;

use clipscope_analysis::{Collection, Evaluation, Inputs, Options, Share, Vectors, bridge};
use serde_json::Value;

use super::support::text_captions;

const TOLERANCE: f64 = 1e-6;

struct Fixture {
    collection: Collection,
    vectors: [Vectors; 4],
    logit_scale: f32,
    options: Options,
    expected: Value,
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(file)
}

fn load(name: &str) -> Fixture {
    let json: Value = serde_json::from_slice(&fs::read(path(&format!("{name}.json"))).unwrap()).unwrap();
    let part = &json["collection"];
    let collection = Collection::new(
        strings(&part["categories"]),
        strings(&part["image_files"]),
        indices(&part["image_category"]),
        strings(&part["caption_text"]),
        indices(&part["caption_image"]),
    )
    .unwrap();
    let names = ["image", "text", "clip_image", "clip_text"];
    let vectors = match json.get("vectors") {
        Some(vectors) => names.map(|name| {
            let rows: Vec<Vec<f32>> = array(&vectors[name])
                .iter()
                .map(|row| array(row).iter().map(|value| value.as_f64().unwrap() as f32).collect())
                .collect();
            Vectors::from_rows(rows[0].len(), rows.iter().map(Vec::as_slice)).unwrap()
        }),
        None => safetensors(&fs::read(path(&format!("{name}.safetensors"))).unwrap(), names),
    };
    let given = &json["bridge_options"];
    let whole = |key: &str| given[key].as_u64().unwrap() as usize;
    let options = Options {
        bridge: bridge::Options {
            k: whole("k"),
            power: given["power"].as_f64().unwrap(),
            neighbors: whole("neighbors"),
            permutations: whole("permutations"),
            draws: whole("draws"),
            seed: given["seed"].as_u64().unwrap(),
            ..bridge::Options::default()
        },
        ..Options::default()
    };
    let logit_scale = json["logit_scale"].as_f64().unwrap() as f32;
    Fixture { collection, vectors, logit_scale, options, expected: json["expected"].clone() }
}

/// The named two-dimensional f32 tensors of a safetensors file.
fn safetensors(bytes: &[u8], names: [&str; 4]) -> [Vectors; 4] {
    let header_len = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header: Value = serde_json::from_slice(&bytes[8..8 + header_len]).unwrap();
    names.map(|name| {
        let tensor = &header[name];
        assert_eq!(tensor["dtype"], "F32");
        let dim = indices(&tensor["shape"])[1];
        let range = indices(&tensor["data_offsets"]);
        let data = &bytes[8 + header_len..][range[0]..range[1]];
        let values: Vec<f32> =
            data.chunks_exact(4).map(|value| f32::from_le_bytes(value.try_into().unwrap())).collect();
        Vectors::from_rows(dim, values.chunks_exact(dim)).unwrap()
    })
}

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

fn strings(value: &Value) -> Vec<String> {
    array(value).iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

fn indices(value: &Value) -> Vec<usize> {
    array(value).iter().map(|index| index.as_u64().unwrap() as usize).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    array(value).iter().map(|number| number.as_f64().unwrap()).collect()
}

fn evaluate(fixture: &Fixture) -> Evaluation {
    let [image, text, clip_image, clip_text] = &fixture.vectors;
    let inputs = Inputs {
        pre_clip_image: Some(image),
        pre_clip_text: Some(text),
        clip_image: Some(clip_image),
        clip_text: Some(clip_text),
        logit_scale: fixture.logit_scale,
        null_text: None,
    };
    clipscope_analysis::evaluate(&fixture.collection, &inputs, &fixture.options).unwrap()
}

#[track_caller]
fn close(what: &str, found: Option<f64>, expected: &Value) {
    let (found, expected) = (found.unwrap(), expected.as_f64().unwrap());
    assert!((found - expected).abs() <= TOLERANCE, "{what}: found {found}, expected {expected}");
}

#[track_caller]
fn all_close(what: &str, found: &[f64], expected: &Value) {
    let expected = numbers(expected);
    assert_eq!(found.len(), expected.len(), "{what}");
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() <= TOLERANCE, "{what}: found {found}, expected {expected}");
    }
}

#[track_caller]
fn counts(what: &str, found: Option<Share>, expected: &Value) {
    let found = found.unwrap();
    assert_eq!(vec![found.hits, found.n], indices(expected), "{what}");
}

fn value(share: Option<Share>) -> Option<f64> {
    share.map(|share| share.value)
}

fn check(name: &str) {
    let fixture = load(name);
    let found = evaluate(&fixture);
    let expected = &fixture.expected;

    let pre_clip = found.pre_clip.unwrap();
    for (side, structure) in [("image", &pre_clip.image), ("text", &pre_clip.text)] {
        let expected = &expected[side];
        close(&format!("{name} {side} intra"), structure.intra, &expected["intra"]);
        close(&format!("{name} {side} inter"), structure.inter, &expected["inter"]);
        close(&format!("{name} {side} separation"), structure.separation, &expected["separation"]);
        close(&format!("{name} {side} auc"), structure.auc, &expected["auc"]);
        close(&format!("{name} {side} silhouette"), structure.silhouette, &expected["silhouette"]);
        assert_eq!(
            structure.nn_category_accuracy.unwrap().hits as u64,
            expected["nn_category_hits"],
            "{name} {side}"
        );
    }
    check_bridge(name, &found.bridge.unwrap(), &expected["bridge"]);
    check_clip(name, &fixture.collection, &found.clip.unwrap(), &expected["clip"]);
}

fn check_bridge(name: &str, bridge: &clipscope_analysis::Bridge, expected: &Value) {
    let knn = bridge.mutual_knn.as_ref().unwrap();
    close(&format!("{name} cka"), bridge.cka_unbiased, &expected["cka_unbiased"]);
    close(&format!("{name} cka_p"), bridge.cka_p, &expected["cka_p"]);
    close(&format!("{name} rsa"), bridge.rsa, &expected["rsa"]);
    close(&format!("{name} rsa_p"), bridge.rsa_p, &expected["rsa_p"]);
    close(&format!("{name} mutual_knn"), Some(knn.value), &expected["mutual_knn"]);
    close(&format!("{name} mutual_knn_p"), knn.p, &expected["mutual_knn_p"]);
    let (two_afc, expected_afc) = (&bridge.two_afc, &expected["two_afc"]);
    counts(&format!("{name} across"), two_afc.across, &expected_afc["across"]);
    counts(&format!("{name} within"), two_afc.within, &expected_afc["within"]);
    assert_eq!(two_afc.ties as u64, expected_afc["ties"], "{name}");
    assert_eq!(two_afc.pairs, two_afc.across.unwrap().n + two_afc.within.unwrap().n);
    let (unrelated, expected_unrelated) = (&bridge.two_afc_unrelated, &expected["two_afc_unrelated"]);
    assert_eq!(unrelated.shuffles as u64, expected_unrelated["shuffles"], "{name}");
    close(&format!("{name} unrelated"), unrelated.all, &expected_unrelated["all"]);
    close(&format!("{name} unrelated across"), unrelated.across, &expected_unrelated["across"]);
    close(&format!("{name} unrelated within"), unrelated.within, &expected_unrelated["within"]);
    let (holdout, expected_holdout) = (bridge.holdout.as_ref().unwrap(), &expected["holdout"]);
    assert_eq!(holdout.accuracy.hits as u64, expected_holdout["hits"], "{name}");
    assert_eq!(holdout.draws as u64, expected_holdout["draws"], "{name}");
    assert_eq!(holdout.possible_draws, expected_holdout["possible"].as_u64(), "{name}");
    assert_eq!(holdout.accuracy.n, holdout.draws * holdout.categories);
    let grid = bridge.grid.as_ref().unwrap();
    for (row, expected) in [0, 1, 2, 5].into_iter().zip(array(&expected["grid"])) {
        let found: Vec<f64> = grid.row(row).iter().map(|&score| f64::from(score)).collect();
        all_close(&format!("{name} grid row {row}"), &found, expected);
    }
}

fn check_clip(name: &str, collection: &Collection, clip: &clipscope_analysis::Retrieval, expected: &Value) {
    for (row, expected) in array(&expected["similarity"]).iter().enumerate() {
        let found: Vec<f64> =
            clip.similarity.as_ref().unwrap().row(row).iter().map(|&cosine| f64::from(cosine)).collect();
        all_close(&format!("{name} similarity"), &found, expected);
    }
    for (key, direction) in [("image_to_text", &clip.image_to_text), ("text_to_image", &clip.text_to_image)] {
        let expected = &expected[key];
        for (index, k) in ["1", "5", "10"].into_iter().enumerate() {
            close(&format!("{name} {key} R@{k}"), value(direction.r_at[index]), &expected["r_at"][k]);
        }
        close(&format!("{name} {key} top1"), value(direction.top1), &expected["r_at"]["1"]);
        close(&format!("{name} {key} mrr"), direction.mrr, &expected["mrr"]);
        close(&format!("{name} {key} median"), direction.median_rank, &expected["median_rank"]);
        close(&format!("{name} {key} category"), value(direction.category_top1), &expected["category_top1"]);
        close(
            &format!("{name} {key} category chance"),
            direction.category_top1.map(|share| share.chance),
            &expected["category_chance"],
        );
    }
    let image_ranks: Vec<usize> = clip.images.iter().map(|image| image.rank.unwrap()).collect();
    // Expected once for each different text.
    let different: Vec<_> =
        text_captions(collection).into_iter().map(|caption| &clip.captions[caption]).collect();
    let caption_ranks: Vec<usize> = different.iter().map(|caption| caption.rank).collect();
    assert_eq!(image_ranks, indices(&expected["image_to_text"]["ranks"]), "{name}");
    assert_eq!(caption_ranks, indices(&expected["text_to_image"]["ranks"]), "{name}");
    let image_margins: Vec<f64> = clip.images.iter().map(|image| image.margin.unwrap()).collect();
    let caption_margins: Vec<f64> = different.iter().map(|caption| caption.margin.unwrap()).collect();
    all_close(&format!("{name} image margins"), &image_margins, &expected["image_to_text"]["margins"]);
    all_close(&format!("{name} caption margins"), &caption_margins, &expected["text_to_image"]["margins"]);
    let best: Vec<f64> = clip.images.iter().map(|image| image.top_k[0].confidence).collect();
    // A cosine in f32 is off by up to 6e-8, times the logit scale.
    let expected_best = numbers(&expected["confidence_of_best"]);
    assert!(
        best.iter().zip(expected_best).all(|(found, expected)| (found - expected).abs() < 1e-5),
        "{name}"
    );
    let afc = &expected["two_afc"];
    counts(&format!("{name} CLIP across"), clip.two_afc.across, &afc["across"]);
    counts(&format!("{name} CLIP within"), clip.two_afc.within, &afc["within"]);
    assert_eq!(clip.two_afc.ties as u64, afc["ties"], "{name}");
    let group = clip.group_score.unwrap();
    assert_eq!(
        (group.hits as u64, group.n as u64),
        (expected["group_hits"].as_u64().unwrap(), expected["group_pairs"].as_u64().unwrap())
    );
}

#[test]
fn random_vectors_give_the_expected_numbers() {
    check("random");
}

#[test]
fn clustered_vectors_with_several_and_equal_captions_give_the_expected_numbers() {
    check("clustered");
}

#[test]
fn tied_cosines_give_the_expected_numbers() {
    check("ties");
}

#[test]
fn the_photos_that_ship_give_the_expected_numbers() {
    check("photos");
}

#[test]
fn the_fixtures_hold_what_they_are_for() {
    let ties = load("ties");
    let similarity = evaluate(&ties).clip.unwrap().similarity.unwrap();
    let mut row = similarity.row(0).to_vec();
    row.sort_by(f32::total_cmp);
    row.dedup();
    assert!(row.len() < similarity.cols() / 2, "most cosines of the tied set are equal to another");
    let clustered = load("clustered").collection;
    assert!((0..clustered.captions()).any(|caption| clustered.positive_images(caption).len() > 1));
    assert!((0..clustered.images()).any(|image| clustered.captions_of(image).len() > 2));
}
