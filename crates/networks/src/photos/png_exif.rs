//! The EXIF block of a PNG file, wherever it stands.
//!
//! The decoder sees only what comes before the pixels; many programs write EXIF behind them.

/// The first `eXIf` chunk, from its byte order on.
pub(super) fn find(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes.strip_prefix(b"\x89PNG\r\n\x1A\n")?;
    loop {
        let (head, behind) = rest.split_first_chunk::<8>()?;
        let length = u32::from_be_bytes([head[0], head[1], head[2], head[3]]) as usize;
        let body = behind.get(..length)?;
        match &head[4..] {
            b"eXIf" => return Some(body.strip_prefix(b"Exif\0\0").unwrap_or(body)),
            b"IEND" => return None,
            _ => rest = behind.get(length.checked_add(4)?..)?,
        }
    }
}
