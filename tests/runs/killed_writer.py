"""A program that kills writers of runs, for the tests to look at what they leave behind.

    killed_writer.py steps FOLDER exchange|two-steps     for n = 1, 2, ... replace the run FOLDER/n/run, and die right
                                                         before step n; ends with the first n that comes to an end
    killed_writer.py moments FOLDER exchange|two-steps SEED...
                                                         write FOLDER/SEED/run again and again until a kill at a random
                                                         moment; FOLDER/SEED/done holds the numbers of finished runs

The writers are forks, so that the libraries are loaded once.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from unittest import mock

from coterie.runs import save, writing

STEPS = ("open", "os.", "shutil.", "fcntl.", "tempfile.", "ctypes.")
"""Audit events of everything that can change a file system."""


def write(path: Path, number: int) -> None:
    """One run whose checksum covers its number."""
    body = f"{number} ".encode() * 50
    with writing(path) as folder:
        (folder / "body").write_bytes(body)
        (folder / "rejects").mkdir()
        (folder / "rejects" / "more").write_bytes(body)
        save(folder, {"choice.json": {"k": number}}, {"sum": hashlib.sha256(body).hexdigest()})


def fork(work: Callable[[], None]) -> int:
    """Run the work in a process of its own; its number."""
    process = os.fork()
    if process == 0:
        work()
        os._exit(0)
    return process


def dying_before(step: int, path: Path) -> None:
    seen = 0

    def count(event: str, _arguments: object) -> None:
        nonlocal seen
        if event.startswith(STEPS):
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    write(path, 2)


def steps(folder: Path) -> None:
    for step in itertools.count(1):
        target = folder / f"{step}" / "run"
        target.parent.mkdir()
        write(target, 1)
        _, status = os.waitpid(fork(lambda step=step, target=target: dying_before(step, target)), 0)
        if not os.WIFSIGNALED(status):
            return


def for_ever(target: Path) -> None:
    with (target.parent / "done").open("w") as done:
        for number in itertools.count():
            write(target, number)
            done.write(f"{number}\n")
            done.flush()


def moments(folder: Path, seeds: list[str]) -> None:
    for seed in seeds:
        target = folder / seed / "run"
        target.parent.mkdir()
        process = fork(lambda target=target: for_ever(target))
        while not target.exists():
            time.sleep(0.001)
        time.sleep(random.Random(seed).uniform(0, 0.03))
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def main() -> None:
    mode, folder, way, *seeds = sys.argv[1:]
    if way == "two-steps":
        mock.patch("coterie.runs.place._exchange", return_value=False).start()
    if mode == "steps":
        steps(Path(folder))
    else:
        moments(Path(folder), seeds)


if __name__ == "__main__":
    main()
