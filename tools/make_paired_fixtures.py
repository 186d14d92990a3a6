#!/usr/bin/env python3
"""Makes crates/analysis/tests/fixtures/paired.json: differences between two results of the same items, by scipy and statsmodels.

For maintainers. Needs numpy, scipy and statsmodels:

    python tools/make_paired_fixtures.py

p-values of one item a cluster are statsmodels' `mcnemar(exact=True)`, which must equal scipy's `binomtest`; those of several
items a cluster are counted here over all signs of the clusters. Intervals are the percentiles of scipy's `bootstrap` over
clusters, whose draws are others than this program's: the two agree but for the noise of the draws.
"""

import itertools
import json
from pathlib import Path

import numpy as np
from scipy.stats import binomtest, bootstrap
from statsmodels.stats.contingency_tables import mcnemar

OUT = Path(__file__).resolve().parent.parent / "crates" / "analysis" / "tests" / "fixtures" / "paired.json"
DRAWS = 20_000


def shares(rng, clusters, most, up, down):
    """Hits before and now: (cluster, old, new)."""
    pairs = []
    for cluster in range(clusters):
        for _ in range(rng.integers(1, most + 1)):
            old = int(rng.random() < 0.5)
            new = 1 - old if rng.random() < (up if old == 0 else down) else old
            pairs.append((cluster, old, new))
    return pairs


def margins(rng, clusters, most):
    pairs = []
    for cluster in range(clusters):
        shift = rng.normal(0.02, 0.05)
        for _ in range(rng.integers(1, most + 1)):
            old = rng.normal(0.1, 0.1)
            pairs.append((cluster, old, old + shift + rng.normal(0, 0.01)))
    return pairs


def sums(pairs):
    clusters = sorted({cluster for cluster, _, _ in pairs})
    changes = [sum(new - old for cluster, old, new in pairs if cluster == wanted) for wanted in clusters]
    sizes = [sum(1 for cluster, _, _ in pairs if cluster == wanted) for wanted in clusters]
    return np.array(changes), np.array(sizes)


def exact_p(pairs):
    changes, sizes = sums(pairs)
    if sizes.max() == 1:
        table = np.zeros((2, 2))
        for _, old, new in pairs:
            table[old, new] += 1
        p = float(mcnemar(table, exact=True).pvalue)
        up, down = int(table[0, 1]), int(table[1, 0])
        assert up + down == 0 or abs(p - binomtest(up, up + down).pvalue) < 1e-12
        return p
    changes = [int(change) for change in changes if change]
    observed = abs(sum(changes))
    signs = itertools.product((1, -1), repeat=len(changes))
    extreme = sum(abs(sum(s * c for s, c in zip(sign, changes))) >= observed for sign in signs)
    return extreme / 2 ** len(changes)


def interval(pairs):
    changes, sizes = sums(pairs)
    found = bootstrap(
        (changes, sizes),
        lambda c, s, axis: c.sum(axis=axis) / s.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=DRAWS,
        method="percentile",
        rng=np.random.default_rng(7),
    ).confidence_interval
    return [float(found.low), float(found.high)]


def case(name, kind, pairs):
    old = float(np.mean([old for _, old, _ in pairs]))
    new = float(np.mean([new for _, _, new in pairs]))
    return {
        "name": name,
        "kind": kind,
        "pairs": pairs,
        "old": old,
        "new": new,
        "p": exact_p(pairs) if kind == "share" else None,
        "interval": interval(pairs),
    }


def main():
    rng = np.random.default_rng(20_210_226)
    cases = [
        case("few photos", "share", shares(rng, 20, 1, 0.1, 0.4)),
        case("many photos", "share", shares(rng, 1_000, 1, 0.10, 0.15)),
        case("captions of photos", "share", shares(rng, 24, 5, 0.1, 0.3)),
        case("margins of photos", "mean", margins(rng, 40, 1)),
        case("margins of captions", "mean", margins(rng, 60, 5)),
    ]
    OUT.write_text(json.dumps({"cases": cases}, separators=(",", ":")) + "\n")
    for found in cases:
        print(found["name"], found["old"], found["new"], found["p"], found["interval"])


if __name__ == "__main__":
    main()
