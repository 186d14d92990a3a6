//! The ends of the heat map's colors.

/// Which scores have the first and the last color.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// From the lowest to the highest score of the grid.
    #[default]
    Fitted,
    /// From 0 to 1.
    Fixed,
    /// Around 0, to both sides as far as the score farthest from it.
    Diverging,
}

impl Scale {
    /// The next scale.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Fitted => Self::Fixed,
            Self::Fixed => Self::Diverging,
            Self::Diverging => Self::Fitted,
        }
    }

    /// The name shown.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fitted => "from the lowest to the highest score",
            Self::Fixed => "from 0 to 1",
            Self::Diverging => "around 0",
        }
    }

    /// The ends of the scale for scores from `low` to `high`.
    #[must_use]
    pub fn ends(self, (low, high): (f32, f32)) -> (f32, f32) {
        match self {
            Self::Fitted => (low, high),
            Self::Fixed => (0.0, 1.0),
            Self::Diverging => {
                let most = low.abs().max(high.abs());
                (-most, most)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_end_where_their_names_say() {
        assert_eq!(Scale::Fitted.ends((-0.2, 0.6)), (-0.2, 0.6));
        assert_eq!(Scale::Fixed.ends((-0.2, 0.6)), (0.0, 1.0));
        assert_eq!(Scale::Diverging.ends((-0.2, 0.6)), (-0.6, 0.6));
        assert_eq!(Scale::Diverging.ends((-0.7, 0.6)), (-0.7, 0.7));
    }
}
