#!/usr/bin/env python3
"""Makes `tests/fixtures/reference/clip-tokens.json`: captions and the ids that OpenAI's own tokenizer gives them.

For maintainers; it needs `clip-anytorch` (its tokenizer alone, without PyTorch), `ftfy`, `regex` and `tokenizers` in the
versions of `requirements.txt`:

    python tools/make_clip_tokens.py

Ids are those of `clip.tokenize(text, truncate=True)`, without the padding. Where `tokenizer.json` alone, which repairs
nothing, gives others, they are the row's `unrepaired`.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from exporter import clip_tokenizer, odd_captions, texts

ROOT = Path(__file__).resolve().parent.parent
#: `context_length` of `clip.tokenize`.
LIMIT = 77


def known_captions(dataset: Path) -> list[str]:
    """The English captions of the data set, then the Spanish ones."""
    manifests = [json.loads((dataset / name).read_text(encoding="utf-8")) for name in ("dataset.json", "descriptions.es.json")]
    return [entry["description"] for manifest in manifests for entries in manifest.values() for entry in entries]


def rows(captions: list[str]) -> list[dict[str, Any]]:
    from tokenizers import Tokenizer

    plain = Tokenizer.from_str(json.dumps(clip_tokenizer.settings()))
    plain.enable_truncation(LIMIT)
    original = clip_tokenizer.openai_code("simple_tokenizer").SimpleTokenizer()
    start, end = (original.encoder[token] for token in (clip_tokenizer.START, clip_tokenizer.END))
    made = []
    for group, text in [*(("captions", c) for c in captions), *texts.all_texts(), *odd_captions.odd_captions()]:
        ids = [start, *original.encode(text), end]
        truncated = len(ids) > LIMIT
        row = {"group": group, "text": text, "truncated": truncated}
        row["ids"] = [*ids[: LIMIT - 1], end] if truncated else ids
        unrepaired = plain.encode(text).ids
        if unrepaired != row["ids"]:
            row["unrepaired"] = unrepaired
        made.append(row)
    return made


def written(made: list[dict[str, Any]]) -> str:
    """One row on a line, with nothing invisible in it."""
    lines = (json.dumps(row, ensure_ascii=False) for row in made)
    shown = ("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in line) for line in lines)
    return "[\n" + ",\n".join(shown) + "\n]\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the token ids in tests/fixtures/reference/clip-tokens.json.")
    parser.add_argument("--dataset", type=Path, default=ROOT / "dataset", help="the data set (default: dataset/)")
    parser.add_argument("--out", type=Path, default=ROOT / "tests/fixtures/reference/clip-tokens.json")
    options = parser.parse_args()
    made = rows(known_captions(options.dataset))
    text = written(made)
    if json.loads(text) != made:
        print("laying the rows out changed them", file=sys.stderr)
        return 1
    options.out.write_text(text, encoding="utf-8")
    odd = [row for row in made if row["group"].startswith("odd")]
    differing = sum("unrepaired" in row for row in made)
    print(f"{len(made)} captions, {len(odd)} of them odd ones; tokenizer.json alone gives {differing} other ids")
    return 0


if __name__ == "__main__":
    sys.exit(main())
