//! What a search asks and answers, wherever it looks: a folder, an index, or Qdrant.

mod answer;
mod terms;
mod vector;

pub(super) use answer::{Answer, Hit, print_answer};
pub(super) use terms::phrases;
pub(super) use vector::embed;

use clipscope_networks::Role;

/// The role whose vectors are searched: phrases and photos are both compared with photos in the shared space.
pub(super) const PHOTOS: Role = Role::ClipImage;
