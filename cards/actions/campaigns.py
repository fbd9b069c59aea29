"""Actions on a campaign: try, send, control, clone, delete, follow up."""

from __future__ import annotations

from typing import Literal

from cards.actions.base import Key, Line, OnCampaign, PageNumber, UserId


class OpenTry(OnCampaign, frozen=True, kw_only=True, tag="try"): ...


class Verify(OnCampaign, frozen=True, kw_only=True, tag="verify"):
    email: Line = ""


class SendTest(OnCampaign, frozen=True, kw_only=True, tag="send test"):
    user: UserId
    """The id of the person who was verified."""
    email: Line = ""
    """The text in the field when the button was pressed."""


class AskSend(OnCampaign, frozen=True, kw_only=True, tag="ask send"): ...


class OpenLeftOut(OnCampaign, frozen=True, kw_only=True, tag="left out"):
    """Shows the people of the audience whom the bot can't reach."""

    page: PageNumber = 0


class Send(OnCampaign, frozen=True, kw_only=True, tag="send"):
    in_doubt: Literal["ask", "resend"] = "ask"


class Pause(OnCampaign, frozen=True, kw_only=True, tag="pause"): ...


class Resume(OnCampaign, frozen=True, kw_only=True, tag="resume"): ...


class AskStop(OnCampaign, frozen=True, kw_only=True, tag="ask stop"): ...


class Stop(OnCampaign, frozen=True, kw_only=True, tag="stop"): ...


class AskResend(OnCampaign, frozen=True, kw_only=True, tag="ask resend"): ...


class Resend(OnCampaign, frozen=True, kw_only=True, tag="resend"):
    """Sends the deliveries in doubt again."""


class OpenClone(OnCampaign, frozen=True, kw_only=True, tag="clone"): ...


class Clone(OnCampaign, frozen=True, kw_only=True, tag="create clone"):
    clone: Key
    """The id of the draft that this creates."""
    name: Line = ""


class AskDelete(OnCampaign, frozen=True, kw_only=True, tag="ask delete"): ...


class Delete(OnCampaign, frozen=True, kw_only=True, tag="delete"):
    sent: bool = False
    """True when the confirmation said that the campaign was sent.

    A person who confirmed to delete a draft must not delete the report of a campaign that has been
    sent meanwhile.
    """


class OpenFollowUp(OnCampaign, frozen=True, kw_only=True, tag="follow up"): ...


class Correct(OnCampaign, frozen=True, kw_only=True, tag="correct"):
    follower: Key
    """The id of the correction that this creates."""


class AskRecall(OnCampaign, frozen=True, kw_only=True, tag="ask recall"): ...


class Recall(OnCampaign, frozen=True, kw_only=True, tag="recall"):
    follower: Key
    """The id of the recall that this creates."""


class SendToNewcomers(OnCampaign, frozen=True, kw_only=True, tag="send to newcomers"):
    follower: Key
    """The id of the follow-up that this creates."""
    anyway: bool = False
    """True when the admin has confirmed to send a message that was recalled."""
