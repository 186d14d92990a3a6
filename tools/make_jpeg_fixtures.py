#!/usr/bin/env python3
"""Makes `tests/fixtures/jpeg/`: JPEG files of every kind, with the pixels that Pillow decodes, for the tests of the decoder.

    apt-get install libjpeg-turbo-progs
    pip install numpy==2.4.6 pillow==13.0.0
    python tools/make_jpeg_fixtures.py

`<kind>.jpg` has the pixels of `<kind>.png`. `refused-*.jpg` are valid files that the program names and refuses. `photos.json` has,
for each photo that ships, the SHA-256 of Pillow's RGB pixels, whole and as each network's crop.
"""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from exporter.preprocessing import resized_and_cropped

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "tests" / "fixtures" / "jpeg"
#: As the cards of the networks have them.
CROPS = ((256, "bicubic"), (224, "bicubic"), (256, "bilinear"))

#: Samples of Y, Cb and Cr, across and down, and the size of the picture.
SAMPLINGS = {
    "444": ("1x1,1x1,1x1", (40, 24)),
    "422": ("2x1,1x1,1x1", (48, 40)),
    "420": ("2x2,1x1,1x1", (48, 40)),
    "420-odd": ("2x2,1x1,1x1", (37, 29)),
    "440": ("1x2,1x1,1x1", (37, 40)),
    "411": ("4x1,1x1,1x1", (45, 19)),
    "410": ("4x2,1x1,1x1", (45, 35)),
    "441": ("1x4,1x1,1x1", (19, 45)),
    "luma-below-chroma": ("1x1,2x2,2x2", (37, 29)),
    "chroma-differs": ("2x2,2x1,1x2", (37, 29)),
    "three-to-one": ("3x2,1x1,1x1", (41, 33)),
}


def scene(width: int, height: int) -> Image.Image:
    """Smooth colors with edges and a little noise."""
    y, x = np.mgrid[0:height, 0:width]
    generator = np.random.default_rng(width * 100 + height)
    waves = [128 + 90 * np.sin(x / a + y / b) for a, b in ((5, 9), (11, -4), (-6, 7))]
    pixels = np.stack(waves, axis=2) + generator.normal(0, 8, (height, width, 3))
    pixels[height // 3 : height // 2, width // 4 :] = (230, 20, 40)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def pillow(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "jpeg", **options)
    return out.getvalue()


def cjpeg(image: Image.Image, *options: str) -> bytes:
    source = io.BytesIO()
    image.save(source, "ppm")
    return subprocess.run(["cjpeg", *options], input=source.getvalue(), capture_output=True, check=True).stdout


def files() -> dict[str, bytes]:
    made = {}
    for name, (sampling, size) in SAMPLINGS.items():
        made[name] = cjpeg(scene(*size), "-quality", "85", "-sample", sampling)
    for name in ("444", "420-odd", "440", "luma-below-chroma"):
        sampling, size = SAMPLINGS[name]
        made[f"{name}-progressive"] = cjpeg(scene(*size), "-quality", "85", "-sample", sampling, "-progressive")
    with tempfile.TemporaryDirectory() as folder:
        for kind, lines in (("one-scan-each", "0;\n1;\n2;\n"), ("two-scans", "0;\n1 2;\n")):
            scans = Path(folder) / kind
            scans.write_text(lines)
            for name in ("420-odd", "chroma-differs"):
                sampling, size = SAMPLINGS[name]
                made[f"{name}-{kind}"] = cjpeg(scene(*size), "-quality", "85", "-sample", sampling, "-scans", str(scans))
    odd = scene(37, 29)
    for width, height in ((1, 1), (2, 3), (3, 2), (5, 17), (16, 16), (17, 9)):
        made[f"420-{width}x{height}"] = pillow(scene(width, height), quality=80, subsampling="4:2:0")
        made[f"422-{width}x{height}"] = pillow(scene(width, height), quality=80, subsampling="4:2:2")
    made["best"] = pillow(odd, quality=100, subsampling="4:2:0")
    made["worst"] = pillow(odd, quality=1, subsampling="4:2:0")
    made["tables-of-16-bits"] = cjpeg(odd, "-quality", "1")
    made["gray"] = pillow(odd.convert("L"), quality=85)
    made["gray-progressive"] = pillow(odd.convert("L"), quality=85, progressive=True)
    made["rgb"] = pillow(odd, quality=85, keep_rgb=True)
    made["rgb-by-name"] = cjpeg(odd, "-quality", "85", "-rgb")
    made["cmyk"] = pillow(odd.convert("CMYK"), quality=85)
    ycck = bytearray(made["cmyk"])
    ycck[ycck.index(b"Adobe") + 11] = 2
    made["ycck"] = bytes(ycck)
    made["restarts"] = pillow(odd, quality=85, restart_marker_blocks=2)
    made["restarts-progressive"] = pillow(odd, quality=85, restart_marker_rows=1, progressive=True)
    made["optimized"] = pillow(odd, quality=85, optimize=True)
    noise = np.random.default_rng(1).integers(0, 2, (24, 40, 3)) * 255
    made["noise"] = pillow(Image.fromarray(noise.astype(np.uint8)), quality=30, subsampling="4:2:0")
    made["refused-arithmetic"] = cjpeg(odd, "-quality", "85", "-arithmetic")
    made["refused-arithmetic-progressive"] = cjpeg(odd, "-quality", "85", "-arithmetic", "-progressive")
    return made


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    for name, jpeg in files().items():
        (OUT / f"{name}.jpg").write_bytes(jpeg)
        if not name.startswith("refused"):
            Image.open(io.BytesIO(jpeg)).convert("RGB").save(OUT / f"{name}.png", optimize=True)
    photos = {}
    for file in sorted((ROOT / "dataset").glob("*/*.jpg")):
        pixels = [np.asarray(Image.open(file).convert("RGB"))]
        pixels += [resized_and_cropped(file, shortest, kind, 224) for shortest, kind in CROPS]
        photos[file.relative_to(ROOT / "dataset").as_posix()] = [hashlib.sha256(p.tobytes()).hexdigest() for p in pixels]
    described = {"crops": [{"resize_shortest": s, "filter": f, "crop": 224} for s, f in CROPS], "photos": photos}
    (OUT / "photos.json").write_text(json.dumps(described, indent=1) + "\n")


if __name__ == "__main__":
    main()
