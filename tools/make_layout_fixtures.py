#!/usr/bin/env python3
"""Makes `tests/fixtures/layouts.json`: names, types and shapes of checkpoints as different programs write them.

For maintainers (see `export_models.py` for the environment):

    python tools/make_layout_fixtures.py

They are read off the models of transformers, open_clip, sentence-transformers and torchvision, built without weights. Tests
fill them by the formula of `exporter/formula.py`. `{0-11}` in a name stands for twelve names (`exporter/tensors.py`).
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import torch
from torch import nn

from exporter import tensors

OUT = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "layouts.json"
TYPES = {torch.float32: "F32", torch.int64: "I64"}


def described(module: nn.Module) -> dict[str, Any]:
    """The state of a module."""
    return tensors.short([(k, {"dtype": TYPES[v.dtype], "shape": list(v.shape)}) for k, v in module.state_dict().items()])


def transformers_models() -> dict[str, nn.Module]:
    from transformers import CLIPConfig, CLIPModel, CLIPTextModelWithProjection, CLIPVisionModelWithProjection

    def config(**vision: int) -> CLIPConfig:
        return CLIPConfig(text_config={"vocab_size": 49_408}, vision_config=vision, projection_dim=512)

    small = config(patch_size=32)
    large = CLIPConfig(
        text_config={"vocab_size": 49_408, "hidden_size": 768, "intermediate_size": 3072, "num_attention_heads": 12},
        vision_config={
            "patch_size": 14, "hidden_size": 1024, "intermediate_size": 4096, "num_hidden_layers": 24, "num_attention_heads": 16,
        },
        projection_dim=768,
    )  # fmt: skip
    return {
        "transformers CLIPModel ViT-B/32": CLIPModel(small),
        "transformers CLIPVisionModelWithProjection ViT-B/32": CLIPVisionModelWithProjection(small.vision_config),
        "transformers CLIPTextModelWithProjection ViT-B/32": CLIPTextModelWithProjection(small.text_config),
        "transformers CLIPModel ViT-L/14": CLIPModel(large),
    }


def open_clip_models() -> dict[str, nn.Module]:
    import open_clip

    names = ("ViT-B-32", "ViT-B-16", "ViT-L-14", "RN50")
    made = {f"open_clip {name}": open_clip.model.CLIP(**open_clip.get_model_config(name)) for name in names}
    made["open_clip ViT-B-32, custom text"] = open_clip.model.CustomTextCLIP(**open_clip.get_model_config("ViT-B-32"))
    return made


def other_models() -> dict[str, nn.Module]:
    import torchvision
    from sentence_transformers.sentence_transformer.modules import Dense
    from transformers import DistilBertConfig, DistilBertModel

    return {
        "transformers DistilBertModel": DistilBertModel(DistilBertConfig(vocab_size=119_547)),
        "sentence-transformers Dense": Dense(768, 512, bias=False, activation_function=nn.Identity()),
        "torchvision resnet50": torchvision.models.resnet50(weights=None),
        "torchvision resnet101": torchvision.models.resnet101(weights=None),
    }


def main() -> int:
    with torch.device("meta"):
        made = transformers_models() | open_clip_models() | other_models()
    text = json.dumps({name: described(module) for name, module in made.items()}, indent=1)
    text = re.sub(r"\{\s+(\"dtype\": \"\w+\"),\s+\"shape\": \[([^\]]*)\]\s+\}", _one_line, text)
    OUT.write_text(text + "\n", encoding="utf-8")
    print(f"{OUT.name}: {OUT.stat().st_size:,} bytes")
    return 0


def _one_line(found: re.Match[str]) -> str:
    return f'{{{found[1]}, "shape": [{", ".join(found[2].split()).replace(",,", ",")}]}}'


if __name__ == "__main__":
    sys.exit(main())
