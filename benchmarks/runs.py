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
"""Seconds after which a run counts as hanging and is ended."""


class Runs:
    """Runs measurements against one server; ``with`` :func:`started`."""

    def __init__(self, server: str, folder: Path) -> None:
        self._server = server
        self._folder = folder

    def run(
        self, measurement: str, recipients: int, *, seconds: float = 0.0, limited: bool = False
    ) -> Sample:
        """Runs a measurement that needs no data folder, or makes its own."""
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
        """Runs a measurement on a fresh copy of a data folder with users.

        :param people: number of users; None: as many as recipients.
        :param limited: True when the users' service address keeps Teams' limits.
        """
        original = self._people(people or recipients, limited=limited)
        copy = self._folder / "run"
        shutil.copytree(original, copy)
        try:
            return self._ask(measurement, recipients, str(copy), seconds, limited=False)
        finally:
            shutil.rmtree(copy)

    def run_on_database(
        self, measurement: str, recipients: int, database: str, *, engines: int = 1
    ) -> Sample:
        """Runs a measurement on a copy of a database that has the users."""
        with copied(database) as url:
            return self.run_in(measurement, recipients, url, engines=engines)

    def run_in(
        self, measurement: str, recipients: int, database: str, *, engines: int = 1
    ) -> Sample:
        """Runs a measurement in this database itself."""
        return self._ask(
            measurement, recipients, "", 0.0, limited=False, database=database, engines=engines
        )

    @property
    def server(self) -> str:
        """The address of the server. It is also the service address of all users."""
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
        engines: int = 1,
    ) -> Sample:
        order = Order(
            measurement=measurement,
            server=f"{self._server}/limited" if limited else self._server,
            recipients=recipients,
            folder=folder,
            database=database,
            seconds=seconds,
            engines=engines,
        )
        process = subprocess.run(
            [sys.executable, "-m", "benchmarks.measure"],
            input=msgspec.json.encode(order),
            stdout=subprocess.PIPE,
            timeout=_LONGEST,
            check=True,
        )
        return msgspec.json.decode(process.stdout, type=Sample)


@contextlib.contextmanager
def started() -> Iterator[Runs]:
    """Starts the server and makes a temporary folder, until the block ends."""
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
