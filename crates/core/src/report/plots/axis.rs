//! One side of a heat map: its labels, and the blocks of equal category.

/// Pixels between the middles of two labels that do not touch.
const LABEL_HEIGHT: i32 = 14;

/// The rows or the columns of a heat map.
#[derive(Debug, Clone)]
pub struct HeatMapAxis {
    /// What the rows or columns are, for the line below the grid.
    pub what: &'static str,
    /// One per row or column.
    pub labels: Vec<String>,
    /// The first row or column of each category but the first.
    pub breaks: Vec<usize>,
    /// The names of the blocks between the breaks, written if there are too many labels. May be empty.
    pub blocks: Vec<String>,
}

/// Which labels an axis shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ShownLabels {
    /// One for every row or column.
    Each,
    /// The categories, each in the middle of its block.
    Blocks,
    None,
}

impl HeatMapAxis {
    /// An axis of labels with their categories. A block is a run of equal categories.
    pub(super) fn grouped<'a>(what: &'static str, labels: impl Iterator<Item = (String, &'a str)>) -> Self {
        let (labels, categories): (Vec<String>, Vec<&str>) = labels.unzip();
        let breaks: Vec<usize> =
            (1..categories.len()).filter(|&start| categories[start] != categories[start - 1]).collect();
        let starts = [0].into_iter().chain(breaks.iter().copied());
        let blocks = starts.filter_map(|start| categories.get(start)).map(ToString::to_string).collect();
        Self { what, labels, breaks, blocks }
    }

    /// The labels to draw, each with its middle in pixels from the corner of the grid. `cell` is the size of a cell.
    pub(super) fn placed(&self, shown: ShownLabels, cell: i32) -> Vec<(&str, i32)> {
        match shown {
            ShownLabels::None => Vec::new(),
            ShownLabels::Each => {
                let middle = |index: usize| index as i32 * cell + cell / 2;
                self.labels.iter().enumerate().map(|(index, label)| (label.as_str(), middle(index))).collect()
            }
            ShownLabels::Blocks => {
                let starts = [0].into_iter().chain(self.breaks.iter().copied());
                let ends = self.breaks.iter().copied().chain([self.labels.len()]);
                let mut free = 0;
                let mut placed = Vec::new();
                for ((start, end), name) in starts.zip(ends).zip(&self.blocks) {
                    // Left out if it would touch the label before.
                    let middle = (start + end) as i32 * cell / 2;
                    if middle >= free {
                        placed.push((name.as_str(), middle));
                        free = middle + LABEL_HEIGHT;
                    }
                }
                placed
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_many_rows_to_label_each_show_their_categories() {
        let axis = |categories: &[&str]| {
            HeatMapAxis::grouped("photos", categories.iter().map(|category| ("label".to_string(), *category)))
        };
        let two: Vec<&str> = (0..90).map(|row| if row < 30 { "a" } else { "b" }).collect();
        let two = axis(&two);
        assert_eq!((two.breaks.as_slice(), two.blocks.join(" ").as_str()), (&[30][..], "a b"));
        assert_eq!(two.placed(ShownLabels::Blocks, 10), [("a", 150), ("b", 600)]);
        // Blocks of one cell of one pixel: a label that would lie on the one before is left out.
        let names: Vec<String> = (0..90).map(|row| row.to_string()).collect();
        let many = axis(&names.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(many.placed(ShownLabels::Blocks, 1).len(), 7);
    }
}
