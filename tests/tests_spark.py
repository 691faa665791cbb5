"""A Spark cluster of the tests' own: a master and two workers as processes on loopback, and a Connect server."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests_postgres import wait_for

# Queries of small shops take as long as it takes to compile them: nothing is compiled, and little is planned.
_SETTINGS = """
spark.sql.shuffle.partitions 2
spark.sql.adaptive.enabled false
spark.sql.codegen.wholeStage false
spark.sql.codegen.factoryMode NO_CODEGEN
spark.driver.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.extraJavaOptions -XX:TieredStopAtLevel=1 -XX:+UseSerialGC
spark.executor.memory 512m
spark.ui.enabled false
spark.driver.host 127.0.0.1
spark.driver.bindAddress 127.0.0.1
spark.sql.warehouse.dir {folder}/warehouse
spark.sql.artifact.isolation.enabled false
"""


@dataclass
class Cluster:
    """Where the master listens, and the processes of its workers."""

    port: int
    folder: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"spark://127.0.0.1:{self.port}"

    def executors(self) -> list[int]:
        """Processes that compute: children of the workers."""
        found = []
        for worker in self.processes[1:]:
            listed = subprocess.run(
                ["ps", "-o", "pid=", "--ppid", str(worker.pid)], capture_output=True, text=True, check=False
            )
            found += [int(pid) for pid in listed.stdout.split() if _computes(pid)]
        return found

    def kill_an_executor(self) -> int:
        """Kill one without warning; which."""
        victim = self.executors()[0]
        os.kill(victim, signal.SIGKILL)
        return victim


def java() -> str | None:
    """Where Java is."""
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home, "bin")) if home else None)


@contextmanager
def spark_cluster() -> Iterator[Cluster]:
    """Start a master and two workers; stop them in the end. This process and those it starts take their settings."""
    folder = Path(tempfile.mkdtemp(prefix="coterie-spark-"))
    (folder / "spark-defaults.conf").write_text(_SETTINGS.format(folder=folder), encoding="utf-8")
    before = {name: os.environ.get(name) for name in ("SPARK_CONF_DIR", "SPARK_LOCAL_DIRS", "SPARK_LOCAL_IP")}
    os.environ.update(SPARK_CONF_DIR=str(folder), SPARK_LOCAL_DIRS=str(folder / "local"), SPARK_LOCAL_IP="127.0.0.1")
    cluster = Cluster(free_port(), folder)
    try:
        cluster.processes.append(
            _start(
                folder,
                "org.apache.spark.deploy.master.Master",
                "--host",
                "127.0.0.1",
                "--port",
                str(cluster.port),
                "--webui-port",
                "0",
            )
        )
        wait_for(lambda: listens(cluster.port), 60)
        for number in range(2):
            cluster.processes.append(
                _start(
                    folder,
                    "org.apache.spark.deploy.worker.Worker",
                    "--host",
                    "127.0.0.1",
                    "-c",
                    "1",
                    "-m",
                    "1g",
                    "--webui-port",
                    "0",
                    "-d",
                    str(folder / f"worker{number}"),
                    cluster.address,
                )
            )
        yield cluster
    finally:
        computing = cluster.executors()
        _stop_here()
        for process in reversed(cluster.processes):
            stop(process)
        wait_for(lambda: not any(_computes(str(pid)) for pid in computing))  # they write into the folder to the last
        shutil.rmtree(folder, ignore_errors=True)
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})


@contextmanager
def connect_server(folder: Path) -> Iterator[str]:
    """Start a Spark Connect server that computes by itself; its address."""
    port = free_port()
    process = _start(
        folder, "org.apache.spark.deploy.SparkSubmit", "--master", "local[2]", "--conf", f"spark.connect.grpc.binding.port={port}",
        "--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "--name", "tests", "spark-internal",
        memory="1g",
    )  # fmt: skip
    try:
        wait_for(lambda: listens(port), 60)
        yield f"sc://127.0.0.1:{port}"
    finally:
        stop(process)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def _start(folder: Path, *command: str, memory: str = "256m") -> subprocess.Popen[bytes]:
    import pyspark

    home = Path(pyspark.__file__).parent
    with (folder / "log.txt").open("ab") as log:
        return subprocess.Popen(
            [home / "bin" / "spark-class", *command],
            stdout=log,
            stderr=log,
            env={
                **os.environ,
                "SPARK_HOME": str(home),
                "SPARK_DAEMON_MEMORY": memory,
                "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
            },
        )


def _computes(pid: str) -> bool:
    try:
        return b"CoarseGrainedExecutorBackend" in Path("/proc", pid, "cmdline").read_bytes()
    except OSError:
        return False


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _stop_here() -> None:
    """End the Spark of this process, which else would look for its master while the tests go on."""
    from pyspark import SparkContext

    if SparkContext._active_spark_context is not None:
        SparkContext._active_spark_context.stop()
        time.sleep(0.1)
