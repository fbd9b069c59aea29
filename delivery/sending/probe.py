"""A probe: a few deliveries of a paused campaign that show whether its fault has passed."""

from __future__ import annotations

import asyncio
from datetime import datetime

from campaigns.delivery import Delivery
from campaigns.ledger.retry import Decision
from campaigns.outcome import Outcome, Rejected, Transient, Unknown
from delivery.sending.evidence import Evidence, verdict

TRIES = 5
"""Most tries of one probe."""

ENOUGH = 2
"""People who are served, or are not, and so decide a probe. One could be out of luck, or in it."""


class Probe:
    """One probe: it is made by ordinary deliveries, one after the other."""

    def __init__(self) -> None:
        self._served: dict[str, bool] = {}
        """True for each person who was served, False for one who was not; the latest counts."""
        self._doubtful = False
        self._tries = 0
        self.over = asyncio.Event()
        """Set when no more of it may leave."""
        self.settled = asyncio.Event()
        """Set when all that has left is durable, too."""

    @property
    def room(self) -> int:
        """The number of tries that it may still make."""
        return 0 if self.over.is_set() else TRIES - self._tries

    @property
    def passed(self) -> bool | None:
        """True when the fault has passed, False when it has not; None: it can't be told yet.

        A try that comes into doubt decides at once. It can't be taken back, so there are no more.
        """
        served = sum(self._served.values())
        troubled = len(self._served) - served
        if self._doubtful or troubled >= ENOUGH:
            return False
        if served >= ENOUGH:
            return True
        if self._tries and not served:
            # They were only asked to wait, or have no chat: that serves nobody either.
            return False
        # There may have been only one person to try.
        return None if served == troubled else served > troubled

    def observe(
        self, delivery: Delivery, outcome: Outcome, decision: Decision, now: datetime
    ) -> None:
        """Takes an outcome into account.

        A message that is refused as malformed shows that Teams serves us again. Then that is the
        campaign's fault, and the breaker finds it.
        """
        self._tries += 1
        # A chat that is gone is opened anew first, as always. A refused sign-in
        # counts, even if the next token is good: there is another probe soon.
        person = delivery.recipient_id
        match verdict(outcome, decision, delivery, now, now):
            case Evidence.SERVED | Evidence.MESSAGE:
                self._served[person] = True
            case Evidence.SIGN_IN | Evidence.SERVICE:
                self._served[person] = False
            case Evidence.NONE:
                self._doubtful = isinstance(outcome, Unknown)
                if isinstance(outcome, (Transient, Unknown, Rejected)):
                    self._served[person] = False
        decided = len(self._served) >= ENOUGH and self.passed is not None
        if self._doubtful or decided or self._tries >= TRIES:
            self.end()

    def end(self) -> None:
        """Lets no more of it leave."""
        self.over.set()

    def settle(self) -> None:
        """Notes that it has ended, and nothing of it is waited for."""
        self.over.set()
        self.settled.set()
