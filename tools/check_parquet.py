"""Reads files of vectors with pyarrow, DuckDB and Polars, and fails where one of them sees something else.

For maintainers: python tools/check_parquet.py FILE.parquet... (needs pyarrow, duckdb, polars and numpy)
"""

import json
import sys

import duckdb
import numpy
import polars
import pyarrow
import pyarrow.parquet


def check(file):
    table = pyarrow.parquet.read_table(file)
    manifest = json.loads(pyarrow.parquet.read_metadata(file).metadata[b"clipscope"])
    rows = manifest["end"] - manifest["first"] - len(manifest["left_out"])
    dim = manifest["dim"]
    text = pyarrow.string()
    expected = {
        "id": pyarrow.int64(),
        "path": text,
        "category": text,
        "caption": text,
        "content_sha256": text,
        "role": text,
        "model": text,
        "vector": pyarrow.list_(pyarrow.field("element", pyarrow.float32(), nullable=False), dim),
    }
    found = dict(zip(table.schema.names, table.schema.types))
    assert found == expected, found
    assert [field.name for field in table.schema if field.nullable] == ["caption"]
    assert table.num_rows == rows, (table.num_rows, rows)
    vectors = table["vector"].combine_chunks().flatten().to_numpy().reshape(rows, dim)
    assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert set(table["role"].to_pylist()) <= {manifest["role"]}
    assert set(table["model"].to_pylist()) <= {manifest["model"]}

    frame = polars.read_parquet(file)
    assert frame.schema["vector"] == polars.Array(polars.Float32, dim), frame.schema
    assert numpy.array_equal(frame["vector"].to_numpy().reshape(rows, dim), vectors)
    assert frame["caption"].to_list() == table["caption"].to_pylist()

    duck = duckdb.execute("select id, path, vector from read_parquet(?) order by id", [file]).fetchall()
    assert [row[0] for row in duck] == table["id"].to_pylist()
    assert [row[1] for row in duck] == table["path"].to_pylist()
    assert numpy.array_equal(numpy.array([row[2] for row in duck], "f4").reshape(rows, dim), vectors)
    print(f"{file}: {rows} {manifest['role']} vectors of {dim}, the same in all three")


for name in sys.argv[1:] or sys.exit(__doc__):
    check(name)
