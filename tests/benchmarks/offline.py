"""``lockguard fix`` that keeps the lock, beside ``poetry lock`` on the same change, in one run.

    python tests/benchmarks/offline.py [ROUNDS]

Projects of 30, 100 and 400 packages from an index on the loopback interface that plays PyPI, warm
caches, whole programs, the median of some rounds that take turns. Prints seconds and their ratio
by the clock and by the processor (the steadier on a busy machine).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import fix as whole

SIZES = (30, 100, 400)
REACH = "<= 0.20x"


def main() -> None:
    whole.ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    for size in SIZES:
        whole.PACKAGES = size
        with tempfile.TemporaryDirectory() as name, whole.playing_pypi(Path(name)) as environ:
            bench = whole.Bench(Path(name) / "project", environ)
            lock, kept = bench.compare(bench.roots, "offline", whole.LOCK, whole.SCRIPT)
            whole.row(f"poetry lock, {size} packages, one dropped", lock, lock, "")
            whole.row("lockguard fix, the lock kept", kept, lock, REACH)


if __name__ == "__main__":
    main()
