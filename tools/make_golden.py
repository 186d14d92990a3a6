#!/usr/bin/env python3
"""Makes `models/**/golden.json`, what `clipscope models verify` compares with.

For maintainers (see `export_models.py` for the environment):

    python tools/make_golden.py

An image network is given one picture made by a formula, 320 × 240 pixels (not square, so that the crop counts):

    red = (7x + 3y) mod 256    green = (xy div 64) mod 256    blue = 200 where (x div 16 + y div 16) is odd, else 30

A text network is given a few captions, with their token ids. The vectors are what the published f32 weights give in their
reference implementation. The weights of the set `reference` are not at hand where this runs, so its files hold token ids
alone (CLIP), token ids and the hash of the vocabulary (DistilUSE) or are left out; those networks are verified by the
published hash of their checkpoint.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from exporter import mini
from make_parity_fixtures import ROOT, image_references, text_references, token_ids

TEXTS = ("A red racing car on a wet track.", "Crème brûlée, señorita: 3 × ½", "東京の空 🍕 clouds")
WIDTH, HEIGHT = 320, 240
#: Ids of the published tokenizer of the multilingual cased BERT: another case folding, or a missing [CLS] or [SEP], shows.
CASED_IDS = (
    ("", [101, 102]),
    ("Hello world", [101, 31178, 11356, 102]),
    ("Hello world, this is a test.", [101, 31178, 11356, 117, 10531, 10124, 169, 15839, 119, 102]),
    ("人工智慧正在改變世界", [101, 2179, 3584, 4413, 3930, 4791, 3031, 4282, 7292, 2087, 5621, 102]),
)


def picture() -> Image.Image:
    """The picture of the formula."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    blue = np.where((x // 16 + y // 16) % 2 == 1, 200, 30)
    return Image.fromarray(np.stack([(7 * x + 3 * y) % 256, (x * y // 64) % 256, blue], 2).astype(np.uint8))


def rounded(values: np.ndarray) -> list[float]:
    """Seven significant digits: enough for f32, and short."""
    return [float(f"{v:.7g}") for v in values.tolist()]


def write(folder: str, golden: dict) -> None:
    text = json.dumps(golden, ensure_ascii=False, separators=(",", ":"))
    (ROOT / "models" / folder / "golden.json").write_text(text + "\n", encoding="utf-8")


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "picture.png"
        picture().save(file)
        _, features, shared = image_references(mini.efficientnet_lite0(), [file])
    write("mini/efficientnet-lite0", {"picture": [rounded(features[0].numpy()), rounded(shared[0].numpy())]})

    network = mini.all_minilm_l6_v2()
    sentence, shared = text_references(network, list(TEXTS))
    rows = zip(TEXTS, token_ids(network, list(TEXTS)), sentence.numpy(), shared.numpy())
    texts = [{"text": t, "ids": i, "outputs": [rounded(a), rounded(b)]} for t, i, a, b in rows]
    write("mini/all-minilm-l6-v2", {"texts": texts})

    known = json.loads((ROOT / "tests/fixtures/reference/clip-tokens.json").read_text(encoding="utf-8"))
    texts = [{"text": e["text"], "ids": e["ids"], "outputs": []} for e in known[:24:2]]
    write("clip-vit-b32/text", {"texts": texts})
    # The published vocab.txt of the multilingual cased BERT, which DistilUSE's tokenizer uses.
    vocabulary = "fe0fda7c425b48c516fc8f160d594c8022a0808447475c1a7c6d6479763f310c"
    texts = [{"text": text, "ids": ids, "outputs": []} for text, ids in CASED_IDS]
    write("distiluse", {"vocabulary_sha256": vocabulary, "texts": texts})
    return 0


if __name__ == "__main__":
    sys.exit(main())
