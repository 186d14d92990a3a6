//! What the readers of both kinds of file deliver: a head, then rows.

use clipscope_networks::Role;

/// A row of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row<'a> {
    /// Counted from 0 in the file, or in the tensor.
    pub number: u64,
    pub role: Role,
    /// The model as the row names it.
    pub model: Option<&'a str>,
    /// Empty if the row has none.
    pub path: &'a str,
    /// `None` for a photo.
    pub caption: Option<&'a str>,
    /// As it is in the file, of any length.
    pub vector: &'a [f32],
}

/// What a file says of itself. A file that `embed` did not write says little or nothing.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    /// The model set.
    pub set: Option<String>,
    /// Whether its shared space stands in for CLIP.
    pub stand_in: bool,
    pub logit_scale: Option<f32>,
    pub networks: Vec<NamedNetwork>,
    /// Filler captions in the shared space.
    pub null_captions: Vec<(String, Vec<f32>)>,
}

/// The network that a file names for a role.
#[derive(Debug, Clone)]
pub(super) struct NamedNetwork {
    pub role: Role,
    pub name: String,
    pub weights_sha256: Option<String>,
}
