//! The parts of clipscope that read what other people wrote, compiled from its own sources.
//!
//! The files are included rather than the crate: a fuzz target then builds without the networks, which take long to
//! compile with instrumentation and read nothing that a stranger gives. Owns what the targets check on top of "no panic".

#![allow(dead_code, reason = "each target uses a part of what the files offer")]

#[path = "../../src/display_safe.rs"]
pub mod display_safe;

#[path = "../../src/dataset/mod.rs"]
pub mod dataset;

pub mod embedding {
    #[path = "../../../src/embedding/cache.rs"]
    pub mod cache;
}

pub mod models {
    //! What the decoder and the weight readers need of their parent.

    #[cfg(feature = "photos")]
    #[path = "../../../src/models/decode.rs"]
    mod decode;
    #[cfg(feature = "photos")]
    pub use decode::{DecodeLimits, decode_photo};

    /// The one error of the original that decoding a photo gives.
    #[cfg(feature = "photos")]
    #[derive(Debug, thiserror::Error)]
    pub enum ModelError {
        #[error("{0}")]
        Photo(String),
    }

    #[cfg(feature = "weights")]
    #[path = "../../../src/models/checkpoint.rs"]
    mod checkpoint;
    #[cfg(feature = "weights")]
    #[path = "../../../src/models/weight_map.rs"]
    mod weight_map;
    #[cfg(feature = "weights")]
    pub mod weights;
}

pub mod analysis {
    #[path = "../../../src/analysis/kernel.rs"]
    mod kernel;

    /// Cosines of `rows` `[n, dim]` with `cols` `[m, dim]` in one block.
    ///
    /// # Panics
    /// When an entry differs by a bit from the cosine of its two vectors alone.
    pub fn check_scores(rows: &[f32], cols: &[f32], dim: usize) {
        let (n, m) = (rows.len() / dim, cols.len() / dim);
        let mut out = vec![f32::NAN; n * m];
        kernel::Columns::pack(cols, m, dim).scores(rows, &mut out);
        for (place, score) in out.iter().enumerate() {
            let (row, col) = (place / m, place % m);
            let alone = kernel::cosine(&rows[row * dim..][..dim], &cols[col * dim..][..dim]);
            assert_eq!(score.to_bits(), alone.to_bits(), "row {row}, column {col}");
        }
    }
}

/// Whether a text may be shown as one line.
pub fn shows(text: &str) -> bool {
    display_safe::display_safe(text) == text
}
