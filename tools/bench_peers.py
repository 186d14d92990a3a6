#!/usr/bin/env python3
"""The program against ONNX Runtime and PyTorch: the same graphs, photos and captions, the same two cores, turn by turn.

For maintainers (see `export_models.py` for the environment):

    python tools/bench_peers.py --work /tmp/peers

Per network, and from files to vectors per set, at batches of 1, 8 and 32: milliseconds an item as median (lowest to highest),
the program's time divided by each peer's in the same round (median), and the peak memory of each process. Every engine runs
in a process of its own, loaded and warm; in each round all of them answer the same request one after the other, in an order
that turns. All are held to the same `--threads` cores: the program runs one worker of one thread a core, the peers use their
own threads in one session. Before anything is timed, the vectors of a network must agree to a cosine of 0.9999.

`--work` keeps the graphs with weights (2 GB) for the next time.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

import numpy as np

from peers import engine

PEERS = ("onnxruntime", "torch")
#: Seconds that one answer should take at least, so that starting a pass does not count.
ENOUGH = 0.4
MIN_COSINE = 0.9999


class Engine:
    """A process that answers requests."""

    def __init__(self, name: str, command: list[str]) -> None:
        # These make OpenBLAS, which nothing here computes with, choose for another machine.
        environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
        self.name = name
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)

    def ask(self, batch: int, repeats: int = 1, vectors: bool = False) -> dict:
        self._process.stdin.write(json.dumps({"batch": batch, "repeats": repeats, "vectors": vectors}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name} ended with {self._process.wait()}")
        return json.loads(line)

    def close(self) -> None:
        self._process.stdin.close()
        self._process.wait()


def bench_binary() -> str:
    command = ["cargo", "bench", "--bench", "peers", "--no-run", "--message-format", "json"]
    built = subprocess.run(command, cwd=engine.ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    messages = [json.loads(line) for line in built.splitlines()]
    return next(m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "peers")


def cosines(found: list, wanted: list) -> float:
    """The lowest cosine between two lists of vectors."""
    pairs = [(np.array(a), np.array(b)) for a, b in zip(found, wanted, strict=True)]
    return min(float(a @ b / np.sqrt((a @ a) * (b @ b))) for a, b in pairs)


def measure(what: str, engines: list[Engine], batches: list[int], rounds: int, limit: float | None) -> list[dict]:
    """All engines turn by turn: a row for every batch."""
    vectors = {e.name: e.ask(batches[0], vectors=True)["vectors"] for e in engines}
    agreement = {name: cosines(vectors["clipscope"], v) for name, v in vectors.items() if name != "clipscope"}
    if limit and min(agreement.values(), default=1) < limit:
        raise SystemExit(f"{what}: the engines do not agree: {agreement}")
    rows = []
    for batch in batches:
        repeats = {}
        for e in engines:
            e.ask(batch)
            repeats[e.name] = max(1, round(ENOUGH / e.ask(batch)["seconds"]))
        times: dict[str, list[float]] = {e.name: [] for e in engines}
        for number in range(rounds):
            turn = number % len(engines)
            for e in engines[turn:] + engines[:turn]:
                answer = e.ask(batch, repeats[e.name])
                times[e.name].append(answer["seconds"] * 1000 / repeats[e.name] / answer["items"])
        ours = times["clipscope"]
        ratios = {n: statistics.median(o / t for o, t in zip(ours, times[n])) for n in times if n != "clipscope"}
        rows.append({"what": what, "batch": batch, "ms": times, "ratio": ratios, "cosine": agreement})
        print(table_row(rows[-1]), flush=True)
    print(f"{what}: lowest cosine to " + ", ".join(f"{n} {c:.6f}" for n, c in agreement.items()), file=sys.stderr)
    peaks = {e.name: e.ask(batches[0])["peak_mb"] for e in engines}
    print(f"| {what} | peak memory, MB | " + " | ".join(str(peaks.get(n, "")) for n in ("clipscope", *PEERS)) + " | | |", flush=True)
    return [row | {"peak_mb": peaks} for row in rows]


def table_row(row: dict) -> str:
    def cell(times: list[float]) -> str:
        return f"{statistics.median(times):.1f} ({min(times):.1f}–{max(times):.1f})"

    times = [cell(row["ms"][n]) if n in row["ms"] else "" for n in ("clipscope", *PEERS)]
    ratios = [f"{row['ratio'][n]:.2f}" if n in row["ratio"] else "" for n in PEERS]
    return f"| {row['what']} | {row['batch']} | {' | '.join(times)} | {' | '.join(ratios)} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="folder for graphs with weights and checkpoints")
    parser.add_argument("--towers", nargs="*", default=list(engine.CARDS), help="networks (default: all)")
    parser.add_argument("--files", nargs="*", default=list(engine.SETS), help="sets from files to vectors (default: both)")
    parser.add_argument("--batches", nargs="+", type=int, default=[1, 8, 32])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--engines", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--out", type=Path, help="every single time, as JSON")
    parser.add_argument("--serve", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        if options.towers:
            name = options.towers[0]
            engine.serve(engine.tower_pass(options.serve, options.work, name, options.threads, workers=options.threads))
        else:
            engine.serve(engine.files_pass(options.serve, options.work, options.files[0], options.threads))
        return 0
    if options.prepare:
        from peers.prepare import prepare

        prepare(options.work, options.towers[0])
        return 0

    binary, store, work = bench_binary(), options.work / "store", str(options.work)
    this = [sys.executable, __file__, "--work", work, "--threads", str(options.threads)]
    names = sorted({*options.towers, *(n for s in options.files for n in engine.SETS[s])})
    if not store.exists() and any("repo" in engine.CARDS[name][1]["weights"][0] for name in names):
        subprocess.run([binary, "--write-store", str(store)], check=True)
    for name in names:
        if not engine.module_file(options.work, name).exists():
            subprocess.run([*this, "--prepare", "--towers", name], check=True, stdout=sys.stderr)
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])

    print(f"load when starting: {os.getloadavg()[0]:.1f}; {options.threads} threads, {options.rounds} rounds\n")
    print("| what | batch | clipscope | ONNX Runtime | PyTorch | ratio to ONNX Runtime | to PyTorch |\n|---|---|---|---|---|---|---|")
    rows = []
    jobs = [("--tower", "--towers", name, MIN_COSINE) for name in options.towers]
    # Two JPEG decoders do not give the same pixels: from files, agreement is noted and not required.
    jobs += [("--files", "--files", models, None) for models in options.files]
    for ours, theirs, name, limit in jobs:
        other = "--files" if theirs == "--towers" else "--towers"
        engines = [Engine("clipscope", [binary, ours, name, "--store", str(store), "--workers", str(options.threads)])]
        engines += [Engine(peer, [*this, "--serve", peer, theirs, name, other]) for peer in options.engines]
        what = name if ours == "--tower" else f"{name}, files to vectors"
        rows += measure(what, engines, options.batches, options.rounds, limit)
        for e in engines:
            e.close()
    print(f"\nload when done: {os.getloadavg()[0]:.1f}")
    if options.out:
        options.out.write_text(json.dumps(rows, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
