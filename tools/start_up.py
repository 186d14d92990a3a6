#!/usr/bin/env python3
"""How long the program takes to its first frame, its first vector and its first report, from a cold start with `mini`.

    python tools/start_up.py target/release/clipscope

Needs nothing but Python. Wall time from starting the process, with an empty cache each time, turn by turn: median (lowest to
highest). The first frame is the first output that shows the data set's header, in a terminal of 120×32; the first vectors are
those of one photo and its caption, written to a file; the report is the one on the 20 photos.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = b"20 photos"


def first_frame(binary: Path, cache: Path) -> float:
    start = time.perf_counter()
    process, terminal = pty.fork()
    if process == 0:
        os.environ["TERM"] = "xterm-256color"
        os.execv(binary, [str(binary), "--models", "mini", "--images", "half", "--cache-dir", str(cache)])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 32, 120, 0, 0))
    seen = b""
    try:
        while HEADER not in seen:
            seen += os.read(terminal, 65536)
        return time.perf_counter() - start
    finally:
        os.kill(process, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(process, 0)


def timed(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=Path)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    binary = options.binary.resolve()
    times: dict[str, list[float]] = {"first frame": [], "first vectors": [], "report on 20 photos": []}
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            one, common = Path(folder) / "one" / "food", ["--models", "mini", "-q", "--cache-dir"]
            one.mkdir(parents=True)
            shutil.copy(ROOT / "dataset" / "food" / "pizza.jpg", one)
            (one / "pizza.txt").write_text("A pizza.\n")
            times["first frame"].append(first_frame(binary, Path(folder) / "a"))
            embed = [str(binary), "embed", str(one.parent), "--out", f"{folder}/vectors.safetensors", *common, f"{folder}/b"]
            times["first vectors"].append(timed(embed))
            times["report on 20 photos"].append(timed([str(binary), "eval", *common, f"{folder}/c"]))
    for what, seconds in times.items():
        low, middle, high = (f(seconds) * 1000 for f in (min, statistics.median, max))
        print(f"{what}: {middle:.0f} ms ({low:.0f} to {high:.0f})")
    print(f"program: {binary.stat().st_size / 1e6:.1f} MB; load {os.getloadavg()[0]:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
