//! Parts of a stored tensor that stand for a tensor of their own.

/// How a tensor of a network is taken from the one that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// As it is.
    Whole,
    /// A matrix with rows and columns exchanged.
    Transposed,
    /// The first, second or last third of the rows: attention's queries, keys and values, stored as one.
    Third(usize),
}

impl View {
    /// The shape of the view of a tensor of shape `stored`; `None` when the tensor has no such view.
    pub fn shape(self, stored: &[usize]) -> Option<Vec<usize>> {
        match (self, stored) {
            (Self::Whole, _) => Some(stored.to_vec()),
            (Self::Transposed, &[rows, cols]) => Some(vec![cols, rows]),
            (Self::Third(_), &[rows, ref rest @ ..]) if rows % 3 == 0 => Some([&[rows / 3], rest].concat()),
            _ => None,
        }
    }

    /// The shape of the stored tensor whose view has the shape `seen`: the reverse of [`View::shape`].
    pub fn stored_shape(self, seen: &[usize]) -> Vec<usize> {
        match (self, seen) {
            (Self::Transposed, &[rows, cols]) => vec![cols, rows],
            (Self::Third(_), &[rows, ref rest @ ..]) => [&[rows * 3], rest].concat(),
            _ => seen.to_vec(),
        }
    }

    /// The bytes that the view is made of, from those of the stored tensor.
    pub fn bytes(self, stored: &[u8]) -> &[u8] {
        match self {
            Self::Whole | Self::Transposed => stored,
            Self::Third(place) => {
                let length = stored.len() / 3;
                stored.get(place * length..(place + 1) * length).unwrap_or_default()
            }
        }
    }

    /// The values of the view, from those of its bytes. `shape` is the view's.
    pub fn values(self, values: Vec<f32>, shape: &[usize]) -> Vec<f32> {
        match (self, shape) {
            (Self::Transposed, &[rows, cols]) => transpose(&values, cols, rows),
            _ => values,
        }
    }
}

/// Transposes a row-major `[rows, cols]` matrix, in tiles that fit the first-level cache.
pub(super) fn transpose(values: &[f32], rows: usize, cols: usize) -> Vec<f32> {
    const TILE: usize = 32;
    let mut out = vec![0.0; values.len()];
    for row_tile in (0..rows).step_by(TILE) {
        for col_tile in (0..cols).step_by(TILE) {
            for row in row_tile..(row_tile + TILE).min(rows) {
                for col in col_tile..(col_tile + TILE).min(cols) {
                    out[col * rows + row] = values[row * cols + col];
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transpose_turns_rows_into_columns() {
        assert_eq!(transpose(&[1., 2., 3., 4., 5., 6.], 2, 3), [1., 4., 2., 5., 3., 6.]);
        let wide: Vec<f32> = (0..70 * 33).map(|value| value as f32).collect();
        assert_eq!(transpose(&transpose(&wide, 70, 33), 33, 70), wide);
    }

    #[test]
    fn thirds_are_rows_and_together_the_whole() {
        let stored: Vec<u8> = (0..24).collect();
        let parts: Vec<&[u8]> = (0..3).map(|place| View::Third(place).bytes(&stored)).collect();
        assert_eq!(parts.concat(), stored);
        assert_eq!(View::Third(1).shape(&[6, 4]), Some(vec![2, 4]));
        assert_eq!(View::Third(1).shape(&[7, 4]), None);
        assert_eq!(View::Third(1).shape(&[]), None);
    }

    #[test]
    fn a_shape_seen_and_stored_are_the_reverse_of_each_other() {
        for view in [View::Whole, View::Transposed, View::Third(2)] {
            assert_eq!(view.stored_shape(&view.shape(&[6, 4]).unwrap()), [6, 4]);
        }
        assert_eq!(View::Transposed.shape(&[6]), None);
        assert_eq!(View::Transposed.values(vec![1., 2., 3., 4., 5., 6.], &[3, 2]), [1., 4., 2., 5., 3., 6.]);
    }
}
