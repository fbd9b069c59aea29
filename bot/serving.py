"""Serves the application until the process is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import msgspec
from aiohttp import web

from bot.log_lines import LineFormatter
from bot.server.descriptors import connections_for, raise_limit
from bot.server.limits import LIMITS, Limits
from bot.server.listener import HttpListener

_log = logging.getLogger(__name__)

_LIBRARIES = ("msal", "urllib3", "asyncio", "botframework", "botbuilder")

_SHUTDOWN = 1.0
"""Seconds that requests have at the end. They are short, and the engine has ended its sends by
then."""


def serve(application: web.Application, host: str, port: int) -> None:
    """Blocks until the process is told to end. Raises OSError when it can't listen there."""
    application.on_startup.append(_spare_garbage_collection)
    descriptors = raise_limit()
    limits = msgspec.structs.replace(LIMITS, connections=connections_for(descriptors))
    _log.info("%d file descriptors, %d connections at most", descriptors, limits.connections)
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(_until_told(_serve(application, host, port, limits)))
    finally:
        _end(loop)


@contextlib.asynccontextmanager
async def served(
    application: web.Application, host: str, port: int, limits: Limits = LIMITS
) -> AsyncIterator[HttpListener]:
    """Starts the application and listens. Raises OSError when it can't listen there.

    :param port: 0 takes a free one.
    """
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN)
    try:
        await runner.setup()
        assert runner.server is not None
        listener = HttpListener(runner.server, limits)
        await listener.start(host, port)
        try:
            yield listener
        finally:
            await listener.close()
    finally:
        await runner.cleanup()


def log_to_stderr(level: str) -> None:
    """Logs to standard error, from this level on. Libraries log warnings and errors only."""
    lines = logging.StreamHandler()
    lines.setFormatter(LineFormatter())
    logging.basicConfig(level=level, handlers=[lines])
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


async def _serve(application: web.Application, host: str, port: int, limits: Limits) -> None:
    async with served(application, host, port, limits) as listener:
        _log.info("listening on http://%s:%d", host, port)
        await listener.wait()


async def _until_told(serving: Coroutine[Any, Any, None]) -> None:
    """Runs until the process is told to end, and ends it in order then."""
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(serving, name="serving")
    for number in (signal.SIGINT, signal.SIGTERM):
        # Windows has none; there Ctrl+C ends the loop.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, _cancel_once, running)
    with contextlib.suppress(asyncio.CancelledError):
        await running


def _cancel_once(running: asyncio.Task[None]) -> None:
    # A second signal must not cut short the ending that the first one began.
    if not running.cancelling():
        running.cancel()


def _end(loop: asyncio.AbstractEventLoop) -> None:
    if left := asyncio.all_tasks(loop):
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.wait(left))
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


async def _spare_garbage_collection(_: web.Application) -> None:
    """Exempts all that is loaded at the start from garbage collection.

    It never becomes garbage. Deliveries leave no reference cycles either. By default Python looks
    for cycles every 700 objects, and that took a quarter of the time of a push.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
