"""One of several bots with one store: ``app.py`` with a clock that is set wrongly.

``python -m tests.support.processes.replica --ahead -300 --lease 4``
"""

from __future__ import annotations

import argparse
import asyncio
import logging
from datetime import datetime, timedelta

from app import create_app
from bot.serving import serve
from delivery.clock import SystemClock
from delivery.leases import STANDARD, LeaseRules
from settings import from_environment


class WrongClock:
    """A clock that is so many seconds ahead of the machine's."""

    def __init__(self, ahead: float) -> None:
        self._ahead = timedelta(seconds=ahead)
        self._clock = SystemClock()

    def now(self) -> datetime:
        return self._clock.now() + self._ahead

    def monotonic(self) -> float:
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--ahead", type=float, default=0.0, help="seconds")
    parser.add_argument("--lease", type=float, default=STANDARD.lease, help="seconds")
    options = parser.parse_args()
    settings = from_environment()
    logging.basicConfig(
        level=settings.log_level.value,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    scale = options.lease / STANDARD.lease
    application = create_app(
        settings,
        clock=WrongClock(options.ahead),
        leases=LeaseRules(
            lease=options.lease, beat=STANDARD.beat * scale, margin=STANDARD.margin * scale
        ),
    )
    serve(application, settings.host, settings.port)


if __name__ == "__main__":
    main()
