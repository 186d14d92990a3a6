"""The shared space of the `mini` set: a stand-in for CLIP made of two networks that never met.

ImageNet's 1,000 classes are the anchors (the idea of ASIF, Norelli et al. 2023, with class prototypes as the pairs). A photo
is described by how strongly an ImageNet classifier believes in each class, a caption by how close it lies to each class's
WordNet description; both are vectors of 1,000 and can be compared. Nothing here is learned.
"""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import torch

from .network import l2_normalized

#: Multiplies the cosine before the softmax that gives confidences. CLIP learns its own (100 for ViT-B/32).
LOGIT_SCALE = 20.0
LOGIT_SCALE_NOTE = "chosen by hand, not learned"


def image_vector(logits: torch.Tensor) -> torch.Tensor:
    """`[batch, 1000]` classifier logits to unit vectors: l2(relu(logits)^2)."""
    positive = logits.relu()
    return l2_normalized(positive * positive)


def text_vector(sentence: torch.Tensor, anchors: torch.Tensor) -> torch.Tensor:
    """`[batch, 384]` sentence vectors and `[1000, 384]` anchors to unit vectors: l2(relu(t C^T)^4)."""
    positive = torch.nn.functional.linear(sentence, anchors).relu()
    squared = positive * positive
    return l2_normalized(squared * squared)


def imagenet_classes() -> list[tuple[str, str]]:
    """(lemmas, definition) of the WordNet synset of each ImageNet class, in the order of the classifier's outputs."""
    import timm

    info = Path(timm.__file__).parent / "data" / "_info"

    def table(name: str) -> dict[str, str]:
        lines = (info / name).read_text(encoding="utf-8").splitlines()
        return dict(line.split("\t", 1) for line in lines if line)

    lemmas, definitions = table("imagenet_synset_to_lemma.txt"), table("imagenet_synset_to_definition.txt")
    synsets = (info / "imagenet_synsets.txt").read_text(encoding="utf-8").split()
    if len(synsets) != 1000:
        raise ValueError(f"timm lists {len(synsets)} ImageNet classes where 1000 are expected")
    return [(lemmas[s], definitions[s]) for s in synsets]


def anchors(embed: Callable[[list[str]], torch.Tensor]) -> torch.Tensor:
    """`[1000, 384]`: per class the normalized mean of three descriptions, each embedded as a unit vector.

    The three are the first lemma, all lemmas, and "lemmas: definition".
    """
    classes = imagenet_classes()
    first = embed([lemmas.split(",")[0].strip() for lemmas, _ in classes])
    every = embed([lemmas for lemmas, _ in classes])
    defined = embed([f"{lemmas}: {definition}" for lemmas, definition in classes])
    return l2_normalized((first + every + defined) / 3)
