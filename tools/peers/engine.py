"""ONNX Runtime and PyTorch behind the line protocol of `benches/peers.rs`. Runs in a process of its own.

A request is a line `{"batch": 8, "repeats": 3, "vectors": false}`, its answer a line with the seconds that `repeats` passes
took, the items of a pass, the peak memory so far in MB and, where asked for, the vectors.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Callable, Iterator

import numpy as np
from tokenizers import Tokenizer

from exporter.preprocessing import pixel_tensor

ROOT = Path(__file__).resolve().parents[2]
#: Folder below `models/` and card of every network, by the network's name.
CARDS = {card["name"]: (file.parent, card) for file in sorted(ROOT.glob("models/**/card.json")) for card in [json.loads(file.read_text())]}
#: In the order in which the program takes them.
SETS = {
    "mini": ("efficientnet-lite0", "all-minilm-l6-v2"),
    "reference": ("resnet50", "clip-vit-b32-vision", "distiluse-base-multilingual-cased-v2", "clip-vit-b32-text"),
}

Pass = Callable[[int], list[np.ndarray]]


def graph_file(work: Path, name: str) -> Path:
    return work / "graphs" / f"{name}.onnx"


def module_file(work: Path, name: str) -> Path:
    return work / "modules" / f"{name}.pt"


def dataset() -> tuple[list[Path], list[str]]:
    """The photos that ship, and their captions."""
    entries = json.loads((ROOT / "dataset" / "dataset.json").read_text(encoding="utf-8"))
    pairs = [(ROOT / "dataset" / category / e["filename"], e["description"]) for category, es in entries.items() for e in es]
    return [file for file, _ in pairs], [caption for _, caption in pairs]


class Captions:
    """Tokenizes as the network's card says."""

    def __init__(self, name: str) -> None:
        folder, card = CARDS[name]
        file = folder / card["tokenizer"]["file"]
        if not file.exists():
            # DistilUSE's comes with its checkpoint; the fixtures have a small one with the same settings.
            file = ROOT / "tests" / "fixtures" / "reference" / "distiluse-tokenizer.json"
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.enable_truncation(card["tokenizer"]["max_tokens"])
        self._tokenizer.no_padding()
        self._pad = card["tokenizer"]["pad_id"]

    def ids(self, caption: str) -> list[int]:
        return self._tokenizer.encode(caption).ids

    def batch(self, rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
        """Ids and mask, padded to the longest."""
        length = max(len(row) for row in rows)
        ids = np.full((len(rows), length), self._pad, np.int64)
        mask = np.zeros_like(ids)
        for place, row in enumerate(rows):
            ids[place, : len(row)], mask[place, : len(row)] = row, 1
        return ids, mask


def onnxruntime_forward(work: Path, name: str, threads: int) -> Callable[..., list[np.ndarray]]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    session = onnxruntime.InferenceSession(str(graph_file(work, name)), options, providers=["CPUExecutionProvider"])
    names = [i.name for i in session.get_inputs()]
    # CLIP's text tower takes no mask.
    return lambda *inputs: session.run(None, dict(zip(names, inputs)))


def torch_forward(work: Path, name: str, threads: int) -> Callable[..., list[np.ndarray]]:
    import torch

    torch.set_num_threads(threads)
    module = torch.load(module_file(work, name), weights_only=False, mmap=True)
    takes = 1 if CARDS[name][1]["modality"] == "image" or name == "clip-vit-b32-text" else 2

    def forward(*inputs: np.ndarray) -> list[np.ndarray]:
        with torch.inference_mode():
            return [output.numpy() for output in module(*(torch.from_numpy(i) for i in inputs[:takes]))]

    return forward


FORWARD = {"onnxruntime": onnxruntime_forward, "torch": torch_forward}


def tower_pass(engine: str, work: Path, name: str, threads: int, workers: int) -> Pass:
    """One pass: as many batches as the program has workers, one after the other on all threads."""
    forward = FORWARD[engine](work, name, threads)
    card = CARDS[name][1]
    if card["modality"] == "image":
        photos = sorted((ROOT / "tests" / "fixtures" / "parity" / "photos").iterdir())
        items = [pixel_tensor(photo, card["preprocessing"]) for photo in photos]
        stacked: Callable[[list], tuple] = lambda rows: (np.stack(rows),)
    else:
        captions = Captions(name)
        items = [captions.ids(caption) for caption in dataset()[1]]
        stacked = captions.batch

    def run(batch: int) -> list[np.ndarray]:
        vectors: list[np.ndarray] = []
        for worker in range(workers):
            rows = [items[place % len(items)] for place in range(worker * batch, (worker + 1) * batch)]
            vectors += joined(forward(*stacked(rows)))
        return vectors

    return run


def files_pass(engine: str, work: Path, models: str, threads: int) -> Pass:
    """Files and captions to vectors. Photos are decoded ahead by as many threads as there are."""
    towers = [(name, CARDS[name][1], FORWARD[engine](work, name, threads)) for name in SETS[models]]
    images = [tower for tower in towers if tower[1]["modality"] == "image"]
    texts = [(Captions(name), forward) for name, card, forward in towers if card["modality"] == "text"]
    files, captions = dataset()
    pool = ThreadPoolExecutor(threads)

    def crops(file: Path) -> list[np.ndarray]:
        return [pixel_tensor(file, card["preprocessing"]) for _, card, _ in images]

    def run(batch: int) -> list[np.ndarray]:
        vectors: list[np.ndarray] = []
        for rows in batches(pool.map(crops, files), batch):
            outputs = [forward(np.stack(pixels)) for (_, _, forward), pixels in zip(images, zip(*rows))]
            vectors += joined([o for tower in outputs for o in tower])
        for rows in batches(iter(captions), batch):
            outputs = [forward(*tokens.batch([tokens.ids(row) for row in rows])) for tokens, forward in texts]
            vectors += joined([o for tower in outputs for o in tower])
        return vectors

    return run


def batches(items: Iterator[Any], size: int) -> Iterator[list[Any]]:
    rows = []
    for item in items:
        rows.append(item)
        if len(rows) == size:
            yield rows
            rows = []
    if rows:
        yield rows


def joined(outputs: list[np.ndarray]) -> list[np.ndarray]:
    """One vector an item: its outputs one after the other."""
    return list(np.concatenate(outputs, axis=1))


def serve(run: Pass) -> None:
    for line in sys.stdin:
        request = json.loads(line)
        start = time.perf_counter()
        for _ in range(request["repeats"]):
            vectors = run(request["batch"])
        seconds = time.perf_counter() - start
        answer = {"seconds": seconds, "items": len(vectors), "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
        answer["vectors"] = [v.tolist() for v in vectors] if request.get("vectors") else []
        print(json.dumps(answer), flush=True)
