"""Finds faults: something is wrong with the bot or with Teams, not with a recipient.

There is one for each campaign that is being sent. It only watches; the reconciler pauses the
campaign and tells its sender.

It judges by people: each counts once, with the latest that is known about them. Two rules find a
fault, each with numbers of its own:

- *Nearly everybody is refused.* The share of the troubled among the people of the campaign, of whom
  at most the latest MEMORY are remembered. All of a small campaign's people fit, so the order of
  the refusals makes no difference.
- *Teams is silent.* For a while nearly nobody was answered, or nobody with our sign-in. Whoever the
  people are, it can't be them. So few people are enough, but it has to last.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from datetime import datetime, timedelta

from campaigns.campaign import Fault
from campaigns.delivery import Delivery
from campaigns.ledger.retry import Decision
from campaigns.outcome import Outcome, Unknown
from delivery.sending.evidence import TROUBLES, Evidence, silence, verdict

MEMORY = 200
"""People who are remembered. In a larger campaign these are the latest."""

FEWEST = 5
"""Fewest people who make a fault.

A campaign with fewer left simply ends: with the reason beside each name.
"""

NEARLY_ALL = 90
"""Per cent of the people that are *nearly everybody*."""

SILENT_FOR = timedelta(minutes=1)
"""How long Teams may serve nearly nobody before we stop trying."""

DOUBT_FOR = timedelta(seconds=5)
DOUBTS = 20
"""The same while people come into doubt, and the people in doubt who make it a fault.

A try whose fate is not known can't be taken back, and a pause costs a minute. At 50 per second this
leaves some 250 people in doubt.
"""


class Breaker:
    """Watches a campaign's outcomes.

    :param people: the campaign's open deliveries; None while they are not counted.
    """

    def __init__(self, people: int | None = None) -> None:
        self._people = people
        self._began: datetime | None = None
        self._verdicts = _Memory()
        self._silence = _Memory()
        self._silent_since: datetime | None = None
        self._doubts: set[str] = set()
        """People in doubt since then; at most MEMORY."""

    def expect(self, open_now: int) -> None:
        """Tells how many deliveries are open, if it is not known yet.

        Those of whom a verdict is known already are not among them, or are counted twice: then a
        fault needs a few more people.
        """
        if self._people is None:
            self._people = open_now + len(self._verdicts)

    def left_out(self, deliveries: int) -> None:
        """Tells that so many deliveries have ended without a call to Teams."""
        if self._people is not None:
            self._people -= deliveries

    def observe(
        self, delivery: Delivery, outcome: Outcome, decision: Decision, now: datetime
    ) -> Fault | None:
        """Returns the fault that this outcome makes certain; None while there is none.

        :param delivery: the delivery as it was before this attempt.
        """
        if self._began is None:
            self._began = now
        person = delivery.recipient_id
        known = verdict(outcome, decision, delivery, self._began, now)
        if known is not Evidence.NONE:
            self._verdicts.note(person, known)
        heard = silence(outcome)
        self._listen(person, outcome, heard, now)
        # Only a trouble makes a fault certain: what went well is no reason to pause.
        if known in TROUBLES and self._verdicts.troubled >= self._nearly_everybody():
            return self._verdicts.fault()
        if heard in TROUBLES and self._has_gone_silent(now):
            return self._silence.fault()
        return None

    def _nearly_everybody(self) -> int:
        """Returns the number of troubled people who are nearly everybody."""
        people = MEMORY if self._people is None else min(self._people, MEMORY)
        return max(FEWEST, -(-people * NEARLY_ALL // 100))

    def _listen(self, person: str, outcome: Outcome, heard: Evidence, now: datetime) -> None:
        """Notes an answer, or its absence, in the present silence, if there is one."""
        if heard is Evidence.NONE or (heard is Evidence.SERVED and self._silent_since is None):
            return
        if self._silent_since is None:
            self._silent_since = now
        self._silence.note(person, heard)
        if isinstance(outcome, Unknown) and len(self._doubts) < MEMORY:
            self._doubts.add(person)
        if self._silence.troubled * 100 < len(self._silence) * NEARLY_ALL:
            self._silent_since = None
            self._silence = _Memory()
            self._doubts.clear()

    def _has_gone_silent(self, now: datetime) -> bool:
        if self._silent_since is None:
            return False
        lasted = now - self._silent_since
        return (lasted >= SILENT_FOR and self._silence.troubled >= FEWEST) or (
            lasted >= DOUBT_FOR and len(self._doubts) >= DOUBTS
        )


class _Memory:
    """The latest evidence about each of the latest people."""

    def __init__(self) -> None:
        self._people: OrderedDict[str, Evidence] = OrderedDict()
        self._counts: Counter[Evidence] = Counter()

    def __len__(self) -> int:
        return len(self._people)

    @property
    def troubled(self) -> int:
        """People who have a trouble that is not theirs."""
        return len(self._people) - self._counts[Evidence.SERVED]

    def note(self, person: str, evidence: Evidence) -> None:
        earlier = self._people.pop(person, None)
        if earlier is not None:
            self._counts[earlier] -= 1
        self._people[person] = evidence
        self._counts[evidence] += 1
        if len(self._people) > MEMORY:
            _, forgotten = self._people.popitem(last=False)
            self._counts[forgotten] -= 1

    def fault(self) -> Fault:
        """Returns the fault that most of the troubled people speak for."""
        return max(TROUBLES, key=lambda trouble: self._counts[trouble]).fault
