"""A session of Spark: opened on this machine, on a cluster or through Connect; and how rows are held there."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from coterie.engines.spark_told import NO_JAVA, REFUSALS, first_of, hushed, told
from coterie.errors import UsageError

_ALWAYS = {
    "spark.sql.session.timeZone": "UTC",  # days are those of UTC everywhere
    "spark.sql.ansi.enabled": "true",  # what overflows or cannot be cast is an error, never another value
    "spark.sql.caseSensitive": "true",  # as names are in the expressions
}
PATIENCE = 60.0
"""Seconds to wait for the first worker of a cluster; a sixth of it for a server to answer."""


@dataclass
class Session:
    """A session of our own: its temporary views and settings are nobody else's."""

    spark: Any
    address: str
    connect: bool
    _held: list[Any] = field(default_factory=list)

    def hold(self, frame: Any) -> Any:
        """The rows computed now and held by the workers, in memory and beyond it on their disks.

        Spark keeps the way a frame was made with it, and looks at all of it for every query; after a dozen steps that
        each use the one before twice, that takes minutes. So the plan is cut here. On a cluster the way how to make
        lost rows again stays with them (the lineage of the RDD). Connect has no such call: there each row is held
        twice, by two workers, so that one may be lost.
        """
        from pyspark import StorageLevel

        if self.connect:
            held = frame.localCheckpoint(eager=True, storageLevel=StorageLevel.MEMORY_AND_DISK_2)
        else:
            from pyspark.sql import DataFrame

            plan = frame._jdf  # noqa: SLF001
            rows = plan.queryExecution().toRdd()
            cut = self.spark._jsparkSession.internalCreateDataFrame(rows, plan.schema(), False)  # noqa: SLF001
            held = DataFrame(cut, self.spark).persist(StorageLevel.MEMORY_AND_DISK)
            held.count()
        self._held.append(held)
        return held

    def release(self, held: Any) -> None:
        """Give back what `hold` gave; with Connect the server does that once nobody knows it any more."""
        self._held = [frame for frame in self._held if frame is not held]
        if not self.connect:
            held.unpersist()

    def close(self) -> None:
        """Give back what is held. Spark itself stays until this process ends: other sessions may use it."""
        with contextlib.suppress(*REFUSALS):  # a server that is gone holds nothing
            if not self.connect:
                for frame in self._held:
                    frame.unpersist()
        self._held.clear()
        if self.connect:
            with contextlib.suppress(*REFUSALS):
                self.spark.stop()


def open_session(address: str, memory: str | None) -> Session:
    """A session at this address.

    Raises:
        UsageError: There is no Java, nobody answers, or the memory cannot be set from here.
    """
    connect = address.startswith("sc://")
    if connect and memory is not None:
        raise UsageError(
            f"The memory of {address} is set where that server is started. Leave --memory out, or ask whoever runs it."
        )
    with hushed():
        spark = _connected(address) if connect else _classic(address, memory)
        for key, value in _ALWAYS.items():
            spark.conf.set(key, value)
    return Session(spark, address, connect)


def _connected(address: str) -> Any:
    import grpc
    from pyspark.errors import PySparkException

    with told(address):
        from pyspark.sql.connect.client import DefaultChannelBuilder
        from pyspark.sql.connect.session import SparkSession

        try:
            channel = DefaultChannelBuilder(address).toChannel()
        except PySparkException as error:
            raise UsageError(
                f"The address {address} cannot be used ({first_of(str(error))}). Write it as sc://host:15002."
            ) from None
        try:
            grpc.channel_ready_future(channel).result(timeout=PATIENCE / 6)
        except grpc.FutureTimeoutError:
            raise UsageError(
                f"No Spark Connect server answers at {address}. Check host and port, and that it is up."
            ) from None
        finally:
            channel.close()
        return SparkSession.builder.remote(address).create()


def _classic(address: str, memory: str | None) -> Any:
    from pyspark import SparkConf, SparkContext
    from pyspark.sql import SparkSession

    running = _running(address)
    if running is not None:
        _check_running(running, address, memory)
        return SparkSession(running).newSession()
    if java_found() is None:
        raise UsageError(NO_JAVA)
    conf = SparkConf().setMaster(address).setAppName("coterie")
    conf.set("spark.ui.showConsoleProgress", "false")
    if address.startswith("local"):
        conf.set("spark.ui.enabled", "false")
    if memory is not None:
        if SparkContext._gateway is not None and _is_local(address):  # noqa: SLF001
            raise _memory_is_set("Java runs in this process already, with memory of its own")
        conf.set(_memory_key(address), f"{_megabytes(memory)}m")
    with _quiet() as log:
        try:
            with _interrupted_after():
                SparkContext._ensure_initialized(conf=conf)  # noqa: SLF001
            _check_master(SparkContext._jvm, address)  # noqa: SLF001
            with told(address):
                context = SparkContext(conf=conf)
        except REFUSALS as error:
            said = first_of(log() or str(error))
            raise UsageError(f"Spark at {address} does not start ({said}). Check Java and the address.") from error
    context.setLogLevel("ERROR")
    _wait_for_a_worker(context, address)
    return SparkSession(context).newSession()


def _running(address: str) -> Any:
    """The Spark of this process, which can have only one; None where there is none, or it has ended."""
    from pyspark import SparkContext

    context = SparkContext._active_spark_context  # noqa: SLF001
    if context is None:
        return None
    with told(address):
        if not context._jsc.sc().isStopped():  # noqa: SLF001
            return context
        context.stop()  # its master was lost, say; only Java knew
    return None


def _check_running(context: Any, address: str, memory: str | None) -> None:
    """Whether the Spark that runs is the one asked for, with that memory."""
    if context.master != address:
        raise UsageError(
            f"Spark runs in this process already, as {context.master}, and there can be only one. Use "
            f"engine={context.master!r}, or start Python anew."
        )
    if memory is not None:
        has = context.getConf().get(_memory_key(address), "1g")
        if context._jvm.org.apache.spark.network.util.JavaUtils.byteStringAsMb(has) != _megabytes(memory):  # noqa: SLF001
            raise _memory_is_set(f"Spark runs in this process already, with {has} of memory")


def _memory_is_set(runs: str) -> UsageError:
    return UsageError(f"{runs}, which cannot be changed while it runs. Leave memory out, or start Python anew.")


def _is_local(address: str) -> bool:
    return re.fullmatch(r"local(\[.*\])?", address) is not None


def _memory_key(address: str) -> str:
    """On this machine one process does everything; in a cluster this one only plans."""
    return "spark.driver.memory" if _is_local(address) else "spark.executor.memory"


def java_found() -> str | None:
    """The path of Java: that of JAVA_HOME where it is set, else the one on the path."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home, "bin")) if home else None)


def _check_master(jvm: Any, address: str) -> None:
    """Whether a master of `spark://host:port,host:port` answers; Spark itself would try for a minute."""
    if not address.startswith("spark://"):
        return
    for place in address.removeprefix("spark://").split(","):
        host, _, port = place.rpartition(":")
        with contextlib.suppress(ValueError, *REFUSALS):  # no number, or nobody there
            line = jvm.java.net.Socket()
            line.connect(jvm.java.net.InetSocketAddress(host.strip("[]"), int(port)), int(PATIENCE / 6 * 1000))
            line.close()
            return
    raise _no_master(address)


def _no_master(address: str) -> UsageError:
    return UsageError(
        f"No Spark master answers at {address}. Check host and port (as spark://host:7077), and that it is up."
    )


def _wait_for_a_worker(context: Any, address: str) -> None:
    """Until a worker of a cluster has given us a process; without one every query would wait for ever."""
    if address.startswith("local") and not address.startswith("local-cluster"):
        return
    tracker, until = context._jsc.sc().statusTracker(), time.monotonic() + PATIENCE  # noqa: SLF001
    while len(tracker.getExecutorInfos()) < 2:  # this process counts as one
        if context._jsc.sc().isStopped():  # noqa: SLF001  # Spark gave up after a minute: something else listens there
            context.stop()
            raise _no_master(address)
        if time.monotonic() > until:
            context.stop()
            raise UsageError(
                f"No worker of {address} took the work within {PATIENCE:.0f} seconds. Start workers, wait until they "
                "are free, or ask for less with --memory."
            )
        time.sleep(0.2)


@contextlib.contextmanager
def _interrupted_after() -> Iterator[None]:
    """Ctrl-C works when Java has started: before, it would not learn that nobody waits for it, and stay for ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    asked: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: asked.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if asked:
        raise KeyboardInterrupt


@contextlib.contextmanager
def _quiet() -> Iterator[Any]:
    """What Java says on starting goes into a file; gives a function that tells the last line of it."""
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:

        def last() -> str:
            log.seek(0)
            lines = [line for line in log.read().splitlines() if "Exception" in line or "Error" in line]
            return lines[-1] if lines else ""

        if sys.stderr is not None:
            sys.stderr.flush()
        kept = os.dup(2)
        try:
            os.dup2(log.fileno(), 2)
            yield last
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _megabytes(memory: str) -> int:
    """A size such as 1.5GB in units of 1024 * 1024 bytes, as Java counts.

    Example:
        >>> _megabytes("1.5GB")
        1536
    """
    number, unit = re.fullmatch(r"([\d.]+)([KMGT])B", memory).groups()  # type: ignore[union-attr]
    return max(1, round(float(number) * 1024.0 ** ("KMGT".index(unit) - 1)))
