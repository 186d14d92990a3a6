//! The four approaches: the tabs of the dashboard.

use clipscope_networks::Modality;

/// One of the two axes of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AxisId {
    /// The rows.
    Rows,
    /// The columns.
    Cols,
}

/// A way to compare photos and captions; a tab of the dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Approach {
    /// Photos among photos, before CLIP.
    #[default]
    Images,
    /// Captions among captions, before CLIP.
    Texts,
    /// What the two separate spaces share.
    Bridge,
    /// Photos and captions in one space.
    Clip,
}

impl Approach {
    /// Every approach, in the order of the tabs.
    pub const ALL: [Self; 4] = [Self::Images, Self::Texts, Self::Bridge, Self::Clip];

    /// The name on the tab.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Texts => "texts",
            Self::Bridge => "bridge",
            Self::Clip => "CLIP",
        }
    }

    /// What the rows of its grid stand for.
    #[must_use]
    pub fn rows(self) -> Modality {
        match self {
            Self::Texts => Modality::Text,
            Self::Images | Self::Bridge | Self::Clip => Modality::Image,
        }
    }

    /// What the columns of its grid stand for.
    #[must_use]
    pub fn cols(self) -> Modality {
        match self {
            Self::Images => Modality::Image,
            Self::Texts | Self::Bridge | Self::Clip => Modality::Text,
        }
    }

    /// What an axis of its grid stands for.
    #[must_use]
    pub fn along(self, axis: AxisId) -> Modality {
        match axis {
            AxisId::Rows => self.rows(),
            AxisId::Cols => self.cols(),
        }
    }

    /// What a cell of its grid holds.
    #[must_use]
    pub fn score_name(self) -> &'static str {
        match self {
            Self::Bridge => "bridge score",
            Self::Images | Self::Texts | Self::Clip => "cosine",
        }
    }

    /// Its index among the tabs, and in tables by approach.
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}
