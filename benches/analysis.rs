//! Time and memory of `analysis` at the sizes people bring: `cargo bench --bench analysis -- [photos]
//! [captions] [dim]`, 5,000 × 25,000 × 512 unless given. A plain program: one run takes seconds, so
//! repetition would add nothing.

use std::time::Instant;

use clipscope_analysis::{Collection, Vectors, bridge, retrieval, structure};
use clipscope_test_support::memory::peak_mb;

const CATEGORIES: usize = 80;

fn main() {
    // Cargo passes `--bench` as well; the sizes are whatever is a number.
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|argument| argument.parse().ok()).collect();
    let size = |index: usize, default| sizes.get(index).copied().unwrap_or(default);
    let (images, captions, dim) = (size(0, 5_000), size(1, 25_000), size(2, 512));
    println!(
        "{images} photos, {captions} captions, {dim} components, {} threads",
        rayon::current_num_threads()
    );

    let category: Vec<usize> = (0..images).map(|image| image % CATEGORIES).collect();
    let owner: Vec<usize> = (0..captions).map(|caption| caption % images.max(1)).collect();
    let collection = Collection::new(
        (0..CATEGORIES).map(|category| category.to_string()).collect(),
        (0..images).map(|image| format!("{image}.jpg")).collect(),
        category.clone(),
        (0..captions).map(|caption| format!("caption {caption}")).collect(),
        owner.clone(),
    );
    let Ok(collection) = collection else { return println!("captions need at least one photo") };
    let (image, text) = (noise(images, dim, 1), noise(captions, dim, 2));
    let (Some(image), Some(text)) = (image, text) else { return println!("vectors need components") };

    timed("retrieval", || {
        let options = retrieval::Options { top_k: 5, keep_similarity: false };
        let result = retrieval::evaluate(&collection, &image, &text, 100.0, &options);
        result.map(|result| format!("MRR {:?}", result.image_to_text.mrr))
    });
    // Few different texts, each on many photos: must cost no more than as many different ones.
    let texts = 20;
    let repeated: Vec<usize> = (0..captions).map(|caption| caption % texts).collect();
    let shared = Collection::new(
        (0..CATEGORIES).map(|category| category.to_string()).collect(),
        (0..images).map(|image| format!("{image}.jpg")).collect(),
        category.clone(),
        repeated.iter().map(|text| format!("caption {text}")).collect(),
        owner,
    );
    let Ok(shared) = shared else { return println!("captions need at least one photo") };
    let equal = text.select(&repeated);
    timed("retrieval, 20 different captions", || {
        let options = retrieval::Options { top_k: 5, keep_similarity: false };
        let result = retrieval::evaluate(&shared, &image, &equal, 100.0, &options);
        result.map(|result| format!("MRR {:?}", result.image_to_text.mrr))
    });
    timed("structure of the photos", || {
        structure::evaluate(&category, &image, 0).map(|result| format!("AUC {:?}", result.auc))
    });
    timed("bridge", || {
        let result = bridge::evaluate(&collection, &image, &text, &bridge::Options::default());
        result.map(|result| {
            format!("{} items, 2-AFC {:?}", result.items, result.two_afc.all.map(|share| share.value))
        })
    });
}

/// Vectors around a common center, as those of real networks are.
fn noise(rows: usize, dim: usize, seed: u64) -> Option<Vectors> {
    let mut state = seed;
    let data: Vec<f32> = (0..rows * dim)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / 16_777_216.0 - 0.3
        })
        .collect();
    Vectors::from_rows(dim, data.chunks(dim.max(1))).ok()
}

fn timed<E: std::fmt::Display>(what: &str, run: impl FnOnce() -> Result<String, E>) {
    let start = Instant::now();
    match run() {
        Ok(result) => {
            println!("{what}: {:.2} s, peak memory {} MB, {result}", start.elapsed().as_secs_f64(), peak_mb())
        }
        Err(error) => println!("{what}: {error}"),
    }
}
