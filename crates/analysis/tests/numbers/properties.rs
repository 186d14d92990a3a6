//! What must hold of `analysis` for any data: order and length of vectors do not matter, unrelated data read
//! as unrelated, a pair never helps itself, nothing is NaN, and threads change no byte.

use clipscope_analysis::{
    Collection, Evaluation, Inputs, Options, Share, Vectors, bridge, retrieval, similarity, structure,
};
use proptest::prelude::*;

use super::support::{Noise, bridge_of, names, pairs, same_text, text_captions, vectors};

/// Photos with any number of captions, some of equal text, and vectors for all four towers.
struct Data {
    collection: Collection,
    rows: [Vec<Vec<f32>>; 4],
}

/// The number of the text that `caption` has.
fn text_of(collection: &Collection, caption: usize) -> usize {
    let first = same_text(collection, caption)[0];
    text_captions(collection).iter().position(|&caption| caption == first).unwrap()
}

/// The photos in another order with their captions, and where the captions were before.
fn reordered(collection: &Collection, photos: &[usize]) -> (Collection, Vec<usize>) {
    let captions: Vec<usize> =
        photos.iter().flat_map(|&photo| collection.captions_of(photo)).copied().collect();
    let owner = |&caption: &usize| {
        photos.iter().position(|&photo| photo == collection.caption_image()[caption]).unwrap()
    };
    let reordered = Collection::new(
        collection.categories().to_vec(),
        photos.iter().map(|&photo| collection.image_files()[photo].clone()).collect(),
        photos.iter().map(|&photo| collection.image_category()[photo]).collect(),
        captions.iter().map(|&caption| collection.caption_text()[caption].clone()).collect(),
        captions.iter().map(owner).collect(),
    );
    (reordered.unwrap(), captions)
}

/// Candidates by descending score, ties by position.
fn ranking(scores: &[f32]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].partial_cmp(&scores[a]).unwrap());
    order
}

const DIMS: [usize; 4] = [7, 5, 6, 6];

impl Data {
    /// `ties`: vectors of few different directions, so that equal scores are common.
    fn new(seed: u64, images: usize, captions: usize, categories: usize, ties: bool) -> Self {
        let mut noise = Noise(seed);
        let texts = (0..captions).map(|_| format!(" text {} ", noise.below(captions.max(2)))).collect();
        let owners = (0..captions).map(|_| noise.below(images)).collect();
        let category = (0..images).map(|_| noise.below(categories)).collect();
        let collection =
            Collection::new(names("category", categories), names("file", images), category, texts, owners)
                .unwrap();
        let counts = [images, captions, images, captions];
        let rows = [0, 1, 2, 3].map(|tower| {
            let mut rows = noise.rows(counts[tower], DIMS[tower]);
            if ties {
                let directions = noise.rows(2, DIMS[tower]);
                rows.iter_mut().for_each(|row| row.clone_from(&directions[noise.below(2)]));
            }
            // An encoder gives equal texts equal vectors.
            if tower % 2 == 1 {
                for caption in 0..captions {
                    rows[caption] = rows[same_text(&collection, caption)[0]].clone();
                }
            }
            rows
        });
        Self { collection, rows }
    }

    fn evaluate(&self) -> Evaluation {
        self.scaled(|_| 1.0)
    }

    /// After multiplying vector `i` of each tower by `factor(i)`; captions of equal text by the same.
    fn scaled(&self, factor: impl Fn(usize) -> f32) -> Evaluation {
        let scaled = |tower: usize| {
            let number = |i: usize| if tower % 2 == 1 { text_of(&self.collection, i) } else { i };
            let scale = |(i, row): (usize, &Vec<f32>)| {
                row.iter().map(|value| value * factor(number(i))).collect::<Vec<f32>>()
            };
            vectors(DIMS[tower], &self.rows[tower].iter().enumerate().map(scale).collect::<Vec<_>>())
        };
        let towers = [0, 1, 2, 3].map(scaled);
        let inputs = Inputs {
            pre_clip_image: Some(&towers[0]),
            pre_clip_text: Some(&towers[1]),
            clip_image: Some(&towers[2]),
            clip_text: Some(&towers[3]),
            logit_scale: 100.0,
            null_text: None,
        };
        clipscope_analysis::evaluate(&self.collection, &inputs, &options()).unwrap()
    }
}

fn options() -> Options {
    Options {
        bridge: bridge::Options { permutations: 19, draws: 20, ..bridge::Options::default() },
        ..Options::default()
    }
}

fn json(evaluation: &Evaluation) -> String {
    serde_json::to_string(evaluation).unwrap()
}

fn same(a: Option<f64>, b: Option<f64>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => (a - b).abs() < 1e-9,
        (a, b) => a == b,
    }
}

/// Ranks, lists, confidences and best photos against the plain functions on the columns of the different captions.
fn agrees_with_its_matrix(collection: &Collection, clip: &clipscope_analysis::Retrieval) {
    let matrix = clip.similarity.as_ref().unwrap();
    let columns = text_captions(collection);
    assert_eq!(clip.image_to_text.candidates, columns.len());
    for (i, result) in clip.images.iter().enumerate() {
        let scores: Vec<f32> = columns.iter().map(|&caption| matrix.get(i, caption)).collect();
        let positives: Vec<usize> = (0..columns.len())
            .filter(|&text| {
                same_text(collection, columns[text]).iter().any(|&c| collection.caption_image()[c] == i)
            })
            .collect();
        assert_eq!(result.rank, retrieval::pessimistic_rank(&scores, &positives));
        let listed: Vec<usize> =
            result.top_k.iter().map(|candidate| text_of(collection, candidate.index)).collect();
        assert_eq!(listed, ranking(&scores)[..5.min(columns.len())]);
        let confidence = retrieval::confidence(&scores, 100.0);
        for (candidate, text) in result.top_k.iter().zip(listed) {
            assert!((candidate.confidence - confidence[text]).abs() < 1e-12);
            assert_eq!(candidate.correct, positives.contains(&text));
            // A hit is shown as the photo's own caption.
            assert_eq!(candidate.correct, collection.caption_image()[candidate.index] == i);
        }
    }
    for (c, result) in clip.captions.iter().enumerate() {
        let column: Vec<f32> = (0..matrix.rows()).map(|i| matrix.get(i, c)).collect();
        let rank = retrieval::pessimistic_rank(&column, &collection.positive_images(c));
        assert_eq!(Some(result.rank), rank);
        let (best, score) = retrieval::best(&column).unwrap();
        assert_eq!((&result.best_file, result.best_score), (&collection.image_files()[best], score));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn any_collection_gives_numbers_within_bounds(
        seed: u64, images in 1..14usize, captions in 0..24usize, categories in 1..6usize, ties: bool,
    ) {
        let data = Data::new(seed, images, captions, categories, ties);
        let found = data.evaluate();
        let text = format!("{found:?}");
        prop_assert!(!text.contains("NaN") && !text.contains("inf"), "{}", text);

        let clip = found.clip.unwrap();
        agrees_with_its_matrix(&data.collection, &clip);
        let shares =
            [clip.image_to_text.top1, clip.text_to_image.category_top1, clip.group_score, clip.two_afc.all];
        for share in shares.into_iter().flatten() {
            prop_assert!(0.0 <= share.lo && share.lo <= share.value && share.value <= share.hi && share.hi <= 1.0);
            prop_assert!((0.0..=1.0).contains(&share.chance));
        }
    }

    #[test]
    fn permuting_items_permutes_results(seed: u64, images in 2..12usize, captions in 1..20usize) {
        let data = Data::new(seed, images, captions, 3, false);
        let mut noise = Noise(!seed);
        // New position p holds old photo photo_order[p]. A photo's first caption is its pair, so the captions of
        // one photo keep their order.
        let photo_order = noise.order(images);
        let (collection, caption_order) = reordered(&data.collection, &photo_order);
        let pick = |rows: &[Vec<f32>], order: &[usize]| order.iter().map(|&i| rows[i].clone()).collect::<Vec<_>>();
        let moved = Data {
            collection,
            rows: [
                pick(&data.rows[0], &photo_order),
                pick(&data.rows[1], &caption_order),
                pick(&data.rows[2], &photo_order),
                pick(&data.rows[3], &caption_order),
            ],
        };
        let (before, after) = (data.evaluate(), moved.evaluate());
        let (clip, moved_clip) = (before.clip.unwrap(), after.clip.unwrap());
        for (place, &photo) in photo_order.iter().enumerate() {
            let (old, new) = (&clip.images[photo], &moved_clip.images[place]);
            prop_assert_eq!((&old.file, old.rank, old.margin), (&new.file, new.rank, new.margin));
            prop_assert_eq!(old.category_correct, new.category_correct);
        }
        for (place, &caption) in caption_order.iter().enumerate() {
            let (old, new) = (&clip.captions[caption], &moved_clip.captions[place]);
            prop_assert_eq!((&old.caption, old.rank, old.margin), (&new.caption, new.rank, new.margin));
        }
        prop_assert!(same(clip.image_to_text.mrr, moved_clip.image_to_text.mrr));
        prop_assert_eq!(clip.group_score, moved_clip.group_score);
        prop_assert_eq!(clip.two_afc, moved_clip.two_afc);
        for (old, new) in clip.text_to_image.r_at.iter().zip(moved_clip.text_to_image.r_at) {
            prop_assert_eq!(old.map(|share| share.hits), new.map(|share| share.hits));
            prop_assert!(same(old.map(|share| share.chance), new.map(|share| share.chance)));
        }

        let (old, new) = (before.pre_clip.unwrap(), after.pre_clip.unwrap());
        for (old, new) in [(old.image, new.image), (old.text, new.text)] {
            prop_assert!(same(old.intra, new.intra) && same(old.inter, new.inter));
            prop_assert!(same(old.auc, new.auc) && same(old.silhouette, new.silhouette));
            prop_assert_eq!(
                old.nn_category_accuracy.map(|share| share.hits),
                new.nn_category_accuracy.map(|share| share.hits)
            );
        }
        let (old, new) = (before.bridge.unwrap(), after.bridge.unwrap());
        prop_assert!(same(old.cka_unbiased, new.cka_unbiased) && same(old.rsa, new.rsa));
        prop_assert!(same(old.mutual_knn.map(|knn| knn.value), new.mutual_knn.map(|knn| knn.value)));
        prop_assert_eq!(old.two_afc, new.two_afc);
    }

    #[test]
    fn scaling_vectors_changes_nothing(seed: u64, images in 1..10usize, captions in 0..16usize, ties: bool) {
        let data = Data::new(seed, images, captions, 3, ties);
        let plain = json(&data.evaluate());
        // Powers of two are exact, so every byte stays.
        prop_assert_eq!(&plain, &json(&data.scaled(|i| f32::powi(2.0, i as i32 % 41 - 20))));
        // Any other factor moves a component by half a unit in its last place at most: cosines move by as little, and
        // without ties no order changes.
        let (before, after) = (data.evaluate(), data.scaled(|i| 0.37 + i as f32 * 1.9));
        let near = |a: Option<f64>, b: Option<f64>| match (a, b) {
            (Some(a), Some(b)) => (a - b).abs() < 1e-4,
            (a, b) => a == b,
        };
        let (clip, moved) = (before.clip.unwrap(), after.clip.unwrap());
        let (a, b) = (clip.similarity.unwrap(), moved.similarity.unwrap());
        prop_assert!(a.as_slice().iter().zip(b.as_slice()).all(|(a, b)| (a - b).abs() < 1e-6));
        prop_assert!(near(clip.mean_margin, moved.mean_margin));
        if ties {
            return Ok(());
        }
        let ranks = |images: &[retrieval::ImageResult]| images.iter().map(|image| image.rank).collect::<Vec<_>>();
        prop_assert_eq!(ranks(&clip.images), ranks(&moved.images));
        prop_assert_eq!(clip.image_to_text, moved.image_to_text);
        prop_assert_eq!(clip.text_to_image, moved.text_to_image);
        prop_assert_eq!((clip.two_afc, clip.group_score), (moved.two_afc, moved.group_score));
        let (pre_clip, moved) = (before.pre_clip.unwrap(), after.pre_clip.unwrap());
        // Captions of equal text tie with each other but for rounding.
        let repeated = data.collection.texts() < data.collection.captions();
        for (a, b, tied) in [(pre_clip.image, moved.image, false), (pre_clip.text, moved.text, repeated)] {
            prop_assert!(near(a.intra, b.intra) && near(a.inter, b.inter) && near(a.silhouette, b.silhouette));
            if !tied {
                prop_assert!(near(a.auc, b.auc));
                prop_assert_eq!(a.nn_category_accuracy, b.nn_category_accuracy);
            }
        }
        let (bridge, moved) = (before.bridge.unwrap(), after.bridge.unwrap());
        prop_assert!(near(bridge.cka_unbiased, moved.cka_unbiased));
        prop_assert!(repeated || near(bridge.rsa, moved.rsa));
        let (a, b) = (bridge.grid.unwrap(), moved.grid.unwrap());
        prop_assert!(a.as_slice().iter().zip(b.as_slice()).all(|(a, b)| (a - b).abs() < 1e-4));
    }
}

proptest! {
    // A statement about chance has exceptions, so the cases are always the same ones.
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::with_cases(96)
    })]

    #[test]
    fn unrelated_spaces_read_as_unrelated(seed: u64, n in 16..40usize) {
        let mut noise = Noise(seed);
        let (image, text) = (vectors(48, &noise.rows(n, 48)), vectors(20, &noise.rows(n, 20)));
        let found = bridge_of(&pairs(n, 4), &image, &text, 0);
        let share = found.two_afc.all.unwrap();
        // The interval holds 0.5 in 95 of 100 spaces or more; at one and a half times its width in all of these.
        let half = (share.hi - share.lo) / 2.0;
        prop_assert!((share.value - 0.5).abs() < 1.5 * half, "{:?}", share);
        prop_assert!(found.cka_unbiased.unwrap().abs() < 0.25, "{:?}", found.cka_unbiased);
        prop_assert!((found.two_afc_unrelated.all.unwrap() - 0.5).abs() < 0.1);
    }
}

#[test]
fn a_related_space_is_recognized() {
    let mut noise = Noise(2);
    let hidden = noise.rows(20, 12);
    let project = |noise: &mut Noise, dim: usize| {
        let map = noise.rows(12, dim);
        let rows: Vec<Vec<f32>> = hidden
            .iter()
            .map(|item| (0..dim).map(|d| (0..12).map(|h| item[h] * map[h][d]).sum::<f32>()).collect())
            .collect();
        vectors(dim, &rows)
    };
    let (image, text) = (project(&mut noise, 60), project(&mut noise, 33));
    let found = bridge_of(&pairs(20, 5), &image, &text, 199);
    assert!(found.two_afc.all.unwrap().beats_chance());
    assert!(found.two_afc.all.unwrap().value > found.two_afc_unrelated.all_range.unwrap()[1]);
    assert!(found.cka_unbiased.unwrap() > 0.3 && found.cka_p.unwrap() < 0.01);
    assert!(found.rsa_p.unwrap() < 0.01 && found.mutual_knn.unwrap().p.unwrap() < 0.05);
    assert!(found.holdout.unwrap().accuracy.beats_chance());
}

/// Items at right angles to each other see nothing in any anchor but themselves. If a pair could be its own
/// anchor it would match itself perfectly; as it cannot, every comparison is a tie and every score 0.
#[test]
fn a_pair_is_never_its_own_anchor() {
    let axes = |n: usize, dim: usize| {
        let rows: Vec<Vec<f32>> =
            (0..n).map(|i| (0..dim).map(|d| f32::from(u8::from(d == i))).collect()).collect();
        vectors(dim, &rows)
    };
    for n in [3, 4, 12] {
        let found = bridge_of(&pairs(n, 2), &axes(n, n), &axes(n, n + 3), 0);
        assert!(found.grid.unwrap().as_slice().iter().all(|&score| score == 0.0));
        assert_eq!(found.two_afc.ties, n * (n - 1) / 2);
        assert_eq!(found.two_afc.all.unwrap().hits, 0);
        assert_eq!(found.holdout.unwrap().accuracy.hits, 0);
    }
}

/// A pair that is in the collection twice, photo and caption alike, would be its own anchor through its copy.
#[test]
fn a_copy_of_a_pair_is_never_its_anchor() {
    let rows: Vec<Vec<f32>> =
        (0..12).map(|i| (0..6).map(|d| f32::from(u8::from(d == i / 2))).collect()).collect();
    let texts = (0..12).map(|i| format!("text {}", i / 2)).collect();
    let category = (0..12).map(|i| i % 3).collect();
    let collection =
        Collection::new(names("category", 3), names("file", 12), category, texts, (0..12).collect()).unwrap();
    let found = bridge_of(&collection, &vectors(6, &rows), &vectors(6, &rows), 0);
    assert_eq!((found.two_afc.pairs, found.two_afc.ties), (60, 60));
    assert!(found.grid.unwrap().as_slice().iter().all(|&score| score == 0.0));
    assert_eq!(found.holdout.unwrap().accuracy.hits, 0);
}

/// Each item has one twin and is at right angles to all others. Against a stranger the twin is an anchor that
/// tells the two apart; against the twin itself nothing is left to go by. If a rival could be an anchor,
/// twins would be told apart as well.
#[test]
fn a_rival_is_never_an_anchor() {
    let twins = |dim: usize| {
        let component =
            |i: usize, d: usize| if d == i / 2 { 1.0 } else { 0.01 * f32::from(u8::from(d == 6 + i)) };
        let rows: Vec<Vec<f32>> = (0..12).map(|i| (0..dim).map(|d| component(i, d)).collect()).collect();
        vectors(dim, &rows)
    };
    let found = bridge_of(&pairs(12, 2), &twins(18), &twins(20), 0);
    let two_afc = found.two_afc.all.unwrap();
    assert_eq!((two_afc.n, two_afc.hits, found.two_afc.ties), (66, 60, 6));
    let grid = found.grid.unwrap();
    for first in (0..12).step_by(2) {
        assert_eq!((grid.get(first, first + 1), grid.get(first + 1, first)), (0.0, 0.0));
        assert_eq!(grid.get(first, first), 1.0);
    }
}

#[test]
fn what_cannot_be_said_is_not_said() {
    let one = pairs(1, 1);
    let vector = vectors(2, &[vec![1.0, 0.0]]);
    let found = bridge_of(&one, &vector, &vector, 9);
    assert_eq!(
        (found.cka_unbiased, found.rsa, found.mutual_knn, found.two_afc.all),
        (None, None, None, None)
    );
    assert_eq!((found.two_afc_unrelated.all, found.holdout), (None, None));
    assert_eq!(found.grid.unwrap().as_slice(), [0.0]);
    let clip = retrieval::evaluate(
        &one,
        &vector,
        &vector,
        100.0,
        &retrieval::Options { top_k: 5, keep_similarity: true },
    );
    let clip = clip.unwrap();
    assert_eq!(clip.image_to_text.top1.map(|share| share.hits), Some(1));
    assert_eq!((clip.mean_margin, clip.worst_image, clip.group_score), (None, None, None));
    assert_eq!(clip.images[0].top_k[0].confidence, 1.0);

    // Two pairs leave no third to be an anchor.
    let mut noise = Noise(3);
    let found = bridge_of(&pairs(2, 1), &vectors(3, &noise.rows(2, 3)), &vectors(4, &noise.rows(2, 4)), 9);
    assert_eq!((found.two_afc.all, found.two_afc.pairs), (None, 0));
    // Categories of one leave no anchor once each is held out.
    let found = bridge_of(&pairs(5, 5), &vectors(3, &noise.rows(5, 3)), &vectors(4, &noise.rows(5, 4)), 9);
    assert_eq!(found.holdout, None);
    assert_eq!(found.two_afc.within, None);
    // One category: nothing across, nothing to hold out.
    let found = bridge_of(&pairs(5, 1), &vectors(3, &noise.rows(5, 3)), &vectors(4, &noise.rows(5, 4)), 9);
    assert_eq!((found.holdout, found.two_afc.across), (None, None));
    // Nothing at all.
    let none = Vectors::from_rows(3, std::iter::empty()).unwrap();
    let found = bridge_of(&pairs(0, 1), &none, &none, 9);
    assert_eq!((found.items, found.two_afc.all, found.cka_unbiased), (0, None, None));
}

#[test]
fn equal_vectors_and_equal_captions_decide_nothing() {
    let same = vectors(3, &vec![vec![1.0, 2.0, 3.0]; 6]);
    let found = bridge_of(&pairs(6, 2), &same, &same, 9);
    assert_eq!((found.cka_unbiased, found.cka_p, found.rsa), (None, None, None));
    let two_afc = found.two_afc.all.unwrap();
    assert_eq!((two_afc.hits, two_afc.n, found.two_afc.ties), (0, 15, 15));
    assert_eq!(found.holdout.unwrap().accuracy.hits, 0);
    let options = retrieval::Options { top_k: 3, keep_similarity: false };
    let clip = retrieval::evaluate(&pairs(6, 2), &same, &same, 100.0, &options).unwrap();
    assert!(clip.images.iter().all(|image| image.rank == Some(6) && image.margin == Some(0.0)));
    assert_eq!(clip.image_to_text.category_top1.unwrap().hits, 0);
    assert_eq!(clip.group_score.unwrap().hits, 0);
    assert_eq!((clip.two_afc.all.unwrap().hits, clip.two_afc.ties), (0, 15));
    assert_eq!(clip.similarity, None);
    assert_eq!(clip.images[4].top_k.iter().map(|candidate| candidate.index).collect::<Vec<_>>(), [0, 1, 2]);

    // All captions one text: every caption is a hit for every photo, and no pair of photos can be told apart.
    let texts = vec!["same".to_owned(); 6];
    let collection = Collection::new(
        names("category", 2),
        names("file", 6),
        vec![0, 1, 0, 1, 0, 1],
        texts,
        (0..6).collect(),
    )
    .unwrap();
    let mut noise = Noise(4);
    let (image, text) = (vectors(3, &noise.rows(6, 3)), vectors(3, &noise.rows(6, 3)));
    let clip = retrieval::evaluate(&collection, &image, &text, 100.0, &options).unwrap();
    let top1 = clip.image_to_text.top1.unwrap();
    assert_eq!((top1.hits, top1.chance), (6, 1.0));
    assert_eq!((clip.group_score, clip.mean_margin, clip.two_afc.all), (None, None, None));
    assert_eq!(clip.image_to_text.category_top1.unwrap().hits, 6);
    // One caption to choose from, and all there is to be sure of.
    assert_eq!((clip.image_to_text.candidates, clip.text_to_image.n), (1, 1));
    assert!(clip.images.iter().all(|image| image.top_k.len() == 1 && image.top_k[0].confidence == 1.0));
    let null_text = vectors(image.dim(), &noise.rows(8, image.dim()));
    let inputs = Inputs {
        pre_clip_image: None,
        pre_clip_text: None,
        clip_image: Some(&image),
        clip_text: Some(&text),
        logit_scale: 100.0,
        null_text: Some(&null_text),
    };
    let clip = clipscope_analysis::evaluate(&collection, &inputs, &Options::default()).unwrap().clip.unwrap();
    let beaten = clip.null_captions.unwrap().beaten.unwrap();
    assert!((beaten.chance - 1.0 / 9.0).abs() < 1e-12);
    assert_eq!(bridge_of(&collection, &image, &text, 9).two_afc.all, None);
}

#[test]
fn counting_in_blocks_agrees_with_the_whole_matrix() {
    // More photos than are computed before results are merged, and more than one block of them.
    for (images, ties) in [(1_100, false), (1_100, true), (130, true)] {
        let data = Data::new(images as u64, images, 60, 4, ties);
        let [_, _, image, text] = [0, 1, 2, 3].map(|tower| vectors(DIMS[tower], &data.rows[tower]));
        let options = retrieval::Options { top_k: 5, keep_similarity: true };
        let clip = retrieval::evaluate(&data.collection, &image, &text, 100.0, &options).unwrap();
        agrees_with_its_matrix(&data.collection, &clip);
    }
}

#[test]
fn threads_change_no_byte() {
    let data = Data::new(5, 150, 400, 7, false);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| json(&data.evaluate()))
    };
    let one = with(1);
    assert!(one.len() > 100_000);
    assert_eq!(one, with(2));
    assert_eq!(one, with(5));
}

#[test]
fn the_seed_is_in_the_result_and_decides_it() {
    let mut noise = Noise(6);
    let (image, text) = (vectors(8, &noise.rows(40, 8)), vectors(9, &noise.rows(40, 9)));
    let with = |seed| {
        let options = bridge::Options { seed, max_items: 20, permutations: 99, ..bridge::Options::default() };
        bridge::evaluate(&pairs(40, 4), &image, &text, &options).unwrap()
    };
    let (first, again, other) = (with(1), with(1), with(2));
    assert_eq!(first, again);
    assert_eq!((first.seed, first.pairs, first.items), (1, 40, 20));
    assert_ne!(first.images, other.images);
    assert_eq!(first.grid.unwrap().rows(), 20);
}

#[test]
fn anchors_stay_few_for_many_items() {
    let mut noise = Noise(7);
    let (image, text) = (vectors(4, &noise.rows(600, 4)), vectors(5, &noise.rows(600, 5)));
    let found = bridge_of(&pairs(600, 3), &image, &text, 2);
    assert_eq!((found.items, found.anchors), (600, 512));
    assert_eq!(found.two_afc.pairs, 600 * 599 / 2);
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    let mut noise = Noise(8);
    let (image, text) = (vectors(4, &noise.rows(3, 4)), vectors(5, &noise.rows(3, 5)));
    let options = retrieval::Options { top_k: 1, keep_similarity: false };
    assert!(retrieval::evaluate(&pairs(3, 1), &image, &text, 100.0, &options).is_err());
    assert!(retrieval::evaluate(&pairs(2, 1), &image, &image, 100.0, &options).is_err());
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY] {
        assert!(retrieval::evaluate(&pairs(3, 1), &image, &image, scale, &options).is_err());
    }
    assert!(structure::evaluate(&[0, 0], &image, 0).is_err());
    assert!(similarity(&image, &text).is_err());
    for power in [0.0, -2.0, f64::NAN] {
        let options = bridge::Options { power, ..bridge::Options::default() };
        assert!(bridge::evaluate(&pairs(3, 1), &image, &text, &options).is_err());
    }
    assert!(bridge::evaluate(&pairs(4, 1), &image, &text, &bridge::Options::default()).is_err());
}

#[test]
fn the_json_has_the_keys_of_the_contract() {
    let found: serde_json::Value =
        serde_json::from_str(&json(&Data::new(9, 12, 20, 3, false).evaluate())).unwrap();
    let has = |pointer: &str| assert!(found.pointer(pointer).is_some(), "{pointer}");
    for side in ["image", "text"] {
        for key in
            ["dim", "similarity", "intra", "inter", "separation", "auc", "silhouette", "nn_category_accuracy"]
        {
            has(&format!("/pre_clip/{side}/{key}"));
        }
    }
    for key in
        ["cka_unbiased", "cka_p", "rsa", "rsa_p", "mutual_knn/k", "mutual_knn/value", "mutual_knn/chance"]
    {
        has(&format!("/bridge/{key}"));
    }
    for key in
        ["two_afc/all", "two_afc/across", "two_afc/within", "two_afc/pairs", "seed", "two_afc_unrelated/all"]
    {
        has(&format!("/bridge/{key}"));
    }
    for key in ["all", "across", "within", "pairs", "all_ci"] {
        has(&format!("/clip/two_afc/{key}"));
    }
    for key in ["accuracy", "chance", "draws"] {
        has(&format!("/bridge/holdout/{key}"));
    }
    for side in ["image_to_text", "text_to_image"] {
        for key in [
            "top1",
            "top1_ci/1",
            "r_at/1",
            "r_at/5",
            "r_at/10",
            "mrr",
            "median_rank",
            "category_top1",
            "chance",
        ] {
            has(&format!("/clip/{side}/{key}"));
        }
    }
    for key in ["dim", "logit_scale", "similarity/11/19", "per_category/0/category", "per_category/0/n"] {
        has(&format!("/clip/{key}"));
    }
    for key in ["per_category/0/top1", "per_category/0/category_top1", "per_category/0/mrr"] {
        has(&format!("/clip/{key}"));
    }
    for key in
        ["file", "rank", "margin", "top_k/0/caption", "top_k/0/file", "top_k/0/score", "top_k/0/confidence"]
    {
        has(&format!("/clip/images/0/{key}"));
    }
    has("/clip/images/0/top_k/0/correct");
    let count = |key: &str| found["clip"]["image_to_text"][key].as_u64().unwrap() as usize;
    let share = Share::new(count("top1_hits"), count("n"), 0.5);
    let printed = found.pointer("/clip/image_to_text/top1_ci").unwrap();
    assert_eq!(
        (printed[0].as_f64(), printed[1].as_f64()),
        share.map_or((None, None), |share| (Some(share.lo), Some(share.hi)))
    );
}
