"""Photos to pixel tensors with Pillow. The reference that the Rust preprocessing is tested against.

The steps are those of torchvision's evaluation transforms, which the published networks were measured with:

1. EXIF orientation applied, converted to RGB;
2. the shortest side becomes `resize_shortest`, the other `int(resize_shortest * long / short)` (rounded down), with
   antialiasing, on 8-bit values;
3. the central `crop` square, its offset `round((side - crop) / 2)` with halves rounded to the even number;
4. scaled to 0..1, mean subtracted, divided by the standard deviation, channels first.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def resized_and_cropped(photo: Path, resize_shortest: int, filter: str, crop: int) -> np.ndarray:
    """Steps 1 to 3: `[crop, crop, 3]`, u8."""
    with Image.open(photo) as opened:
        image = ImageOps.exif_transpose(opened).convert("RGB")
    width, height = image.size
    short, long = min(width, height), max(width, height)
    other = int(resize_shortest * long / short)
    size = (resize_shortest, other) if width <= height else (other, resize_shortest)
    image = image.resize(size, FILTERS[filter])
    left, top = (round((side - crop) / 2.0) for side in image.size)
    return np.asarray(image.crop((left, top, left + crop, top + crop)))


def pixel_tensor(photo: Path, preprocessing: dict) -> np.ndarray:
    """All steps, as the card's `preprocessing` says: `[3, crop, crop]`, f32."""
    pixels = resized_and_cropped(photo, preprocessing["resize_shortest"], preprocessing["filter"], preprocessing["crop"])
    scaled = pixels.astype(np.float32) / np.float32(255)
    mean, std = (np.array(preprocessing[k], np.float32) for k in ("mean", "std"))
    return np.ascontiguousarray(((scaled - mean) / std).transpose(2, 0, 1))
