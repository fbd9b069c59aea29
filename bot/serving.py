"""Serves the application until the process is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import AsyncIterator, Coroutine, Iterator
from typing import Any

import msgspec
from aiohttp import web

from bot.log_lines import LineFormatter
from bot.server.descriptors import connections_for, raise_limit
from bot.server.limits import LIMITS, Limits
from bot.server.listener import HttpListener
from bot.startup import STARTUP

_log = logging.getLogger(__name__)

_LIBRARIES = ("msal", "urllib3", "asyncio", "botframework", "botbuilder")

_SHUTDOWN = 1.0
"""Seconds that requests have at the end. They are short, and the engine has ended its sends by
then."""


class CannotListen(Exception):
    """The address can't be listened at: it is taken, or not of this machine."""


def serve(application: web.Application, host: str, port: int) -> None:
    """Blocks until the process is told to end.

    It listens first, and then begins the start of what is behind. So the process can be asked how
    it is while it waits for the database, and a taken port is found before anything is touched.

    Raises CannotListen, and the error by which the start has failed.
    """
    # Where the loop takes no signals, Ctrl-C comes as this exception, after the orderly end.
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(application, host, port))


@contextlib.asynccontextmanager
async def served(
    application: web.Application, host: str, port: int, limits: Limits = LIMITS
) -> AsyncIterator[HttpListener]:
    """Sets the application up, and listens. Raises CannotListen.

    :param port: 0 takes a free one.
    """
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN)
    await runner.setup()
    try:
        assert runner.server is not None
        listener = HttpListener(runner.server, limits)
        try:
            await listener.start(host, port)
        except OSError as error:
            raise CannotListen(str(error)) from error
        try:
            yield listener
        finally:
            await listener.close()
    finally:
        await runner.cleanup()


async def _serve(application: web.Application, host: str, port: int) -> None:
    descriptors = raise_limit()
    limits = msgspec.structs.replace(LIMITS, connections=connections_for(descriptors))
    startup = application[STARTUP]
    startup.wait_to_begin()
    with _told_to_end() as told:
        async with served(application, host, port, limits) as listener:
            _log.info(
                "listening on http://%s:%d; %d file descriptors, %d connections at most",
                *(host, port, descriptors, limits.connections),
            )
            if await _begun(startup.begin(), told):
                _spare_garbage_collection()
                _log.info("ready for activities")
                await _ended(listener, told)


async def _ended(listener: HttpListener, told: asyncio.Event) -> None:
    """Waits until the process is told to end. Raises the fault that has ended the listening."""
    listening = asyncio.create_task(listener.wait())
    ending = asyncio.create_task(told.wait())
    try:
        await asyncio.wait((listening, ending), return_when=asyncio.FIRST_COMPLETED)
        if listening.done():
            await listening
    finally:
        listening.cancel()
        ending.cancel()
        await asyncio.gather(listening, ending, return_exceptions=True)


async def _begun(start: Coroutine[Any, Any, None], told: asyncio.Event) -> bool:
    """Starts; returns False when the process was told to end before the start was done."""
    starting, ending = asyncio.create_task(start), asyncio.create_task(told.wait())
    try:
        await asyncio.wait((starting, ending), return_when=asyncio.FIRST_COMPLETED)
        if not starting.done():
            return False
        await starting  # raises the error by which it has failed
        return True
    finally:
        starting.cancel()
        ending.cancel()
        # A start that is broken off leaves everything as it was before.
        await asyncio.gather(starting, ending, return_exceptions=True)


@contextlib.contextmanager
def _told_to_end() -> Iterator[asyncio.Event]:
    """Yields the event that tells the process to end."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    # Windows has no such handlers.
    with contextlib.suppress(NotImplementedError):
        for number in signals:
            loop.add_signal_handler(number, told.set)
    try:
        yield told
    finally:
        with contextlib.suppress(NotImplementedError):
            for number in signals:
                loop.remove_signal_handler(number)


def log_to_stderr(level: str) -> None:
    """Logs to standard error, from this level on. Libraries log warnings and errors only."""
    lines = logging.StreamHandler()
    lines.setFormatter(LineFormatter())
    logging.basicConfig(level=level, handlers=[lines])
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def _spare_garbage_collection() -> None:
    """Exempts all that is loaded at the start from garbage collection.

    It never becomes garbage. Deliveries leave no reference cycles either. By default Python looks
    for cycles every 700 objects, and that took a quarter of the time of a push.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
