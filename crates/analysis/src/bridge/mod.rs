//! What two spaces of different dimension share: their geometry, and how well captions can be matched through other pairs
//! of photo and caption.
//!
//! Owns the protocol. Each photo is paired with its first caption; photos without one are left out. Neither a pair itself
//! nor a pair with the same caption text is ever its anchor: the lists in `relative` are built without them, and no public
//! function takes anchors. Must not compare the two sets of vectors directly.
//!
//! Sources: Song et al., "Feature Selection via Dependence Maximization", JMLR 2012 and Nguyen et al., "Do
//! Wide and Deep Networks Learn the Same Things?", ICLR 2021 (unbiased CKA); Kriegeskorte et al.,
//! "Representational Similarity Analysis", 2008; Huh et al., "The Platonic Representation Hypothesis", ICML
//! 2024 (mutual k-NN); Moschella et al., "Relative Representations", ICLR 2023; Norelli et al., "ASIF",
//! NeurIPS 2023.

mod alignment;
mod matching;
mod options;
mod relative;
mod result;

use crate::collection::Collection;
use crate::error::{AnalysisError, check_counts};
use crate::random::{Purpose, Random};
use crate::vectors::Vectors;

pub use options::Options;
pub use result::{Bridge, BridgeImage, HoldOut, MutualKnn, Unrelated};

/// Most pairs that serve as anchors.
const MAX_ANCHORS: usize = 512;

/// Computes [`Bridge`] from `image`, `[images, any dim]`, and `text`, `[captions, any other
/// dim]`.
///
/// # Errors
/// Vectors that do not fit the collection, or a power that is not positive and finite.
pub fn evaluate(
    collection: &Collection,
    image: &Vectors,
    text: &Vectors,
    options: &Options,
) -> Result<Bridge, AnalysisError> {
    check_counts(collection, image, text)?;
    if !options.power.is_finite() || options.power <= 0.0 {
        return Err(AnalysisError::Power(options.power));
    }
    let paired: Vec<(usize, usize)> = (0..collection.images())
        .filter_map(|image| collection.first_caption(image).map(|caption| (image, caption)))
        .collect();
    let seed = options.seed;
    let chosen = Random::stream(seed, Purpose::Items, 0).sample(paired.len(), options.max_items);
    let (images, captions): (Vec<usize>, Vec<usize>) = chosen.iter().map(|&pair| paired[pair]).unzip();
    let (x, y) = (image.select(&images), text.select(&captions));
    let n = images.len();
    let pairs = matching::Pairs {
        category: images.iter().map(|&image| collection.image_category()[image]).collect(),
        text: captions.iter().map(|&caption| collection.text_of(caption)).collect(),
        anchors: Random::stream(seed, Purpose::Anchors, 0).sample(n, MAX_ANCHORS),
    };

    let aligned = alignment::align(&x, &y, options)?;
    let matched =
        matching::leave_two_out(&x, &y, &pairs, options, n.saturating_mul(n) <= options.grid_limit)?;
    let images =
        images.iter().zip(&captions).zip(&matched.item_shares).map(|((&index, &caption_index), &two_afc)| {
            BridgeImage {
                index,
                file: collection.image_files()[index].clone(),
                caption_index,
                caption: collection.caption_text()[caption_index].clone(),
                two_afc,
            }
        });
    Ok(Bridge {
        image_dim: image.dim(),
        text_dim: text.dim(),
        seed,
        pairs: paired.len(),
        items: n,
        anchors: pairs.anchors.len(),
        k: options.k,
        power: options.power,
        cka_unbiased: aligned.cka.value,
        cka_p: aligned.cka.p,
        rsa: aligned.rsa.value,
        rsa_p: aligned.rsa.p,
        permutations: options.permutations,
        mutual_knn: aligned.mutual_knn,
        images: images.collect(),
        two_afc: matched.two_afc,
        two_afc_unrelated: matching::unrelated(&x, &y, &pairs, options)?,
        holdout: matching::hold_out(&x, &y, &pairs, options)?,
        grid: matched.grid,
    })
}
