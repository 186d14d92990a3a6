//! The vector of a query in the shared space.

use std::path::Path;
use std::sync::Arc;

use super::super::common::Common;
use super::super::failure::Failure;
use super::super::options::SearchOptions;
use super::super::run::{self, Notes};
use super::terms::{Query, Sign, Term, What};
use clipscope_analysis::{Vectors, nearest};
use clipscope_base::display_safe::display_path;
use clipscope_core::dataset::{Dataset, Item, PhotoSource};
use clipscope_networks::{ModelSet, Role};

/// Embeds a query in the shared space: its terms, and its vector, `[1, dim]`.
pub fn embed(
    options: &SearchOptions,
    phrases: &[(Sign, &str)],
    set: &ModelSet,
    common: &Common,
) -> Result<(Query, Vectors), Failure> {
    let (mut terms, mut vectors) = (Vec::new(), Vec::new());
    for file in &options.image {
        terms.push(Term { sign: Sign::Plus, what: What::Image(display_path(file).into_owned()) });
        vectors.push((1.0, photo(set, file, common)?));
    }
    for &(sign, text) in phrases {
        terms.push(Term { sign, what: What::Text(text.to_owned()) });
        vectors.push((if sign == Sign::Plus { 1.0 } else { -1.0 }, phrase(set, text)?));
    }
    let parts: Vec<(f32, &Vectors)> = vectors.iter().map(|(weight, vector)| (*weight, vector)).collect();
    let vector = nearest::combine(&parts).map_err(|error| {
        Failure::new(
            Failure::USAGE,
            format!("the terms of the QUERY cancel each other out ({error}); change one"),
        )
    })?;
    let single = if terms.len() == 1 { terms.pop_if(|term| term.sign == Sign::Plus) } else { None };
    let query = match single.map(|term| term.what) {
        Some(What::Text(text)) => Query::Text(text),
        Some(What::Image(file)) => Query::Image(file),
        None => Query::Terms(terms),
    };
    Ok((query, vector))
}

/// Embeds a phrase in the shared space, `[1, dim]`.
fn phrase(set: &ModelSet, text: &str) -> Result<Vectors, Failure> {
    let role = Role::ClipText;
    set.require(role)?;
    let found = set.only(role).embed_caption(text)?.into_iter().find(|(found, _)| *found == role);
    let (_, vector) = found.ok_or_else(|| Failure::new(Failure::MODELS, "the network gave no vector"))?;
    Vectors::from_rows(vector.len(), [vector.as_slice()])
        .map_err(|error| Failure::input(format!("'{text}' cannot be compared: {error}")))
}

/// Embeds a photo in the shared space, `[1, dim]`.
fn photo(set: &ModelSet, file: &Path, common: &Common) -> Result<Vectors, Failure> {
    let role = Role::ClipImage;
    let name = display_path(file).into_owned();
    let item = Item {
        file: name.clone(),
        source: PhotoSource::File(file.to_path_buf()),
        category: String::new(),
        captions: Vec::new(),
    };
    let dataset = Arc::new(Dataset::from_items(name.clone(), vec![item]));
    let finished = run::embed_all(&dataset, &set.only(role), common, Notes::AtOnce)?;
    let info = set.info();
    let tower = info.require(role)?;
    // A photo that cannot be embedded has ended the run above.
    finished.embeddings.vectors(tower, &[0]).map_err(|error| Failure::input(format!("{name}: {error}")))
}
