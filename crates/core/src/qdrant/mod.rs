//! Vectors in a vector engine that searches across machines: Qdrant, through its REST interface.
//!
//! Owns the requests: creating a collection, pushing the rows of [`shards`](crate::shards) so that a repeated push changes
//! nothing, and searching. Must not know: how vectors are made, photos, or what is printed.
//!
//! Each row becomes a point. Its id is a UUID of version 5 over role, model key, path and content hash, so that a vector
//! has the same id wherever it comes from, and an interrupted push continues with the ids that Qdrant lacks. Its
//! payload holds `path`, `category`, `caption` (captions only), `content_sha256`, `role` and `model`. Every search filters
//! by role and model, so that vectors of different networks are never compared.

mod collection;
mod error;
mod http;
mod point;
mod push;
mod settings;

pub use collection::{QdrantCollection, QdrantHit};
pub use error::QdrantError;
pub use push::{PushProgress, push};
pub use settings::QdrantSettings;
