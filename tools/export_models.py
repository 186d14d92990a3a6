#!/usr/bin/env python3
"""Exports a set of networks into `models/`: graph, weight map, card and, for `mini`, the weights themselves.

For maintainers; building and using clipscope needs none of this. Once, in a virtual environment:

    pip install -r tools/requirements.txt
    cargo install burn-onnx --version 0.22.0     # the version in Cargo.toml; its `onnx2burn` names the parameters

    python tools/export_models.py mini           # the whole set
    python tools/export_models.py mini --network all-minilm-l6-v2
    python tools/export_models.py reference      # needs no checkpoints: only structure is exported
    python tools/export_models.py others         # the same for architectures that are in no set of their own

A folder per network, with

    graph.onnx           the graph, its weights declared external and not there
    weights.json         the weight map: where each parameter of the generated Burn module comes from
    tensors.json         published weights: name and shape of every tensor that the network needs
    card.json            what the program must know: outputs, preprocessing, tokenizer, hashes, license, sources
    weights.safetensors  `mini` only: the tensors under the checkpoint's names, in half precision except small ones
    tokenizer.json       text networks, except those that share one or whose tokenizer comes with the checkpoint

Nothing is written unless every check passes: ONNX Runtime agrees with PyTorch, every parameter and every tensor is
accounted for, the graph without weights gives the same Rust code as the one with them, and the map applied to the checkpoint
(and to the written weights) gives the module's values. The same versions give the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from exporter import graph, mini, modelgen, others, reference, tensors, weight_map
from exporter.network import Network, shipped

ROOT = Path(__file__).resolve().parent.parent
SETS = {"mini": mini.NETWORKS, "reference": reference.NETWORKS, "others": others.NETWORKS}
#: Folder of each set below `models/`.
FOLDERS = {"mini": "mini", "reference": "", "others": ""}
WEIGHTS_FILE = "weights.safetensors"

#: Largest difference tolerated between PyTorch and ONNX Runtime, relative to the largest value.
ONNX_TOLERANCE = 1e-5
#: Largest relative error per parameter, from folding in f32 and from half precision (which rounds to 2^-11).
FOLD_TOLERANCE, HALF_TOLERANCE = 1e-5, 1e-3


class ExportError(Exception):
    """A check failed; nothing was written for this network."""


def export(network: Network, destination: Path, onnx2burn: Path) -> None:
    """Writes the folder of one network, after every check."""
    with tempfile.TemporaryDirectory() as scratch:
        result = Path(scratch) / "result"
        result.mkdir()
        wanted, rules = _exported_graph(network, Path(scratch), result, onnx2burn)
        if not network.published:
            _write_weights(network, wanted, rules, result / WEIGHTS_FILE)
        if network.tokenizer:
            _write_tokenizer(network.tokenizer, result / network.card["tokenizer"]["file"])
        _write_json(result / "card.json", _card(network, result / WEIGHTS_FILE))
        destination.mkdir(parents=True, exist_ok=True)
        for file in sorted(result.iterdir()):
            shutil.copyfile(file, destination / file.name)
            print(f"  {file.name:20} {file.stat().st_size:>12,} bytes")


def _exported_graph(network: Network, scratch: Path, result: Path, onnx2burn: Path) -> tuple[modelgen.Generated, dict]:
    """Writes graph.onnx and weights.json into `result`; returns what burn-onnx makes of the graph, and the map's rules."""
    full_file = scratch / "full" / "graph.onnx"
    full_file.parent.mkdir()
    full = graph.exported(network, full_file)
    difference = graph.worst_difference_from_onnxruntime(network, full_file)
    print(f"  {len(full.graph.node)} nodes; ONNX Runtime differs from PyTorch by at most {difference:.1e} (relative)")
    if difference > ONNX_TOLERANCE:
        raise ExportError(f"ONNX Runtime and PyTorch differ by {difference:.1e}")

    bare, external_bytes = graph.without_weights(full)
    onnx.save(bare, result / "graph.onnx")
    wanted = modelgen.generated(onnx2burn, full_file, scratch / "full_rs")
    _check_same_code(wanted, result / "graph.onnx", external_bytes, scratch / "bare", onnx2burn)

    checkpoint = {k: v.numpy() for k, v in network.checkpoint.items()}
    unused = _unused(network)
    rules = weight_map.made(wanted.parameters, checkpoint, network.batch_norm_eps(), unused)
    counts = Counter(rule["op"] for rule in rules["parameters"].values())
    print(f"  parameters: {dict(sorted(counts.items()))}, constants: {len(rules['constants'])}; unused tensors: {len(unused)}")
    _check_map(rules, wanted, checkpoint, FOLD_TOLERANCE, "the checkpoint")
    published = network.published.map_entries() if network.published else {}
    _write_json(result / "weights.json", {"version": 1, "external_bytes": external_bytes, **published, **rules})
    if network.published:
        (result / "tensors.json").write_text(described(network), encoding="utf-8")
    return wanted, rules


def described(network: Network) -> str:
    """tensors.json: a line for each name, with its shape."""
    shapes = tensors.short([(k, list(v.shape)) for k, v in network.checkpoint.items() if not network.is_unused(k)])
    lines = [f"  {json.dumps(name)}: {json.dumps(shape)}" for name, shape in shapes.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _unused(network: Network) -> set[str]:
    """Checkpoint tensors that the graph has no use for. What is declared as such has to exist."""
    if network.published:
        names = network.published.ignored
        stale = [n for n in names if n not in network.checkpoint]
        stale += [p for p in network.published.ignored_prefixes if not any(k.startswith(p) for k in network.checkpoint)]
        if stale:
            raise ExportError(f"declared as ignored, but in no checkpoint: {stale}")
    return {k for k in network.checkpoint if network.is_unused(k)}


def _write_weights(network: Network, wanted: modelgen.Generated, rules: dict, file: Path) -> None:
    """Writes the tensors that the graph needs, in the precision that ships."""
    unused = _unused(network)
    half = shipped({k: v for k, v in network.checkpoint.items() if k not in unused})
    broken = [k for k, v in half.items() if not torch.isfinite(v).all()]
    if broken:
        raise ExportError(f"values that half precision cannot hold in {broken}")
    save_file({k: half[k].contiguous() for k in sorted(half, key=weight_map.natural)}, file)
    _check_map(rules, wanted, load_file(file), HALF_TOLERANCE, "the half-precision weights")


def _check_same_code(wanted: modelgen.Generated, bare: Path, external_bytes: int, folder: Path, onnx2burn: Path) -> None:
    """Imports the graph as the tool `import-graphs` does, over a sparse file of zeros, and requires the same code and parameters."""
    folder.mkdir()
    shutil.copyfile(bare, folder / "graph.onnx")
    with open(folder / graph.EXTERNAL_FILE, "wb") as sparse:
        sparse.truncate(external_bytes)
    got = modelgen.generated(onnx2burn, folder / "graph.onnx", folder / "rs")
    if got.code != wanted.code:
        raise ExportError("the graph without weights gives other Rust code than the one with them")
    if {k: v.shape for k, v in got.parameters.items()} != {k: v.shape for k, v in wanted.parameters.items()}:
        raise ExportError("the graph without weights gives other parameters than the one with them")
    print(f"  the same {len(got.code.splitlines())} lines of Rust with and without weights")


def _check_map(rules: dict, wanted: modelgen.Generated, checkpoint: dict[str, np.ndarray], limit: float, what: str) -> None:
    worst = weight_map.worst_difference(rules, wanted.parameters, checkpoint)
    print(f"  map over {what}: relative error at most {worst:.1e}")
    if worst > limit:
        raise ExportError(f"the map over {what} is off by {worst:.1e}, more than {limit:.0e}")


def _write_tokenizer(source: Path | dict, destination: Path) -> None:
    """Writes the tokenizer without its own truncation and padding: the card rules those."""
    from tokenizers import Tokenizer

    settings = json.loads(source.read_text(encoding="utf-8")) if isinstance(source, Path) else dict(source)
    settings["truncation"] = settings["padding"] = None
    destination.write_text(json.dumps(settings, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    Tokenizer.from_file(str(destination))


def _card(network: Network, weights: Path) -> dict:
    """The whole card; `weights` is read only where the weights ship."""
    outputs = [{"output": o.name, "role": o.role, "dim": o.dim} for o in network.outputs]
    if network.published:
        files = network.published.card_entries()
    else:
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        files = [{"file": weights.name, "sha256": digest, "bytes": weights.stat().st_size}]
    return {**network.card, "name": network.name, "outputs": outputs, "weights": files}


def _write_json(file: Path, value: dict) -> None:
    file.write_text(json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def _in_path(program: str) -> Path | None:
    found = shutil.which(program)
    return Path(found) if found else None


def main() -> int:
    parser = argparse.ArgumentParser(description="Exports a set of networks into models/ (for maintainers).")
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("--network", help="only this network of the set")
    parser.add_argument("--out", type=Path, default=ROOT / "models", help="where the networks' folders go (default: models/)")
    parser.add_argument("--onnx2burn", type=Path, default=_in_path("onnx2burn"), help="burn-onnx's tool (default: in PATH)")
    parser.add_argument("--threads", type=int, help="of PyTorch and ONNX Runtime (default: all cores)")
    options = parser.parse_args()
    if not options.onnx2burn or not options.onnx2burn.exists():
        parser.error("onnx2burn not found: install it (see the top of this file) or name it with --onnx2burn")
    networks = SETS[options.set]
    if options.network and options.network not in networks:
        parser.error(f"no network {options.network} in {options.set}; there are {', '.join(networks)}")
    torch.manual_seed(0)
    if options.threads:
        torch.set_num_threads(options.threads)
    for name in [options.network] if options.network else networks:
        print(name, flush=True)
        try:
            export(networks[name](), options.out / FOLDERS[options.set] / name, options.onnx2burn)
        except (ExportError, weight_map.MapError) as problem:
            print(f"{name}: {problem}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
