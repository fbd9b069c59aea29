"""Starts the server and runs measurements, each in a process and a data folder of its own."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.database import copied
from benchmarks.sample import Order, Sample

_LONGEST = 1_800.0
"""Seconds for one run; something hangs after that."""


class Runs:
    """Runs measurements against one server; ``with`` :func:`started`."""

    def __init__(self, server: str, folder: Path) -> None:
        self._server = server
        self._folder = folder

    def run(
        self, measurement: str, recipients: int, *, seconds: float = 0.0, limited: bool = False
    ) -> Sample:
        """One run of a measurement that needs no data folder, or makes its own."""
        return self._ask(measurement, recipients, "", seconds, limited=limited)

    def run_on_people(
        self,
        measurement: str,
        recipients: int,
        *,
        people: int | None = None,
        seconds: float = 0.0,
        limited: bool = False,
    ) -> Sample:
        """One run on a fresh copy of a data folder with so many users (or ``people``).

        ``limited``: their service address is the one that keeps Teams' limits.
        """
        made = self._people(people or recipients, limited=limited)
        copy = self._folder / "run"
        shutil.copytree(made, copy)
        try:
            return self._ask(measurement, recipients, str(copy), seconds, limited=False)
        finally:
            shutil.rmtree(copy)

    def run_on_database(
        self, measurement: str, recipients: int, database: str, *, seconds: float = 0.0
    ) -> Sample:
        """One run on a copy of a database that has so many users."""
        with copied(database) as url:
            return self.run_in(measurement, recipients, url, seconds=seconds)

    def run_in(
        self, measurement: str, recipients: int, database: str, *, seconds: float = 0.0
    ) -> Sample:
        """One run in this very database."""
        return self._ask(measurement, recipients, "", seconds, limited=False, database=database)

    @property
    def server(self) -> str:
        """The address of the server, as people's service address."""
        return self._server

    def _people(self, count: int, *, limited: bool) -> Path:
        folder = self._folder / f"people-{count}{'-limited' if limited else ''}"
        if not folder.exists():
            self._ask("people", count, str(folder), 0.0, limited=limited)
        return folder

    def _ask(
        self,
        measurement: str,
        recipients: int,
        folder: str,
        seconds: float,
        *,
        limited: bool,
        database: str = "",
    ) -> Sample:
        order = Order(
            measurement=measurement,
            server=f"{self._server}/limited" if limited else self._server,
            recipients=recipients,
            folder=folder,
            database=database,
            seconds=seconds,
        )
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.measure"],
            input=msgspec.json.encode(order),
            stdout=subprocess.PIPE,
            timeout=_LONGEST,
            check=True,
        )
        return msgspec.json.decode(done.stdout, type=Sample)


@contextlib.contextmanager
def started() -> Iterator[Runs]:
    """A server and a temporary folder, until the block ends."""
    with (
        tempfile.TemporaryDirectory(prefix="benchmarks-") as folder,
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        ) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        address = server.stdout.readline().decode().strip()
        try:
            yield Runs(address, Path(folder))
        finally:
            server.stdin.close()
