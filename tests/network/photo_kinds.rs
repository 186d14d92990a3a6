//! Every way in which a picture may be stored: transparency, orientation, kinds of TIFF, and kinds that are refused by name.

use std::io::Cursor;
use std::process::Command;

use clipscope_networks::{DecodeLimits, check_photo, decode_photo};
use clipscope_test_support::memory::peak_mb;
use clipscope_test_support::test_name;
use image::metadata::Orientation;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use crate::photos::crc32;
use crate::tiff_file::Tiff;

fn decode(bytes: &[u8]) -> Result<RgbImage, String> {
    let found = decode_photo(bytes, &DecodeLimits::default()).map_err(|error| error.to_string());
    let checked = check_photo(Cursor::new(bytes), &DecodeLimits::default());
    assert!(found.is_err() || checked.is_ok(), "the headers are refused, the pixels are not: {checked:?}");
    found
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// Nothing in it is symmetric.
fn picture() -> RgbImage {
    RgbImage::from_fn(7, 5, |x, y| Rgb([x as u8 * 30, y as u8 * 50, 200 - x as u8 - y as u8]))
}

fn on_white(value: u8, alpha: u8) -> u8 {
    (f64::from(value) * f64::from(alpha) / 255.0 + 255.0 - f64::from(alpha)).round() as u8
}

#[track_caller]
fn near(found: &RgbImage, wanted: &RgbImage, name: &str) {
    assert_eq!(found.dimensions(), wanted.dimensions(), "{name}");
    let far = found.as_raw().iter().zip(wanted.as_raw()).find(|(a, b)| a.abs_diff(**b) > 1);
    assert!(far.is_none(), "{name}: {far:?}");
}

#[test]
fn transparency_is_on_white_in_every_format() {
    let clear = RgbaImage::from_fn(6, 4, |x, y| Rgba([x as u8 * 40, 255 - y as u8 * 60, 9, x as u8 * 51]));
    let shown = |picture: &RgbaImage| {
        RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
            let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
            Rgb([red, green, blue].map(|value| on_white(value, alpha)))
        })
    };
    let color = DynamicImage::ImageRgba8(clear.clone());
    let gray = DynamicImage::from(color.to_luma_alpha8());
    for (name, stored, format) in [
        ("png", color.clone(), ImageFormat::Png),
        ("png of 16 bits", color.to_rgba16().into(), ImageFormat::Png),
        ("gray png", gray.clone(), ImageFormat::Png),
        ("gray png of 16 bits", gray.to_luma_alpha16().into(), ImageFormat::Png),
        ("webp", color.clone(), ImageFormat::WebP),
        ("bmp", color.clone(), ImageFormat::Bmp),
        ("tiff", color.clone(), ImageFormat::Tiff),
        ("tiff of 16 bits", color.to_rgba16().into(), ImageFormat::Tiff),
    ] {
        near(&decode(&encode(&stored, format)).unwrap(), &shown(&stored.to_rgba8()), name);
    }
    // GIF knows clear and opaque only.
    let hard = RgbaImage::from_fn(6, 4, |x, _| Rgba([200, 16, 32, if x < 3 { 255 } else { 0 }]));
    let gif = decode(&encode(&DynamicImage::ImageRgba8(hard.clone()), ImageFormat::Gif)).unwrap();
    near(&gif, &shown(&hard), "gif");
}

#[test]
fn a_palette_with_transparency_is_on_white() {
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &[0, 0, 0, 2, 0, 0, 0, 1, 8, 3, 0, 0, 0]);
    chunk(&mut png, b"PLTE", &[10, 20, 30, 200, 100, 0]);
    chunk(&mut png, b"tRNS", &[255, 51]);
    // Stored, not compressed: filter 0, index 0, index 1.
    chunk(&mut png, b"IDAT", b"\x78\x01\x01\x03\0\xfc\xff\0\0\x01\0\x04\0\x02");
    chunk(&mut png, b"IEND", b"");
    let found = decode(&png).unwrap();
    let second = [200, 100, 0].map(|value| on_white(value, 51));
    assert_eq!([found.get_pixel(0, 0).0, found.get_pixel(1, 0).0], [[10, 20, 30], second]);
}

fn chunk(png: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    png.extend((data.len() as u32).to_be_bytes());
    let body = [name, data].concat();
    png.extend(&body);
    png.extend(crc32(&body).to_be_bytes());
}

/// An EXIF block, from its byte order on.
fn exif(orientation: u8) -> Vec<u8> {
    let mut block = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    block.extend([orientation, 0, 0, 0, 0, 0, 0]);
    block
}

#[test]
fn orientation_is_undone_wherever_it_stands() {
    let stored = DynamicImage::ImageRgb8(picture());
    let png = encode(&stored, ImageFormat::Png);
    let webp = encode(&stored, ImageFormat::WebP);
    for orientation in 1..=8 {
        let mut upright = stored.clone();
        upright.apply_orientation(Orientation::from_exif(orientation).unwrap());
        let wanted = upright.into_rgb8();

        let mut block = Vec::new();
        chunk(&mut block, b"eXIf", &exif(orientation));
        let before = [&png[..33], &block, &png[33..]].concat();
        let end = png.len() - 12;
        let after = [&png[..end], &block, &png[end..]].concat();
        assert!(decode(&before).unwrap() == wanted, "png, before the pixels, {orientation}");
        assert!(decode(&after).unwrap() == wanted, "png, after the pixels, {orientation}");

        let mut body = b"WEBPVP8X\x0A\0\0\0\x08\0\0\0".to_vec();
        body.extend([picture().width() as u8 - 1, 0, 0, picture().height() as u8 - 1, 0, 0]);
        body.extend(&webp[12..]);
        body.extend([b"EXIF\x1a\0\0\0".as_slice(), &exif(orientation)].concat());
        let extended = [b"RIFF".as_slice(), &(body.len() as u32).to_le_bytes(), &body].concat();
        assert!(decode(&extended).unwrap() == wanted, "webp, {orientation}");

        let tiff = Tiff::new(7, 5, 2, &[8, 8, 8], picture().into_raw()).tag(274, &[u16::from(orientation)]);
        for big_endian in [false, true] {
            assert!(decode(&tiff.bytes(big_endian)).unwrap() == wanted, "tiff, {orientation}");
        }
    }
}

#[test]
fn every_common_kind_of_tiff_is_read() {
    // 3 × 2 pixels.
    let gray = |values: [u8; 6]| {
        RgbImage::from_vec(3, 2, values.iter().flat_map(|&value| [value; 3]).collect()).unwrap()
    };
    let colors: Vec<u8> = (0..18).map(|value| value * 14).collect();
    let rgb = RgbImage::from_vec(3, 2, colors.clone()).unwrap();
    let planes = |samples: &[u8], count: usize| -> Vec<u8> {
        (0..count).flat_map(|plane| samples.iter().skip(plane).step_by(count).copied()).collect()
    };
    // Reds, greens and blues of 16 colors; index 1 is (16, 8, 4).
    let map: Vec<u16> =
        [16u16, 8, 4].iter().flat_map(|step| (0..16).map(move |index| step * index * 257)).collect();
    let color = |index: u16| [16u16, 8, 4].map(|step| (step * index) as u8);
    let paletted = |indices: [u16; 6]| {
        RgbImage::from_vec(3, 2, indices.iter().flat_map(|&index| color(index)).collect()).unwrap()
    };
    let long_map: Vec<u16> = (0..768).map(|place| if place < 256 { place << 8 } else { 0 }).collect();
    let clear: Vec<u8> = vec![100, 51, 100, 255, 100, 0, 0, 51, 0, 255, 0, 0];
    let ink = [0, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255, 0, 255, 255, 0, 10, 20, 30, 40, 255, 255, 255, 255];
    let inked = RgbImage::from_vec(
        3,
        2,
        vec![255, 255, 255, 0, 255, 255, 0, 0, 0, 255, 0, 0, 207, 198, 190, 0, 0, 0],
    )
    .unwrap();
    let premultiplied: Vec<u8> = (0..6).flat_map(|pixel| [pixel * 10, 0, 51, 51]).collect();
    let shown = RgbImage::from_fn(3, 2, |x, y| Rgb([204 + (x + 3 * y) as u8 * 10, 204, 255]));
    let kinds: Vec<(&str, Tiff, RgbImage)> = vec![
        ("bilevel", Tiff::new(3, 2, 1, &[1], vec![0b1010_0000, 0b0100_0000]), gray([255, 0, 255, 0, 255, 0])),
        (
            "bilevel, white is zero",
            Tiff::new(3, 2, 0, &[1], vec![0b1010_0000, 0b0100_0000]),
            gray([0, 255, 0, 255, 0, 255]),
        ),
        (
            "gray of 2 bits",
            Tiff::new(3, 2, 1, &[2], vec![0b0001_1000, 0b1100_0000]),
            gray([0, 85, 170, 255, 0, 0]),
        ),
        (
            "gray of 4 bits",
            Tiff::new(3, 2, 1, &[4], vec![0x0F, 0x10, 0x23, 0x40]),
            gray([0, 255, 17, 34, 51, 68]),
        ),
        (
            "gray with alpha",
            Tiff::new(3, 2, 1, &[8, 8], clear).tag(338, &[2]),
            gray([224, 100, 255, 204, 0, 255]),
        ),
        (
            "palette of 4 bits",
            Tiff::new(3, 2, 3, &[4], vec![0x01, 0x20, 0x3F, 0x50]).tag(320, &map),
            paletted([0, 1, 2, 3, 15, 5]),
        ),
        (
            "palette of 8 bits",
            Tiff::new(3, 2, 3, &[8], vec![0, 9, 200, 255, 1, 2]).tag(320, &long_map),
            RgbImage::from_vec(3, 2, [0, 9, 200, 255, 1, 2].iter().flat_map(|&red| [red, 0, 0]).collect())
                .unwrap(),
        ),
        ("planes", Tiff::new(3, 2, 2, &[8, 8, 8], planes(&colors, 3)).planes(3), rgb.clone()),
        ("ink", Tiff::new(3, 2, 5, &[8, 8, 8, 8], ink.to_vec()), inked.clone()),
        ("planes of ink", Tiff::new(3, 2, 5, &[8, 8, 8, 8], planes(&ink, 4)).planes(4), inked),
        ("associated alpha", Tiff::new(3, 2, 2, &[8, 8, 8, 8], premultiplied).tag(338, &[1]), shown),
        (
            "a fourth sample that is no alpha",
            Tiff::new(
                3,
                2,
                2,
                &[8, 8, 8, 8],
                colors.chunks(3).flat_map(|color| [color, &[9]].concat()).collect(),
            )
            .tag(338, &[0]),
            rgb,
        ),
    ];
    for (name, tiff, wanted) in kinds {
        for big_endian in [false, true] {
            let found = decode(&tiff.bytes(big_endian)).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(found == wanted, "{name}, big-endian {big_endian}: {:?}", found.as_raw());
        }
    }
}

#[test]
fn what_is_not_decoded_is_refused_by_name() {
    let jpeg = encode(&DynamicImage::ImageRgb8(picture()), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    let coded = |marker: u8, bits: u8| {
        let mut bytes = jpeg.clone();
        (bytes[frame + 1], bytes[frame + 4]) = (marker, bits);
        bytes
    };
    let plain = || Tiff::new(7, 5, 2, &[8, 8, 8], picture().into_raw());
    let heic = [b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".as_slice(), &[9; 400]].concat();
    for (bytes, words) in [
        (coded(0xC9, 8), "arithmetic coding is not supported"),
        (coded(0xCA, 8), "arithmetic coding is not supported"),
        (coded(0xC3, 8), "lossless coding is not supported"),
        (coded(0xC5, 8), "hierarchical coding is not supported"),
        (coded(0xC1, 12), "a precision of 12 bits is not supported"),
        (plain().tag(50706, &[1]).bytes(false), "camera raw file"),
        (plain().tag(254, &[1]).tag(330, &[0]).bytes(true), "camera raw file"),
        (
            Tiff::new(1, 1, 8, &[8, 8, 8], vec![1, 2, 3]).bytes(false),
            "TIFF file of a kind that is not decoded",
        ),
        (heic, "is a HEIC picture, which is not read; save it as JPEG or PNG"),
    ] {
        let error = decode(&bytes).expect_err(words);
        assert!(error.contains(words) && !error.contains("damaged"), "{words}: {error}");
        let checked = check_photo(Cursor::new(&bytes), &DecodeLimits::default()).expect_err(words);
        assert_eq!(checked.to_string(), error, "the headers say the same");
    }
}

/// Names the file in the process that does nothing but turn a photo.
const TURNED: &str = "CLIPSCOPE_TEST_TURNED";

#[test]
fn a_turned_photo_costs_no_second_copy() {
    let (width, height) = (8000, 5999);
    // The peak is that of a whole process, so the check has one of its own.
    let Some(path) = std::env::var_os(TURNED) else {
        let plain = RgbImage::from_pixel(width, height, Rgb([9, 99, 199]));
        let jpeg = encode(&DynamicImage::ImageRgb8(plain), ImageFormat::Jpeg);
        let length = (exif(6).len() + 8) as u16;
        let block = [b"\xFF\xE1".as_slice(), &length.to_be_bytes(), b"Exif\0\0", &exif(6)].concat();
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [&jpeg[..2], &block, &jpeg[2..]].concat()).unwrap();
        let name = test_name(module_path!(), "a_turned_photo_costs_no_second_copy");
        let output = Command::new(std::env::current_exe().unwrap())
            .args([&name, "--exact", "--nocapture"])
            .env(TURNED, file.path())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    };
    let bytes = std::fs::read(path).unwrap();
    let before = peak_mb();
    let photo = decode(&bytes).unwrap();
    assert_eq!(photo.dimensions(), (height, width));
    let (used, pixels) = (peak_mb() - before, photo.len() as u64 >> 20);
    assert!(before > 0 && used < pixels + pixels / 2, "{used} MB for {pixels} MB of pixels");
}
