#!/usr/bin/env python3
"""Makes `tests/fixtures/parity/photos/` and `photos.safetensors`: the 20 photos as lossless pictures with their vectors.

For maintainers (see `export_models.py` for the environment):

    python tools/make_pixel_fixtures.py

JPEG decoders differ by a level or two, and EfficientNet-Lite0 amplifies that. So that the preprocessing and the network can be
held to the reference without the decoder, each photo is decoded with Pillow, reduced to 480 pixels on its longer side and
stored without loss. `image_features` [20, 1280] and `image_shared` [20, 1000] are what the published f32 weights give for
these pictures, through Pillow's own resize and crop; the rows follow the file names in order.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from PIL import Image
from safetensors.numpy import save

from exporter import mini
from make_parity_fixtures import ROOT, captions, image_references

LONG_SIDE = 480


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--dataset", type=Path, default=ROOT / "dataset")
    parser.add_argument("--out", type=Path, default=ROOT / "tests" / "fixtures" / "parity")
    options = parser.parse_args()

    folder = options.out / "photos"
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for category, name in captions(options.dataset)[0]:
        file = folder / f"{category}-{Path(name).stem}.webp"
        with Image.open(options.dataset / category / name) as photo:
            reduced = photo.convert("RGB")
            reduced.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
            reduced.save(file, lossless=True, quality=100, method=6)
        files.append(file)
    files.sort()
    _, features, shared = image_references(mini.efficientnet_lite0(), files)
    vectors = {"image_features": features.numpy(), "image_shared": shared.numpy()}
    (options.out / "photos.safetensors").write_bytes(save(vectors))
    print(f"{len(files)} photos, {sum(f.stat().st_size for f in files)} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
