"""Time the main job in a PostgreSQL database on generated shops: per step, what moves, and how much memory it takes.

    python benchmarks/postgres.py --customers 100000 1000000

Starts a server of its own on loopback, as the tests do, with PostgreSQL's default settings, loads each shop by COPY and
segments it there twice: without evidence and report, and with both. Nothing else should run meanwhile. The server's
memory is the most that its processes held at one look, five times a second, files of the system's cache not counted.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Self

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from tests_postgres import PostgresServer, postgres_server  # noqa: E402

SAVING = "Write the run folder"


def segment(address: str, folder: str, *, whole: bool) -> None:
    """One run in this process; prints step -> (seconds, bytes received), and the most memory, as JSON."""
    import psycopg

    import coterie as ct

    steps: dict[str, list[float]] = {}
    now: list[tuple[str, float]] = []
    read = psycopg.Copy.read

    def counted(copy: psycopg.Copy) -> bytes:
        block: bytes = read(copy)
        steps[now[-1][0]][1] += len(block)
        return block

    def begin(step: str) -> None:
        if now:
            steps[now[-1][0]][0] += time.perf_counter() - now[-1][1]
        steps.setdefault(step, [0.0, 0.0])
        now.append((step, time.perf_counter()))

    psycopg.Copy.read = counted
    run = ct.segment(address, evidence=None if whole else False, progress=begin)
    begin(SAVING)
    run.save(folder, report=whole)
    begin("")
    print(json.dumps({"steps": steps, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3}))


class ServerMemory:
    """Looks at what a server's processes hold, shared memory counted once; `most` in MB."""

    def __init__(self, server: PostgresServer) -> None:
        self.first = int((server.folder / "data" / "postmaster.pid").read_text().splitlines()[0])
        self.most, self._done = 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            children = Path(f"/proc/{self.first}/task/{self.first}/children").read_text().split()
            self.most = max(self.most, sum(_held(process) for process in (str(self.first), *children)))


def _held(process: str) -> float:
    """A process's own part of memory (PSS) in MB; 0 for one that has just ended."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(float(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1e3


def measure(server: PostgresServer, address: str, folder: Path, *, whole: bool) -> tuple[dict[str, list[float]], str]:
    """Steps of a run in a process of its own, and its memory beside the server's in words."""
    command = [sys.executable, __file__, "--run", address, str(folder), *(["--whole"] if whole else [])]
    with ServerMemory(server) as memory:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr)
    found = json.loads(done.stdout.splitlines()[-1])
    return found["steps"], f"client {found['memory']:.0f} MB, server {memory.most:.0f} MB"


def tell(customers: int, load: float, runs: list[tuple[dict[str, list[float]], str]]) -> None:
    """One table: a row for each step, two columns for each run."""
    (bare, bare_memory), (whole, whole_memory) = runs
    print(f"\n{customers:,} customers; tables loaded in {load:.0f} s\n")
    print("| step | seconds | MB received | with evidence and report: seconds | MB received |")
    print("|---|---:|---:|---:|---:|")
    for step in whole:
        if step:
            cells = [bare.get(step, [0.0, 0.0]), whole[step]]
            print(f"| {step} | " + " | ".join(f"{seconds:.1f} | {size / 1e6:.1f}" for seconds, size in cells) + " |")
    sums = [[sum(column) for column in zip(*steps.values(), strict=True)] for steps in (bare, whole)]
    print("| **all** | " + " | ".join(f"**{seconds:.1f}** | **{size / 1e6:.1f}**" for seconds, size in sums) + " |")
    print(f"| peak memory | {bare_memory} | | {whole_memory} | |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--run", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--whole", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.run:
        segment(*options.run, whole=options.whole)
        return
    import coterie as ct

    with postgres_server() as server:
        for customers in options.customers:
            with tempfile.TemporaryDirectory(prefix="coterie-bench-") as folder:
                shop = ct.sample(Path(folder) / "shop", customers=customers)
                begun = time.perf_counter()
                address = server.put("shop", shop)
                load = time.perf_counter() - begun
                both = [measure(server, address, Path(folder) / f"run{whole}", whole=whole) for whole in (False, True)]
                tell(customers, load, both)


if __name__ == "__main__":
    main()
