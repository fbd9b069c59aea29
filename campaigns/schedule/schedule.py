"""A campaign's schedule: its start, and the limits that hold its deliveries back.

Pure: ``now`` is passed in. Random times are drawn from the schedule's seed and the recipient's id,
so that a restart changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from campaigns.delivery import Delivery, PresenceWait
from campaigns.errors import Invalid
from campaigns.moment import require_aware
from campaigns.outcome import Reason
from campaigns.refusals.schedule import ScheduleRefusal, StartTooFarAhead, TimeLeftOut
from campaigns.schedule import presence as looks
from campaigns.schedule import windows
from campaigns.schedule.presence import Fallback, Later, Over, Presence, PresenceRule
from campaigns.schedule.recurrence import Series
from campaigns.schedule.windows import Hours, Opening, Window

SOONEST = timedelta(minutes=1)
"""Shortest time from now to a start."""

DAYS_AHEAD = 6
"""Most days from now to a start, unless the operator sets another number."""

ASK_AGAIN = timedelta(minutes=5)
"""Time until presence is asked for again, when it could not be known."""

_NEXT_DAYS = 14
"""Days within which the next working day is looked for; longer than any holidays."""


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """Hours in which nobody is sent a message, by the clocks of each recipient's own zone."""

    begins: time = time(20)
    ends: time = time(7)
    """Time on the next morning."""

    def has(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Returns True when a moment is in it."""
        clock = moment.astimezone(zone).time()
        return clock >= self.begins or clock < self.ends


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """Schedule of a campaign: its start, and the limits that hold its deliveries back."""

    at: datetime
    """Time of its start."""
    zone: str
    """IANA name of the zone by whose clocks the start was chosen."""
    scheduled_by: str = msgspec.field(default="", name="by")
    """Id of the user who scheduled it."""
    seed: str = ""
    """Seed from which recipients' times are drawn."""
    window: Window | None = None
    """Window over which it is spread; None to send to everyone at the start."""
    rule: PresenceRule = PresenceRule.WHENEVER
    fallback: Fallback = Fallback.SEND
    night: Night | None = None
    """Night in which nobody is sent it; None to send at night as well."""
    series: Series | None = None
    """Series that it belongs to; None when it is sent once."""

    def __post_init__(self) -> None:
        require_aware(self.at)

    @property
    def holds_back(self) -> bool:
        """True when a window, a presence rule or the night may delay deliveries that are due.

        It is usually False, and then schedules cost no time while sending.
        """
        return (
            self.window is not None
            or self.rule is not PresenceRule.WHENEVER
            or self.night is not None
        )


def checked_start(
    day: date, clock_time: time, zone: ZoneInfo, *, now: datetime, days: int
) -> datetime:
    """Returns the moment at which this zone's clocks show this day and time.

    :param days: the most days from now to a start.

    Raises Invalid when the moment is too soon or too far ahead, or when clocks skip it.
    """
    last = (now + timedelta(days=days)).astimezone(zone)
    # These come first: near the ends of the calendar, some moments have no date in UTC.
    if day < now.astimezone(zone).date():
        raise Invalid("day", ScheduleRefusal.DAY_OVER)
    if day > last.date():
        raise Invalid("day", StartTooFarAhead(days, last))
    local = datetime.combine(day, clock_time, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Invalid("time", TimeLeftOut(clock_time))
    if moment < now + SOONEST:
        passed = moment <= now
        raise Invalid("time", ScheduleRefusal.TIME_PASSED if passed else ScheduleRefusal.TOO_SOON)
    if moment > last:
        raise Invalid("day", StartTooFarAhead(days, last))
    return moment


def due(schedule: Schedule, recipient_id: str, own_zone: str, now: datetime) -> datetime | None:
    """Returns the due time of a recipient's delivery; None when there is no possible time.

    :param own_zone: IANA name of the recipient's own zone; empty when not known.
    """
    openings = _openings(schedule, own_zone)
    if openings is not None:
        return windows.drawn(windows.after(openings, now), f"{schedule.seed} {recipient_id}")
    return _morning(schedule, own_zone, now)


def reason_without_time(schedule: Schedule, own_zone: str) -> Reason:
    """Returns the reason for which :func:`due` found no possible time for a recipient."""
    return Reason.TOO_LATE if _openings(schedule, own_zone) else Reason.NO_HOURS


def is_open(schedule: Schedule, own_zone: str, moment: datetime) -> bool:
    """Returns True when a moment is within this recipient's open hours."""
    openings = _openings(schedule, own_zone)
    if openings is not None:
        return windows.is_open(openings, moment)
    night, zone = schedule.night, _zone_for(schedule, own_zone)
    return night is None or not night.has(moment, zone)


def held_back(
    schedule: Schedule,
    delivery: Delivery,
    own_zone: str,
    presence: Presence | None,
    now: datetime,
) -> Later | Over | None:
    """Returns when to look at a due delivery again, or why to give it up; None to send it now.

    :param own_zone: IANA name of the recipient's own zone; empty when not known.
    :param presence: the recipient's presence; None when it could not be asked for.
    """
    if delivery.resends:
        # An admin or the campaign's policy wants it sent again, and that means now.
        return None
    follows = _follows(schedule, delivery, own_zone, presence, now)
    if not isinstance(follows, Later):
        return follows
    # When the clock turns out to have been ahead, this tells that the time was chosen by it.
    return Later(follows.at, msgspec.structs.replace(follows.waiting, at=now))


def _follows(
    schedule: Schedule,
    delivery: Delivery,
    own_zone: str,
    presence: Presence | None,
    now: datetime,
) -> Later | Over | None:
    waiting = delivery.waiting or PresenceWait()
    seed = f"{schedule.seed} {delivery.recipient_id}"
    if not is_open(schedule, own_zone, now):
        # The bot was down, the campaign was paused, or there were too many for the rate.
        return _delayed(schedule, waiting, own_zone, now, seed)
    if schedule.rule is PresenceRule.WHENEVER:
        return None
    if presence is None:
        if schedule.fallback is Fallback.SEND:
            return None
        return _unknown(schedule, waiting, own_zone, now, seed)
    if schedule.rule.allows(presence):
        return None
    return looks.absent(
        waiting,
        now=now,
        zone=_zone_for(schedule, own_zone),
        open_on=lambda moment: is_open(schedule, own_zone, moment),
        later_openings=lambda moment: _next_day(schedule, own_zone, moment),
        seed=seed,
    )


def _delayed(
    schedule: Schedule, waiting: PresenceWait, own_zone: str, now: datetime, seed: str
) -> Later | Over:
    """Returns the next time within the open hours, or the end when there is none."""
    later = msgspec.structs.replace(waiting, delays=waiting.delays + 1)
    openings = _openings(schedule, own_zone)
    due_at = (
        _morning(schedule, own_zone, now)
        if openings is None
        else windows.drawn(windows.after(openings, now), f"{seed} delay {later.delays}")
    )
    return Over(Reason.TOO_LATE, later) if due_at is None else Later(due_at, later)


def _unknown(
    schedule: Schedule, waiting: PresenceWait, own_zone: str, now: datetime, seed: str
) -> Later | Over:
    """Returns the time to ask for presence again, when it could not be known."""
    later = msgspec.structs.replace(waiting, delays=waiting.delays + 1)
    if is_open(schedule, own_zone, now + ASK_AGAIN):
        return Later(now + ASK_AGAIN, later)
    return _delayed(schedule, waiting, own_zone, now + ASK_AGAIN, seed)


def _openings(schedule: Schedule, own_zone: str) -> Sequence[Opening] | None:
    """Returns the openings for a recipient; None without a window."""
    if schedule.window is None:
        return None
    return _openings_by_day(schedule.window, schedule.night, own_zone)


@lru_cache(maxsize=1024)
def _openings_by_day(window: Window, night: Night | None, own_zone: str) -> Sequence[Opening]:
    """Returns the openings of a window for a recipient, without the hours at night."""
    openings = windows.openings(window, window.zone_for(own_zone))
    if night is None:
        return openings
    zone = windows.zone_of(own_zone, window.zone)
    return windows.common(openings, windows.days_between(openings, _daytime(night), zone))


def _daytime(night: Night) -> Hours:
    return Hours(opens=night.ends, closes=night.begins, weekdays=tuple(range(7)))


def _zone_for(schedule: Schedule, own_zone: str) -> ZoneInfo:
    """Returns the zone by whose clocks a recipient's hours are counted."""
    window = schedule.window
    if window is not None:
        return window.zone_for(own_zone)
    return windows.zone_of(own_zone, schedule.zone)


def _morning(schedule: Schedule, own_zone: str, now: datetime) -> datetime:
    """Returns now, or the end of the night when it is night where the recipient is."""
    night, zone = schedule.night, windows.zone_of(own_zone, schedule.zone)
    if night is None or not night.has(now, zone):
        return now
    today = now.astimezone(zone).date()
    for ahead in (0, 1, 2):
        opening = windows.opening(_daytime(night), today + timedelta(days=ahead), zone)
        if opening is not None and opening.begins > now:
            return opening.begins
    return now


def _next_day(schedule: Schedule, own_zone: str, moment: datetime) -> Sequence[Opening]:
    """Returns the openings of the next day that has any."""
    zone = _zone_for(schedule, own_zone)
    today = moment.astimezone(zone).date()
    openings = _openings(schedule, own_zone)
    if openings is not None:
        later = [opening for opening in openings if opening.begins.astimezone(zone).date() > today]
        return [opening for opening in later if _same_day(opening, later[0], zone)]
    days = (today + timedelta(days=ahead) for ahead in range(1, _NEXT_DAYS))
    openings_of_days = (windows.opening(Hours(), day, zone) for day in days)
    return [next(opening for opening in openings_of_days if opening is not None)]


def _same_day(first: Opening, second: Opening, zone: ZoneInfo) -> bool:
    return first.begins.astimezone(zone).date() == second.begins.astimezone(zone).date()
