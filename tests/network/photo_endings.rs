//! What stands behind a picture in its file, and pictures whose end is missing.

use std::io::Cursor;
use std::path::Path;

use clipscope_networks::{DecodeLimits, check_photo, decode_photo, photo_note};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

fn decode(bytes: &[u8]) -> Result<RgbImage, String> {
    decode_photo(bytes, &DecodeLimits::default()).map_err(|error| error.to_string())
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// A shipped photo: baseline, with subsampled color.
fn baseline() -> Vec<u8> {
    read("dataset/drinks/espresso-red-cup.jpg")
}

/// Bytes that look random and are the same in every run.
fn noise(count: usize) -> Vec<u8> {
    let mut state = 1u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// What Samsung's cameras append: blocks, and a directory that says where they begin.
fn samsung(block: &[u8]) -> Vec<u8> {
    let mut bytes = b"\0\0\x01\x0A\x0E\0\0\0Image_UTC_Data".to_vec();
    bytes.extend(block);
    let length = bytes.len() as u32;
    let mut directory = b"SEFH\x6A\0\0\0\x01\0\0\0\0\0\x01\x0A".to_vec();
    directory.extend(length.to_le_bytes());
    directory.extend(length.to_le_bytes());
    let size = directory.len() as u32;
    [bytes, directory, size.to_le_bytes().to_vec(), b"SEFT".to_vec()].concat()
}

fn tails() -> Vec<(&'static str, Vec<u8>)> {
    let film = [b"\0\0\0\x18ftypmp42\0\0\0\0isommp42".as_slice(), &noise(4000)].concat();
    vec![
        ("noise", noise(8000)),
        ("zeros", vec![0; 5000]),
        ("a film", film.clone()),
        ("Samsung's trailer", samsung(&film)),
        ("a second picture", baseline()),
        ("an archive", [b"PK\x03\x04".as_slice(), &noise(300)].concat()),
        ("the start of a scan", b"\xFF\xDA\0\x08\x01\x01\0\0?\0".to_vec()),
        ("an end", b"\xFF\xD9".to_vec()),
        ("a chunk", b"ANMF\x01\0\0\0x".to_vec()),
        ("a byte", vec![7]),
    ]
}

#[test]
fn what_follows_the_end_of_a_picture_never_matters() {
    let photo =
        DynamicImage::ImageRgb8(RgbImage::from_fn(40, 24, |x, y| Rgb([x as u8 * 6, y as u8 * 9, 77])));
    let encode = |format| {
        let mut out = Cursor::new(Vec::new());
        photo.write_to(&mut out, format).unwrap();
        out.into_inner()
    };
    let pictures = [
        ("jpeg", baseline()),
        ("progressive jpeg", read("tests/fixtures/photos/progressive.jpg")),
        ("png", encode(ImageFormat::Png)),
        ("gif", encode(ImageFormat::Gif)),
        ("animated gif", read("tests/fixtures/photos/animated.gif")),
        ("webp", encode(ImageFormat::WebP)),
        ("animated webp", read("tests/fixtures/photos/animated.webp")),
        ("bmp", encode(ImageFormat::Bmp)),
        ("tiff", encode(ImageFormat::Tiff)),
    ];
    for (format, picture) in pictures {
        let alone = decode(&picture).unwrap();
        for (name, tail) in tails() {
            let bytes = [picture.as_slice(), &tail].concat();
            let followed = decode(&bytes).unwrap_or_else(|error| panic!("{format} and {name}: {error}"));
            assert!(followed == alone, "{format} and {name}");
            assert_eq!(photo_note(&bytes), None, "{format} and {name}");
            let checked = check_photo(Cursor::new(&bytes), &DecodeLimits::default());
            assert!(checked.is_ok(), "{format} and {name}: {checked:?}");
        }
    }
}

#[test]
fn a_picture_without_an_end_is_used_when_all_pixels_are_there() {
    for whole in [baseline(), read("tests/fixtures/photos/progressive.jpg")] {
        let alone = decode(&whole).unwrap();
        let (pixels, end) = whole.split_at(whole.len() - 2);
        assert_eq!(end, b"\xFF\xD9");
        for (name, tail) in
            [("nothing", Vec::new())].into_iter().chain(tails()).filter(|(name, _)| *name != "an end")
        {
            let open = [pixels, &tail].concat();
            let found = decode(&open).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(found == alone, "{name}");
            let note = photo_note(&open).unwrap_or_else(|| panic!("{name}: no note"));
            assert!(note.contains("end-of-image marker is missing"), "{note}");
        }
    }
}

#[test]
fn a_picture_without_an_end_is_refused_when_pixels_are_missing() {
    for (whole, lost) in [(baseline(), 1000), (read("tests/fixtures/photos/progressive.jpg"), 12)] {
        let cut = &whole[..whole.len() - 2 - lost];
        for (name, tail) in
            [("nothing", Vec::new())].into_iter().chain(tails()).filter(|(name, _)| *name != "an end")
        {
            let open = [cut, &tail].concat();
            let error = decode(&open).expect_err(name);
            assert!(error.contains("its end is missing"), "{name}: {error}");
            assert_eq!(photo_note(&open), None, "{name}");
        }
        // Bytes that decode to pixels, behind the place where the trailer says that it begins.
        let trailer = samsung(&[0x5A; 20_000]);
        assert!(decode(&[cut, &trailer].concat()).is_err());
    }
}
