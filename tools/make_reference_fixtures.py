#!/usr/bin/env python3
"""Makes `tests/fixtures/reference/`: what the networks of the `reference` set give with weights made by a formula.

For maintainers (see `export_models.py` for the environment):

    python tools/make_reference_fixtures.py --dataset dataset

The published checkpoints are too large to test with, so every tensor of theirs gets its values from `exporter/formula.py`.
The vectors come from the reference implementations (timm, transformers, sentence-transformers), loaded with these weights
under the published names, and not from anything exported. Second implementations have to agree: torchvision's ResNet-50,
OpenAI's own CLIP, and open_clip for the exact GELU. The vectors' last bits depend on the number of threads; the committed ones were made with `--threads 1`.

vectors.safetensors     f32; <network> is resnet50, clip_vision, clip_text or distiluse, or one of those beside the set:
                        clip_vision_gelu and clip_text_gelu (the exact GELU, the inputs of clip_vision and clip_text), and
                        distilbert_512 (the multilingual text tower, the inputs of distiluse)
    <network>.batch_1, .batch_8   of the inputs in inputs.json
    resnet50.photos, clip_vision.photos, clip_vision_gelu.photos   of three of the lossless photos in tests/fixtures/parity/photos/
                                  (make_pixel_fixtures.py), preprocessed by Pillow as the network's card says
    distiluse.captions, distilbert_512.captions   of captions, tokenized by distiluse-tokenizer.json
inputs.json             images (numbers of formula images, photo files), captions, token ids and masks
checkpoints.json        every tensor of the published files: repository, file, name, type, shape
formula.json            values of the formula, to test another implementation of it
distiluse-tokenizer.json   a small cased WordPiece tokenizer with the settings of DistilUSE's; the published vocabulary
                        comes with the checkpoint
small.bin               a PyTorch file, as CLIP's weights are published, of the tensors in `small_checkpoint`
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any, Callable

import numpy as np
import torch
from safetensors.numpy import save

from exporter import clip_tokenizer, formula, others, preprocessing, reference, texts
from exporter.network import Checkpoint, Network, Published
from make_parity_fixtures import PIXEL_PHOTOS, captions

ROOT = Path(__file__).resolve().parent.parent
#: Without loss, so that JPEG decoders, which differ, have no say.
PHOTOS = ROOT / "tests" / "fixtures" / "parity" / "photos"
PHOTO_NAMES = [name.replace("/", "-").removesuffix(".jpg") + ".webp" for name in PIXEL_PHOTOS]
#: Largest difference between two implementations, relative to the largest value.
TOLERANCE = 1e-5
SIDE = 224
LONG = texts.GROUPS["long"][1]


class FixtureError(Exception):
    """Two implementations disagree, or an input is not what it should be."""


def agree(what: str, a: torch.Tensor, b: torch.Tensor) -> None:
    """Fails unless two results are equal up to rounding."""
    difference = float((a - b).abs().max() / a.abs().max())
    print(f"  {what}: relative difference {difference:.1e}")
    if difference > TOLERANCE:
        raise FixtureError(f"{what}: relative difference {difference:.1e}")


# --- images ------------------------------------------------------------------------------------------------------------


def image_inputs(network: Network) -> dict[str, torch.Tensor]:
    """The batches of images: formula images 0 to 7, formula image 8 alone, and photos."""
    photos = [preprocessing.pixel_tensor(PHOTOS / name, network.card["preprocessing"]) for name in PHOTO_NAMES]
    batches = {"batch_1": formula.pixels(8, 1, SIDE), "batch_8": formula.pixels(0, 8, SIDE), "photos": np.stack(photos)}
    return {k: torch.from_numpy(v) for k, v in batches.items()}


def resnet50_vectors() -> dict[str, torch.Tensor]:
    import timm

    network = reference.resnet50()
    own = timm.create_model("resnet50", pretrained=False)
    own.load_state_dict(network.checkpoint)
    own.reset_classifier(0)
    own.eval()
    vectors = {}
    for key, pixels in image_inputs(network).items():
        vectors[key] = own(pixels)
        agree(f"resnet50 {key}, timm and torchvision", vectors[key], network.module(pixels)[0])
    return vectors


def openai_names(checkpoint: Checkpoint) -> Checkpoint:
    """A checkpoint with the names that transformers gives, under those of OpenAI's code and of open_clip."""
    renamed = {
        "logit_scale": checkpoint["logit_scale"],
        "visual.class_embedding": checkpoint["vision_model.embeddings.class_embedding"],
        "visual.conv1.weight": checkpoint["vision_model.embeddings.patch_embedding.weight"],
        "visual.positional_embedding": checkpoint["vision_model.embeddings.position_embedding.weight"],
        "visual.proj": checkpoint["visual_projection.weight"].T,
        "token_embedding.weight": checkpoint["text_model.embeddings.token_embedding.weight"],
        "positional_embedding": checkpoint["text_model.embeddings.position_embedding.weight"],
        "text_projection": checkpoint["text_projection.weight"].T,
    }
    inner = {"mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2", "ln_1": "layer_norm1", "ln_2": "layer_norm2"}
    for part in ("weight", "bias"):
        for ours, theirs in (("ln_pre", "pre_layrnorm"), ("ln_post", "post_layernorm")):
            renamed[f"visual.{ours}.{part}"] = checkpoint[f"vision_model.{theirs}.{part}"]
        renamed[f"ln_final.{part}"] = checkpoint[f"text_model.final_layer_norm.{part}"]
        for ours, theirs in (("visual.", "vision_model"), ("", "text_model")):
            for i in range(12):
                to, source = f"{ours}transformer.resblocks.{i}", f"{theirs}.encoder.layers.{i}"
                stacked = [checkpoint[f"{source}.self_attn.{x}_proj.{part}"] for x in "qkv"]
                renamed[f"{to}.attn.in_proj_{part}"] = torch.cat(stacked)
                renamed[f"{to}.attn.out_proj.{part}"] = checkpoint[f"{source}.self_attn.out_proj.{part}"]
                renamed |= {f"{to}.{a}.{part}": checkpoint[f"{source}.{b}.{part}"] for a, b in inner.items()}
    return renamed


def second_clip(checkpoint: Checkpoint, activation: str) -> tuple[str, torch.nn.Module]:
    """Another implementation: OpenAI's own for QuickGELU, which it has alone, and open_clip for the exact GELU."""
    if activation == "quick_gelu":
        name, model = "OpenAI", clip_tokenizer.openai_code("model").CLIP(512, 224, 12, 768, 32, 77, 49408, 512, 8, 12)
    else:
        import open_clip

        settings = open_clip.get_model_config("ViT-B-32")
        name, model = "open_clip", open_clip.model.CLIP(**settings, quick_gelu=False)
    model.load_state_dict(openai_names(checkpoint))
    return name, model.eval()


def clip_vectors(ids: dict[str, torch.Tensor], activation: str) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """Vectors of both towers, not of unit length."""
    network = reference.clip_vision()
    own = reference.clip_model(network.checkpoint, "sdpa", activation)
    name, theirs = second_clip(network.checkpoint, activation)
    images, captions_ = {}, {}
    for key, pixels in image_inputs(network).items():
        images[key] = own.get_image_features(pixel_values=pixels).pooler_output
        agree(f"clip_vision {activation} {key}, transformers and {name}", images[key], theirs.encode_image(pixels))
    for key, rows in ids.items():
        captions_[key] = own.get_text_features(input_ids=rows).pooler_output
        agree(f"clip_text {activation} {key}, transformers and {name}", captions_[key], theirs.encode_text(rows))
        lengths = ((rows != reference.CLIP_TOKENIZER["pad_id"]).sum(1) + 1).tolist()
        alone = [own.get_text_features(input_ids=row[None, :n]).pooler_output for row, n in zip(rows, lengths)]
        agree(f"clip_text {activation} {key}, padded to 77 and not at all", captions_[key], torch.cat(alone))
    return images, captions_


# --- texts -------------------------------------------------------------------------------------------------------------


def clip_encoder() -> Callable[[str], list[int]]:
    """Ids by the committed tokenizer, special tokens included, cut to 77, without padding; for texts that need no repair."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(json.dumps(clip_tokenizer.settings()))
    tokenizer.enable_truncation(reference.CLIP_TOKENIZER["max_tokens"])
    return lambda text: tokenizer.encode(text).ids


def clip_texts(english: list[str], spanish: list[str]) -> dict[str, list[str]]:
    short = texts.GROUPS["plain"][0]
    odd = [texts.GROUPS[group][0] for group in ("accents", "east asian", "emoji")]
    return {"batch_1": [english[1]], "batch_8": [english[0], spanish[0], "", short, LONG, *odd]}


def padded(rows: list[list[int]], length: int, pad: int) -> torch.Tensor:
    return torch.tensor([row + [pad] * (length - len(row)) for row in rows])


def distiluse_rows() -> dict[str, list[list[int]]]:
    """Rows of ids over the whole vocabulary, between [CLS] and [SEP]; the first is as long as the card allows."""
    lengths = {"batch_1": [12], "batch_8": [128, 127, 64, 33, 16, 5, 3, 2]}
    made = {}
    for key, counts in lengths.items():
        drawn = (formula.bits(f"distiluse.{key}", 0, sum(counts)) % np.uint64(119_547 - 1000)).astype(np.int64) + 1000
        inner = iter(drawn.tolist())
        made[key] = [[101, *(next(inner) for _ in range(n - 2)), 102] for n in counts]
    return made


def distiluse_tokenizer(known: list[str]) -> dict[str, Any]:
    """A `tokenizer.json` with the published settings and the places of the special tokens, over pieces of some captions."""
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    special = {0: "[PAD]", 100: "[UNK]", 101: "[CLS]", 102: "[SEP]", 103: "[MASK]"}
    pieces = [special.get(i, f"[unused{i}]") for i in range(104)]
    words = sorted({w for text in known for w in re.findall(r"\w+|[^\w\s]", text)})
    letters = sorted({c for w in words for c in w})
    # Every second word whole, the others only in pieces, so that both happen.
    pieces += letters + [f"##{c}" for c in letters] + [w for w in words[::2] if len(w) > 1]
    model = models.WordPiece({p: i for i, p in enumerate(pieces)}, unk_token="[UNK]", max_input_chars_per_word=100)
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 102), ("[CLS]", 101))
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(list(special.values()))
    return json.loads(tokenizer.to_str())


def distilbert_vectors(network: Network, rows: dict[str, list[list[int]]]) -> dict[str, torch.Tensor]:
    """Vectors of DistilUSE, whose dense layer has a bias and a tanh, or of CLIP's multilingual text tower, which has neither."""
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling

    bert = reference.distilbert(network.checkpoint, "sdpa")
    own = {k.removeprefix(reference.DENSE): v for k, v in network.checkpoint.items() if k.startswith(reference.DENSE)}
    biased = "linear.bias" in own
    dense = Dense(768, 512, bias=biased, activation_function=torch.nn.Tanh() if biased else torch.nn.Identity())
    dense.load_state_dict(own)
    modules = torch.nn.Sequential(Pooling(768, "mean"), dense).eval()
    pad = network.card["tokenizer"]["pad_id"]
    vectors = {}
    for key, batch in rows.items():
        ids = padded(batch, max(map(len, batch)), pad)
        mask = padded([[1] * len(row) for row in batch], ids.shape[1], 0)
        hidden = bert(input_ids=ids, attention_mask=mask).last_hidden_state
        vectors[key] = modules({"token_embeddings": hidden, "attention_mask": mask})["sentence_embedding"]
        agree(f"{network.name} {key}, sentence-transformers and ours", vectors[key], network.module(ids, mask)[0])
        alone = torch.cat([network.module(torch.tensor([r]), torch.ones(1, len(r), dtype=torch.int64))[0] for r in batch])
        agree(f"{network.name} {key}, in a batch and alone", vectors[key], alone)
    return vectors


# --- files -------------------------------------------------------------------------------------------------------------


def checkpoints(published: list[Published]) -> dict[str, Any]:
    return {
        p.repo: {
            f.name: {name: {"dtype": dtype, "shape": list(shape)} for name, (shape, dtype) in f.contents.items()} for f in p.files
        }
        for p in published
    }


def small_checkpoint() -> Checkpoint:
    """What a reader of PyTorch files has to understand: types, views of one storage, other strides, no dimension."""
    matrix = torch.from_numpy(formula.weights("matrix", (6, 4)))
    return {
        "matrix": matrix,
        "matrix_rows_2_to_4": matrix[2:5],
        "matrix_transposed": matrix.T,
        "half": torch.from_numpy(formula.weights("half", (5,))).half(),
        "position_ids": torch.from_numpy(formula.counter((1, 7))),
        "logit_scale": torch.from_numpy(formula.weights("logit_scale", ())),
    }


def formula_values() -> dict[str, Any]:
    """Twenty elements of tensors of every kind, and five of images."""
    contents = {}
    for published in all_published():
        contents |= published.contents()
    elements = [
        ("conv1.weight", 0), ("conv1.weight", 9407), ("layer4.2.conv2.weight", 2_359_295), ("layer1.0.downsample.0.weight", 77),
        ("bn1.running_var", 0), ("layer3.5.bn3.running_var", 1023), ("bn1.running_mean", 63), ("bn1.weight", 7), ("bn1.bias", 8),
        ("embeddings.word_embeddings.weight", 91_812_095), ("embeddings.LayerNorm.weight", 767),
        ("transformer.layer.5.ffn.lin2.weight", 1_000_000), ("2_Dense.linear.weight", 393_215), ("2_Dense.linear.bias", 0),
        ("vision_model.embeddings.class_embedding", 1), ("vision_model.embeddings.patch_embedding.weight", 12_345),
        ("vision_model.pre_layrnorm.bias", 700), ("text_model.encoder.layers.11.self_attn.q_proj.weight", 262_143),
        ("text_projection.weight", 3), ("logit_scale", 0),
    ]  # fmt: skip
    rows = []
    for name, index in elements:
        shape, _ = contents[name]
        value = formula.weights(name, shape).reshape(-1)[index]
        row = {"tensor": name, "shape": list(shape), "index": index, "seed": f"{formula.seed(name):016x}"}
        z = int(formula.bits(name, index, index + 1)[0])
        rows.append({**row, "z": f"{z:016x}", "value": float(value), "value_bits": f"{value.view(np.uint32):08x}"})
    images = formula.pixels(0, 9, SIDE)
    places = ((0, 0, 0, 0), (0, 2, 27, 28), (3, 1, 100, 223), (7, 2, 223, 223), (8, 0, 111, 5))
    bits = [{"image": list(p), "value": float(images[p]), "value_bits": f"{images[p].view(np.uint32):08x}"} for p in places]
    return {"weights": rows, "images": bits, "side": SIDE}


def all_published() -> list[Published]:
    return [reference.resnet50_published(), reference.distiluse_published(), reference.clip_published("text")]


def written(value: Any) -> str:
    """JSON, indented, but with lists of numbers and the descriptions of tensors on one line, and nothing invisible in it."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    text = "".join(c if c == "\n" or c.isprintable() else json.dumps(c)[1:-1] for c in text)
    text = re.sub(r"\[\s+(-?[\d.][^\[\]{}\"]*?)\s+\]", lambda m: "[" + re.sub(r"\s+", " ", m[1]) + "]", text)
    return re.sub(r"\{\s+(\"dtype\": \"\w+\"),\s+(\"shape\": \[[^\]]*\])\s+\}", r"{\1, \2}", text) + "\n"


def make(dataset: Path, out: Path) -> None:
    """Writes every file."""
    _, english, spanish = captions(dataset)
    encode, card = clip_encoder(), reference.CLIP_TOKENIZER
    sentences = clip_texts(english, spanish)
    clip_rows = {k: [encode(text) for text in v] for k, v in sentences.items()}
    clip_ids = {k: padded(v, card["max_tokens"], card["pad_id"]) for k, v in clip_rows.items()}

    from tokenizers import Tokenizer

    settings = distiluse_tokenizer([*english, *spanish, "Crème brûlée"])
    tokenizer = Tokenizer.from_str(json.dumps(settings))
    tokenizer.enable_truncation(128)
    # Among them: upper case that the vocabulary has not, accents that it has and has not, unknown writing, far too long.
    told = [english[2], spanish[2], english[3].upper(), "", "Crème brûlée, ÅNGSTRÖM", "東京 🍕 tower", LONG, "A"]
    rows = distiluse_rows() | {"captions": [tokenizer.encode(text).ids for text in told]}

    vectors: dict[str, torch.Tensor] = {}
    with torch.no_grad():
        parts = {"resnet50": resnet50_vectors()}
        parts["clip_vision"], parts["clip_text"] = clip_vectors(clip_ids, "quick_gelu")
        parts["clip_vision_gelu"], parts["clip_text_gelu"] = clip_vectors(clip_ids, "gelu")
        parts["distiluse"] = distilbert_vectors(reference.distiluse(), rows)
        parts["distilbert_512"] = distilbert_vectors(others.multilingual(), rows)
    for network, batches in parts.items():
        vectors |= {f"{network}.{key}": value for key, value in batches.items()}
    for key, value in vectors.items():
        if not torch.isfinite(value).all():
            raise FixtureError(f"{key} is not finite")

    images = {"batch_1": {"first": 8, "count": 1}, "batch_8": {"first": 0, "count": 8}, "photos": PHOTO_NAMES}
    inputs = {
        "images": images,
        "clip_text": {k: {"texts": sentences[k], "ids": v.tolist()} for k, v in clip_ids.items()},
        "distiluse": {k: {"ids": v} | ({"texts": told} if k == "captions" else {}) for k, v in rows.items()},
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "vectors.safetensors").write_bytes(save({k: v.numpy() for k, v in vectors.items()}))
    torch.save(small_checkpoint(), out / "small.bin")
    files = {
        "inputs.json": inputs,
        "checkpoints.json": checkpoints(all_published()),
        "formula.json": formula_values(),
        "distiluse-tokenizer.json": settings,
    }
    for name, value in files.items():
        text = written(value)
        if json.loads(text) != value:
            raise FixtureError(f"{name}: laying it out changed it")
        (out / name).write_text(text, encoding="utf-8")

    for file in sorted(out.iterdir()):
        print(f"  {file.name:26} {file.stat().st_size:>10,} bytes")


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the reference vectors in tests/fixtures/reference/ (for maintainers).")
    parser.add_argument("--dataset", type=Path, default=ROOT / "dataset", help="the data set (default: dataset/)")
    parser.add_argument("--out", type=Path, default=ROOT / "tests" / "fixtures" / "reference")
    parser.add_argument("--threads", type=int, help="of PyTorch (default: all cores)")
    options = parser.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    try:
        make(options.dataset, options.out)
    except FixtureError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
