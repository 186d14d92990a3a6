//! Photos of every kind that are understood, and files that only claim to be photos.

use std::io::Cursor;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use clipscope_networks::{DecodeLimits, decode_photo};
use clipscope_test_support::memory::peak_mb;
use clipscope_test_support::test_name;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

static LIMITS: LazyLock<DecodeLimits> = LazyLock::new(|| DecodeLimits::new(30_000, 128 << 20));
const RED: Rgb<u8> = Rgb([200, 16, 32]);
const WHITE: Rgb<u8> = Rgb([250, 250, 250]);

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// 32×16, the left half red, the right half white: as the fixtures.
fn picture() -> RgbImage {
    RgbImage::from_fn(32, 16, |x, _| if x < 16 { RED } else { WHITE })
}

fn near(found: &Rgb<u8>, wanted: Rgb<u8>) -> bool {
    found.0.iter().zip(wanted.0).all(|(&found, wanted)| found.abs_diff(wanted) <= 12)
}

#[track_caller]
fn shows_the_picture(bytes: &[u8], name: &str) {
    let photo = decode_photo(bytes, &LIMITS).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(photo.dimensions(), (32, 16), "{name}");
    let (left, right) = (photo.get_pixel(4, 8), photo.get_pixel(28, 8));
    assert!(near(left, RED) && near(right, WHITE), "{name}: {left:?} {right:?}");
}

#[test]
fn cmyk_palettes_and_the_first_frame_of_animations_are_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/photos");
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        shows_the_picture(&std::fs::read(&path).unwrap(), &path.display().to_string());
        read += 1;
    }
    assert_eq!(read, 7);
}

#[test]
fn every_depth_and_channel_layout_becomes_eight_bit_rgb() {
    let photo = DynamicImage::ImageRgb8(picture());
    for (name, photo) in [
        ("rgb", photo.clone()),
        ("rgba", photo.to_rgba8().into()),
        ("rgb of 16 bits", photo.to_rgb16().into()),
        ("rgba of 16 bits", photo.to_rgba16().into()),
    ] {
        shows_the_picture(&encode(&photo, ImageFormat::Png), name);
        shows_the_picture(&encode(&photo, ImageFormat::Tiff), name);
    }
    for (name, photo) in [
        ("gray", DynamicImage::from(photo.to_luma8())),
        ("gray of 16 bits", photo.to_luma16().into()),
        ("gray with alpha", photo.to_luma_alpha8().into()),
        ("gray with alpha of 16 bits", photo.to_luma_alpha16().into()),
    ] {
        let read = decode_photo(&encode(&photo, ImageFormat::Png), &LIMITS).unwrap();
        let (left, right) = (read.get_pixel(4, 8), read.get_pixel(28, 8));
        assert!(left.0 == [left[0]; 3] && left[0] < 80 && right.0 == [250; 3], "{name}: {left:?} {right:?}");
    }
}

/// `jpeg` with an EXIF block that gives the orientation.
fn oriented(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut exif = b"\xff\xe1\x00\x22Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]);
    [&jpeg[..2], &exif, &jpeg[2..]].concat()
}

#[test]
fn each_of_the_eight_orientations_is_undone() {
    // Upright: red above green on the left, blue above white on the right. What a camera stores is what the orientation
    // makes of it when it is undone the wrong way; so each is written down by where the corners of the file end up.
    let corners = [Rgb([220, 0, 0]), Rgb([0, 0, 220]), Rgb([0, 200, 0]), Rgb([250, 250, 250])];
    let [red, blue, green, white] = corners;
    let stored = RgbImage::from_fn(64, 32, |x, y| corners[usize::from(y >= 16) * 2 + usize::from(x >= 32)]);
    let jpeg = encode(&DynamicImage::ImageRgb8(stored), ImageFormat::Jpeg);
    // Top left, top right, bottom left, bottom right after turning, from the meaning of the tag: which side of the
    // scene row 0 and column 0 of the file are.
    let wanted = [
        (1, [red, blue, green, white]),
        (2, [blue, red, white, green]),
        (3, [white, green, blue, red]),
        (4, [green, white, red, blue]),
        (5, [red, green, blue, white]),
        (6, [green, red, white, blue]),
        (7, [white, blue, green, red]),
        (8, [blue, white, red, green]),
    ];
    for (orientation, corners) in wanted {
        let photo = decode_photo(&oriented(&jpeg, orientation), &LIMITS).unwrap();
        let (width, height) = photo.dimensions();
        assert_eq!((width, height), if orientation < 5 { (64, 32) } else { (32, 64) }, "{orientation}");
        let places = [(4, 4), (width - 5, 4), (4, height - 5), (width - 5, height - 5)];
        for ((x, y), wanted) in places.into_iter().zip(corners) {
            let found = photo.get_pixel(x, y);
            assert!(near(found, wanted), "orientation {orientation}, {x}, {y}: {found:?}, not {wanted:?}");
        }
    }
    // Numbers that mean nothing turn nothing.
    for orientation in [0, 9, 255] {
        assert_eq!(decode_photo(&oriented(&jpeg, orientation), &LIMITS).unwrap().dimensions(), (64, 32));
    }
}

/// A small file of each format that claims as many pixels as its header can hold.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let photo = DynamicImage::ImageRgb8(picture());
    let mut bombs = Vec::new();

    let mut jpeg = encode(&photo, ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x75, 0x30, 0x75, 0x30]);
    bombs.push(("jpeg", jpeg.clone()));
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xFF; 4]);
    bombs.push(("jpeg of 65535 pixels a side", jpeg));

    let mut png = encode(&photo, ImageFormat::Png);
    png[16..24].copy_from_slice(&[0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    let sum = crc32(&png[12..29]);
    png[29..33].copy_from_slice(&sum.to_be_bytes());
    bombs.push(("png", png));

    let mut gif = encode(&photo, ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0x30, 0x75, 0x30, 0x75]);
    bombs.push(("gif", gif));

    // RIFF header, "WEBP", "VP8L", length, signature byte; then 14 bits of width − 1 and 14 of height − 1.
    let mut webp = encode(&photo, ImageFormat::WebP);
    assert_eq!(&webp[12..16], b"VP8L");
    webp[21..24].copy_from_slice(&[0xFE, 0xBF, 0xFF]);
    webp[24] |= 0x0F;
    bombs.push(("webp", webp));

    let mut bmp = encode(&photo, ImageFormat::Bmp);
    bmp[18..26].copy_from_slice(&[0x30, 0x75, 0, 0, 0x30, 0x75, 0, 0]);
    bombs.push(("bmp", bmp));

    let mut tiff = encode(&photo, ImageFormat::Tiff);
    for tag in [0x100u16, 0x101] {
        // A tag of one 32-bit number; the value stands at its end.
        let entry: Vec<u8> = [&tag.to_le_bytes()[..], &[4, 0, 1, 0, 0, 0]].concat();
        let place = tiff.windows(8).position(|window| window == entry).unwrap();
        tiff[place + 8..place + 12].copy_from_slice(&30_000u32.to_le_bytes());
    }
    bombs.push(("tiff", tiff));
    bombs
}

/// Set in the process that does nothing but refuse bombs.
const ALONE: &str = "CLIPSCOPE_TEST_ALONE";

#[test]
fn a_bomb_of_any_format_is_refused_and_costs_no_memory() {
    // The peak is that of a whole process, so the check has one of its own.
    if std::env::var_os(ALONE).is_none() {
        let name = test_name(module_path!(), "a_bomb_of_any_format_is_refused_and_costs_no_memory");
        let output = Command::new(std::env::current_exe().unwrap())
            .args([&name, "--exact", "--nocapture"])
            .env(ALONE, "1")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
        return;
    }
    for (name, bytes) in bombs() {
        assert!(bytes.len() < 4096, "{name}");
        let before = peak_mb();
        let error = decode_photo(&bytes, &LIMITS).expect_err(name).to_string();
        let used = peak_mb() - before;
        assert!(before > 0 && used < 64, "{name} took {used} MB of {before} MB");
        // The decoder of TIFF itself sees that the strips cannot hold as many pixels.
        let told = ["MiB allowed", "on a side", "inconsistent sizes"];
        assert!(told.iter().any(|words| error.contains(words)), "{name}: {error}");
    }
}

#[test]
fn a_file_cut_anywhere_is_a_photo_or_an_error_and_never_a_panic() {
    let photo = DynamicImage::ImageRgb8(picture());
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::Gif,
        ImageFormat::WebP,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ] {
        let bytes = encode(&photo, format);
        shows_the_picture(&bytes, &format!("{format:?}"));
        for length in 0..bytes.len() {
            // Formats may end in bytes that hold no pixels.
            if let Ok(cut) = decode_photo(&bytes[..length], &LIMITS) {
                assert!(
                    cut.pixels().eq(decode_photo(&bytes, &LIMITS).unwrap().pixels()),
                    "{format:?} {length}"
                );
            }
        }
    }
}

/// The seeds of the fuzz target `photo`, and every file that it found a fault with.
#[test]
fn what_was_found_by_fuzzing_stays_mended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/photo");
    let mut pictures = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        pictures +=
            usize::from(decode_photo(&std::fs::read(entry.unwrap().path()).unwrap(), &LIMITS).is_ok());
    }
    assert!(pictures >= 21, "{pictures}");
}

pub(super) fn crc32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    }) ^ !0
}
