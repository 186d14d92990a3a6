"""Runs burn-onnx's `onnx2burn` and reads what it writes: the generated Rust code and the Burnpack of parameters."""

from __future__ import annotations

import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

import cbor2
import numpy as np

#: Burnpack: 4 bytes magic, 2 version, 4 length of the CBOR metadata; the data starts at the next multiple of 256.
_HEADER, _DATA_ALIGNMENT = 10, 256
_DTYPES = {"F32": np.float32, "I64": np.int64, "I32": np.int32, "Bool": np.bool_}


@dataclass(frozen=True)
class Generated:
    """What burn-onnx makes of a graph."""

    #: The Rust code, without the comment on top that names the input file.
    code: str
    #: Values by parameter path in the generated module.
    parameters: dict[str, np.ndarray]


def generated(onnx2burn: Path, graph: Path, folder: Path) -> Generated:
    """Imports `graph` into `folder`, with the options that the tool `import-graphs` uses (simplify and partition, burn-onnx's defaults)."""
    command = [str(onnx2burn), str(graph), str(folder), "--no-development"]
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        raise RuntimeError(f"onnx2burn failed on {graph}:\n{run.stdout[-4000:]}{run.stderr[-4000:]}")
    code = (folder / graph.name).with_suffix(".rs").read_text(encoding="utf-8")
    lines = [line for line in code.splitlines() if not line.startswith("// Generated from ONNX")]
    # The constructors of the "file" strategy name the Burnpack by its path, which differs from folder to folder.
    text = "\n".join(lines).replace(str(folder), "<folder>")
    return Generated(text, read_burnpack((folder / graph.name).with_suffix(".bpk")))


def read_burnpack(file: Path) -> dict[str, np.ndarray]:
    """Every tensor of a Burnpack file, by name."""
    raw = file.read_bytes()
    (length,) = struct.unpack("<I", raw[_HEADER - 4 : _HEADER])
    tensors = cbor2.loads(raw[_HEADER : _HEADER + length])["tensors"]
    start = -(-(_HEADER + length) // _DATA_ALIGNMENT) * _DATA_ALIGNMENT
    values = {}
    for name, tensor in tensors.items():
        declared = tensor["dtype"]
        # Burn says how a Bool is stored: {"Bool": "Native"} is one byte each.
        dtype = _DTYPES.get("Bool" if declared == {"Bool": "Native"} else str(declared))
        if dtype is None:
            raise ValueError(f"{file}: tensor {name} has the unknown element type {declared}")
        begin, end = tensor["data_offsets"]
        values[name] = np.frombuffer(raw[start + begin : start + end], dtype).reshape(tensor["shape"])
    return values
