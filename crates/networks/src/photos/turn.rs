//! Turning a picture upright in the memory it lies in.
//!
//! A second copy of a photo of 60 megapixels is 180 MB, so a quarter turn moves the pixels in place: strips of 64 rows are
//! transposed one by one, which leaves columns of 64 pixels; then these columns are moved along the cycles of the remaining
//! permutation.
//!
//! Owns the moving of pixels. Must not know: EXIF, files.

use image::RgbImage;
use image::metadata::Orientation;

const PIXEL: usize = 3;
/// Rows of a strip.
const STRIP: usize = 64;

/// Undoes what `orientation` says was done to the picture.
pub(super) fn upright(picture: RgbImage, orientation: Orientation) -> RgbImage {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut pixels = picture.into_raw();
    let (transposed, across, down) = match orientation {
        Orientation::NoTransforms => (false, false, false),
        Orientation::FlipHorizontal => (false, true, false),
        Orientation::Rotate180 => (false, true, true),
        Orientation::FlipVertical => (false, false, true),
        Orientation::Rotate90FlipH => (true, false, false),
        Orientation::Rotate90 => (true, true, false),
        Orientation::Rotate270FlipH => (true, true, true),
        Orientation::Rotate270 => (true, false, true),
    };
    let (mut columns, mut rows) = (width, height);
    if transposed {
        transpose(&mut pixels, width, height);
        (columns, rows) = (height, width);
    }
    let row = columns * PIXEL;
    if across {
        for line in pixels.chunks_exact_mut(row) {
            line.as_chunks_mut::<PIXEL>().0.reverse();
        }
    }
    if down {
        for line in 0..rows / 2 {
            let (above, below) = pixels.split_at_mut((rows - 1 - line) * row);
            above[line * row..][..row].swap_with_slice(&mut below[..row]);
        }
    }
    // The number of pixels has not changed, so this is always a picture.
    RgbImage::from_raw(columns as u32, rows as u32, pixels).unwrap_or_default()
}

/// Makes rows of `width` pixels columns. Needs memory for 64 rows besides.
fn transpose(pixels: &mut [u8], width: usize, height: usize) {
    let row = width * PIXEL;
    let whole = height - height % STRIP;
    let mut strip = vec![0; STRIP.min(height) * row];
    for rows in pixels[..whole * row].chunks_exact_mut(STRIP * row) {
        transpose_into(rows, &mut strip, width);
        rows.copy_from_slice(&strip);
    }
    move_blocks(&mut pixels[..whole * row], whole / STRIP, width, STRIP * PIXEL);
    // The rows of the last strip become the ends of the columns, which move apart to make room, the last one first.
    let rest = height - whole;
    if rest > 0 {
        let strip = &mut strip[..rest * row];
        transpose_into(&pixels[whole * row..], strip, width);
        let (main, end) = (whole * PIXEL, rest * PIXEL);
        for column in (0..width).rev() {
            let to = column * (main + end);
            pixels.copy_within(column * main..(column + 1) * main, to);
            pixels[to + main..to + main + end].copy_from_slice(&strip[column * end..(column + 1) * end]);
        }
    }
}

/// Writes rows of `width` pixels as columns.
fn transpose_into(rows: &[u8], out: &mut [u8], width: usize) {
    let height = rows.len() / (width * PIXEL);
    for (y, row) in rows.chunks_exact(width * PIXEL).enumerate() {
        for (x, pixel) in row.chunks_exact(PIXEL).enumerate() {
            out[(x * height + y) * PIXEL..][..PIXEL].copy_from_slice(pixel);
        }
    }
}

/// Transposes a matrix of `rows × columns` blocks of `size` bytes along the cycles of the permutation.
fn move_blocks(bytes: &mut [u8], rows: usize, columns: usize, size: usize) {
    let count = rows * columns;
    if rows < 2 || columns < 2 {
        return;
    }
    let mut moved = vec![0u64; count.div_ceil(64)];
    let mut carried = vec![0; size];
    // The first and the last block stay.
    for start in 1..count - 1 {
        if moved[start / 64] >> (start % 64) & 1 == 1 {
            continue;
        }
        carried.copy_from_slice(&bytes[start * size..][..size]);
        let mut to = start;
        loop {
            to = to % columns * rows + to / columns;
            carried.swap_with_slice(&mut bytes[to * size..][..size]);
            moved[to / 64] |= 1 << (to % 64);
            if to == start {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, Rgb};

    #[test]
    fn every_turn_is_that_of_a_copy() {
        for (width, height) in
            [(1, 1), (1, 200), (200, 1), (5, 64), (64, 5), (130, 128), (128, 130), (77, 211), (300, 65)]
        {
            let picture =
                RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x / 256 + y / 256) as u8]));
            for number in 1..=8 {
                let orientation = Orientation::from_exif(number).unwrap();
                let mut copied = DynamicImage::ImageRgb8(picture.clone());
                copied.apply_orientation(orientation);
                let turned = upright(picture.clone(), orientation);
                assert!(turned == copied.into_rgb8(), "{width}×{height}, orientation {number}");
            }
        }
    }
}
