"""The committed graphs with weights in them, for ONNX Runtime, and the modules they were exported from, for PyTorch.

The weights of `mini` are the committed ones, those of `reference` come from `exporter/formula.py`, as in the program's tests.
"""

from __future__ import annotations

from pathlib import Path

import onnx
import torch
from safetensors.torch import load_file

from exporter import graph, mini, reference

from .engine import CARDS, graph_file, module_file

NETWORKS = {folder.split("/")[-1]: make for folder, make in mini.NETWORKS.items()}
NETWORKS |= {
    "resnet50": reference.resnet50,
    "distiluse-base-multilingual-cased-v2": reference.distiluse,
    "clip-vit-b32-vision": reference.clip_vision,
    "clip-vit-b32-text": reference.clip_text,
}


def prepare(work: Path, name: str) -> None:
    """Writes both files of a network. Fails unless the graph is the committed one."""
    folder, card = CARDS[name]
    network = NETWORKS[name]()
    if not network.published:
        committed = load_file(folder / card["weights"][0]["file"])
        network.checkpoint |= {k: v.float() for k, v in committed.items()}
    for file in (graph_file(work, name), module_file(work, name)):
        file.parent.mkdir(parents=True, exist_ok=True)
    full = graph.exported(network, graph_file(work, name))
    bare = graph.without_weights(full)[0]
    if bare.SerializeToString() != onnx.load(folder / "graph.onnx", load_external_data=False).SerializeToString():
        raise SystemExit(f"{name}: the graph exported here is not models/**/graph.onnx; are these the versions of requirements.txt?")
    # The graph needs plain attention; on its own PyTorch is faster with its fused operator.
    for part in network.module.modules():
        if hasattr(part, "config"):
            part.config._attn_implementation = "sdpa"
    torch.save(network.module, module_file(work, name))
