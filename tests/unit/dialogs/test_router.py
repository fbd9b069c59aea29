"""The router: rights, one decode for each press, and where a press leads that comes to nothing."""

from __future__ import annotations

from typing import cast

import pytest

from campaigns.campaign import CampaignKey, CardPlace
from campaigns.errors import NotPossible
from campaigns.refusals.campaigns import CampaignRefusal
from campaigns.user import OpenDraft, User
from cards import actions
from cards.view import Notice
from delivery.engine import Engine
from delivery.people.contacts import Contacts
from dialogs.commands import COMMANDS, command
from dialogs.errors import Gone
from dialogs.router import Router
from dialogs.turn import Reply, Turn
from storage.errors import Damaged
from tests.support.examples import NOW, user

USER = user("anna")
OPEN = {"do": "campaign", "campaign": "c", "revision": 1}
REFUSED = NotPossible(CampaignRefusal.STOP_FIRST)


class Idle:
    """Stands in for the engine and the contacts, and does nothing."""

    async def leave(self, tenant_id: str, place: CardPlace) -> None: ...

    async def follow(self, key: CampaignKey, place: CardPlace) -> None: ...

    async def opened(self, user: User, draft: OpenDraft | None) -> None: ...


class RecordingDialog:
    """A dialog that notes how it was reached."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.seen: list[object] = []

    async def act(self, turn: Turn, action: actions.Action) -> Reply:
        self.seen.append(action)
        if self.error is not None:
            raise self.error
        return reply("acted")

    async def open(self, turn: Turn, action: actions.Action, notice: Notice | None) -> Reply:
        self.seen.append(action)
        return reply(f"opened: {notice.text if notice is not None else ''}")

    async def refused(self, turn: Turn, action: actions.Action, refusal: NotPossible) -> Reply:
        return reply(f"refused: {refusal}")

    async def hear(self, turn: Turn) -> Reply | None:
        if self.error is not None:
            raise self.error
        return reply("heard") if turn.text == "Dear all" else None

    async def hear_everyone(self, turn: Turn) -> Reply | None:
        return reply("answered") if turn.text == "5" else None


def reply(summary: str) -> Reply:
    return Reply(card={}, summary=summary)


def router(dialog: RecordingDialog) -> Router:
    nothing = Idle()
    return Router(
        cast(Engine, nothing),
        cast(Contacts, nothing),
        routes=[dict.fromkeys(actions.ACTIONS, dialog.act)],
        for_everyone=[{actions.Acknowledge: dialog.act}],
        openers=[{actions.OpenHome: dialog.open, actions.OpenLists: dialog.open}],
        refusals=[{actions.OnCampaign: dialog.refused}],
        listeners=[dialog.hear],
        listeners_for_everyone=[dialog.hear_everyone],
    )


def pressed(data: object, *, is_admin: bool = True) -> Turn:
    return Turn(user=USER, is_admin=is_admin, at=NOW, pressed=data)


def typed(text: str, *, is_admin: bool = True) -> Turn:
    return Turn(user=USER, is_admin=is_admin, at=NOW, text=text)


async def test_a_press_leads_to_the_handler_of_its_action() -> None:
    dialog = RecordingDialog()
    assert (await router(dialog).turn(pressed(OPEN))).summary == "acted"
    assert dialog.seen == [actions.OpenCampaign(campaign="c", revision=1)]


async def test_what_is_gone_leads_to_the_action_that_it_names() -> None:
    instead = actions.OpenLists(page=2)
    dialog = RecordingDialog(Gone(instead, Notice("It is gone.")))
    assert (await router(dialog).turn(pressed(OPEN))).summary == "opened: It is gone."
    assert dialog.seen[-1] == instead


async def test_a_refusal_is_shown_by_the_dialog_of_the_actions_kind() -> None:
    assert (
        await router(RecordingDialog(REFUSED)).turn(pressed(OPEN))
    ).summary == "refused: CampaignRefusal.STOP_FIRST"


async def test_a_refusal_that_no_dialog_shows_is_an_error() -> None:
    with pytest.raises(NotPossible):
        await router(RecordingDialog(REFUSED)).turn(pressed({"do": "lists"}))


@pytest.mark.parametrize("data", [{"do": "no such thing"}, {}, "campaign", 3])
async def test_what_is_no_action_leads_to_the_menu(data: object) -> None:
    dialog = RecordingDialog()
    answer = await router(dialog).turn(pressed(data))
    assert answer.summary.startswith("opened: That button does not work")
    assert dialog.seen == [actions.OpenHome()]


async def test_too_much_text_leads_to_the_menu() -> None:
    big = pressed({"do": "home", "text": "x" * actions.DATA_LIMIT})
    assert (await router(RecordingDialog()).turn(big)).summary.startswith(
        "opened: That was too much"
    )


async def test_recipients_may_press_what_is_for_everyone_and_nothing_else() -> None:
    dialog = RecordingDialog()
    await router(dialog).turn(pressed(OPEN, is_admin=False))
    assert dialog.seen == []
    confirmed = {"do": actions.encode(actions.Acknowledge(campaign="c"))["do"], "campaign": "c"}
    assert (await router(dialog).turn(pressed(confirmed, is_admin=False))).summary == "acted"


@pytest.mark.parametrize(
    ("text", "is_admin", "answer"),
    [
        (" Menu. ", True, "acted"),
        ("Dear all", True, "heard"),
        ("5", True, "answered"),
        ("5", False, "answered"),
        ("What?", True, "opened: I did not understand that."),
        # A former admin's draft takes no text any more.
        ("Dear all", False, "Hello!"),
        ("menu", False, "Hello!"),
    ],
)
async def test_typed_text_goes_to_the_first_that_takes_it(
    text: str, is_admin: bool, answer: str
) -> None:
    summary = (await router(RecordingDialog()).turn(typed(text, is_admin=is_admin))).summary
    assert summary.startswith(answer)


@pytest.mark.parametrize("turn", [pressed(OPEN), typed("Dear all")])
async def test_what_is_damaged_gets_a_card_that_says_so(turn: Turn) -> None:
    answer = await router(RecordingDialog(Damaged("campaigns.json"))).turn(turn)
    assert answer.summary == "This can't be read"


def test_commands_are_read_whatever_their_case_and_space() -> None:
    assert command("  New   CAMPAIGN! ") == actions.OpenNewCampaign()
    assert command("a new campaign") is None
    assert all(command(text) is action for text, action in COMMANDS.items())


def test_two_dialogs_can_not_handle_the_same_action() -> None:
    dialog = RecordingDialog()
    with pytest.raises(ValueError, match="two dialogs handle OpenLists"):
        Router(
            cast(Engine, Idle()),
            cast(Contacts, Idle()),
            routes=[{actions.OpenLists: dialog.act}, {actions.OpenLists: dialog.act}],
            for_everyone=[],
            openers=[],
            refusals=[],
            listeners=[],
            listeners_for_everyone=[],
        )
