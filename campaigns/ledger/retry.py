"""Decision after an attempt: the one place that decides about retries.

Pure: the time and the dice are passed in. Sends are not idempotent, so only a send that is
*definitely not done* is retried freely. A delivery whose fate is not known is in doubt. It is
resent at most once, and only when the campaign's policy says so.

The bounds hold for one *streak* of tries. A new one begins:

- with the first try, and with the first after *Resume* or *Resend*;
- after an attempt whose fate was not known, and after one with which the delivery was given up;
- with a try that comes much later than it was due: the campaign was paused, the process was down,
  or the recipient's hours were over. That is nothing that the recipient or Teams did.

So a delivery has as many retries as any other when it is first tried days after its campaign's
start, when its campaign was paused for a day, or when it is resent a week later.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from campaigns.campaign import InDoubtPolicy, Purpose
from campaigns.delivery import AT_ONCE, Attempt, Delivery
from campaigns.moment import require_aware
from campaigns.outcome import (
    Outcome,
    Reason,
    Rejected,
    Sent,
    Stale,
    Throttled,
    Transient,
    Unknown,
    Unreachable,
    outcome_tag,
)


class RetryRules(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of retrying; the numbers are our choice, no service's."""

    max_attempts: int = 12
    """Most tries; throttled ones do not count.

    With the waits between them they take a quarter of an hour on average, and never less than
    eleven minutes. That is longer than a restart or a short outage, in which nobody must lose the
    message.
    """

    max_age: timedelta = timedelta(hours=24)
    """Time after the first try in which retries may happen."""

    first_backoff: timedelta = timedelta(seconds=2)
    """Upper bound of the wait after the first try; doubles with each further try."""

    longest_backoff: timedelta = timedelta(minutes=5)
    """Upper bound of all waits."""

    default_retry_after: timedelta = timedelta(seconds=5)
    """Wait after a throttled call when Teams names no time, or says "at once": trying again at once
    would never end."""

    def longest_wait(self, reason: Reason | None) -> timedelta:
        """Returns the longest wait until a next try.

        :param reason: the reason why the try before was no success; Teams may name any time for
            throttled ones.
        """
        return self.max_age if reason is Reason.THROTTLED else self.longest_backoff


STANDARD = RetryRules()
"""Rules that apply unless others are given."""


LONG_WAIT = RetryRules().longest_backoff
"""A try that is later than this begins a new streak. No wait between two tries is longer, unless
Teams asks for it; so a late try has waited for something else."""


class Done(msgspec.Struct, frozen=True):
    """Decision: sent, nothing more to do."""

    activity_id: str


class RetryAt(msgspec.Struct, frozen=True, kw_only=True):
    """Decision: to be tried again at this time, not earlier."""

    at: datetime
    new_conversation: bool = False
    """True to create the conversation anew first."""

    new_token: bool = False
    """True to fetch a new token first."""

    resend: bool = False
    """True when the fate of this attempt is not known, so that the person may get it twice."""


class GiveUp(msgspec.Struct, frozen=True, kw_only=True):
    """Decision: not to be tried again, for this reason."""

    reason: Reason
    unreachable: bool = False
    """True when later campaigns can't reach the person either, until they come back."""

    perhaps_unreachable: bool = False
    """True when that may be so. The answer is also given in passing, so it takes the same end on
    another day to say it."""


class InDoubt(msgspec.Struct, frozen=True):
    """Decision: perhaps done; only a person may decide to send it again."""

    reason: Reason


Decision = Done | RetryAt | GiveUp | InDoubt


def decide(
    outcome: Outcome,
    delivery: Delivery,
    *,
    now: datetime,
    started_at: datetime,
    policy: InDoubtPolicy = InDoubtPolicy.ASK,
    rules: RetryRules = STANDARD,
    dice: float,
) -> Decision:
    """Returns the decision after an attempt with this outcome.

    :param delivery: the delivery as it was before this attempt.
    :param now: the time of the outcome.
    :param started_at: the time when the campaign was started, resumed or reopened last: no streak
        began earlier.
    :param policy: the campaign's rule for deliveries whose fate is not known.
    :param dice: a random number in [0, 1) for the jitter.
    """
    require_aware(now, started_at)
    if isinstance(outcome, Sent):
        return Done(outcome.activity_id)
    earlier = _streak(delivery, now, started_at)
    began = earlier[0].at if earlier else now
    last = began + rules.max_age
    match outcome:
        case Throttled(retry_after):
            wait = rules.default_retry_after.total_seconds()
            if retry_after is not None and retry_after > 0:
                wait = retry_after
            if wait > (last - now).total_seconds():
                return GiveUp(reason=Reason.THROTTLED)
            return RetryAt(at=now + timedelta(seconds=wait))
        case Transient() | Stale() | Rejected(Reason.UNAUTHORISED):
            stale = isinstance(outcome, Stale)
            reason = Reason.CONVERSATION_GONE if isinstance(outcome, Stale) else outcome.reason
            counted = 1 + sum(attempt.outcome != _THROTTLED for attempt in earlier)
            new_token = isinstance(outcome, Rejected)
            retry_at = now
            if not new_token or _was_refused_sign_in(earlier):
                retry_at += _backoff(counted, rules, dice)
            if counted >= rules.max_attempts or retry_at > last:
                return GiveUp(reason=reason, perhaps_unreachable=stale or reason is Reason.REFUSED)
            return RetryAt(at=retry_at, new_conversation=stale, new_token=new_token)
        case Unreachable(reason):
            # The organisation's own switch is no answer about a person: when it is turned back,
            # nothing tells us, and they would stay unreachable for good.
            return GiveUp(reason=reason, unreachable=reason is not Reason.DISABLED_BY_ADMIN)
        case Rejected(reason):
            return GiveUp(reason=reason)
        case Unknown(reason):
            retry_at = now + _backoff(1, rules, dice)
            if policy is InDoubtPolicy.RESEND and delivery.resends == 0 and retry_at <= last:
                return RetryAt(at=retry_at, resend=True)
            return InDoubt(reason)


def has_waited(delivery: Delivery, until: datetime) -> bool:
    """Returns True when so long a wait after its due time ends the delivery's streak of tries."""
    due_at = delivery.due_at
    if due_at == AT_ONCE:
        # It has been due since the attempt before.
        due_at = delivery.trace[-1].at if delivery.trace else until
    return until - due_at > LONG_WAIT


def interrupted(purpose: Purpose) -> Outcome:
    """Returns the outcome of an attempt during which the bot itself was ended.

    Its fate is not known. But correcting or recalling a message twice does no harm, so these are
    simply tried again.
    """
    if purpose is Purpose.SEND:
        return Unknown(Reason.INTERRUPTED)
    return Transient(Reason.INTERRUPTED)


_THROTTLED = outcome_tag(Throttled(None))
_UNKNOWN = outcome_tag(Unknown(Reason.NO_ANSWER))


def _streak(delivery: Delivery, now: datetime, started_at: datetime) -> tuple[Attempt, ...]:
    """Returns the earlier tries of the streak that a try belongs to which was answered now."""
    if has_waited(delivery, now):
        return ()

    def ends_it(attempt: Attempt) -> bool:
        # With a clock that was set back all tries seem to lie before the start. Then they count:
        # otherwise no streak would end until the clock has made up for it.
        too_early = attempt.at < started_at <= now
        return attempt.ends_streak or attempt.outcome == _UNKNOWN or too_early

    trace = delivery.trace
    first = len(trace)
    while first and not ends_it(trace[first - 1]):
        first -= 1
    return trace[first:]


def _was_refused_sign_in(earlier: tuple[Attempt, ...]) -> bool:
    """Returns True when the try before was refused our sign-in, too.

    Tokens expire, and the next one is good: so the first refusal is tried again at once. A sign-in
    that stays refused is not the recipient's fault. They get as many tries as with any trouble that
    passes, and time for the breaker to see it.
    """
    return bool(earlier) and earlier[-1].reason is Reason.UNAUTHORISED


def _backoff(attempt: int, rules: RetryRules, dice: float) -> timedelta:
    """Returns a wait drawn between half its bound and its bound.

    So retries don't come in waves, and nobody's tries are over before ten minutes by bad luck.
    """
    doublings = 1 << min(attempt - 1, 30)
    return min(rules.longest_backoff, rules.first_backoff * doublings) * (1 + dice) / 2
