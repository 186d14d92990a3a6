//! The columns of a file of vectors, and where its manifest is.

use std::sync::Arc;

use parquet::errors::ParquetError;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;

/// Version of the layout.
pub(super) const SCHEMA: u32 = 1;
/// The key of the manifest in the file's metadata.
pub(super) const METADATA_KEY: &str = "clipscope";

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

/// The columns as Parquet's library describes them.
pub(super) fn layout() -> Result<TypePtr, ParquetError> {
    parse_message_type(LAYOUT).map(Arc::new)
}
