"""What a network is to the exporter. Knows nothing of any particular network, nor of Burn."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import torch
from torch import nn

Checkpoint = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Output:
    """One output of the graph: its name there, what the program uses it for, and its width."""

    name: str
    role: str
    dim: int


@dataclass(frozen=True)
class PublishedFile:
    """A file of weights in a repository of published checkpoints."""

    #: Path inside the repository.
    name: str
    #: Shape and element type (F32 or I64) of every tensor that may be in it, under the file's own names.
    contents: dict[str, tuple[tuple[int, ...], str]]
    #: None where it is not known.
    bytes: int | None
    sha256: str
    #: Put in front of the file's tensor names, so that the names of several files stay apart.
    prefix: str = ""


@dataclass(frozen=True)
class Published:
    """Where the program gets the weights of a network that does not ship them."""

    repo: str
    #: A commit, since a branch moves; None where it is not known.
    revision: str | None
    files: tuple[PublishedFile, ...]
    #: Fronts of tensor names that some copies of the files have; dropped before the file's own prefix is put in front.
    prefixes: tuple[str, ...] = ()
    #: Tensors, with their file's prefix, that may be there and are not read.
    ignored: tuple[str, ...] = ()
    #: The same for all tensors whose names begin so.
    ignored_prefixes: tuple[str, ...] = ()

    def contents(self) -> dict[str, tuple[tuple[int, ...], str]]:
        """Shape and element type of the tensors of all files, with their file's prefix."""
        return {file.prefix + name: what for file in self.files for name, what in file.contents.items()}

    def map_entries(self) -> dict[str, Any]:
        """What the weight map says about files and names."""
        files = [{"name": f.name, "prefix": f.prefix} for f in self.files]
        names = {"prefixes": self.prefixes, "ignored": self.ignored, "ignored_prefixes": self.ignored_prefixes}
        return {"files": files, **{k: list(v) for k, v in names.items()}}

    def card_entries(self) -> list[dict[str, Any]]:
        """What the card says about the files."""
        where = {"repo": self.repo, "revision": self.revision}
        files = [{"file": f.name, "bytes": f.bytes, "sha256": f.sha256} for f in self.files]
        return [{**file, **where} for file in files]


@dataclass
class Network:
    """A network in its reference implementation, and everything its folder under `models/` is made of."""

    name: str
    #: Tensors under the names the published checkpoint gives them; the weight map speaks of these names.
    checkpoint: Checkpoint
    #: Makes the module (in evaluation mode, f32) from a checkpoint; its forward returns a tuple, `outputs` in order.
    build: Callable[[Checkpoint], nn.Module]
    #: Example inputs by name, in the order of `forward`'s arguments. Only their types and ranks matter.
    inputs: dict[str, torch.Tensor]
    #: For each input, the axes that stay free: `{axis: "batch" | "sequence"}`.
    dynamic_axes: dict[str, dict[int, str]]
    outputs: tuple[Output, ...]
    #: The card without what the exporter adds itself: name, outputs, weights.
    card: dict
    #: Suffixes of checkpoint tensors that the graph has no use for, listed so that nothing is forgotten silently.
    unused_suffixes: tuple[str, ...] = ()
    #: Longest sequence the network has positions for; None for images.
    max_sequence: int | None = None
    #: A Hugging Face `tokenizer.json`, or what would be in it, for text networks whose folder has one.
    tokenizer: Path | dict[str, Any] | None = None
    #: None for a network whose weights ship with it.
    published: Published | None = None
    #: Kept by `module`, so that a network is built once.
    _module: nn.Module | None = field(default=None, repr=False)

    @property
    def module(self) -> nn.Module:
        """The module with the checkpoint."""
        if self._module is None:
            self._module = self.build(self.checkpoint)
        return self._module

    def is_unused(self, tensor: str) -> bool:
        """Whether the checkpoint tensor is one the graph is known not to need."""
        if self.published:
            return tensor in self.published.ignored or tensor.startswith(self.published.ignored_prefixes)
        return tensor.endswith(self.unused_suffixes)

    def batch_norm_eps(self) -> float | None:
        """The epsilon of every batch norm in the module, or None without batch norm."""
        found = {m.eps for m in self.module.modules() if isinstance(m, nn.BatchNorm2d)}
        if len(found) > 1:
            raise ValueError(f"{self.name}: batch norms with different epsilons {sorted(found)}; the map needs one each")
        return found.pop() if found else None


def l2_normalized(x: torch.Tensor) -> torch.Tensor:
    """Rows of `[batch, dim]` scaled to unit length; a zero row stays zero instead of becoming NaN."""
    return x / x.norm(dim=-1, keepdim=True).clamp(min=1e-12)


#: Tensors of fewer elements ship in single precision. They are batch norms and small depthwise filters: 0.3 MB more in
#: all, and EfficientNet-Lite0's features then differ by 2e-6 in 1 - cosine instead of 6e-5.
HALF_FROM = 4096


def shipped(checkpoint: Checkpoint) -> Checkpoint:
    """The checkpoint as it ships: large f32 tensors in half precision, everything else as it is."""
    return {k: v.half() if v.dtype == torch.float32 and v.numel() >= HALF_FROM else v for k, v in checkpoint.items()}
