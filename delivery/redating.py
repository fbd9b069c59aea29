"""Re-dates what a step of the wall clock would hide, as soon as the step counts."""

from __future__ import annotations

import logging
import random
from collections.abc import Awaitable, Callable

from delivery.clock import StoreClock
from delivery.waiting import Waiting, nap

_log = logging.getLogger(__name__)

LOOK = 10.0
"""Most seconds until a step is noticed when nobody else asks for the time. A look costs nothing."""

LOOKS_AFTER_A_STEP = (0.5, 1.0)
"""Least and most seconds until the next look after a step that does not count yet.

They are drawn anew each time, so that a clock that is set to and fro is met at both places.
"""

AGAIN_AFTER = 60.0
"""Seconds between two looks for due times that a wrong clock has set.

Results may wait for the store, with due times that were decided on before a step.
"""


class Redating:
    """Follows the steps of the clock.

    :param clock: the clock of the whole engine.
    :param after_step: re-dates everything. May raise StoreError.
    :param now_and_then: re-dates what is looked for without a step, because it costs little. May
        raise StoreError.
    """

    def __init__(
        self,
        clock: StoreClock,
        *,
        after_step: Callable[[], Awaitable[None]],
        now_and_then: Callable[[], Awaitable[None]],
    ) -> None:
        self._clock = clock
        self._after_step = after_step
        self._now_and_then = now_and_then
        self._steps = clock.steps
        """Number of steps whose effects have been mended."""

    async def run(self) -> None:
        """Follows the clock until it is cancelled."""
        waiting = Waiting(_log, self._clock, "re-dating")
        message = "re-dating waits for the store"
        again_at = self._clock.monotonic() + AGAIN_AFTER
        once_more = False
        while True:
            self._clock.own()
            steps, now = self._clock.steps, self._clock.monotonic()
            if steps != self._steps or (once_more and now >= again_at):
                await waiting.until(self._after_step, message)
                # Once more later, for results that were on their way to the store meanwhile.
                once_more, self._steps = steps != self._steps, steps
                again_at = self._clock.monotonic() + AGAIN_AFTER
            elif now >= again_at:
                with waiting.tolerate(message):
                    await self._now_and_then()
                again_at = self._clock.monotonic() + AGAIN_AFTER
            seconds = random.uniform(*LOOKS_AFTER_A_STEP) if self._clock.unsure else LOOK
            await nap(self._clock, self._clock.stepped, seconds)
