"""Rules of a pause by a fault: when a few deliveries probe whether the fault has passed.

A campaign that the bot has paused is taken up again by the bot, as soon as a probe succeeds. A
person's decision always comes first: *Resume*, *Pause* and *Stop* end the probing.

Pure: the time is passed in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from campaigns.campaign import Campaign, Fault, FaultPause, Status, with_run
from campaigns.errors import NotPossible
from campaigns.refusals.campaigns import CampaignRefusal

WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15))
"""Waits before the first probe, the second, and so on; the last one is also that of all others.

They are our choice. Most faults pass within minutes, and each probe that fails may cost one
delivery in doubt.
"""

PROBED_FOR = timedelta(hours=24)
"""Time after which a campaign is not taken up by itself any more.

The same as the time in which one delivery is retried: what is a day late may not be wanted any
more, so a person decides.
"""

LEAST_PROBES = 24
"""Least number of failed probes, also when the day is over: a little more than five hours.

The process may have been down for that day, or the clock may have been set ahead for a moment.
Neither shows that the fault is one of those that last.
"""

SOON = timedelta(hours=1)
"""A pause this soon after the end of another one goes on with its waits, so that a campaign is not
taken up every minute where the fault comes and goes.
"""


def began(fault: Fault, earlier: FaultPause | None, now: datetime) -> FaultPause:
    """Returns the record of a pause that begins now.

    A refused message is not probed. It will not get better by itself, and its author may have sent
    a better one meanwhile: people would get both.

    :param earlier: the pause before it; None: there was none, or a person has ended it.
    """
    failed = 0
    if earlier is not None and earlier.ended_at is not None and now - earlier.ended_at < SOON:
        failed = earlier.failed_probes + 1
    return FaultPause(
        fault=fault,
        began_at=now,
        failed_probes=failed,
        probe_at=None if fault is Fault.REFUSED else now + _wait(failed),
    )


def is_taken_up(campaign: Campaign) -> bool:
    """Returns True for a campaign that a fault has paused, and that goes on by itself."""
    pause = campaign.run.fault_pause
    return (
        campaign.status is Status.PAUSED
        and campaign.run.fault is not None
        and pause is not None
        and pause.probe_at is not None
    )


def probe_is_due(campaign: Campaign, now: datetime) -> bool:
    """Returns True when it is time for a probe.

    A probe that is further off than its wait was dated by a clock that has been set back since, so
    it is due.
    """
    pause = campaign.run.fault_pause
    if not is_taken_up(campaign) or pause is None or pause.probe_at is None:
        return False
    return not now < pause.probe_at <= now + _wait(pause.failed_probes)


def require_taken_up(campaign: Campaign, pause: FaultPause) -> None:
    """Raises NotPossible unless the campaign is still in this pause, and goes on by itself."""
    present = campaign.run.fault_pause
    if not is_taken_up(campaign) or present is None or present.began_at != pause.began_at:
        raise NotPossible(CampaignRefusal.NOT_PAUSED)


def kept_paused(campaign: Campaign) -> Campaign:
    """Returns the campaign, which is not taken up by itself any more: a person wants it paused."""
    return _with_pause(campaign, probe_at=None, told=True)


def probe_failed(campaign: Campaign, pause: FaultPause, now: datetime) -> Campaign:
    """Returns the campaign after a probe that failed: the next one comes later, or never.

    Raises NotPossible when a person has decided otherwise since ``pause`` was read.
    """
    require_taken_up(campaign, pause)
    failed = pause.failed_probes + 1
    if now - pause.began_at >= PROBED_FOR and failed >= LEAST_PROBES:
        return _with_pause(campaign, failed_probes=failed, probe_at=None, told=False)
    return _with_pause(campaign, failed_probes=failed, probe_at=now + _wait(failed))


def probe_told_nothing(campaign: Campaign, pause: FaultPause, now: datetime) -> Campaign:
    """Returns the campaign after a probe that could not be made: it comes again after its wait.

    Raises NotPossible when a person has decided otherwise since ``pause`` was read.
    """
    require_taken_up(campaign, pause)
    return _with_pause(campaign, probe_at=now + _wait(pause.failed_probes))


def ended(pause: FaultPause, now: datetime) -> FaultPause:
    """Returns the record of a pause that ends by itself now."""
    return msgspec.structs.replace(pause, probe_at=None, ended_at=now, told=False)


def sender_told(campaign: Campaign, news: FaultPause, now: datetime) -> Campaign:
    """Notes that the sender knows this news. Noting it again does no harm.

    A message that got through also shows that the bot's sign-in works again, so the probe of a
    refused sign-in need not wait for all of its time. The wait grows all the same where the trouble
    comes and goes.

    :param news: the pause as it was when it was told.
    """
    present = campaign.run.fault_pause
    if present is None or _news(present) != _news(news):
        return campaign
    probe_at = present.probe_at
    if news.fault is Fault.SIGN_IN and probe_at is not None:
        probe_at = min(probe_at, max(now, present.began_at + _wait(present.failed_probes)))
    return _with_pause(campaign, told=True, probe_at=probe_at)


def has_news(campaign: Campaign) -> bool:
    """Returns True when something is to be told to the campaign's sender."""
    pause = campaign.run.fault_pause
    if pause is None or pause.told:
        return False
    return pause.ended_at is not None or campaign.status is Status.PAUSED


def _news(pause: FaultPause) -> tuple[datetime, datetime | None, bool]:
    """Returns what makes two states of a pause the same to the sender."""
    return pause.began_at, pause.ended_at, pause.probe_at is None


def _wait(failed_probes: int) -> timedelta:
    return WAITS[min(failed_probes, len(WAITS) - 1)]


def _with_pause(campaign: Campaign, **changes: object) -> Campaign:
    pause = campaign.run.fault_pause
    assert pause is not None
    return with_run(campaign, fault_pause=msgspec.structs.replace(pause, **changes))
