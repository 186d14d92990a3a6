//! Transparent pictures as people see them: on white.
//!
//! The networks' own preprocessing does the same (Pillow's `alpha_composite` on a white picture, in transformers 5), and a
//! color that no viewer shows would move the vectors.
//!
//! Owns the way from any pixels to opaque 8-bit RGB. Must not know: formats, files.

use image::{DynamicImage, RgbImage};

/// How alpha is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AlphaKind {
    /// Colors are those of the opaque pixel.
    Straight,
    /// Colors are already multiplied by alpha ("associated").
    Premultiplied,
}

impl AlphaKind {
    /// One channel on white.
    pub(super) fn on_white(self, value: u8, alpha: u8) -> u8 {
        match self {
            Self::Straight => straight(value, alpha),
            Self::Premultiplied => value.saturating_add(255 - alpha),
        }
    }
}

/// Pillow's arithmetic: 7 fractional bits, division by 255 with shifts.
fn straight(value: u8, alpha: u8) -> u8 {
    let share = u32::from(alpha) << 7;
    let sum = u32::from(value) * share + 255 * ((255 << 7) - share) + (0x80 << 7);
    ((((sum >> 8) + sum) >> 8) >> 7) as u8
}

/// Bytes that [`opaque`] allocates for a picture of this color type, besides the picture's own.
pub(super) fn extra_bytes(color: image::ColorType, pixels: u64) -> u64 {
    match color {
        image::ColorType::Rgb8 | image::ColorType::Rgba8 => 0,
        _ => pixels.saturating_mul(3),
    }
}

/// Shows a picture on white, as 8-bit RGB. Pictures of 8-bit RGB and RGBA keep their memory.
pub(super) fn opaque(picture: DynamicImage, alpha: AlphaKind) -> RgbImage {
    let (width, height) = (picture.width(), picture.height());
    let pixels: Vec<u8> = match picture {
        DynamicImage::ImageRgba8(picture) => {
            let mut bytes = picture.into_raw();
            let count = bytes.len() / 4;
            for pixel in 0..count {
                let alpha_value = bytes[4 * pixel + 3];
                for channel in 0..3 {
                    bytes[3 * pixel + channel] = alpha.on_white(bytes[4 * pixel + channel], alpha_value);
                }
            }
            bytes.truncate(3 * count);
            bytes
        }
        DynamicImage::ImageLumaA8(picture) => {
            picture.pixels().flat_map(|pixel| [alpha.on_white(pixel[0], pixel[1]); 3]).collect()
        }
        DynamicImage::ImageLumaA16(picture) => {
            picture.pixels().flat_map(|pixel| [alpha.on_white(eight(pixel[0]), eight(pixel[1])); 3]).collect()
        }
        DynamicImage::ImageRgba16(picture) => {
            let on_white = |pixel: &image::Rgba<u16>| {
                let [red, green, blue, opacity] = pixel.0.map(eight);
                [red, green, blue].map(|value| alpha.on_white(value, opacity))
            };
            picture.pixels().flat_map(on_white).collect()
        }
        DynamicImage::ImageRgba32F(picture) => {
            let on_white = |pixel: &image::Rgba<f32>| {
                let [red, green, blue, opacity] =
                    pixel.0.map(|value| (value.clamp(0.0, 1.0) * 255.0).round() as u8);
                [red, green, blue].map(|value| alpha.on_white(value, opacity))
            };
            picture.pixels().flat_map(on_white).collect()
        }
        other => return other.into_rgb8(),
    };
    // The length is that of the picture, so this is always one.
    RgbImage::from_raw(width, height, pixels).unwrap_or_default()
}

/// 16 bits to 8, rounded.
pub(super) fn eight(value: u16) -> u8 {
    ((u32::from(value) + 128) / 257) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgba, RgbaImage};

    #[test]
    fn opaque_and_clear_pixels_are_exact() {
        for value in 0..=255 {
            for alpha in [AlphaKind::Straight, AlphaKind::Premultiplied] {
                assert_eq!(alpha.on_white(value, 255), value);
            }
            assert_eq!(AlphaKind::Straight.on_white(value, 0), 255);
        }
        assert_eq!(AlphaKind::Premultiplied.on_white(0, 0), 255);
    }

    #[test]
    fn what_is_half_clear_is_blended_as_pillow_does() {
        // Image.alpha_composite(white, Image.new("RGBA", (1, 1), …)) in Pillow 13.0.0.
        let pillow = [
            ([200, 10, 20, 128], [227, 132, 137]),
            ([0, 100, 254, 3], [252, 253, 255]),
            ([77, 1, 128, 254], [78, 2, 128]),
        ];
        for (pixel, wanted) in pillow {
            let picture = DynamicImage::ImageRgba8(RgbaImage::from_pixel(3, 2, Rgba(pixel)));
            let shown = opaque(picture, AlphaKind::Straight);
            assert!(
                shown.dimensions() == (3, 2) && shown.pixels().all(|found| found.0 == wanted),
                "{pixel:?}: {shown:?}"
            );
        }
    }

    #[test]
    fn each_kind_of_alpha_is_shown_on_white() {
        let picture = DynamicImage::ImageRgba8(RgbaImage::from_pixel(1, 1, Rgba([60, 60, 60, 102])));
        // 60 · 0.4 + 255 · 0.6.
        for picture in [
            picture.clone(),
            picture.to_rgba16().into(),
            picture.to_rgba32f().into(),
            picture.to_luma_alpha8().into(),
            picture.to_luma_alpha16().into(),
        ] {
            let color = picture.color();
            assert_eq!(opaque(picture, AlphaKind::Straight).get_pixel(0, 0).0, [177; 3], "{color:?}");
        }
        // Multiplied before.
        let picture = DynamicImage::ImageRgba8(RgbaImage::from_pixel(1, 1, Rgba([24, 24, 24, 102])));
        assert_eq!(opaque(picture, AlphaKind::Premultiplied).get_pixel(0, 0).0, [177; 3]);
    }
}
