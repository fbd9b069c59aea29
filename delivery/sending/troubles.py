"""Log lines about deliveries that broke off: a fault that meets thousands is told once."""

from __future__ import annotations

import asyncio
import logging

import msgspec

from campaigns.campaign import CampaignKey
from storage.errors import Damaged, StoreError

_log = logging.getLogger(__name__)

AGAIN_AFTER = 60.0
"""Least seconds between two log lines about the same trouble."""

FORGOTTEN_AFTER = 3600.0
"""Seconds without it after which a trouble is a new one, and has its stack logged."""


class _Trouble(msgspec.Struct, frozen=True):
    """The place and the class of a fault, in one campaign."""

    key: CampaignKey
    error: type[BaseException]
    file: str
    line: int


class _Told:
    """The latest log line about a trouble, and how often it has come since then."""

    def __init__(self, moment: float) -> None:
        self.moment = moment
        self.came = moment
        self.untold = 0


class Troubles:
    """The troubles of one tenant's deliveries."""

    def __init__(self) -> None:
        self._told: dict[_Trouble, _Told] = {}

    def tell(self, key: CampaignKey, recipient_id: str, error: BaseException) -> None:
        """Logs that a delivery broke off: a fault of ours with its stack, but only the first time.

        After that there is one line a minute, as long as it comes.
        """
        now = asyncio.get_running_loop().time()
        trouble = _trouble(key, error)
        told = self._told.get(trouble)
        if told is None or now - told.came > FORGOTTEN_AFTER:
            self._forget(now)
            self._told[trouble] = _Told(now)
            _log_first(key, recipient_id, error)
            return
        told.came = now
        told.untold += 1
        if now - told.moment >= AGAIN_AFTER:
            _log.warning(
                "deliveries of campaign %s broke off again (%s, %d since the last line)",
                key.campaign_id,
                type(error).__name__,
                told.untold,
            )
            told.moment, told.untold = now, 0

    def _forget(self, now: float) -> None:
        self._told = {
            trouble: told
            for trouble, told in self._told.items()
            if now - told.came <= FORGOTTEN_AFTER
        }


def _log_first(key: CampaignKey, recipient_id: str, error: BaseException) -> None:
    match error:
        case Damaged():
            _log.error(
                "delivery to %s of campaign %s failed: %s", recipient_id, key.campaign_id, error
            )
        case StoreError():
            _log.warning("deliveries of campaign %s are put off: %s", key.campaign_id, error)
        case _:
            _log.error(
                "delivery to %s of campaign %s broke off",
                recipient_id,
                key.campaign_id,
                exc_info=error,
            )


def _trouble(key: CampaignKey, error: BaseException) -> _Trouble:
    trace = error.__traceback__
    if trace is None:
        return _Trouble(key, type(error), "", 0)
    while trace.tb_next is not None:
        trace = trace.tb_next
    return _Trouble(key, type(error), trace.tb_frame.f_code.co_filename, trace.tb_lineno)
