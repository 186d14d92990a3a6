//! Null captions: what a photo scores with text that describes nothing.
//!
//! Owns the fixed list and the comparison with it. Must not embed text.

use serde::Serialize;

use crate::collection::Collection;
use crate::error::{AnalysisError, check_count, check_counts, check_dimensions};
use crate::intervals::{Share, mean};
use crate::kernel::cosine;
use crate::ranking::best;
use crate::similarity::similarity;
use crate::vectors::Vectors;

/// Captions that describe no photo: one word, function words, meaningless letters, numbers, code, a legal phrase, a date
/// and punctuation. They are part of the method: changing one changes the numbers.
pub const NULL_CAPTIONS: [&str; 8] = [
    "the",
    "of and to in that it is was",
    "qwrtz plim fnord vexu",
    "7 3 9 1 4 4 0 2",
    "return null;",
    "subject to the terms and conditions above",
    "as discussed on Tuesday",
    ". . . ? !",
];

/// How the photos score against text that describes nothing.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NullCaptions {
    pub captions: Vec<String>,
    /// Each photo's best score with any of them, `[images]`.
    pub best: Vec<NullScore>,
    /// Mean of those scores.
    pub mean: Option<f64>,
    /// Share of photos with a caption whose best own caption beats every null caption; a tie is a miss. Chance: the
    /// number of own texts over the number of all texts compared.
    pub beaten: Option<Share>,
}

/// The null caption that scores best with one photo.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NullScore {
    pub file: String,
    /// The best null caption; the first of equals.
    pub caption: String,
    pub score: f32,
    /// The photo's best cosine with a caption of its own; `None` without one.
    pub best_positive: Option<f32>,
}

/// Scores every photo against the null captions. `image` is `[images, dim]`, `text` `[captions, dim]`,
/// `null_text` `[null_texts.len(), dim]`, in the order of `null_texts` ([`NULL_CAPTIONS`] unless others were
/// embedded).
///
/// # Errors
/// Sets of different dimension, or of another length than what they stand for.
pub(crate) fn evaluate(
    collection: &Collection,
    image: &Vectors,
    text: &Vectors,
    null_text: &Vectors,
    null_texts: &[&str],
) -> Result<NullCaptions, AnalysisError> {
    check_counts(collection, image, text)?;
    check_count("null caption vectors", null_texts.len(), null_text.rows())?;
    check_dimensions(image, text)?;
    let scores = similarity(image, null_text)?;
    let mut photos = Vec::new();
    let (mut hits, mut n, mut chance) = (0, 0, 0.0);
    for row in 0..image.rows() {
        let Some((caption, score)) = best(scores.row(row)) else { continue };
        // Another photo's caption with the same text has the same score: the photo's own are all there is.
        let own = collection.captions_of(row).iter();
        let best_positive = own.map(|&caption| cosine(image.row(row), text.row(caption))).reduce(f32::max);
        if let Some(positive) = best_positive {
            n += 1;
            hits += usize::from(positive > score);
            let texts = collection.texts_of(row).len();
            chance += texts as f64 / (texts + null_texts.len()) as f64;
        }
        photos.push(NullScore {
            file: collection.image_files()[row].clone(),
            caption: null_texts[caption].to_owned(),
            score,
            best_positive,
        });
    }
    Ok(NullCaptions {
        captions: null_texts.iter().map(ToString::to_string).collect(),
        mean: mean(photos.iter().map(|null| f64::from(null.score))),
        beaten: if n == 0 { None } else { Share::new(hits, n, chance / n as f64) },
        best: photos,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(rows: &[[f32; 2]]) -> Vectors {
        Vectors::from_rows(2, rows.iter().map(<[f32; 2]>::as_slice)).unwrap()
    }

    fn collection() -> Collection {
        let strings = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        Collection::new(
            strings(&["x"]),
            strings(&["a", "b", "c"]),
            vec![0; 3],
            strings(&["one", "two"]),
            vec![0, 1],
        )
        .unwrap()
    }

    #[test]
    fn a_photo_is_held_against_its_best_null_caption() {
        let image = vectors(&[[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
        let text = vectors(&[[1.0, 0.1], [1.0, 0.0]]);
        let null = vectors(&[[1.0, 1.0], [0.0, -1.0]]);
        let result = evaluate(&collection(), &image, &text, &null, &["n0", "n1"]).unwrap();
        assert_eq!(result.best[0].caption, "n0");
        assert_eq!(result.best[2].best_positive, None);
        // Photo 0 beats its null caption, photo 1 does not, photo 2 has no caption.
        let beaten = result.beaten.unwrap();
        assert_eq!((beaten.hits, beaten.n), (1, 2));
        assert!((beaten.chance - 1.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn a_tie_is_a_miss_and_no_null_captions_is_not_defined() {
        let image = vectors(&[[1.0, 0.0]; 3]);
        let text = vectors(&[[1.0, 0.0]; 2]);
        let tie = evaluate(&collection(), &image, &text, &vectors(&[[1.0, 0.0]]), &["n"]).unwrap();
        assert_eq!(tie.beaten.unwrap().hits, 0);
        let none = evaluate(&collection(), &image, &text, &vectors(&[]), &[]).unwrap();
        assert_eq!((none.best.len(), none.mean, none.beaten), (0, None, None));
        assert!(evaluate(&collection(), &image, &text, &vectors(&[]), &["n"]).is_err());
    }

    #[test]
    fn the_list_is_fixed_and_without_duplicates() {
        let mut texts = NULL_CAPTIONS.to_vec();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), 8);
    }
}
