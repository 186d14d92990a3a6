//! The numbers: against other implementations, and what must hold of them for any data.

mod paired;
mod properties;
mod reference;

use clipscope_analysis::Collection;

/// The captions with the text of `caption`, itself among them.
fn same_text(collection: &Collection, caption: usize) -> Vec<usize> {
    let texts = collection.caption_text();
    (0..texts.len()).filter(|&other| texts[other].trim() == texts[caption].trim()).collect()
}

/// The first caption of each different text.
fn text_captions(collection: &Collection) -> Vec<usize> {
    (0..collection.captions()).filter(|&caption| same_text(collection, caption)[0] == caption).collect()
}
