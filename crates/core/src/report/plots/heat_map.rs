//! Labelled heat maps as PNG files, one a grid.
//!
//! The font is compiled in, so the pictures are the same on every machine.

use std::path::{Path, PathBuf};
use std::sync::Once;

use plotters::backend::BitMapBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::prelude::*;
use plotters::style::register_font;

use super::Report;
use clipscope_analysis::{GRID_LIMIT, Matrix};
use clipscope_base::display_safe::{display_path, display_safe};

const FONT: &[u8] = include_bytes!("../../../../assets/fonts/DejaVuSans.ttf");
const FONT_NAME: &str = "sans-serif";
const LABEL_CHARS: usize = 34;
/// Pixels between the middles of two labels that do not touch.
const LABEL_HEIGHT: i32 = 14;
/// Rows and columns from which labels no longer fit and only categories are written.
const MAX_LABELS: usize = 60;

/// A picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PlotError {
    /// The file could not be written.
    #[error("cannot write {}: {reason}; choose another folder with --plots", display_path(file))]
    Write {
        /// The picture.
        file: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The drawing library refused.
    #[error("cannot draw the heat map '{title}': {reason}")]
    Draw {
        /// Which one.
        title: String,
        /// What the library said.
        reason: String,
    },
}

/// One heat map: a matrix with its labels.
#[derive(Debug, Clone)]
pub struct HeatMap<'a> {
    /// Written above it.
    pub title: String,
    /// `[rows, cols]`.
    pub matrix: &'a Matrix,
    /// One a row.
    pub rows: Vec<String>,
    /// One a column.
    pub cols: Vec<String>,
    /// First rows of the categories after the first one.
    pub row_breaks: Vec<usize>,
    /// First columns of the categories after the first one.
    pub col_breaks: Vec<usize>,
    /// Names of the blocks between the breaks of the rows, written where there are too many rows to label each;
    /// none to leave them out.
    pub row_blocks: Vec<String>,
    /// The same of the columns.
    pub col_blocks: Vec<String>,
    /// What rows and columns are, for the line below.
    pub axes: (&'static str, &'static str),
    /// What the values are, for the legend.
    pub measure: &'static str,
}

/// What became of the grids of a report.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// The pictures.
    pub files: Vec<PathBuf>,
    /// Grids that were too large to be kept, hence to be drawn, with the reason.
    pub left_out: Vec<String>,
}

/// Writes one PNG per grid of the report into `folder`, which is created.
///
/// # Errors
/// [`PlotError`] naming the file.
pub fn write_all(report: &Report, folder: &Path) -> Result<Written, PlotError> {
    let fail = |file: &Path, reason: String| PlotError::Write { file: file.to_path_buf(), reason };
    std::fs::create_dir_all(folder).map_err(|error| fail(folder, error.to_string()))?;
    let mut written = Written::default();
    for grid in heat_maps(report) {
        let (name, map) = match grid {
            Ok(grid) => grid,
            Err(reason) => {
                written.left_out.push(reason);
                continue;
            }
        };
        let file = folder.join(format!("{name}.png"));
        let png = map.png()?;
        std::fs::write(&file, png).map_err(|error| fail(&file, error.to_string()))?;
        written.files.push(file);
    }
    Ok(written)
}

/// A file name with its heat map, or why there is none.
type Grid<'a> = Result<(&'static str, HeatMap<'a>), String>;

/// The grids of a report.
fn heat_maps(report: &Report) -> Vec<Grid<'_>> {
    let dataset = &report.dataset;
    let photos: Vec<String> = dataset.items.iter().map(|item| item.file.clone()).collect();
    let photo_breaks = blocks(dataset.items.iter().map(|item| item.category.as_str()));
    let captions: Vec<String> = dataset.items.iter().flat_map(|item| item.captions.clone()).collect();
    let caption_breaks =
        blocks(dataset.items.iter().flat_map(|item| item.captions.iter().map(|_| item.category.as_str())));
    let side = |photo_side: bool| {
        if photo_side {
            (photos.clone(), photo_breaks.clone(), "photos")
        } else {
            (captions.clone(), caption_breaks.clone(), "captions")
        }
    };
    let bridge_sides = report.evaluation.bridge.as_ref().map(|bridge| {
        let category = |index: usize| dataset.items.get(index).map_or("", |item| item.category.as_str());
        let at = blocks(bridge.images.iter().map(|image| category(image.index)));
        let files = bridge.images.iter().map(|image| image.file.clone()).collect();
        let texts = bridge.images.iter().map(|image| image.caption.clone()).collect();
        ((files, at.clone(), "photos"), (texts, at, "captions"))
    });
    let mut grids: Vec<(&'static str, String, &Option<Matrix>, bool, bool)> = Vec::new();
    if let Some(pre_clip) = &report.evaluation.pre_clip {
        let (image, text) = (&pre_clip.image.similarity, &pre_clip.text.similarity);
        grids.push(("pre-clip-images", "Pre-CLIP: photo × photo".into(), image, true, true));
        grids.push(("pre-clip-texts", "Pre-CLIP: caption × caption".into(), text, false, false));
    }
    if let Some(bridge) = &report.evaluation.bridge {
        grids.push((
            "bridge",
            "Bridge: photo × caption through other pairs".into(),
            &bridge.grid,
            true,
            false,
        ));
    }
    if let Some(clip) = &report.evaluation.clip {
        let what = match report.models.stand_in {
            Some(stand_in) => format!("Shared space, {stand_in}: photo × caption"),
            None => "CLIP: photo × caption".into(),
        };
        grids.push(("clip", what, &clip.similarity, true, false));
    }
    let set = report.models.set.name();
    grids
        .into_iter()
        .map(|(name, what, matrix, photo_rows, photo_cols)| {
            // The bridge compares one caption a photo, and leaves out photos without any.
            let ((rows, row_blocks, row_axis), (cols, col_blocks, col_axis)) = match &bridge_sides {
                Some(sides) if name == "bridge" => sides.clone(),
                _ => (side(photo_rows), side(photo_cols)),
            };
            let (title, axes) = (format!("{what} ({set})"), (row_axis, col_axis));
            let Some(matrix) = matrix else {
                let (rows, cols) = (rows.len(), cols.len());
                return Err(format!(
                    "no heat map {name}.png: {rows} × {cols} cells are more than the {GRID_LIMIT} that are kept; \
                     plot a part of the data set"
                ));
            };
            let measure = if name == "bridge" { "bridge score" } else { "cosine similarity" };
            let (row_breaks, row_blocks) = row_blocks;
            let (col_breaks, col_blocks) = col_blocks;
            let map = HeatMap {
                title,
                matrix,
                rows,
                cols,
                row_breaks,
                col_breaks,
                row_blocks,
                col_blocks,
                axes,
                measure,
            };
            Ok((name, map))
        })
        .collect()
}

/// Places where the category changes, and the categories before, between and after them.
fn blocks<'a>(categories: impl Iterator<Item = &'a str>) -> (Vec<usize>, Vec<String>) {
    let categories: Vec<&str> = categories.collect();
    let breaks: Vec<usize> =
        (1..categories.len()).filter(|&place| categories[place] != categories[place - 1]).collect();
    let starts = [0].into_iter().chain(breaks.iter().copied());
    let names = starts.filter_map(|start| categories.get(start)).map(ToString::to_string).collect();
    (breaks, names)
}

impl HeatMap<'_> {
    /// Draws the heat map and encodes it as PNG.
    ///
    /// # Errors
    /// [`PlotError::Draw`].
    pub fn png(&self) -> Result<Vec<u8>, PlotError> {
        let fail = |reason: String| PlotError::Draw { title: self.title.clone(), reason };
        static REGISTER: Once = Once::new();
        REGISTER.call_once(|| {
            // Fails only for bytes that are no font; a test draws text with these.
            let _ = register_font(FONT_NAME, FontStyle::Normal, FONT);
        });
        let layout = Layout::of(self);
        let mut buffer = vec![255u8; (layout.width * layout.height * 3) as usize];
        {
            let area =
                BitMapBackend::with_buffer(&mut buffer, (layout.width, layout.height)).into_drawing_area();
            self.draw(&area, &layout).map_err(|error| fail(error.to_string()))?;
            area.present().map_err(|error| fail(error.to_string()))?;
        }
        let picture = image::RgbImage::from_raw(layout.width, layout.height, buffer)
            .ok_or_else(|| fail("the picture has the wrong size".into()))?;
        let mut png = std::io::Cursor::new(Vec::new());
        picture.write_to(&mut png, image::ImageFormat::Png).map_err(|error| fail(error.to_string()))?;
        Ok(png.into_inner())
    }

    fn draw(
        &self,
        area: &DrawingArea<BitMapBackend<'_>, plotters::coord::Shift>,
        layout: &Layout,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let (low, high) = range(self.matrix);
        let cell = layout.cell as i32;
        let (left, top) = (layout.left as i32, layout.top as i32);
        area.fill(&WHITE)?;
        let ink = |size: u32| (FONT_NAME, size as f64).into_font().color(&BLACK);
        area.draw_text(&self.title, &ink(18), (16, 12))?;
        for row in 0..self.matrix.rows() {
            for col in 0..self.matrix.cols() {
                let value = self.matrix.get(row, col);
                let corner = (left + col as i32 * cell, top + row as i32 * cell);
                let colour = scale(value, low, high);
                area.draw(&Rectangle::new([corner, (corner.0 + cell, corner.1 + cell)], colour.filled()))?;
                if layout.values {
                    let text = format!("{:.0}", value * 100.0);
                    let dark = (0.299 * f64::from(colour.0) + 0.587 * f64::from(colour.1)) < 110.0;
                    let style = (FONT_NAME, 11.0).into_font().color(if dark { &WHITE } else { &BLACK });
                    let width = text.len() as i32 * 7;
                    area.draw_text(&text, &style, (corner.0 + (cell - width) / 2, corner.1 + cell / 2 - 6))?;
                }
            }
        }
        let (right, bottom) =
            (left + self.matrix.cols() as i32 * cell, top + self.matrix.rows() as i32 * cell);
        for &place in &self.row_breaks {
            let y = top + place as i32 * cell;
            area.draw(&PathElement::new([(left, y), (right, y)], WHITE.stroke_width(3)))?;
        }
        for &place in &self.col_breaks {
            let x = left + place as i32 * cell;
            area.draw(&PathElement::new([(x, top), (x, bottom)], WHITE.stroke_width(3)))?;
        }
        for (label, y) in labels(layout.rows, &self.rows, &self.row_breaks, &self.row_blocks, cell) {
            area.draw_text(&short(label), &ink(12), (16, top + y - 7))?;
        }
        let style = (FONT_NAME, 12.0).into_font().transform(FontTransform::Rotate270).color(&BLACK);
        for (label, x) in labels(layout.cols, &self.cols, &self.col_breaks, &self.col_blocks, cell) {
            area.draw_text(&short(label), &style, (left + x - 7, top - 8))?;
        }
        self.legend(area, (left, bottom + 18), (low, high), layout.values)?;
        Ok(())
    }

    /// The colour scale with its ends, and what rows and columns are.
    fn legend(
        &self,
        area: &DrawingArea<BitMapBackend<'_>, plotters::coord::Shift>,
        (left, top): (i32, i32),
        (low, high): (f32, f32),
        values: bool,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let unit = if values { ", × 100 in the cells" } else { "" };
        const STEPS: i32 = 160;
        for step in 0..STEPS {
            let value = low + (high - low) * step as f32 / (STEPS - 1) as f32;
            let x = left + 44 + step;
            area.draw(&Rectangle::new([(x, top), (x + 1, top + 12)], scale(value, low, high).filled()))?;
        }
        let style = (FONT_NAME, 12.0).into_font().color(&BLACK);
        area.draw_text(&format!("{low:.2}"), &style, (left, top))?;
        area.draw_text(&format!("{high:.2}  {}{unit}", self.measure), &style, (left + 50 + STEPS, top))?;
        let axes = format!("rows: {}, columns: {}", self.axes.0, self.axes.1);
        area.draw_text(&axes, &style, (left, top + 20))?;
        Ok(())
    }
}

/// Sizes in pixels.
struct Layout {
    cell: u32,
    left: u32,
    top: u32,
    width: u32,
    height: u32,
    values: bool,
    rows: Labels,
    cols: Labels,
}

/// What is written beside one side of a heat map.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Labels {
    /// Every row or column.
    Each,
    /// The categories, each at its first row or column.
    Blocks,
    None,
}

/// The labels of one side, and where the middle of each stands, in pixels from the corner of the grid.
fn labels<'a>(
    kind: Labels,
    each: &'a [String],
    breaks: &[usize],
    blocks: &'a [String],
    cell: i32,
) -> Vec<(&'a str, i32)> {
    match kind {
        Labels::None => Vec::new(),
        Labels::Each => {
            let middle = |place: usize| place as i32 * cell + cell / 2;
            each.iter().enumerate().map(|(place, label)| (label.as_str(), middle(place))).collect()
        }
        Labels::Blocks => {
            let starts = [0].into_iter().chain(breaks.iter().copied());
            let ends = breaks.iter().copied().chain([each.len()]);
            let mut free = 0;
            let mut placed = Vec::new();
            for ((start, end), name) in starts.zip(ends).zip(blocks) {
                // In the middle of its block, unless the label before reaches there.
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

impl Layout {
    fn of(map: &HeatMap<'_>) -> Self {
        let (rows, cols) = (map.matrix.rows() as u32, map.matrix.cols() as u32);
        let side = rows.max(cols).max(1);
        let cell = (1200 / side).clamp(1, 34);
        let kind = |each: usize, blocks: &[String]| {
            if each <= MAX_LABELS && cell >= 14 {
                Labels::Each
            } else if blocks.is_empty() {
                Labels::None
            } else {
                Labels::Blocks
            }
        };
        let (row_labels, col_labels) =
            (kind(map.rows.len(), &map.row_blocks), kind(map.cols.len(), &map.col_blocks));
        let left = if row_labels == Labels::None { 24 } else { 250 };
        let top = if col_labels == Labels::None { 56 } else { 270 };
        let title = map.title.chars().count() as u32 * 11 + 40;
        Self {
            cell,
            left,
            top,
            width: (left + cols * cell + 30).max(left + 380).max(title),
            height: top + rows * cell + 70,
            values: cell >= 24,
            rows: row_labels,
            cols: col_labels,
        }
    }
}

/// The smallest and largest value, never equal. The diagonal of a self-similarity is part of it.
fn range(matrix: &Matrix) -> (f32, f32) {
    let (low, high) = matrix
        .as_slice()
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &value| (low.min(value), high.max(value)));
    if low < high { (low, high) } else { (-1.0, 1.0) }
}

fn scale(value: f32, low: f32, high: f32) -> RGBColor {
    ViridisRGB.get_color_normalized(value, low, high)
}

/// A label that fits beside the grid, safe to show.
fn short(label: &str) -> String {
    let safe = display_safe(label);
    if safe.chars().count() <= LABEL_CHARS {
        return safe.into_owned();
    }
    safe.chars().take(LABEL_CHARS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clipscope_analysis::Vectors;
    use clipscope_analysis::similarity;

    fn matrix(rows: usize) -> Matrix {
        let data: Vec<[f32; 2]> = (0..rows).map(|row| [row as f32 + 1.0, 3.0]).collect();
        let vectors = Vectors::from_rows(2, data.iter().map(|row| row.as_slice())).unwrap();
        similarity(&vectors, &vectors).unwrap()
    }

    fn map(matrix: &Matrix, labels: &[&str]) -> Vec<u8> {
        let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
        HeatMap {
            title: "test".into(),
            matrix,
            rows: labels.clone(),
            cols: labels,
            row_breaks: vec![1],
            col_breaks: vec![1],
            row_blocks: vec!["first".into(), "second".into()],
            col_blocks: vec!["first".into(), "second".into()],
            axes: ("photos", "photos"),
            measure: "cosine similarity",
        }
        .png()
        .unwrap()
    }

    #[test]
    fn the_labels_are_drawn() {
        let matrix = matrix(3);
        let plain = map(&matrix, &["", "", ""]);
        let labelled = map(&matrix, &["one", "two", "three"]);
        let dark = |png: &[u8]| {
            let picture = image::load_from_memory(png).unwrap().into_rgb8();
            picture.pixels().filter(|pixel| pixel.0.iter().all(|&value| value < 64)).count()
        };
        assert!(dark(&labelled) > dark(&plain) + 100, "{} {}", dark(&labelled), dark(&plain));
    }

    #[test]
    fn a_label_is_drawn_as_it_is_shown_elsewhere() {
        assert_eq!(short("a\u{202e}b"), "a⟨U+202E⟩b");
        let matrix = matrix(2);
        assert_eq!(map(&matrix, &["a\u{202e}b", "c"]), map(&matrix, &["a⟨U+202E⟩b", "c"]));
    }

    #[test]
    fn too_many_rows_to_label_each_show_their_categories() {
        let each: Vec<String> = (0..90).map(|place| place.to_string()).collect();
        let (breaks, names) = blocks((0..90).map(|place| if place < 30 { "a" } else { "b" }));
        assert_eq!((breaks.as_slice(), names.join(" ").as_str()), (&[30][..], "a b"));
        assert_eq!(labels(Labels::Blocks, &each, &breaks, &names, 10), [("a", 150), ("b", 600)]);
        // Blocks of one cell of one pixel: a label that would lie on the one before is left out.
        let (breaks, names) = blocks(each.iter().map(String::as_str));
        let shown = labels(Labels::Blocks, &each, &breaks, &names, 1);
        assert_eq!(shown.len(), 7);

        let matrix = matrix(90);
        let named = map(&matrix, &vec!["x"; 90]);
        let nameless = HeatMap {
            title: "test".into(),
            matrix: &matrix,
            rows: vec![String::new(); 90],
            cols: vec![String::new(); 90],
            row_breaks: vec![1],
            col_breaks: vec![1],
            row_blocks: Vec::new(),
            col_blocks: Vec::new(),
            axes: ("photos", "photos"),
            measure: "cosine similarity",
        };
        let width = |png: &[u8]| image::load_from_memory(png).unwrap().width();
        assert!(width(&named) > width(&nameless.png().unwrap()) + 200);
    }

    #[test]
    fn one_cell_and_many_cells_can_be_drawn() {
        for rows in [1, 2, 700] {
            let matrix = matrix(rows);
            let labels = vec!["a very long file name that does not fit anywhere.jpg"; rows];
            let picture = image::load_from_memory(&map(&matrix, &labels)).unwrap();
            assert!(picture.width() < 2000 && picture.height() < 2000, "{rows}");
        }
    }
}
