"""Runs a program beside this one, shows its output, and ends it."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

import aiohttp

POLL_SECONDS = 0.1

Write = Callable[[str], object]


def show(line: str) -> None:
    """Prints `line` at once, also where the output goes to a file or a pipe."""
    print(line, flush=True)


class ProcessError(Exception):
    """A program that this one started has failed."""


class Child:
    """A running program. Every line it prints is handed to `write`, after the program's name.

    Its standard input is a pipe that stays open as long as this object lives, because the
    playground stops when its input ends.
    """

    def __init__(self, name: str, process: asyncio.subprocess.Process, write: Write) -> None:
        self.name = name
        self._process = process
        self._output = asyncio.create_task(self._forward(write))

    @classmethod
    async def start(
        cls,
        name: str,
        command: Sequence[str | Path],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        write: Write = show,
    ) -> Self:
        """Starts `command` in the folder `cwd` with exactly this `environment`.

        Raises `FileNotFoundError` where the program does not exist.
        """
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env=environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C then reaches us alone, and we stop the children one after the other.
            start_new_session=True,
        )
        return cls(name, process, write)

    async def _forward(self, write: Write) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            write(f"{self.name:>10} | {line.decode(errors='replace').rstrip()}")

    async def ended(self) -> int:
        """Waits until the program has ended and its output is written; returns its exit code."""
        code = await self._process.wait()
        # A caller who stops waiting must not stop the output for the others.
        await asyncio.shield(self._output)
        return code

    async def answers(self, url: str, *, within: float) -> None:
        """Waits until a GET of `url` is answered with 200.

        Raises `ProcessError` when the program ends before that, or when `within` seconds are over.
        """
        deadline = time.monotonic() + within
        timeout = aiohttp.ClientTimeout(total=POLL_SECONDS * 20)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while not await _is_answered(session, url):
                if self._process.returncode is not None:
                    code = await self.ended()
                    raise ProcessError(f"The {self.name} ended while starting, exit code {code}.")
                if time.monotonic() > deadline:
                    raise ProcessError(f"The {self.name} does not answer at {url}.")
                await asyncio.sleep(POLL_SECONDS)

    async def stop(self, within: float = 10) -> int:
        """Asks the program to end, and kills it when it still runs after `within` seconds.

        Returns its exit code. Does nothing to a program that has already ended.
        """
        if self._process.returncode is None:
            self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), within)
            except TimeoutError:
                self._process.kill()
        return await self.ended()


async def _is_answered(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


def is_free(port: int) -> bool:
    """True when no program here listens on `port`, on 127.0.0.1 or on all addresses."""
    with socket.socket() as probe:
        if sys.platform != "win32":
            # A port counts as free while its last connections are still closing, as for a server.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Returns a port that nothing listens on now. Another program may take it before it is used."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
