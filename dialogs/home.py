"""The menu and the help."""

from __future__ import annotations

from cards import actions
from cards import home as cards
from cards.view import Notice
from dialogs.context import Context
from dialogs.routes import Openers, Routes
from dialogs.turn import Reply, Turn, show


class HomeDialog:
    """The card that everything starts from."""

    def __init__(self, context: Context) -> None:
        self._store = context.store

    def routes(self) -> Routes:
        return {actions.OpenHome: self.home, actions.OpenHelp: self.help}

    def openers(self) -> Openers:
        return {actions.OpenHome: self.home}

    async def home(
        self, turn: Turn, action: actions.OpenHome, notice: Notice | None = None
    ) -> Reply:
        view = cards.home(
            given_name=turn.user.profile.given_name,
            campaigns=await self._store.campaigns.count(turn.tenant_id),
            reachable=await self._store.users.count_reachable(turn.tenant_id),
            notice=notice,
        )
        return show(view)

    async def help(self, turn: Turn, action: actions.OpenHelp) -> Reply:
        return show(cards.help_())
