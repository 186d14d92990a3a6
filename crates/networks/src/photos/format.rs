//! What a file is, told from its first bytes.
//!
//! Owns the formats that are read, and the names of those that are not, with what to do about them. Must not know: how
//! any of them is decoded.

use image::ImageFormat;

/// Bytes that [`recognize`] wants to see.
pub(super) const HEAD_BYTES: usize = 4096;

const SAVE_AS: &str = "save it as JPEG or PNG";

/// The format of a file that begins with `head`, or the end of a sentence that begins with its name.
pub(super) fn recognize(head: &[u8]) -> Result<ImageFormat, String> {
    let starts = |magic: &[u8]| head.starts_with(magic);
    if head.is_empty() {
        return Err("is empty; restore it or delete it".into());
    }
    if let Some(raw) = camera_raw(head) {
        return Err(format!("is a camera raw file ({raw}), which is not read; export it as JPEG or TIFF"));
    }
    let readable = if starts(b"\xFF\xD8\xFF") {
        ImageFormat::Jpeg
    } else if starts(b"\x89PNG\r\n\x1A\n") {
        ImageFormat::Png
    } else if starts(b"GIF87a") || starts(b"GIF89a") {
        ImageFormat::Gif
    } else if starts(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
        ImageFormat::WebP
    } else if starts(b"BM") && bitmap_header(head) {
        ImageFormat::Bmp
    } else if [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"].iter().any(|magic| starts(*magic)) {
        ImageFormat::Tiff
    } else {
        return Err(refusal(head));
    };
    Ok(readable)
}

/// Whether a length of a known BMP header follows; two letters alone are no bitmap.
fn bitmap_header(head: &[u8]) -> bool {
    // Cut files are the decoder's to judge.
    head.get(14..18)
        .is_none_or(|length| matches!(u32::from_le_bytes(length.try_into().unwrap_or_default()), 12..=256))
}

/// Raw formats of cameras. Those that are TIFF inside hold a small preview, which is not the photo.
fn camera_raw(head: &[u8]) -> Option<&'static str> {
    const SIGNS: [(usize, &[u8], &str); 9] = [
        (8, b"CR\x02", "CR2"),
        (4, b"ftypcrx ", "CR3"),
        (6, b"HEAPCCDR", "CRW"),
        (0, b"IIU\0", "RW2"),
        (0, b"IIRO", "ORF"),
        (0, b"IIRS", "ORF"),
        (0, b"MMOR", "ORF"),
        (0, b"FUJIFILMCCD-RAW", "RAF"),
        (0, b"FOVb", "X3F"),
    ];
    let sign = SIGNS.iter().find(|(at, sign, _)| head.get(*at..).is_some_and(|rest| rest.starts_with(sign)));
    sign.map(|(_, _, name)| *name)
}

/// Why a file of none of the formats above is refused.
fn refusal(head: &[u8]) -> String {
    if let Some((kind, todo)) = not_read(head) {
        return format!("is {kind}, which is not read; {todo}");
    }
    if head.iter().all(|&byte| byte == 0) {
        return "begins with zeros only, as after a failed copy; restore it".into();
    }
    let text = head.trim_ascii_start().to_ascii_lowercase();
    if head.starts_with(b"version https://git-lfs") {
        "is a pointer of Git LFS, not the photo itself; run 'git lfs pull'".into()
    } else if text.starts_with(b"<!doctype html") || text.starts_with(b"<html") {
        "is a web page, not a photo; download the photo again".into()
    } else if std::str::from_utf8(text.get(..64).unwrap_or(&text)).is_ok_and(|text| !text.contains('\0')) {
        "is not a picture but text".into()
    } else {
        "is not a picture of a known format (JPEG, PNG, GIF, WebP, BMP, TIFF)".into()
    }
}

/// Formats of pictures, documents and videos that are not read, with what to do.
fn not_read(head: &[u8]) -> Option<(&'static str, &'static str)> {
    if head.get(4..8) == Some(b"ftyp") {
        return Some(media_container(head));
    }
    const SIGNS: [(&[u8], &str); 22] = [
        (b"\xFF\x0A", "a JPEG XL picture"),
        (b"\0\0\0\x0CJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"\0\0\0\x0CjP  \r\n\x87\n", "a JPEG 2000 picture"),
        (b"\xFF\x4F\xFF\x51", "a JPEG 2000 picture"),
        (b"II\xBC", "a JPEG XR picture"),
        (b"8BPS", "a Photoshop document"),
        (b"gimp xcf ", "a GIMP document"),
        (b"%PDF-", "a PDF document"),
        (b"%!PS", "a PostScript document"),
        (b"\xC5\xD0\xD3\xC6", "a PostScript document"),
        (b"AT&TFORM", "a DjVu document"),
        (b"\0\0\x01\0", "an icon (ICO)"),
        (b"icns", "an icon (ICNS)"),
        (b"\x76\x2F\x31\x01", "an OpenEXR picture"),
        (b"#?RADIANCE", "a Radiance HDR picture"),
        (b"qoif", "a QOI picture"),
        (b"farbfeld", "a farbfeld picture"),
        (b"DDS ", "a DirectDraw texture"),
        (b"\x8AMNG\r\n\x1A\n", "an MNG animation"),
        (b"\x1A\x45\xDF\xA3", "a Matroska or WebM video"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"Rar!\x1A\x07", "a RAR archive"),
    ];
    if let Some((_, name)) = SIGNS.iter().find(|(magic, _)| head.starts_with(magic)) {
        let todo = match *name {
            name if name.contains("video") => "export a still picture from it",
            name if name.contains("archive") => "unpack it",
            _ => SAVE_AS,
        };
        return Some((name, todo));
    }
    if matches!(head, [b'P', b'1'..=b'7', b' ' | b'\n' | b'\r' | b'\t', ..]) {
        return Some(("a Netpbm picture", SAVE_AS));
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    if text.starts_with(b"<") && text.windows(4).any(|window| window == b"<svg") {
        return Some(("an SVG drawing", SAVE_AS));
    }
    None
}

/// A file of the family of MP4: its brands tell pictures from videos.
fn media_container(head: &[u8]) -> (&'static str, &'static str) {
    let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
    let brands = &head[8..length.clamp(8, head.len())];
    // The second four bytes are a version.
    let has = |wanted: &[&[u8; 4]]| {
        let mut found = brands.chunks_exact(4).enumerate().filter(|(index, _)| *index != 1);
        found.any(|(_, brand)| wanted.iter().any(|wanted| brand == *wanted))
    };
    if has(&[b"avif", b"avis"]) {
        ("an AVIF picture", SAVE_AS)
    } else if has(&[b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"]) {
        ("a HEIC picture", SAVE_AS)
    } else if has(&[b"mif1", b"msf1"]) {
        ("a HEIF picture", SAVE_AS)
    } else {
        ("a video (MP4 or QuickTime)", "export a still picture from it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_read_is_told_by_its_content() {
        let brands = |major: &str, other: &str| {
            [b"\0\0\0\x18ftyp".as_slice(), major.as_bytes(), &[0; 4], b"mif1", other.as_bytes(), &[0; 40]]
                .concat()
        };
        let files: [(Vec<u8>, &str); 17] = [
            (Vec::new(), "is empty"),
            (vec![0; 100], "zeros"),
            (b"hello, I am a text file".to_vec(), "text"),
            (b"\n <!DOCTYPE html><html>".to_vec(), "web page"),
            (b"version https://git-lfs.github.com/spec/v1".to_vec(), "git lfs pull"),
            (brands("heic", "heic"), "HEIC"),
            (brands("mif1", "heic"), "HEIC"),
            (brands("mif1", "avif"), "AVIF"),
            (brands("mif1", "miaf"), "HEIF"),
            (b"\0\0\0\x14ftypisom\0\0\0\0mp41".to_vec(), "video"),
            (b"\0\0\0\x18ftypcrx \0\0\0\x01crx isom".to_vec(), "raw file (CR3)"),
            (b"II*\0\x10\0\0\0CR\x02\0".to_vec(), "raw file (CR2)"),
            (b"\xFF\x0A\xFA".to_vec(), "JPEG XL"),
            (b"\0\0\0\x0CjP  \r\n\x87\n".to_vec(), "JPEG 2000"),
            (b"8BPS\0\x01".to_vec(), "Photoshop"),
            (b"%PDF-1.7".to_vec(), "PDF"),
            (b"\xEF\xBB\xBF<?xml version=\"1.0\"?>\n<svg xmlns=\"\">".to_vec(), "SVG"),
        ];
        for (bytes, words) in files {
            let reason = recognize(&bytes).unwrap_err();
            assert!(reason.contains(words), "{words}: {reason}");
        }
        assert!(recognize(b"BM, a letter begins").unwrap_err().contains("text"));
        assert!(recognize(b"\x01\xFE\x80\x90\xFF").unwrap_err().contains("known format"));
    }
}
