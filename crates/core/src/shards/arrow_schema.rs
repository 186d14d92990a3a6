//! The Arrow schema in the metadata of a Parquet file: it tells Arrow's readers that the vectors are lists of a fixed length,
//! a type that Parquet itself lacks.
//!
//! Written with the flatbuffers crate after `Schema.fbs` and `Message.fbs` of the Arrow format: the arrow crates are a large
//! dependency for these few hundred bytes. Fields of a table are numbered in the order of those files.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use flatbuffers::{FlatBufferBuilder, TableFinishedWIPOffset, UnionWIPOffset, VOffsetT, WIPOffset};

/// The metadata key that readers look for.
pub(super) const KEY: &str = "ARROW:schema";

const VERSION_V5: i16 = 4;
const HEADER_SCHEMA: u8 = 1;
const SINGLE: i16 = 1;

/// The types used here, with their numbers in the union `Type`.
#[derive(Clone, Copy)]
enum Type {
    Int64 = 2,
    Float32 = 3,
    Utf8 = 5,
    FixedSizeList = 16,
}

/// The value for [`KEY`]: an encapsulated message in base64.
pub(super) fn encoded(dim: usize) -> String {
    let mut builder = FlatBufferBuilder::new();
    let columns = [
        ("id", Type::Int64, false),
        ("path", Type::Utf8, false),
        ("category", Type::Utf8, false),
        ("caption", Type::Utf8, true),
        ("content_sha256", Type::Utf8, false),
        ("role", Type::Utf8, false),
        ("model", Type::Utf8, false),
        ("vector", Type::FixedSizeList, false),
    ];
    let fields = columns.map(|(name, kind, nullable)| field(&mut builder, name, kind, nullable, dim));
    let fields = builder.create_vector(&fields);
    let table = builder.start_table();
    builder.push_slot_always(vtable_offset(1), fields);
    let schema = builder.end_table(table);
    let table = builder.start_table();
    builder.push_slot_always(vtable_offset(0), VERSION_V5);
    builder.push_slot_always(vtable_offset(1), HEADER_SCHEMA);
    builder.push_slot_always::<WIPOffset<UnionWIPOffset>>(vtable_offset(2), schema.as_union_value());
    let message = builder.end_table(table);
    builder.finish_minimal(message);

    // Continuation mark, length, message; the length covers the padding to 8 bytes.
    let message = builder.finished_data();
    let length = message.len().next_multiple_of(8);
    let mut bytes = vec![0xFF; 4];
    bytes.extend_from_slice(&u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend_from_slice(message);
    bytes.resize(8 + length, 0);
    BASE64_STANDARD.encode(bytes)
}

fn field<'a>(
    builder: &mut FlatBufferBuilder<'a>,
    name: &str,
    kind: Type,
    nullable: bool,
    dim: usize,
) -> WIPOffset<TableFinishedWIPOffset> {
    let children = match kind {
        Type::FixedSizeList => vec![field(builder, "element", Type::Float32, false, dim)],
        _ => Vec::new(),
    };
    let children = builder.create_vector(&children);
    let name = builder.create_string(name);
    let table = builder.start_table();
    match kind {
        Type::Int64 => {
            builder.push_slot_always(vtable_offset(0), 64_i32);
            builder.push_slot_always(vtable_offset(1), true);
        }
        Type::Float32 => builder.push_slot_always(vtable_offset(0), SINGLE),
        Type::FixedSizeList => {
            builder.push_slot_always(vtable_offset(0), i32::try_from(dim).unwrap_or(i32::MAX))
        }
        Type::Utf8 => {}
    }
    let of_kind = builder.end_table(table);
    let table = builder.start_table();
    builder.push_slot_always(vtable_offset(0), name);
    builder.push_slot_always(vtable_offset(1), nullable);
    builder.push_slot_always(vtable_offset(2), kind as u8);
    builder.push_slot_always::<WIPOffset<UnionWIPOffset>>(vtable_offset(3), of_kind.as_union_value());
    builder.push_slot_always(vtable_offset(5), children);
    builder.end_table(table)
}

/// Offset of a field in the vtable of its table, which starts with two lengths of 2 bytes.
fn vtable_offset(field: VOffsetT) -> VOffsetT {
    4 + 2 * field
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn the_schema_is_the_one_that_arrow_reads() {
        // Of the file that tools/check_parquet.py read as it should with pyarrow 26, DuckDB 2.0 and Polars 2.1.
        let digest: String = hex::encode(Sha256::digest(encoded(1000)));
        assert_eq!(digest, "fa3b34fe77e7f0422970d7911d1617900c10f05b2dd5b1ef533e2e8942f6664b");
        assert_ne!(encoded(1000), encoded(512));
    }
}
