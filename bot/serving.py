"""Serves the application until the process is told to end."""

from __future__ import annotations

import gc
import logging

from aiohttp import web

_log = logging.getLogger(__name__)

_LIBRARIES = ("msal", "urllib3", "asyncio", "botframework", "botbuilder")


def serve(application: web.Application, host: str, port: int) -> None:
    """Blocks until the process is told to end. Raises OSError when it can't listen there."""
    application.on_startup.append(_spare_garbage_collection)
    web.run_app(
        application,
        host=host,
        port=port,
        print=lambda *_: _log.info("listening on http://%s:%d", host, port),
        access_log=None,
        # Enough for requests, which are short. The engine has ended its sends by then.
        shutdown_timeout=1.0,
    )


def log_to_stderr(level: str) -> None:
    """Logs to standard error, from this level on. Libraries log warnings and errors only."""
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


async def _spare_garbage_collection(_: web.Application) -> None:
    """Exempts all that is loaded at the start from garbage collection.

    It never becomes garbage. Deliveries leave no reference cycles either. By default Python looks
    for cycles every 700 objects, and that took a quarter of the time of a push.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
