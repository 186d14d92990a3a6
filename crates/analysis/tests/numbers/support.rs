//! Random data, collections and what the tests ask of them.

use clipscope_analysis::{Collection, Vectors, bridge};

/// A splitmix64 of the tests' own.
pub struct Noise(pub u64);

impl Noise {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// Close to normal: the sum of twelve uniform numbers.
    pub fn normal(&mut self) -> f32 {
        ((0..12).map(|_| (self.next() >> 11) as f64 / (1u64 << 53) as f64).sum::<f64>() - 6.0) as f32
    }

    pub fn rows(&mut self, n: usize, dim: usize) -> Vec<Vec<f32>> {
        (0..n).map(|_| (0..dim).map(|_| self.normal()).collect()).collect()
    }

    pub fn order(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        for last in (1..n).rev() {
            order.swap(last, self.below(last + 1));
        }
        order
    }
}

pub fn vectors(dim: usize, rows: &[Vec<f32>]) -> Vectors {
    Vectors::from_rows(dim, rows.iter().map(Vec::as_slice)).unwrap()
}

pub fn names(prefix: &str, n: usize) -> Vec<String> {
    (0..n).map(|i| format!("{prefix}{i}")).collect()
}

/// `n` photos with one caption each, in `categories` categories taken in turn.
pub fn pairs(n: usize, categories: usize) -> Collection {
    let category = (0..n).map(|i| i % categories).collect();
    Collection::new(
        names("category", categories),
        names("file", n),
        category,
        names("text", n),
        (0..n).collect(),
    )
    .unwrap()
}

pub fn bridge_of(
    collection: &Collection,
    image: &Vectors,
    text: &Vectors,
    permutations: usize,
) -> bridge::Bridge {
    let options = bridge::Options { permutations, draws: 200, ..bridge::Options::default() };
    bridge::evaluate(collection, image, text, &options).unwrap()
}

/// The captions with the text of `caption`, itself among them.
pub fn same_text(collection: &Collection, caption: usize) -> Vec<usize> {
    let texts = collection.caption_text();
    (0..texts.len()).filter(|&other| texts[other].trim() == texts[caption].trim()).collect()
}

/// The first caption of each different text.
pub fn text_captions(collection: &Collection) -> Vec<usize> {
    (0..collection.captions()).filter(|&caption| same_text(collection, caption)[0] == caption).collect()
}
