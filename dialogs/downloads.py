"""Links by which an admin downloads a campaign's table."""

from __future__ import annotations

from datetime import timedelta

from campaigns.campaign import Campaign
from campaigns.seal import Download, Seal
from dialogs.context import Context
from dialogs.turn import Turn


class DownloadLinks:
    """Makes signed links to tables about one subject.

    :param public_url: the bot's address for browsers, without a slash at the end; empty when it has
        none.
    :param subject: the subject of the tables: ``report`` or ``survey``.
    :param minutes: time for which a link works.
    """

    def __init__(
        self, context: Context, seal: Seal, public_url: str, *, subject: str, minutes: int
    ) -> None:
        self._context = context
        self._seal = seal
        self._public_url = public_url
        self._subject = subject
        self._valid_for = timedelta(minutes=minutes)

    def link(self, turn: Turn, campaign: Campaign, kind: str) -> str:
        """Returns the link to a table; empty when browsers can't reach this bot.

        :param kind: ``csv`` or ``xlsx``.
        """
        if not self._public_url:
            return ""
        download = Download(
            tenant_id=campaign.tenant_id,
            campaign_id=campaign.id,
            kind=kind,
            time_zone=self._context.zone(turn.user).key,
            until=turn.at + self._valid_for,
            subject=self._subject,
        )
        return f"{self._public_url}/x/{self._seal.download(download)}"
