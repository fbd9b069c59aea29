"""A campaign's schedule: when it starts, and what holds its deliveries back.

Pure: `now` is passed in, and what is drawn is drawn from the schedule's seed and the recipient's
id, so that a restart changes nothing.
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
from campaigns.schedule.presence import Fallback, Later, Over, Presence, Rule
from campaigns.schedule.recurrence import Series
from campaigns.schedule.windows import Hours, Opening, Window

SOONEST = timedelta(minutes=1)
"""How far ahead a start has to be, at least."""

DAYS_AHEAD = 6
"""How many days ahead a start may be, unless the operator says otherwise."""

CANT_KNOW = timedelta(minutes=5)
"""Until it is asked again who is there, when that could not be known."""

_NEXT_DAYS = 14
"""Days within which the next one for working is looked for: longer than any holidays."""


class Night(msgspec.Struct, frozen=True, kw_only=True):
    """When people are not to be disturbed, by the clocks of their own zone."""

    begins: time = time(20)
    ends: time = time(7)
    """In the morning after."""

    def has(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether a moment is in it."""
        at = moment.astimezone(zone).time()
        return at >= self.begins or at < self.ends


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """When a campaign is to be sent."""

    at: datetime
    """When it starts."""
    zone: str
    """By whose clocks its author chose that: an IANA name."""
    by: str = ""
    """Who scheduled it."""
    seed: str = ""
    """What recipients' times are drawn from."""
    window: Window | None = None
    """None: everyone at the start."""
    rule: Rule = Rule.WHENEVER
    fallback: Fallback = Fallback.SEND
    night: Night | None = None
    """None: nobody's night is looked at."""
    series: Series | None = None
    """None: it is sent once."""

    def __post_init__(self) -> None:
        require_aware(self.at)

    @property
    def holds_back(self) -> bool:
        """Whether anything but failures may keep a delivery from being sent as soon as it is due.

        False is the usual: then nothing of all this costs anything.
        """
        return self.window is not None or self.rule is not Rule.WHENEVER or self.night is not None


def checked_start(day: date, at: time, zone: ZoneInfo, *, now: datetime, days: int) -> datetime:
    """The moment when clocks of this zone show this, when a campaign may start then.

    Raises Invalid for one that is too soon, more than so many days ahead, or never comes.
    """
    local = datetime.combine(day, at, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise Invalid("time", TimeLeftOut(at))
    if moment < now + SOONEST:
        today = now.astimezone(zone).date()
        if day < today:
            raise Invalid("day", ScheduleRefusal.DAY_OVER)
        passed = moment <= now
        raise Invalid("time", ScheduleRefusal.TIME_PASSED if passed else ScheduleRefusal.TOO_SOON)
    if moment > now + timedelta(days=days):
        last = (now + timedelta(days=days)).astimezone(zone)
        raise Invalid("day", StartTooFarAhead(days, last))
    return moment


def due(schedule: Schedule, recipient_id: str, own_zone: str, now: datetime) -> datetime | None:
    """When a recipient is to get it, as it is frozen into their delivery; None when there is no
    time that would do.

    :param own_zone: the recipient's; empty when not known.
    """
    left = _openings(schedule, own_zone)
    if left is not None:
        return windows.drawn(windows.after(left, now), f"{schedule.seed} {recipient_id}")
    return _morning(schedule, own_zone, now)


def never(schedule: Schedule, own_zone: str) -> Reason:
    """Why there is no time that would do for a recipient."""
    return Reason.TOO_LATE if _openings(schedule, own_zone) else Reason.NO_HOURS


def is_open(schedule: Schedule, own_zone: str, moment: datetime) -> bool:
    """Whether this recipient may be sent it at a moment."""
    openings = _openings(schedule, own_zone)
    if openings is not None:
        return windows.is_open(openings, moment)
    night, zone = schedule.night, _own(schedule, own_zone)
    return night is None or not night.has(moment, zone)


def held_back(
    schedule: Schedule,
    delivery: Delivery,
    own_zone: str,
    presence: Presence | None,
    now: datetime,
) -> Later | Over | None:
    """What follows for a delivery whose time has come; None: it is to be sent now.

    :param presence: None: it could not be known.
    """
    if delivery.resends:
        # Somebody, or the campaign's policy, wants it sent again: that is for now.
        return None
    waiting = delivery.waiting or PresenceWait()
    seed = f"{schedule.seed} {delivery.recipient_id}"
    if not is_open(schedule, own_zone, now):
        # The bot was down, or the campaign paused, or there were too many for the rate.
        return _delayed(schedule, waiting, own_zone, now, seed)
    if schedule.rule is Rule.WHENEVER:
        return None
    if presence is None:
        if schedule.fallback is Fallback.SEND:
            return None
        return _unknown(schedule, waiting, own_zone, now, seed)
    if schedule.rule.lets(presence):
        return None
    return looks.absent(
        waiting,
        now=now,
        zone=_own(schedule, own_zone),
        open_on=lambda moment: is_open(schedule, own_zone, moment),
        later_openings=lambda moment: _next_day(schedule, own_zone, moment),
        seed=seed,
    )


def _delayed(
    schedule: Schedule, waiting: PresenceWait, own_zone: str, now: datetime, seed: str
) -> Later | Over:
    later = msgspec.structs.replace(waiting, delays=waiting.delays + 1)
    left = _openings(schedule, own_zone)
    at = (
        _morning(schedule, own_zone, now)
        if left is None
        else windows.drawn(windows.after(left, now), f"{seed} delay {later.delays}")
    )
    return Over(Reason.TOO_LATE, later) if at is None else Later(at, later)


def _unknown(
    schedule: Schedule, waiting: PresenceWait, own_zone: str, now: datetime, seed: str
) -> Later | Over:
    later = msgspec.structs.replace(waiting, delays=waiting.delays + 1)
    if is_open(schedule, own_zone, now + CANT_KNOW):
        return Later(now + CANT_KNOW, later)
    return _delayed(schedule, waiting, own_zone, now + CANT_KNOW, seed)


def _openings(schedule: Schedule, own_zone: str) -> Sequence[Opening] | None:
    """None: there is no window."""
    if schedule.window is None:
        return None
    return _opened(schedule.window, schedule.night, own_zone)


@lru_cache(maxsize=1024)
def _opened(window: Window, night: Night | None, own_zone: str) -> Sequence[Opening]:
    openings = windows.openings(window, window.zone_for(own_zone))
    if night is None:
        return openings
    zone = windows.zone_of(own_zone, window.zone)
    return windows.meeting(openings, windows.days_between(openings, _day(night), zone))


def _day(night: Night) -> Hours:
    return Hours(opens=night.ends, closes=night.begins, weekdays=tuple(range(7)))


def _own(schedule: Schedule, own_zone: str) -> ZoneInfo:
    window = schedule.window
    if window is not None:
        return window.zone_for(own_zone)
    return windows.zone_of(own_zone, schedule.zone)


def _morning(schedule: Schedule, own_zone: str, now: datetime) -> datetime:
    """Now, or the end of the night that it is where they are."""
    night, zone = schedule.night, windows.zone_of(own_zone, schedule.zone)
    if night is None or not night.has(now, zone):
        return now
    today = now.astimezone(zone).date()
    for ahead in (0, 1, 2):
        of = windows.opening(_day(night), today + timedelta(days=ahead), zone)
        if of is not None and of.begins > now:
            return of.begins
    return now


def _next_day(schedule: Schedule, own_zone: str, moment: datetime) -> Sequence[Opening]:
    """What is open on the next day on which anything is."""
    zone = _own(schedule, own_zone)
    today = moment.astimezone(zone).date()
    openings = _openings(schedule, own_zone)
    if openings is not None:
        later = [of for of in openings if of.begins.astimezone(zone).date() > today]
        return [of for of in later if _same_day(of, later[0], zone)]
    days = (today + timedelta(days=ahead) for ahead in range(1, _NEXT_DAYS))
    found = (windows.opening(Hours(), day, zone) for day in days)
    return [next(of for of in found if of is not None)]


def _same_day(one: Opening, other: Opening, zone: ZoneInfo) -> bool:
    return one.begins.astimezone(zone).date() == other.begins.astimezone(zone).date()
