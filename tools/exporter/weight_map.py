"""The weight map: for every parameter of a generated Burn module, the checkpoint tensor it comes from and what is done to it.

It is found by comparing values, so nothing depends on how either side names things. Operations:

copy         the tensor as it is
transpose    a matrix, transposed
fold_weight  a convolution's weight times its batch norm's scale: w * g / sqrt(var + eps), per output channel
fold_bias    beta + (b - mean) * g / sqrt(var + eps); b is the convolution's own bias (`source`), 0 without one

Parameters that are no weights (scalars, index tensors) are kept whole, as constants.

For weights that are fetched, the map also says where its tensor names come from:

files             the files to read by `name`; `prefix` goes in front of the names in it, so that `linear.weight` of 2_Dense/model.safetensors is `2_Dense.linear.weight`
prefixes          dropped from the front of names in any file, before its own prefix is put there
ignored           names, prefix included, that may be there and are not read
ignored_prefixes  the same for every name that begins so

A name in a file that is none of these and no source is an error, and so is a source that no file has.
"""

from __future__ import annotations

import base64
import re

import numpy as np

#: Element types of constants, as the map names them.
_DTYPE_NAMES = {"float32": "F32", "int64": "I64", "int32": "I32", "bool": "Bool"}
_BATCH_NORM = ("weight", "bias", "running_mean", "running_var")
#: Folding in f32 in another order than the exporter's gives last-digit differences; a wrong pair is off by far more.
_RTOL, _ATOL = 1e-4, 1e-5


class MapError(Exception):
    """The parameters of the module and the tensors of the checkpoint do not correspond one to one."""


def natural(name: str) -> list:
    """Sort key that puts layer 2 before layer 10."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def made(parameters: dict[str, np.ndarray], checkpoint: dict[str, np.ndarray], eps: float | None, unused: set[str]) -> dict:
    """The `parameters` and `constants` of `weights.json`.

    `eps` is the batch norms' epsilon, None without batch norm; `unused` names tensors that the graph has no use for.
    Raises `MapError` when a parameter has no source or several that differ, or when a tensor outside `unused` has no parameter.
    """
    tensors = {k: checkpoint[k] for k in sorted(checkpoint, key=natural) if k not in unused}
    found, constants, used = _by_equality(parameters, tensors)
    rest = [k for k in parameters if k not in found and k not in constants]
    if eps is not None:
        found |= _by_folding({k: parameters[k] for k in rest}, tensors, eps, used)
    lost = [f"{k} {list(parameters[k].shape)}" for k in rest if k not in found]
    if lost:
        raise MapError(f"no checkpoint tensor gives these parameters: {', '.join(lost)}")

    # The exporter may share one parameter between equal tensors; the values then are not lost.
    values = {_key(tensors[k]) for k in used}
    forgotten = [k for k in tensors if k not in used and _key(tensors[k]) not in values]
    if forgotten:
        raise MapError(f"checkpoint tensors that no parameter comes from: {', '.join(forgotten)}")
    order = sorted(found, key=natural)
    return {"parameters": {k: found[k] for k in order}, "constants": {k: constants[k] for k in sorted(constants, key=natural)}}


def _key(value: np.ndarray) -> tuple:
    return value.shape, value.dtype.str, np.ascontiguousarray(value).tobytes()


def _by_equality(parameters: dict[str, np.ndarray], tensors: dict[str, np.ndarray]) -> tuple[dict, dict, set[str]]:
    """Parameters equal to a tensor or to its transpose, and the constants; equal tensors are taken in turn, in natural order."""
    index: dict[tuple, list[tuple[str, str]]] = {}
    for name, value in tensors.items():
        index.setdefault(_key(value), []).append(("copy", name))
    for name, value in tensors.items():
        # A symmetric or one-column matrix equals its transpose in bytes and shape; `copy` then stands first.
        if value.ndim == 2:
            index.setdefault(_key(value.T), []).append(("transpose", name))

    found, constants, used = {}, {}, set()
    for path in sorted(parameters, key=natural):
        value = parameters[path]
        if value.dtype != np.float32 or value.size == 1:
            constants[path] = _constant(value)
            continue
        candidates = index.get(_key(value), [])
        # Candidates are identical in value: any of them is right, an unused one keeps the correspondence one to one.
        choice = next((c for c in candidates if c[1] not in used), candidates[0] if candidates else None)
        if choice:
            found[path] = {"op": choice[0], "source": choice[1]}
            used.add(choice[1])
    return found, constants, used


def _constant(value: np.ndarray) -> dict:
    return {
        "dtype": _DTYPE_NAMES[value.dtype.name],
        "shape": list(value.shape),
        "base64": base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii"),
    }


def _by_folding(rest: dict[str, np.ndarray], tensors: dict[str, np.ndarray], eps: float, used: set[str]) -> dict:
    """Convolutions that a batch norm was folded into. Adds the tensors they come from to `used`."""
    suffix = ".running_var"
    norms = [k.removesuffix(suffix) for k in tensors if k.endswith(suffix)]
    convolutions = [k for k, v in tensors.items() if v.ndim == 4]
    found = {}
    for path, value in rest.items():
        if value.ndim != 4:
            continue
        bias_path = path.removesuffix("weight") + "bias"
        matches = []
        for source in convolutions:
            if tensors[source].shape != value.shape:
                continue
            own_bias = source.removesuffix("weight") + "bias"
            for norm in norms:
                if tensors[norm + suffix].shape[0] != value.shape[0]:
                    continue
                weight = {"op": "fold_weight", "source": source, "batch_norm": norm, "eps": eps}
                bias = {"op": "fold_bias", "batch_norm": norm, "eps": eps}
                if own_bias in tensors:
                    bias["source"] = own_bias
                if _close(applied(weight, tensors), value) and _close(applied(bias, tensors), rest[bias_path]):
                    matches.append((weight, bias))
        if len(matches) != 1:
            pairs = [(weight["source"], weight["batch_norm"]) for weight, _ in matches]
            raise MapError(f"{path} {list(value.shape)}: its values come from {len(pairs)} convolutions with batch norm: {pairs}")
        found[path], found[bias_path] = matches[0]
        weight, bias = matches[0]
        sources = {weight["source"], *([bias["source"]] if "source" in bias else [])}
        sources |= {f"{weight['batch_norm']}.{part}" for part in _BATCH_NORM}
        if sources & used:
            raise MapError(f"{path}: its sources are already those of another parameter: {sorted(sources & used)}")
        used |= sources
    return found


def _close(a: np.ndarray, b: np.ndarray) -> bool:
    return a.shape == b.shape and np.allclose(a, b, rtol=_RTOL, atol=_ATOL)


def applied(rule: dict, tensors: dict[str, np.ndarray]) -> np.ndarray:
    """One parameter made from the checkpoint as its rule says, in f32: what the program does when it loads weights."""

    def get(name: str) -> np.ndarray:
        return tensors[name].astype(np.float32)

    if rule["op"] == "copy":
        return get(rule["source"])
    if rule["op"] == "transpose":
        return get(rule["source"]).T
    gamma, beta, mean, variance = (get(f"{rule['batch_norm']}.{part}") for part in _BATCH_NORM)
    scale = gamma / np.sqrt(variance + np.float32(rule["eps"]))
    if rule["op"] == "fold_weight":
        return get(rule["source"]) * scale[:, None, None, None]
    if rule["op"] == "fold_bias":
        return beta + ((get(rule["source"]) if "source" in rule else np.float32(0)) - mean) * scale
    raise ValueError(f"unknown operation {rule['op']}")


def worst_difference(weight_map: dict, parameters: dict[str, np.ndarray], tensors: dict[str, np.ndarray]) -> float:
    """Largest relative error, per parameter (max-norm), of the module filled from `tensors` through the map."""
    if set(weight_map["parameters"]) | set(weight_map["constants"]) != set(parameters):
        raise MapError("the map does not name exactly the module's parameters")
    worst = 0.0
    for path, rule in weight_map["parameters"].items():
        value, wanted = applied(rule, tensors), parameters[path]
        if value.shape != wanted.shape:
            raise MapError(f"{path}: {list(value.shape)} from the map, {list(wanted.shape)} in the module")
        worst = max(worst, float(np.abs(value - wanted).max() / max(np.abs(wanted).max(), 1e-12)))
    return worst
