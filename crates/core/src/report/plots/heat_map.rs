//! Drawing a matrix with its labels.

use std::sync::Once;

use plotters::backend::BitMapBackend;
use plotters::drawing::IntoDrawingArea;
use plotters::prelude::*;
use plotters::style::register_font;

use super::axis::HeatMapAxis;
use super::error::PlotError;
use super::layout::HeatMapLayout;
use clipscope_analysis::Matrix;
use clipscope_base::display_safe::display_safe;

const FONT: &[u8] = include_bytes!("../../../../../assets/fonts/DejaVuSans.ttf");
const FONT_NAME: &str = "sans-serif";
const LABEL_CHARS: usize = 34;

/// A matrix with its labels.
#[derive(Debug, Clone)]
pub struct HeatMap<'a> {
    /// Written above the grid.
    pub title: String,
    pub matrix: &'a Matrix,
    pub rows: HeatMapAxis,
    pub cols: HeatMapAxis,
    /// What the values are, for the legend.
    pub measure: &'static str,
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
            // Fails only for bytes that are not a font; a test draws text with these.
            let _ = register_font(FONT_NAME, FontStyle::Normal, FONT);
        });
        let layout = HeatMapLayout::new(&self.title, self.matrix, &self.rows, &self.cols);
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
        layout: &HeatMapLayout,
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
                let color = scale(value, low, high);
                area.draw(&Rectangle::new([corner, (corner.0 + cell, corner.1 + cell)], color.filled()))?;
                if layout.values {
                    let text = format!("{:.0}", value * 100.0);
                    let dark = (0.299 * f64::from(color.0) + 0.587 * f64::from(color.1)) < 110.0;
                    let style = (FONT_NAME, 11.0).into_font().color(if dark { &WHITE } else { &BLACK });
                    let width = text.len() as i32 * 7;
                    area.draw_text(&text, &style, (corner.0 + (cell - width) / 2, corner.1 + cell / 2 - 6))?;
                }
            }
        }
        let (right, bottom) =
            (left + self.matrix.cols() as i32 * cell, top + self.matrix.rows() as i32 * cell);
        for &start in &self.rows.breaks {
            let y = top + start as i32 * cell;
            area.draw(&PathElement::new([(left, y), (right, y)], WHITE.stroke_width(3)))?;
        }
        for &start in &self.cols.breaks {
            let x = left + start as i32 * cell;
            area.draw(&PathElement::new([(x, top), (x, bottom)], WHITE.stroke_width(3)))?;
        }
        for (label, y) in self.rows.placed(layout.row_labels, cell) {
            area.draw_text(&short(label), &ink(12), (16, top + y - 7))?;
        }
        let style = (FONT_NAME, 12.0).into_font().transform(FontTransform::Rotate270).color(&BLACK);
        for (label, x) in self.cols.placed(layout.col_labels, cell) {
            area.draw_text(&short(label), &style, (left + x - 7, top - 8))?;
        }
        self.legend(area, (left, bottom + 18), (low, high), layout.values)?;
        Ok(())
    }

    /// Draws the color scale with its ends, and what rows and columns are.
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
        let axes = format!("rows: {}, columns: {}", self.rows.what, self.cols.what);
        area.draw_text(&axes, &style, (left, top + 20))?;
        Ok(())
    }
}

/// The smallest and largest value, never equal. Includes the diagonal of a self-similarity.
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

/// Makes a label safe to display and short enough to fit beside the grid.
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
        let labels = labels.iter().map(ToString::to_string).collect();
        let blocks = vec!["first".into(), "second".into()];
        let axis = HeatMapAxis { what: "photos", labels, breaks: vec![1], blocks };
        HeatMap { title: "test".into(), matrix, rows: axis.clone(), cols: axis, measure: "cosine similarity" }
            .png()
            .unwrap()
    }

    #[test]
    fn the_labels_are_drawn() {
        let matrix = matrix(3);
        let plain = map(&matrix, &["", "", ""]);
        let labeled = map(&matrix, &["one", "two", "three"]);
        let dark = |png: &[u8]| {
            let picture = image::load_from_memory(png).unwrap().into_rgb8();
            picture.pixels().filter(|pixel| pixel.0.iter().all(|&value| value < 64)).count()
        };
        assert!(dark(&labeled) > dark(&plain) + 100, "{} {}", dark(&labeled), dark(&plain));
    }

    #[test]
    fn a_label_is_drawn_as_it_is_shown_elsewhere() {
        assert_eq!(short("a\u{202e}b"), "a⟨U+202E⟩b");
        let matrix = matrix(2);
        assert_eq!(map(&matrix, &["a\u{202e}b", "c"]), map(&matrix, &["a⟨U+202E⟩b", "c"]));
    }

    #[test]
    fn category_names_make_room_where_there_are_too_many_labels() {
        let matrix = matrix(90);
        let named = map(&matrix, &vec!["x"; 90]);
        let axis = HeatMapAxis {
            what: "photos",
            labels: vec![String::new(); 90],
            breaks: vec![1],
            blocks: Vec::new(),
        };
        let nameless = HeatMap {
            title: "test".into(),
            matrix: &matrix,
            rows: axis.clone(),
            cols: axis,
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
