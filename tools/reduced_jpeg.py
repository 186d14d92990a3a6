#!/usr/bin/env python3
"""What decoding a large JPEG at reduced size (scaled DCT) gains, and what it costs.

For maintainers (see `export_models.py` for the environment; the graph comes from `bench_peers.py`):

    python tools/reduced_jpeg.py --graph /tmp/peers/graphs/efficientnet-lite0.onnx

The photos that ship, enlarged to 4000 pixels with a little noise and saved as JPEG, are decoded by Pillow (libjpeg-turbo) in full
and at the smallest scale that leaves twice the size the network asks for. Per photo: processor time of both, the largest
difference between the crops in levels of 255, and the cosine between the two feature vectors of EfficientNet-Lite0.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from exporter.preprocessing import pixel_tensor

ROOT = Path(__file__).resolve().parent.parent
LONG_SIDE = 4000


def enlarged(file: Path, generator: np.random.Generator) -> bytes:
    with Image.open(file) as photo:
        scale = LONG_SIDE / max(photo.size)
        large = photo.convert("RGB").resize([round(side * scale) for side in photo.size], Image.Resampling.LANCZOS)
    noise = generator.integers(-6, 7, (large.height, large.width, 1), dtype=np.int16)
    out = io.BytesIO()
    Image.fromarray(np.clip(np.asarray(large, np.int16) + noise, 0, 255).astype(np.uint8)).save(out, "jpeg", quality=90)
    return out.getvalue()


def decoded(jpeg: bytes, least: int | None) -> tuple[Image.Image, float]:
    """The photo, its shorter side at least `least` where it may be reduced, and the seconds it took."""
    start = time.process_time()
    photo = Image.open(io.BytesIO(jpeg))
    if least:
        scale = least / min(photo.size)
        photo.draft("RGB", [-int(-side * scale // 1) for side in photo.size])
    photo = photo.convert("RGB")
    return photo, time.process_time() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph", type=Path, required=True)
    options = parser.parse_args()
    session = onnxruntime.InferenceSession(str(options.graph), providers=["CPUExecutionProvider"])
    card = json.loads((ROOT / "models" / "mini" / "efficientnet-lite0" / "card.json").read_text())["preprocessing"]

    def pixels(photo: Image.Image) -> np.ndarray:
        lossless = io.BytesIO()
        photo.save(lossless, "bmp")
        return pixel_tensor(lossless, card)

    generator, cosines, seconds = np.random.default_rng(1), [], []
    for file in sorted(ROOT.glob("dataset/*/*.jpg")):
        jpeg = enlarged(file, generator)
        (full, whole), (reduced, part) = (decoded(jpeg, least) for least in (None, 2 * card["resize_shortest"]))
        a, b = pixels(full), pixels(reduced)
        u, v = (session.run(["features"], {"image": p[None]})[0][0].astype(np.float64) for p in (a, b))
        cosines.append(u @ v / np.sqrt((u @ u) * (v @ v)))
        seconds.append((whole, part))
        levels = np.abs(a - b).max() * card["std"][0] * 255
        print(f"{file.name}: {full.size} and {reduced.size}, {levels:.0f} levels at most, cosine {cosines[-1]:.6f}", flush=True)
    whole, part = np.median(seconds, axis=0) * 1000
    print(f"worst cosine {min(cosines):.6f}; median {whole:.0f} ms in full, {part:.0f} ms reduced")
    return 0


if __name__ == "__main__":
    sys.exit(main())
