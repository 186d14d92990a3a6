//! The roles that networks play, and what they read.

use serde::{Deserialize, Serialize};

/// What a vector stands for: each output of a network has one role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A photo, from a network that was trained without text.
    PreClipImage,
    /// A caption, from a sentence encoder that was trained without images.
    PreClipText,
    /// A photo, in the space that photos and captions share.
    ClipImage,
    /// A caption, in the space that photos and captions share.
    ClipText,
}

impl Role {
    /// Every role, in the order of the reports.
    pub const ALL: [Self; 4] = [Self::PreClipImage, Self::PreClipText, Self::ClipImage, Self::ClipText];

    /// The name used in JSON and on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PreClipImage => "pre_clip_image",
            Self::PreClipText => "pre_clip_text",
            Self::ClipImage => "clip_image",
            Self::ClipText => "clip_text",
        }
    }

    /// What a network with this role reads.
    #[must_use]
    pub fn modality(self) -> Modality {
        match self {
            Self::PreClipImage | Self::ClipImage => Modality::Image,
            Self::PreClipText | Self::ClipText => Modality::Text,
        }
    }
}

/// What a network reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Photos.
    Image,
    /// Captions and phrases.
    Text,
}
