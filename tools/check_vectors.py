"""Runs the Python of docs/models.md and lets clipscope read what it wrote.

python tools/check_vectors.py CLIPSCOPE (needs pyarrow, numpy and Pillow; exits with 77 where one is missing). Where open_clip and
torch or sentence-transformers are not installed, encoders of the same interface stand in for them.
"""

import contextlib
import hashlib
import importlib.util
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import types

missing = [name for name in ("pyarrow", "numpy", "PIL") if importlib.util.find_spec(name) is None]
if missing:
    print("skipped: Python lacks", ", ".join(missing))
    sys.exit(77)

import numpy

root = pathlib.Path(__file__).resolve().parent.parent


class Tensor:
    """What the lines use of a torch tensor."""

    def __init__(self, array):
        self.array = numpy.asarray(array, "f4")

    def unsqueeze(self, axis):
        return Tensor(numpy.expand_dims(self.array, axis))

    def __getitem__(self, place):
        return Tensor(self.array[place])

    def numpy(self):
        return self.array

    def exp(self):
        return Tensor(numpy.exp(self.array))

    def item(self):
        return float(self.array)


def text_vector(text, dim):
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")
    return numpy.random.default_rng(seed).normal(size=dim)


class Clip:
    logit_scale = Tensor(numpy.log(50.0))

    def eval(self):
        return self

    def encode_image(self, batch):
        return Tensor([photo.reshape(-1)[:64] for photo in batch.numpy()])

    def encode_text(self, texts):
        return Tensor([text_vector(text, 64) for text in texts])


def prepare(image):
    return Tensor(numpy.asarray(image.convert("RGB").resize((8, 8)), "f4") / 255 - 0.5)


class Sentences:
    def __init__(self, name):
        self.name = name

    def encode(self, texts):
        return numpy.stack([text_vector(self.name + text, 32) for text in texts]).astype("f4")


def stand_in(name, **contents):
    module = types.ModuleType(name)
    module.__dict__.update(contents)
    sys.modules[name] = module
    print(f"a stand-in for {name}")


def main(clipscope):
    # The real ones would fetch weights.
    real = os.environ.get("CLIPSCOPE_REAL_ENCODERS") == "1"
    if not real:
        stand_in("torch", no_grad=contextlib.nullcontext)
        models = lambda architecture, pretrained: (Clip(), None, prepare)
        stand_in("open_clip", create_model_and_transforms=models, get_tokenizer=lambda architecture: lambda texts: texts)
        stand_in("sentence_transformers", SentenceTransformer=Sentences)
    blocks = re.findall(r"```python\n(.*?)```", (root / "docs/models.md").read_text(), re.S)
    blocks = [block for block in blocks if "write_table" in block]
    assert len(blocks) == 2, len(blocks)
    clipscope = pathlib.Path(clipscope).resolve()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        captions = {
            f"{category}/{entry['filename']}": entry["description"]
            for category, entries in json.loads((root / "dataset/dataset.json").read_text()).items()
            for entry in entries
        }
        for name, caption in captions.items():
            photo = pathlib.Path("photos", name)
            photo.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / "dataset" / name, photo)
            photo.with_suffix(".txt").write_text(caption + "\n")
        for block in blocks:
            exec(block, {})
        command = [clipscope, "eval", "photos", "--format", "json"]
        for file in ("vectors.parquet", "sentences.parquet"):
            command += ["--vectors", file]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        report = json.loads(done.stdout)
        assert report["dataset"]["images"] == report["dataset"]["captions"] == len(captions) == 20
        assert report["dataset"]["skipped"] == [], report["dataset"]["skipped"]
        roles = {tower["role"]: tower["name"] for tower in report["models"]["towers"]}
        assert roles == {
            "pre_clip_text": "all-mpnet-base-v2",
            "clip_image": "vectors",
            "clip_text": "vectors",
        }, roles
        if not real:
            assert abs(report["models"]["logit_scale"] - 50) < 1e-3, report["models"]
    print("ok: what the lines wrote was read, all of it")


if __name__ == "__main__":
    main(sys.argv[1]) if len(sys.argv) == 2 else sys.exit(__doc__)
