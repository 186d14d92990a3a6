//! Scaling, center crop and normalization, as Pillow and torchvision do them.

use image::RgbImage;

use super::resample::resize_region;
use crate::card::Preprocessing;
use crate::error::ModelError;

/// 8-bit RGB pixels `[side, side, 3]`: a photo scaled and cropped, not yet normalized.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CropPixels {
    /// Side of the square, in pixels.
    pub side: u32,
    /// Row-major, interleaved RGB.
    pub data: Vec<u8>,
}

/// Scales the shorter side to `resize_shortest` and cuts out the square in the center.
///
/// As in torchvision (`resize`, `center_crop`), the longer side becomes `⌊long · target / short⌋`, and the crop starts
/// at half of what is left over, halves rounded to even.
///
/// # Errors
/// [`ModelError::Photo`] when the picture has no pixels or its longer side would exceed 100,000 pixels after scaling.
pub(crate) fn crop_pixels(photo: &RgbImage, spec: &Preprocessing) -> Result<CropPixels, ModelError> {
    let (width, height) = photo.dimensions();
    if width == 0 || height == 0 {
        return Err(ModelError::Photo("has no pixels".into()));
    }
    let target = u64::from(spec.resize_shortest);
    let (w, h) = (u64::from(width), u64::from(height));
    let (new_w, new_h) = if w <= h { (target, target * h / w) } else { (target * w / h, target) };
    // Of a strip this long, the square in the center shows next to nothing.
    if new_w.max(new_h) > 100_000 {
        return Err(ModelError::Photo(format!("is too long and narrow: {width}×{height} pixels")));
    }
    let crop = u64::from(spec.crop);
    let left = half_even(new_w - crop) as usize;
    let top = half_even(new_h - crop) as usize;
    let side = crop as usize;
    let size = (new_w as usize, new_h as usize);
    let data = resize_region(photo, spec.filter, size, left..left + side, top..top + side);
    Ok(CropPixels { side: spec.crop, data })
}

/// `rest / 2`, halves rounded to even as in Python.
fn half_even(rest: u64) -> u64 {
    let half = rest / 2;
    if rest % 2 == 1 && half % 2 == 1 { half + 1 } else { half }
}

/// Appends the normalized planes `[3, side, side]` of `pixels` to `out`.
pub(crate) fn normalize_into(pixels: &CropPixels, spec: &Preprocessing, out: &mut Vec<f32>) {
    for channel in 0..3 {
        // A table per channel: 256 divisions instead of one per pixel.
        let table: [f32; 256] =
            std::array::from_fn(|value| (value as f32 / 255.0 - spec.mean[channel]) / spec.std[channel]);
        out.extend(pixels.data.iter().skip(channel).step_by(3).map(|&value| table[value as usize]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::card::Filter;
    use crate::photos::decode::{DecodeLimits, decode_photo};
    use image::Rgb;

    fn spec(resize_shortest: u32, crop: u32) -> Preprocessing {
        Preprocessing {
            resize_shortest,
            filter: Filter::Bicubic,
            crop,
            mean: [0.5, 0.25, 0.0],
            std: [0.5, 0.25, 1.0],
        }
    }

    #[test]
    fn the_crop_is_taken_from_the_center_of_both_orientations() {
        for (width, height) in [(400, 100), (100, 400)] {
            // White only in the middle third of the long side.
            let photo = RgbImage::from_fn(width, height, |x, y| {
                let along = if width > height { x } else { y };
                if (150..250).contains(&along) { Rgb([255; 3]) } else { Rgb([0; 3]) }
            });
            let crop = crop_pixels(&photo, &spec(100, 100)).unwrap();
            assert!(crop.data.iter().all(|&value| value == 255), "{width}×{height}");
        }
    }

    #[derive(serde::Deserialize)]
    struct Fixture {
        pixels: Vec<Pixels>,
    }

    /// Pixels that Pillow made of some of the shipped photos.
    #[derive(serde::Deserialize)]
    struct Pixels {
        tensor: String,
        resize_shortest: u32,
        filter: Filter,
        crop: u32,
        photos: Vec<String>,
    }

    #[test]
    fn resizing_agrees_with_pillow() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let read = |path: &str| std::fs::read(root.join(path)).unwrap();
        let fixture: Fixture = serde_json::from_slice(&read("tests/fixtures/parity/mini.json")).unwrap();
        let tensors = read("tests/fixtures/parity/mini.safetensors");
        let file = safetensors::SafeTensors::deserialize(&tensors).unwrap();
        for entry in &fixture.pixels {
            let spec = Preprocessing { filter: entry.filter, ..spec(entry.resize_shortest, entry.crop) };
            let expected = file.tensor(&entry.tensor).unwrap();
            let size = (entry.crop * entry.crop * 3) as usize;
            for (name, expected) in entry.photos.iter().zip(expected.data().chunks_exact(size)) {
                let bytes = read(&format!("dataset/{name}"));
                let photo = decode_photo(&bytes, &DecodeLimits::default()).unwrap();
                assert_ne!(photo.width(), photo.height(), "a square photo would hide crop errors");
                let found = crop_pixels(&photo, &spec).unwrap();
                assert!(found.data == expected, "{} {name}", entry.tensor);
            }
        }
    }

    /// SHA-256 of the pixels of each shipped photo as Pillow decodes it, whole and as each network's crop.
    #[derive(serde::Deserialize)]
    struct Shipped {
        crops: Vec<Crop>,
        photos: std::collections::BTreeMap<String, Vec<String>>,
    }

    #[derive(serde::Deserialize)]
    struct Crop {
        resize_shortest: u32,
        filter: Filter,
        crop: u32,
    }

    #[test]
    fn every_network_reads_the_pixels_of_pillow_from_every_shipped_photo() {
        use sha2::{Digest, Sha256};
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let shipped = std::fs::read(root.join("tests/fixtures/jpeg/photos.json")).unwrap();
        let shipped: Shipped = serde_json::from_slice(&shipped).unwrap();
        assert_eq!((shipped.photos.len(), shipped.crops.len()), (20, 3));
        for (name, expected) in &shipped.photos {
            let bytes = std::fs::read(root.join("dataset").join(name)).unwrap();
            let photo = decode_photo(&bytes, &DecodeLimits::default()).unwrap();
            let crops = shipped.crops.iter().map(|crop| {
                let spec = Preprocessing { filter: crop.filter, ..spec(crop.resize_shortest, crop.crop) };
                crop_pixels(&photo, &spec).unwrap().data
            });
            let crops: Vec<_> = crops.map(|pixels| hex::encode(Sha256::digest(pixels))).collect();
            assert_eq!(hex::encode(Sha256::digest(photo.as_raw())), expected[0], "{name}");
            assert_eq!(crops, expected[1..], "{name}");
        }
    }

    #[test]
    fn halves_round_to_even_as_in_the_reference() {
        assert_eq!([1, 3, 5, 7].map(half_even), [0, 2, 2, 4]);
        assert_eq!([0, 2, 4].map(half_even), [0, 1, 2]);
    }

    #[test]
    fn normalized_planes_are_channel_first() {
        let pixels = CropPixels { side: 1, data: vec![255, 0, 51] };
        let mut out = Vec::new();
        normalize_into(&pixels, &spec(1, 1), &mut out);
        assert_eq!(out, vec![1.0, -1.0, 0.2]);
    }

    #[test]
    fn a_one_pixel_photo_and_a_long_strip_are_handled() {
        let dot = RgbImage::from_pixel(1, 1, Rgb([9, 8, 7]));
        let crop = crop_pixels(&dot, &spec(256, 224)).unwrap();
        assert_eq!(&crop.data[..3], &[9, 8, 7]);
        let strip = RgbImage::new(20_000, 1);
        assert!(crop_pixels(&strip, &spec(256, 224)).is_err());
    }
}
