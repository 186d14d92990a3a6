//! The columns of a file of vectors, where its manifest is, and how the files of the roles are called.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;

use clipscope_networks::Role;

/// Version of the layout.
pub(crate) const SCHEMA: u32 = 1;
/// The key of the manifest in the file's metadata.
pub(crate) const METADATA_KEY: &str = "clipscope";

const LAYOUT: &str = "message clipscope {
    required int64 id;
    required binary path (STRING);
    required binary category (STRING);
    optional binary caption (STRING);
    required binary content_sha256 (STRING);
    required binary role (STRING);
    required binary model (STRING);
    required group vector (LIST) { repeated group list { required float element; } }
}";

/// The file of one role, where `out` stands for all of them: `vectors.parquet` becomes `vectors.clip_image.parquet`.
#[must_use]
pub fn role_file(out: &Path, role: Role) -> PathBuf {
    let mut name = match out.extension() {
        Some(extension) if extension.eq_ignore_ascii_case("parquet") => out.with_extension(""),
        _ => out.to_path_buf(),
    }
    .into_os_string();
    name.push(format!(".{}.parquet", role.name()));
    name.into()
}

/// The columns as Parquet's library describes them.
pub(super) fn layout() -> Result<TypePtr, ParquetError> {
    parse_message_type(LAYOUT).map(Arc::new)
}
