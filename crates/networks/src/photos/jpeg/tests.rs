//! Pixels against those of Pillow (`tools/make_jpeg_fixtures.py`), and files that are no pictures.

use std::path::{Path, PathBuf};

use super::{Fault, Jpeg};

fn fixtures() -> Vec<(String, Vec<u8>, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/jpeg");
    let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "jpg"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read(&path).unwrap(), path.with_extension("png"))
        })
        .collect();
    found.sort();
    found
}

fn fixture(name: &str) -> Vec<u8> {
    fixtures().into_iter().find(|(found, ..)| found == name).unwrap().1
}

fn decode(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    Jpeg::open(bytes).and_then(Jpeg::decode)
}

#[test]
fn every_kind_of_file_has_the_pixels_of_pillow() {
    let mut decoded = 0;
    for (name, bytes, expected) in fixtures() {
        if name.starts_with("refused") {
            continue;
        }
        let expected = image::open(expected).unwrap().into_rgb8();
        let jpeg = Jpeg::open(&bytes).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        assert_eq!(jpeg.dimensions(), expected.dimensions(), "{name}");
        let found = jpeg.decode().unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let worst = found.iter().zip(expected.as_raw()).map(|(&a, &b)| a.abs_diff(b)).max();
        assert_eq!(worst, Some(0), "{name}");
        decoded += 1;
    }
    assert_eq!(decoded, 44);
}

#[test]
fn what_is_not_decoded_is_named() {
    for name in ["refused-arithmetic", "refused-arithmetic-progressive"] {
        assert_eq!(decode(&fixture(name)), Err(Fault::Unsupported("arithmetic coding")), "{name}");
    }
    let sound = fixture("420");
    let frame = sound.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
    // Offset from the marker, new value, fault.
    for (place, value, fault) in [
        (1, 0xC3, Fault::Unsupported("lossless coding")),
        (1, 0xC5, Fault::Unsupported("hierarchical coding")),
        (1, 0xC9, Fault::Unsupported("arithmetic coding")),
        (4, 12, Fault::Unsupported("12 bits for each channel")),
        (9, 2, Fault::Channels(2)),
        (11, 0x00, Fault::Damaged("a channel is described wrongly")),
        // Three to two.
        (11, 0x32, Fault::Unsupported("channels whose sizes are no multiples of each other")),
    ] {
        let mut bytes = sound.clone();
        bytes[frame + place] = value;
        if value == 0x32 {
            bytes[frame + 14] = 0x21;
        }
        assert_eq!(decode(&bytes), Err(fault));
    }
    let mut bytes = sound.clone();
    bytes[frame + 5..frame + 7].fill(0);
    assert_eq!(decode(&bytes), Err(Fault::Unsupported("a height that is told after the pixels")));
}

#[test]
fn a_file_cut_anywhere_is_whole_or_refused() {
    for name in ["420", "420-odd-progressive", "restarts", "420-odd-two-scans"] {
        let bytes = fixture(name);
        let whole = decode(&bytes).unwrap();
        let mut refused = 0;
        for length in 2..bytes.len() {
            match decode(&bytes[..length]) {
                Ok(pixels) => assert!(pixels == whole, "{name} cut to {length} bytes"),
                Err(_) => refused += 1,
            }
        }
        assert!(refused + 24 > bytes.len(), "{name}: {refused} of {}", bytes.len());
    }
}

#[test]
fn a_restart_marker_out_of_order_is_refused() {
    let mut bytes = fixture("restarts");
    let marker = bytes.windows(2).position(|pair| pair == [0xFF, 0xD1]).unwrap();
    bytes[marker + 1] = 0xD2;
    assert_eq!(decode(&bytes), Err(Fault::Damaged("a restart marker is missing")));
}

#[test]
fn a_scan_that_comes_twice_is_refused() {
    let bytes = fixture("420-odd-progressive");
    let start = bytes.windows(2).position(|pair| pair == [0xFF, 0xDA]).unwrap();
    let length =
        bytes[start + 2..].windows(2).position(|pair| pair[0] == 0xFF && pair[1] > 0xC0).unwrap() + 2;
    let twice = [&bytes[..start + length], &bytes[start..]].concat();
    assert_eq!(decode(&twice), Err(Fault::Damaged("its scans are out of order")));
}

#[test]
fn damage_never_panics() {
    // Without the net that `decode_photo` has under it.
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut decoded = 0;
    for (_, bytes, _) in fixtures() {
        for _ in 0..60 {
            let mut damaged = bytes.clone();
            for _ in 0..=random(4) {
                let place = 2 + random(damaged.len() - 2);
                damaged[place] = random(256) as u8;
            }
            // A header may be damaged into a huge picture, which `decode_photo` refuses.
            if let Ok(jpeg) = Jpeg::open(&damaged)
                && jpeg.bytes_needed() < 4 << 20
            {
                let (width, height) = jpeg.dimensions();
                let pixels = jpeg.decode();
                assert!(pixels.as_ref().map_or(0, Vec::len) % (3 * width * height) as usize == 0);
                decoded += usize::from(pixels.is_ok());
            }
        }
    }
    assert!(decoded > 100, "{decoded}");
}
