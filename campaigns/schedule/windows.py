"""Windows: the days and working hours of a campaign, in one zone or in each recipient's own.

Working hours are times on wall clocks. So an opening may be longer or shorter on a day when clocks
change, but it is always within the hours that the clocks show.

Pure: times are drawn from a seed, so drawing again gives the same time.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from campaigns.errors import Refusal, refuse
from campaigns.refusals.schedule import DaysOutOfRange, ScheduleRefusal, UnknownZone
from campaigns.schedule.public_holidays import countries, is_holiday

MOST_DAYS = 30
"""Most days of a window."""

FARTHEST = timedelta(days=3_653)
"""Most days from today to the first day of a window: ten years.

Operators choose a nearer limit. This one keeps away from the end of the calendar.
"""

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)

EARLIEST = ZoneInfo("Pacific/Kiritimati")
"""Zone in which each day begins first, 14 hours before UTC."""


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Working hours and working days."""

    opens: time = time(9)
    closes: time = time(17)
    """First time after working hours."""
    weekdays: tuple[int, ...] = MONDAY_TO_FRIDAY
    """Working days; 0 is Monday."""
    country: str = ""
    """Two-letter code of the country whose public holidays are left out; empty for none."""

    def includes(self, day: date) -> bool:
        """Returns True for a working day."""
        return day.weekday() in self.weekdays and not is_holiday(day, self.country)


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Days over which a campaign is spread."""

    first_day: date
    days: int
    """Number of days, including the first, weekends and holidays."""
    hours: Hours = Hours()
    zone: str
    """IANA name of the organisation's zone. With ``own_zones`` it is for recipients without a known
    zone, otherwise for everyone."""
    own_zones: bool = False
    """True when days and hours are those of each recipient's own zone."""

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=self.days - 1)

    def zone_for(self, own_zone: str) -> ZoneInfo:
        """Returns the zone that counts for a recipient.

        :param own_zone: IANA name of the recipient's own zone; empty when not known.
        """
        return zone_of(own_zone, self.zone) if self.own_zones else ZoneInfo(self.zone)


class Opening(msgspec.Struct, frozen=True):
    """Stretch of time, without a break, in which messages may be sent."""

    begins: datetime
    ends: datetime
    """First moment after it."""


def checked(window: Window, now: datetime) -> Window:
    """Returns the window unchanged.

    Raises Invalid with every wrong field, and when nothing can be sent in the window any more.
    """
    problems: dict[str, Refusal] = {}
    zone = known_zone(window.zone)
    if zone is None:
        problems["zone"] = UnknownZone(window.zone)
    today = now.astimezone(zone or UTC).date()
    if window.first_day < today:
        problems["first_day"] = ScheduleRefusal.DAY_OVER
    if window.first_day > today + FARTHEST:
        problems["first_day"] = ScheduleRefusal.DAY_TOO_FAR
    if not 1 <= window.days <= MOST_DAYS:
        problems["days"] = DaysOutOfRange(MOST_DAYS)
    if window.hours.opens >= window.hours.closes:
        problems["closes"] = ScheduleRefusal.CLOSES_TOO_EARLY
    if not window.hours.weekdays:
        problems["weekdays"] = ScheduleRefusal.NO_DAYS
    if window.hours.country and window.hours.country not in countries():
        problems["country"] = ScheduleRefusal.UNKNOWN_COUNTRY
    if not problems and zone is not None and not after(openings(window, zone), now):
        problems["days"] = ScheduleRefusal.NO_WORKING_TIME
    refuse(problems)
    return window


def known_zone(name: str) -> ZoneInfo | None:
    """Returns the zone of this IANA name; None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of(name: str, otherwise: str) -> ZoneInfo:
    """Returns the zone of this name; the zone ``otherwise`` for an empty or unknown name."""
    return known_zone(name) or ZoneInfo(otherwise)


@lru_cache(maxsize=1024)
def openings(window: Window, zone: ZoneInfo) -> tuple[Opening, ...]:
    """Returns the openings of a window by the clocks of a zone, in their order."""
    days = (window.first_day + timedelta(days=number) for number in range(window.days))
    return tuple(
        day_opening for day in days if (day_opening := opening(window.hours, day, zone)) is not None
    )


def opening(hours: Hours, day: date, zone: ZoneInfo) -> Opening | None:
    """Returns the working hours of this day by the clocks of a zone; None when it has none."""
    if not hours.includes(day):
        return None
    # When clocks show a time twice, the opening begins at the later one and ends at the earlier
    # one. When they skip it, the opening begins after the gap and ends before it. So it is within
    # the hours, whichever way they are read.
    begins = max(_moments(day, hours.opens, zone))
    ends = min(_moments(day, hours.closes, zone))
    return Opening(begins, ends) if begins < ends else None


def starts_at(window: Window, now: datetime) -> datetime:
    """Returns the start of a campaign over this window: as soon as the first may get it."""
    zone = EARLIEST if window.own_zones else ZoneInfo(window.zone)
    window_openings = openings(window, zone)
    return max(now, window_openings[0].begins) if window_openings else now


def after(openings: Sequence[Opening], moment: datetime) -> tuple[Opening, ...]:
    """Returns the rest of the openings after a moment."""
    return tuple(
        opening if opening.begins >= moment else Opening(moment, opening.ends)
        for opening in openings
        if opening.ends > moment
    )


def length(openings: Sequence[Opening]) -> timedelta:
    """Returns the total length of the openings."""
    return sum((opening.ends - opening.begins for opening in openings), timedelta())


def is_open(openings: Sequence[Opening], moment: datetime) -> bool:
    """Returns True when a moment is in one of the openings."""
    return any(opening.begins <= moment < opening.ends for opening in openings)


def common(openings: Sequence[Opening], other_openings: Sequence[Opening]) -> tuple[Opening, ...]:
    """Returns the stretches of time that both have in common."""
    shared = []
    for first in openings:
        for second in other_openings:
            begins, ends = max(first.begins, second.begins), min(first.ends, second.ends)
            if begins < ends:
                shared.append(Opening(begins, ends))
    return tuple(shared)


def days_between(openings: Sequence[Opening], hours: Hours, zone: ZoneInfo) -> tuple[Opening, ...]:
    """Returns the hours of each day that these openings touch, by the clocks of a zone."""
    if not openings:
        return ()
    day = openings[0].begins.astimezone(zone).date()
    hours_of_days = []
    while day <= openings[-1].ends.astimezone(zone).date():
        if (day_opening := opening(hours, day, zone)) is not None:
            hours_of_days.append(day_opening)
        day += timedelta(days=1)
    return tuple(hours_of_days)


def drawn(openings: Sequence[Opening], seed: str) -> datetime | None:
    """Returns a random moment in one of these openings; None when there are none.

    All moments are equally likely. The same seed gives the same moment. It is a whole second,
    unless the opening begins within that second.
    """
    total = length(openings)
    if not total:
        return None
    offset = total * random.Random(seed).random()
    for opening in openings:
        duration = opening.ends - opening.begins
        if offset < duration:
            return max(opening.begins, (opening.begins + offset).replace(microsecond=0))
        offset -= duration
    return openings[-1].begins


def lacking_time(window: Window, people: int, per_second: float, now: datetime) -> timedelta | None:
    """Returns the working time that a window lacks; None when it is long enough.

    With recipients' own zones it is computed as if all were in the organisation's zone.

    :param people: the number of recipients.
    :param per_second: the deliveries per second that are allowed.
    """
    needed = timedelta(seconds=people / per_second)
    lacking = needed - length(after(openings(window, ZoneInfo(window.zone)), now))
    return lacking if lacking > timedelta() else None


def _moments(day: date, clock_time: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Returns the two moments of a clock time; they differ when clocks show it twice or skip it."""
    # The given time may have a fold of its own, so both folds are set here.
    local = datetime.combine(day, clock_time, zone)
    return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)
