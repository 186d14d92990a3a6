//! Turning a row into a point with a stable id and a payload.

use serde::Serialize;
use sha1::{Digest, Sha1};

use crate::shards::{ShardManifest, ShardRows};

/// The namespace of the ids: the UUID of version 5 of `clipscope` in the namespace of DNS names (RFC 9562).
const NAMESPACE: [u8; 16] =
    [0xb2, 0x97, 0xdc, 0x10, 0x73, 0x5a, 0x54, 0x33, 0xb3, 0x6d, 0x1b, 0x59, 0xbf, 0x74, 0x1a, 0xb1];

/// The data that a search returns with the score, and filters by.
#[derive(Debug, Serialize)]
pub(super) struct Payload<'a> {
    path: &'a str,
    category: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<&'a str>,
    content_sha256: &'a str,
    role: &'a str,
    model: &'a str,
}

#[derive(Debug, Serialize)]
pub(super) struct Point<'a> {
    pub(super) id: String,
    vector: &'a [f32],
    payload: Payload<'a>,
}

/// The point of row `row`.
pub(super) fn point<'a>(manifest: &'a ShardManifest, rows: &'a ShardRows, row: usize) -> Point<'a> {
    let (path, content_sha256) = (&rows.paths[row], &rows.content_sha256[row]);
    Point {
        id: point_id(manifest.role.name(), &manifest.model, path, content_sha256),
        vector: &rows.vectors[row * manifest.dim..(row + 1) * manifest.dim],
        payload: Payload {
            path,
            category: &rows.categories[row],
            caption: rows.captions[row].as_deref(),
            content_sha256,
            role: manifest.role.name(),
            model: &manifest.model,
        },
    }
}

/// The id of a vector: the UUID of version 5 (RFC 9562) of `role`, model key, content hash and path, joined by line feeds.
fn point_id(role: &str, model: &str, path: &str, content_sha256: &str) -> String {
    uuid_v5(NAMESPACE, &format!("{role}\n{model}\n{content_sha256}\n{path}"))
}

fn uuid_v5(namespace: [u8; 16], name: &str) -> String {
    let digest = Sha1::new().chain_update(namespace).chain_update(name).finalize();
    let bytes = std::array::from_fn(|index| digest[index]);
    uuid::Builder::from_sha1_bytes(bytes).into_uuid().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The namespace of DNS names, RFC 9562 section 6.6.
    const DNS: [u8; 16] =
        [0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];

    #[test]
    fn ids_are_uuids_of_version_5() {
        // RFC 9562, appendix A.4.
        assert_eq!(uuid_v5(DNS, "www.example.com"), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
        let namespace: String = hex::encode(NAMESPACE);
        assert_eq!(uuid_v5(DNS, "clipscope").replace('-', ""), namespace);
    }

    #[test]
    fn another_role_model_path_or_content_gives_another_id() {
        let id = point_id("clip_image", "m", "a.jpg", "00");
        assert_eq!(id, point_id("clip_image", "m", "a.jpg", "00"));
        for other in [
            point_id("clip_text", "m", "a.jpg", "00"),
            point_id("clip_image", "n", "a.jpg", "00"),
            point_id("clip_image", "m", "b.jpg", "00"),
            point_id("clip_image", "m", "a.jpg", "01"),
        ] {
            assert_ne!(id, other);
        }
    }
}
