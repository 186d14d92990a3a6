//! The name of a model set.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// The name of a model set, as on the command line, in JSON and on screen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct SetName(Cow<'static, str>);

impl SetName {
    /// The networks compiled into the program; their shared space is a stand-in, not CLIP.
    pub const MINI: Self = Self(Cow::Borrowed("mini"));
    /// ResNet-50, DistilUSE and CLIP ViT-B/32 with their official weights.
    pub const REFERENCE: Self = Self(Cow::Borrowed("reference"));

    /// The name of a set that is not built in.
    pub fn new(name: impl Into<String>) -> Self {
        Self(Cow::Owned(name.into()))
    }

    /// The name as text. Names of the user's sets are not safe to show.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SetName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
