"""When a campaign may send: days and working hours, in one zone or in each recipient's own.

Working hours are what clocks on walls show, so an opening is longer or shorter on a day when clocks
change, and never outside what the wall shows.

All pure: whatever is drawn is drawn from a seed, so drawing it again gives the same.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from campaigns.errors import Invalid
from campaigns.schedule.public_holidays import countries, is_holiday

MOST_DAYS = 30
"""The longest duration in days."""

MONDAY_TO_FRIDAY = (0, 1, 2, 3, 4)

EARLIEST = ZoneInfo("Pacific/Kiritimati")
"""Where each day begins first: 14 hours before UTC's."""


class Hours(msgspec.Struct, frozen=True, kw_only=True):
    """Which hours of which days are for working."""

    opens: time = time(9)
    closes: time = time(17)
    """The first moment that is not for working any more."""
    weekdays: tuple[int, ...] = MONDAY_TO_FRIDAY
    """0 is Monday."""
    country: str = ""
    """Whose public holidays are left out, by its two-letter code; empty: none are."""

    def includes(self, day: date) -> bool:
        """Whether this is a day for working."""
        return day.weekday() in self.weekdays and not is_holiday(day, self.country)


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """Over which days a campaign is spread."""

    first_day: date
    days: int
    """How many, the first included, whether they are for working or not."""
    hours: Hours = Hours()
    zone: str
    """The organisation's, by its IANA name; for everyone, or for whose own is not known."""
    own_zones: bool = False
    """Whether days and hours are those of each recipient's own zone."""

    @property
    def last_day(self) -> date:
        return self.first_day + timedelta(days=self.days - 1)

    def zone_for(self, own: str) -> ZoneInfo:
        """The zone that counts for a recipient whose own is this (empty: not known)."""
        return zone_of(own, self.zone) if self.own_zones else ZoneInfo(self.zone)


class Opening(msgspec.Struct, frozen=True):
    """Time in which may be sent, without a break."""

    begins: datetime
    ends: datetime
    """The first moment that is not in it any more."""


def checked(window: Window, now: datetime) -> Window:
    """The window, when something can be sent in it.

    Raises Invalid, with every field that can't be taken.
    """
    errors: dict[str, str] = {}
    zone = known_zone(window.zone)
    if zone is None:
        errors["zone"] = f"“{window.zone}” is not a time zone."
    today = now.astimezone(zone or UTC).date()
    if window.first_day < today:
        errors["first_day"] = "This day is over. Choose today or a later day."
    if not 1 <= window.days <= MOST_DAYS:
        errors["days"] = f"From 1 to {MOST_DAYS} days."
    if window.hours.opens >= window.hours.closes:
        errors["closes"] = "This has to be later than the hour before it."
    if not window.hours.weekdays:
        errors["weekdays"] = "Choose at least one day."
    if window.hours.country and window.hours.country not in countries():
        errors["country"] = "The public holidays of this country are not known."
    if not errors and zone is not None and not after(openings(window, zone), now):
        errors["days"] = (
            "There is no working time left on these days. Choose more days, or other hours."
        )
    if errors:
        field, message = next(iter(errors.items()))
        raise Invalid(field, message, errors)
    return window


def known_zone(name: str) -> ZoneInfo | None:
    """The zone of this IANA name; None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def zone_of(name: str, otherwise: str) -> ZoneInfo:
    """The zone of this name; the other one for a name that is empty or not known."""
    return known_zone(name) or ZoneInfo(otherwise)


@lru_cache(maxsize=1024)
def openings(window: Window, zone: ZoneInfo) -> tuple[Opening, ...]:
    """The openings of a window by the clocks of a zone, in their order."""
    days = (window.first_day + timedelta(days=number) for number in range(window.days))
    return tuple(of for day in days if (of := opening(window.hours, day, zone)) is not None)


def opening(hours: Hours, day: date, zone: ZoneInfo) -> Opening | None:
    """The working hours of this day by the clocks of a zone; None when it has none."""
    if not hours.includes(day):
        return None
    # Of what clocks show twice, the beginning is the later and the end the earlier one; of what
    # they skip, the beginning is after the gap and the end before it: so what is between them is
    # within the hours by any reading.
    begins = max(_moments(day, hours.opens, zone))
    ends = min(_moments(day, hours.closes, zone))
    return Opening(begins, ends) if begins < ends else None


def starts_at(window: Window, now: datetime) -> datetime:
    """When a campaign over this window is to be started: as soon as anybody may get it."""
    zone = EARLIEST if window.own_zones else ZoneInfo(window.zone)
    found = openings(window, zone)
    return max(now, found[0].begins) if found else now


def after(some: Sequence[Opening], moment: datetime) -> tuple[Opening, ...]:
    """What is left of openings from a moment on."""
    return tuple(
        of if of.begins >= moment else Opening(moment, of.ends) for of in some if of.ends > moment
    )


def length(some: Sequence[Opening]) -> timedelta:
    """How long they are together."""
    return sum((of.ends - of.begins for of in some), timedelta())


def is_open(some: Sequence[Opening], moment: datetime) -> bool:
    """Whether a moment is in one of them."""
    return any(of.begins <= moment < of.ends for of in some)


def meeting(some: Sequence[Opening], others: Sequence[Opening]) -> tuple[Opening, ...]:
    """What is in openings of both."""
    found = []
    for one in some:
        for other in others:
            begins, ends = max(one.begins, other.begins), min(one.ends, other.ends)
            if begins < ends:
                found.append(Opening(begins, ends))
    return tuple(found)


def days_between(some: Sequence[Opening], hours: Hours, zone: ZoneInfo) -> tuple[Opening, ...]:
    """The hours, by the clocks of a zone, of all days that these openings touch there."""
    if not some:
        return ()
    day = some[0].begins.astimezone(zone).date()
    found = []
    while day <= some[-1].ends.astimezone(zone).date():
        if (of := opening(hours, day, zone)) is not None:
            found.append(of)
        day += timedelta(days=1)
    return tuple(found)


def drawn(some: Sequence[Opening], seed: str) -> datetime | None:
    """A moment in one of these openings, each as likely as any other; None when there is none.

    The same for the same seed. In whole seconds, but for openings that begin or end between two.
    """
    total = length(some)
    if not total:
        return None
    left = total * random.Random(seed).random()
    for of in some:
        here = of.ends - of.begins
        if left < here:
            return max(of.begins, (of.begins + left).replace(microsecond=0))
        left -= here
    return some[-1].begins


def fits(window: Window, people: int, per_second: float, now: datetime) -> timedelta | None:
    """How much longer the window would have to be open for so many people at the allowed rate;
    None when it is long enough.

    Where recipients' own zones count, they are taken to be in one.
    """
    needed = timedelta(seconds=people / per_second)
    lacking = needed - length(after(openings(window, ZoneInfo(window.zone)), now))
    return lacking if lacking > timedelta() else None


def _moments(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The moments that a clock's time may be: twice the same, unless it is shown twice or never."""
    # A time has a fold of its own, which two equal times may differ in.
    local = datetime.combine(day, at, zone)
    return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)
