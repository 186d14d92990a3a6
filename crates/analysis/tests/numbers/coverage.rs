//! How often each interval holds the true share, and how wide it is, over many draws of photos from one population.

use clipscope_analysis::{Collection, Inputs, Options, Share, Vectors, retrieval, structure};

use super::support::{Noise, bridge_of, names, pairs, vectors};

/// Two-sided 95 % quantile of the normal distribution.
const Z: f64 = 1.96;

/// A share over many draws.
#[derive(Default)]
struct Seen {
    shares: Vec<Share>,
}

impl Seen {
    /// The mean over the draws, which stands for the true share.
    fn truth(&self) -> f64 {
        self.shares.iter().map(|share| share.value).sum::<f64>() / self.shares.len() as f64
    }

    /// How many of the intervals hold the truth.
    fn coverage(&self) -> f64 {
        let truth = self.truth();
        let held = self.shares.iter().filter(|share| share.lo <= truth && truth <= share.hi).count();
        held as f64 / self.shares.len() as f64
    }

    /// The mean width of the intervals of shares other than 0 and 1, over the width that the spread of all shares asks for.
    fn width(&self) -> f64 {
        let truth = self.truth();
        let squares: f64 = self.shares.iter().map(|share| (share.value - truth).powi(2)).sum();
        let spread = (squares / self.shares.len() as f64).sqrt();
        let inside: Vec<f64> = self
            .shares
            .iter()
            .filter(|share| 0.0 < share.value && share.value < 1.0)
            .map(|share| share.hi - share.lo)
            .collect();
        inside.iter().sum::<f64>() / inside.len() as f64 / (2.0 * Z * spread)
    }
}

/// The shares of each draw under their names.
fn seen<const N: usize>(
    draws: usize,
    mut draw: impl FnMut() -> [(&'static str, Option<Share>); N],
) -> Vec<(&'static str, Seen)> {
    let mut found: Vec<(&'static str, Seen)> = Vec::new();
    for _ in 0..draws {
        for (place, (name, share)) in draw().into_iter().enumerate() {
            if found.len() == place {
                found.push((name, Seen::default()));
            }
            found[place].1.shares.extend(share);
        }
    }
    found
}

/// The coverage asked for: 0.93, or less where so few draws scatter (two standard deviations below 0.95).
fn least(draws: usize) -> f64 {
    (0.95 - 2.0 * (0.95 * 0.05 / draws as f64).sqrt()).min(0.93)
}

/// Near 0 and 1 a spread of almost nothing asks for more than any interval can give, so the width counts between 0.1 and 0.9.
#[track_caller]
fn check(what: &str, found: &[(&'static str, Seen)]) {
    let mut faults = Vec::new();
    for (name, seen) in found {
        let (truth, coverage, width) = (seen.truth(), seen.coverage(), seen.width());
        let line = format!("{what}, {name}: share {truth:.3}, coverage {coverage:.3}, width {width:.2}");
        println!("{line}");
        if coverage < least(seen.shares.len()) || ((0.1..=0.9).contains(&truth) && width > 1.45) {
            faults.push(line);
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// A population of photos and captions in one space: categories with fixed centers, photos around them, captions around
/// their photo. Photos differ in how well they are described.
struct Population {
    centers: Vec<Vec<f32>>,
    dim: usize,
    /// The spread of photos around their center.
    photos: f32,
    /// The spread of captions around their photo, and of a photo's vector around the photo.
    noise: f32,
}

impl Population {
    fn new(noise: &mut Noise, categories: usize, dim: usize, photos: f32, spread: f32) -> Self {
        Self { centers: noise.rows(categories, dim), dim, photos, noise: spread }
    }

    fn draw(&self, noise: &mut Noise, n: usize, captions: usize) -> (Collection, Vectors, Vectors) {
        let (mut images, mut texts) = (Vec::new(), Vec::new());
        let around = |noise: &mut Noise, center: &[f32], spread: f32| -> Vec<f32> {
            center.iter().map(|value| value + spread * noise.normal()).collect()
        };
        for photo in 0..n {
            let place = around(noise, &self.centers[photo % self.centers.len()], self.photos);
            let spread = self.noise * (0.4 * noise.normal()).exp();
            images.push(around(noise, &place, spread));
            // What all captions of a photo leave out.
            let described = around(noise, &place, spread * 0.7);
            texts.extend((0..captions).map(|_| around(noise, &described, self.noise * 0.7)));
        }
        let categories = self.centers.len();
        let collection = Collection::new(
            names("category", categories),
            names("file", n),
            (0..n).map(|photo| photo % categories).collect(),
            names("text", n * captions),
            (0..n * captions).map(|caption| caption / captions).collect(),
        );
        (collection.unwrap(), vectors(self.dim, &images), vectors(self.dim, &texts))
    }
}

/// Every share of a shared space and of its two modalities alone.
#[test]
fn intervals_of_related_photos_and_captions_hold_the_true_share() {
    for (n, captions, dim, spread, draws) in [
        (20, 1, 6, 0.8, 1_000),
        (20, 5, 6, 0.8, 1_000),
        (10, 5, 12, 1.0, 1_000),
        (60, 5, 10, 1.0, 600),
        (150, 5, 10, 1.0, 300),
    ] {
        let mut noise = Noise(n as u64 + 7);
        let population = Population::new(&mut noise, 5, dim, 1.0, spread);
        let meaningless = vectors(dim, &noise.rows(8, dim));
        let found = seen(draws, || {
            let (collection, image, text) = population.draw(&mut noise, n, captions);
            let inputs = Inputs {
                pre_clip_image: None,
                pre_clip_text: None,
                clip_image: Some(&image),
                clip_text: Some(&text),
                logit_scale: 100.0,
                null_text: Some(&meaningless),
            };
            let clip = clipscope_analysis::evaluate(&collection, &inputs, &Options::default())
                .unwrap()
                .clip
                .unwrap();
            let photos = structure::evaluate(collection.image_category(), &image, 0).unwrap();
            let texts = structure::evaluate_captions(&collection, &text, 0).unwrap();
            [
                ("image to text, top-1", clip.image_to_text.top1),
                ("image to text, category", clip.image_to_text.category_top1),
                ("text to image, top-1", clip.text_to_image.top1),
                ("text to image, R@5", clip.text_to_image.r_at[1]),
                ("text to image, category", clip.text_to_image.category_top1),
                ("one category, top-1", clip.per_category[2].top1),
                ("pairing", clip.two_afc.all),
                ("pairing across", clip.two_afc.across),
                ("pairing within", clip.two_afc.within),
                ("group score", clip.group_score),
                ("null captions", clip.null_captions.unwrap().beaten),
                ("nearest photo", photos.nn_category_accuracy),
                ("nearest caption", texts.nn_category_accuracy),
            ]
        });
        check(&format!("{n} photos, {captions} captions each"), &found);
    }
}

#[test]
fn intervals_of_the_bridge_hold_the_true_share() {
    for (n, categories, signal, draws) in [
        (10, 2, 0.0, 400),
        (20, 5, 0.0, 400),
        (20, 5, 1.2, 400),
        (20, 5, 4.0, 400),
        (40, 4, 2.0, 100),
        (60, 6, 0.0, 60),
    ] {
        let mut noise = Noise(3);
        let found = seen(draws, || {
            let hidden = noise.rows(n, 24);
            let (image, text) =
                (seen_from(&mut noise, &hidden, signal, 64), seen_from(&mut noise, &hidden, signal, 40));
            let found = bridge_of(&pairs(n, categories), &image, &text, 0);
            [
                ("pairing", found.two_afc.all),
                ("pairing across", found.two_afc.across),
                ("pairing within", found.two_afc.within),
                ("held out", found.holdout.map(|holdout| holdout.accuracy)),
            ]
        });
        check(&format!("bridge, {n} pairs, signal {signal}"), &found);
    }
}

/// Spaces that have nothing to do with each other: every number lies at its chance level.
#[test]
fn unrelated_spaces_give_the_chance_level() {
    let mut noise = Noise(1);
    for (n, categories, spaces) in [(8, 2, 200), (20, 5, 200), (40, 4, 80), (80, 8, 40)] {
        let mut held = [0.0f64; 6];
        let (mut sum, mut cka, mut significant) = (0.0, 0.0, 0.0);
        for _ in 0..spaces {
            let (image, text) = (vectors(64, &noise.rows(n, 64)), vectors(40, &noise.rows(n, 40)));
            let collection = pairs(n, categories);
            let found = bridge_of(&collection, &image, &text, if n <= 20 { 99 } else { 0 });
            let (shared_image, shared_text) =
                (vectors(24, &noise.rows(n, 24)), vectors(24, &noise.rows(n, 24)));
            let options = retrieval::Options { top_k: 1, keep_similarity: false };
            let clip =
                retrieval::evaluate(&collection, &shared_image, &shared_text, 100.0, &options).unwrap();
            let shares = [
                found.two_afc.all,
                found.two_afc.across,
                found.two_afc.within,
                found.holdout.map(|holdout| holdout.accuracy),
                clip.two_afc.all,
                clip.group_score,
            ];
            for (held, share) in held.iter_mut().zip(shares) {
                let share = share.unwrap();
                *held += f64::from(u8::from(share.lo <= share.chance && share.chance <= share.hi));
            }
            sum += found.two_afc.all.unwrap().value;
            cka += found.cka_unbiased.unwrap();
            significant += f64::from(u8::from(found.cka_p.is_some_and(|p| p <= 0.05)));
        }
        let of_all = |count: f64| count / f64::from(spaces);
        let held = held.map(of_all);
        println!("{n} items: all, across, within, held out, CLIP pairing, group score: {held:?}");
        assert!(held.iter().all(|&held| held >= least(spaces as usize)), "{n} items: {held:?}");
        assert!((of_all(sum) - 0.5).abs() < 0.03, "{n} items: mean 2-AFC {}", of_all(sum));
        assert!(of_all(cka).abs() < 0.02, "{n} items: mean CKA {}", of_all(cka));
        if n <= 20 {
            assert!((0.005..0.11).contains(&of_all(significant)), "{n} items: {}", of_all(significant));
        }
    }
}

/// Items as a random linear map of what is hidden, under noise.
fn seen_from(noise: &mut Noise, hidden: &[Vec<f32>], signal: f32, dim: usize) -> Vectors {
    let map = noise.rows(hidden[0].len(), dim);
    let mut rows = noise.rows(hidden.len(), dim);
    for (row, hidden) in rows.iter_mut().zip(hidden) {
        for (component, value) in row.iter_mut().enumerate() {
            let mapped: f32 = hidden.iter().zip(&map).map(|(hidden, map)| hidden * map[component]).sum();
            *value += signal * mapped / (hidden.len() as f32).sqrt();
        }
    }
    vectors(dim, &rows)
}

/// One photo's comparisons with others that are drawn anew each time.
#[test]
fn intervals_of_one_photo_in_the_bridge_hold_the_true_share() {
    for (n, signal, draws) in [(12, 1.0, 200), (20, 1.0, 200), (20, 2.5, 200), (60, 2.0, 40)] {
        let mut noise = Noise(11);
        let maps = [noise.rows(24, 64), noise.rows(24, 40)];
        let first = [noise.rows(1, 24), noise.rows(1, 64), noise.rows(1, 40)];
        let found = seen(draws, || {
            let mut hidden = noise.rows(n, 24);
            hidden[0].clone_from(&first[0][0]);
            let mut sides = [(64, 0), (40, 1)].map(|(dim, side)| {
                let mut rows = noise.rows(n, dim);
                rows[0].clone_from(&first[side + 1][0]);
                for (row, hidden) in rows.iter_mut().zip(&hidden) {
                    for (component, value) in row.iter_mut().enumerate() {
                        let mapped: f32 =
                            hidden.iter().zip(&maps[side]).map(|(hidden, map)| hidden * map[component]).sum();
                        *value += signal * mapped / 24f32.sqrt();
                    }
                }
                Some(vectors(dim, &rows))
            });
            let found = bridge_of(&pairs(n, 2), &sides[0].take().unwrap(), &sides[1].take().unwrap(), 0);
            [("its pairings", found.images[0].two_afc)]
        });
        check(&format!("one photo of {n}, signal {signal}"), &found);
    }
}

#[test]
fn five_captions_a_photo_say_nothing_about_categories_dealt_at_random() {
    let mut noise = Noise(5);
    let (mut hits, mut n, mut chance) = (0, 0, 0.0);
    let mut held = 0;
    let mut auc = 0.0;
    for _ in 0..60 {
        let (_, _, text) = Population::new(&mut noise, 1, 8, 1.0, 0.3).draw(&mut noise, 40, 5);
        let deal: Vec<usize> = (0..40).map(|_| noise.below(4)).collect();
        let collection = Collection::new(
            names("category", 4),
            names("file", 40),
            deal,
            names("text", 200),
            (0..200).map(|caption| caption / 5).collect(),
        )
        .unwrap();
        let found = structure::evaluate_captions(&collection, &text, 0).unwrap();
        let nearest = found.nn_category_accuracy.unwrap();
        hits += nearest.hits;
        n += nearest.n;
        chance += nearest.chance / 60.0;
        held += usize::from(nearest.lo <= nearest.chance && nearest.chance <= nearest.hi);
        auc += found.auc.unwrap() / 60.0;
        assert!(found.silhouette.unwrap() < 0.05);
    }
    let share = hits as f64 / n as f64;
    assert!((share - chance).abs() < 0.03, "{share} by chance {chance}");
    assert!((auc - 0.5).abs() < 0.02, "{auc}");
    assert!(held >= 56, "{held} of 60");
}
