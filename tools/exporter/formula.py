"""Weights made by a formula, so that a network can be tested without downloading its checkpoint.

Every value follows from the tensor's name, its shape and the element's index, in integer arithmetic and single roundings;
any language with 64-bit integers and IEEE 754 single precision gives the same bits. The definition, for a tensor NAME of
shape [d0, d1, ...] (NAME as the weight map has it, so with the prefix of its file):

    seed    FNV-1a, 64 bits, of NAME in UTF-8:   h = 0xCBF29CE484222325;  for each byte b:  h = (h XOR b) * 0x100000001B3
    z(i)    the i-th output, from 0, of SplitMix64 seeded with it, all modulo 2^64:
                z = seed + (i + 1) * 0x9E3779B97F4A7C15
                z = (z XOR (z >> 30)) * 0xBF58476D1CE4E5B9
                z = (z XOR (z >> 27)) * 0x94D049BB133111EB
                z =  z XOR (z >> 31)
    unit(i) ((z(i) >> 40) - 2^23) / 2^23         in [-1, 1): a 24-bit integer and a power of two, exact in f32
    w(i)    offset + scale * unit(i)             in f32; scale is a power of two, so only the sum rounds (to nearest even)

i counts elements in row-major order. The first line that fits gives offset and scale:

    NAME ends in ".running_var"                  1, 1/2         variances stay positive
    one dimension and NAME ends in ".weight"     1, 1/4         gains of batch and layer norms
    no dimension or one                          0, 1/8         biases, means, class embedding, logit scale
    two dimensions or more                       0, 2^(1-e)     e the smallest integer with 4^e >= d1 * d2 * ...

The last one is between once and twice 1/sqrt(fan-in), which keeps activations of every network here in a sane range.
Tensors of integers (position ids, counters of batch norms) hold i itself.
"""

from __future__ import annotations

import math

import numpy as np

_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
_MASK = (1 << 64) - 1
#: Elements made at a time: large tensors need several 64-bit temporaries.
_CHUNK = 1 << 22


def seed(name: str) -> int:
    """FNV-1a of the name, 64 bits."""
    value = _FNV_OFFSET
    for byte in name.encode("utf-8"):
        value = ((value ^ byte) * _FNV_PRIME) & _MASK
    return value


def bits(name: str, start: int, stop: int) -> np.ndarray:
    """z(start) to z(stop - 1), u64."""
    with np.errstate(over="ignore"):
        z = np.arange(start + 1, stop + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(seed(name))
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def unit(name: str, start: int, stop: int) -> np.ndarray:
    """unit(start) to unit(stop - 1), f32."""
    steps = (bits(name, start, stop) >> np.uint64(40)).astype(np.int32) - np.int32(1 << 23)
    return steps.astype(np.float32) * np.float32(2.0**-23)


def offset_and_scale(name: str, shape: tuple[int, ...]) -> tuple[float, float]:
    """The two constants of w(i)."""
    if name.endswith(".running_var"):
        return 1.0, 0.5
    if len(shape) == 1 and name.endswith(".weight"):
        return 1.0, 0.25
    if len(shape) <= 1:
        return 0.0, 0.125
    fan_in, exponent = math.prod(shape[1:]), 0
    while 4**exponent < fan_in:
        exponent += 1
    return 0.0, 2.0 ** (1 - exponent)


def weights(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """w(i) for every element: f32 of the given shape."""
    offset, scale = (np.float32(x) for x in offset_and_scale(name, shape))
    count = math.prod(shape)
    flat = np.empty(count, np.float32)
    for start in range(0, count, _CHUNK):
        stop = min(start + _CHUNK, count)
        flat[start:stop] = offset + scale * unit(name, start, stop)
    return flat.reshape(shape)


def counter(shape: tuple[int, ...]) -> np.ndarray:
    """i for every element: i64 of the given shape."""
    return np.arange(math.prod(shape), dtype=np.int64).reshape(shape)


def pixels(first: int, count: int, side: int) -> np.ndarray:
    """Normalized images `[count, 3, side, side]`, f32: blocks of color, 28 pixels wide, under a little noise.

    Of image n = first, first + 1, ..., channel c, row y and column x, with B = ceil(side / 28) and integer divisions:
    2 * unit(((n * 3 + c) * B + y / 28) * B + x / 28) of "blocks" + 1/2 * unit(((n * 3 + c) * side + y) * side + x) of "noise".
    Blocks, since networks hardly tell one image of plain noise from another.
    """
    blocks = -(-side // 28)

    def planes(name: str, width: int) -> np.ndarray:
        size = 3 * width * width
        return unit(name, first * size, (first + count) * size).reshape(count, 3, width, width)

    large = planes("blocks", blocks).repeat(28, axis=2).repeat(28, axis=3)[:, :, :side, :side]
    return np.float32(2) * large + np.float32(0.5) * planes("noise", side)
