"""Networks beside those of the `reference` set: CLIP ViT-B/32 with the exact GELU, and the multilingual text tower of CLIP.

As in `reference`, only their structure is exported, from tensors with the names and shapes of the published files and values
from `formula`. What is not certain about a published file is None, and the card says so.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import torch
from torch import nn

from . import reference
from .network import Checkpoint, Network, Output, Published, PublishedFile

UNCERTAIN = "sizes and commits that are null were not known when this card was written; fetching compares with what the hub publishes"

# --- CLIP with the exact GELU ------------------------------------------------------------------------------------------


def laion2b_published(own: str) -> Published:
    """LAION's file of both towers in the layout of transformers, as seen by one: `own` is `vision` or `text`."""
    file = PublishedFile(
        name="pytorch_model.bin",
        contents=reference.clip_contents(),
        bytes=None,
        sha256="8693edd165efde117185f3e771f1b09bc01f9c19027be4d6d4424bb38f605e4a",
    )
    repo = "laion/CLIP-ViT-B-32-laion2B-s34B-b79K"
    return replace(reference.clip_published(own), repo=repo, revision=None, files=(file,))


def _laion2b_card(card: dict[str, Any]) -> dict[str, Any]:
    return {
        **card,
        "architecture": card["architecture"].replace("clip-vit-b32", "clip-vit-b32-gelu"),
        "logit_scale_note": "clipped at 100 in training; exp of the checkpoint's logit_scale was not read for this card",
        "weights_note": UNCERTAIN,
        "licence": "MIT",
        "sources": [
            "weights: LAION, CLIP ViT-B/32 trained on LAION-2B with open_clip, published as laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
            "code: transformers, CLIPModel with hidden_act gelu; agrees with open_clip's, github.com/mlfoundations/open_clip",
            "vocabulary: OpenAI, bpe_simple_vocab_16e6.txt.gz, from PyPI clip-anytorch 2.6.0",
            "papers: Cherti et al. 2022, Reproducible scaling laws for contrastive language-image learning, arXiv:2212.07143; "
            "Schuhmann et al. 2022, LAION-5B, arXiv:2210.08402",
        ],
    }


def gelu_vision() -> Network:
    base = reference.clip_vision()
    return replace(
        base,
        name="clip-vit-b32-laion2b-vision",
        build=lambda tensors: reference.ClipVision(tensors, "gelu").eval(),
        published=laion2b_published("vision"),
        card=_laion2b_card(base.card),
    )


def gelu_text() -> Network:
    base = reference.clip_text()
    return replace(
        base,
        name="clip-vit-b32-laion2b-text",
        build=lambda tensors: reference.ClipText(tensors, "gelu").eval(),
        # The program takes the tokenizer of clip-vit-b32.
        tokenizer=None,
        published=laion2b_published("text"),
        card=_laion2b_card(base.card),
    )


# --- CLIP's multilingual text tower ------------------------------------------------------------------------------------


class DistilBert512(nn.Module):
    """Token ids and mask `[batch, sequence]` to sentence vectors `[batch, 512]` in CLIP's space, not of unit length."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        self.bert = reference.distilbert(checkpoint, "eager")
        self.dense = nn.Linear(768, 512, bias=False)
        self.dense.load_state_dict({"weight": checkpoint[f"{reference.DENSE}linear.weight"]})

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor]:
        return (self.dense(reference.masked_mean(self.bert, input_ids, attention_mask)),)


@cache
def multilingual_published() -> Published:
    return Published(
        repo="sentence-transformers/clip-ViT-B-32-multilingual-v1",
        revision=None,
        files=(
            PublishedFile(
                name="model.safetensors",
                contents=reference.distilbert_contents(),
                bytes=None,
                sha256="7b968c09938603158413ea2c91af82e82158ebb6db901a6cf97c28ce7d7ebc6d",
            ),
            PublishedFile(
                name="2_Dense/pytorch_model.bin",
                contents={"linear.weight": ((512, 768), "F32")},
                bytes=None,
                sha256="616d24a48f22b1097c30423a6054b8ac025fedf31ee9fbb05d5c963c56a14ecf",
                prefix=reference.DENSE,
            ),
        ),
        prefixes=("distilbert.",),
    )


def multilingual() -> Network:
    published = multilingual_published()
    inputs, axes = reference.text_inputs("input_ids", "attention_mask")
    return Network(
        name="clip-vit-b32-multilingual-text",
        checkpoint=reference.formula_checkpoint(published.contents()),
        build=lambda tensors: DistilBert512(tensors).eval(),
        inputs=inputs,
        dynamic_axes=axes,
        outputs=(Output("sentence", "clip_text", 512),),
        max_sequence=512,
        published=published,
        card={
            "architecture": "distilbert-512",
            "modality": "text",
            "tokenizer": {
                "file": "tokenizer.json",
                "max_tokens": 128,
                "pad_id": 0,
                "pad_to": None,
                "source": "checkpoint",
                "repo": published.repo,
                "revision": None,
                # Too small for the hub to publish its SHA-256.
                "bytes": None,
                "sha256": None,
            },
            "preprocessing_version": 1,
            "logit_scale": 100.0,
            "logit_scale_note": "that of the vision tower it was trained for, OpenAI's CLIP ViT-B/32",
            "weights_note": UNCERTAIN,
            "licence": "Apache-2.0",
            "sources": [
                "weights and tokenizer: sentence-transformers/clip-ViT-B-32-multilingual-v1; "
                "for the photos, OpenAI's CLIP ViT-B/32",
                "code: transformers, DistilBertModel; sentence-transformers, Pooling (mean) and Dense (no bias, no activation)",
                "papers: Reimers and Gurevych 2020, Making Monolingual Sentence Embeddings Multilingual, arXiv:2004.09813; "
                "Radford et al. 2021, arXiv:2103.00020",
            ],
        },
    )


NETWORKS = {"clip-vit-b32-gelu/vision": gelu_vision, "clip-vit-b32-gelu/text": gelu_text, "distilbert-512": multilingual}
