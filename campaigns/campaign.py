"""A campaign: content + audience + schedule, and what its status allows.

Campaigns are immutable values. Each function here takes one and returns the changed one, or raises
:class:`~campaigns.errors.CampaignError`; the store gives every saved change a new ``revision``.
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta

import msgspec

from campaigns.content import Content, Format, checked, is_empty
from campaigns.errors import Invalid, NotPossible
from campaigns.moment import require_aware
from campaigns.schedule.schedule import Schedule
from campaigns.surveys.state import SurveyState
from campaigns.surveys.survey import Survey, require_askable


class Status(enum.Enum):
    """Where a campaign is in its life."""

    DRAFT = "draft"
    """Being written; the only status in which content and audience can change."""

    SCHEDULED = "scheduled"
    """Will start by itself at its time."""
    SENDING = "sending"
    """Frozen, or being frozen, into deliveries that are sent now."""
    PAUSED = "paused"
    """Started, and held: nothing new is claimed until it is resumed."""

    COMPLETED = "completed"
    """Every delivery has ended."""

    STOPPED = "stopped"
    """Ended by an admin; what had not been sent was cancelled."""

    @property
    def has_started(self) -> bool:
        """Whether the content can't change any more."""
        return self not in (Status.DRAFT, Status.SCHEDULED)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is sent, unless an admin reopens it."""
        return self in (Status.COMPLETED, Status.STOPPED)


class Purpose(enum.Enum):
    """What a campaign does to the chats of its recipients."""

    SEND = "send"
    """Posts a new message."""

    CORRECT = "correct"
    """Puts its content in the place of a message that they have."""

    RECALL = "recall"
    """Takes a message that they have out of their chats."""


class InDoubtPolicy(enum.Enum):
    """What becomes of a delivery whose fate is not known."""

    ASK = "ask"
    """It stays in doubt; the report offers to resend it."""

    RESEND = "resend"
    """It is sent once more by itself."""


class Fault(enum.Enum):
    """What is wrong with us, or with Teams, when a campaign is paused by itself."""

    SIGN_IN = "sign_in"
    """The bot's own sign-in is refused, again and again."""
    REFUSED = "refused"
    """Teams refuses the message as such, from one recipient to the next."""
    DOWN = "down"
    """Teams does not take or answer requests."""


class Missed(enum.Enum):
    """Why a campaign did not start at its time, and is a draft again."""

    LIST_GONE = "list_gone"
    """Its distribution list had been deleted."""
    NOBODY = "nobody"
    """Nobody of its audience could be reached."""
    INCOMPLETE = "incomplete"
    """Something of it could not be sent as it was."""
    SURVEY_OVER = "survey_over"
    """The last day of its survey had passed."""
    TOO_BIG = "too_big"
    """Its survey had grown, and did not fit into a message any more."""


class AllUsers(msgspec.Struct, frozen=True, tag="all"):
    """Everyone of the tenant whom the bot can reach when sending starts."""


class ListAudience(msgspec.Struct, frozen=True, tag="list"):
    """The people on one distribution list when sending starts."""

    list_id: str


class ReceivedAudience(msgspec.Struct, frozen=True, tag="received"):
    """The people who have a campaign's message in their chats."""

    campaign_id: str


class NewcomersAudience(msgspec.Struct, frozen=True, tag="newcomers"):
    """The people who belong to a campaign's audience now, can be reached, and have not got it."""

    campaign_id: str


class WaitingAudience(msgspec.Struct, frozen=True, tag="waiting"):
    """Those who got another campaign and have not acknowledged it when sending starts."""

    campaign_id: str


class UnansweredAudience(msgspec.Struct, frozen=True, tag="unanswered"):
    """The people who have a campaign's survey in their chats, and have not answered it."""

    campaign_id: str


Audience = (
    AllUsers
    | ListAudience
    | ReceivedAudience
    | NewcomersAudience
    | WaitingAudience
    | UnansweredAudience
)


class CardPlace(msgspec.Struct, frozen=True):
    """Where a card stands in a chat, so that it can be changed later."""

    user_id: str
    """Whose chat with the bot."""

    activity_id: str


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign of one tenant.

    ``revision`` counts saved changes; 0 is not saved yet.
    """

    tenant_id: str
    id: str
    name: str
    format: Format
    author_id: str
    created_at: datetime
    updated_at: datetime
    revision: int = 0
    content: Content = Content()
    replaced: Content | None = None
    """The draft's content before what was typed in Teams' compose box took its place; None when
    nothing did, or it was accepted.
    """
    audience: Audience | None = None
    purpose: Purpose = Purpose.SEND
    followers: tuple[str, ...] = ()
    """Ids of the campaigns that correct or recall this one, or send it to newcomers; oldest first.
    They may have been deleted since."""
    status: Status = Status.DRAFT
    schedule: Schedule | None = None
    """When it starts, or started by itself; of a draft, what was chosen before it was unscheduled.
    """
    missed: Missed | None = None
    """Of a draft: why it did not start at its time."""
    in_doubt: InDoubtPolicy = InDoubtPolicy.ASK
    acknowledge: bool = False
    """Whether recipients are asked to confirm that they have read it; Important only."""
    audience_name: str = ""
    """What the audience was called when it was frozen."""

    recipients: int | None = None
    """How many deliveries it was frozen into; None until the freeze is complete."""

    sender_id: str = ""
    """Who sent it; empty while nobody has."""

    started_at: datetime | None = None
    ended_at: datetime | None = None
    fault: Fault | None = None
    """Why it was paused by itself; None when it was not, or has been resumed."""
    poll: SurveyState = SurveyState()
    """Of a survey: what was decided since it was sent."""
    progress: CardPlace | None = None
    """The card that shows how sending goes; kept up to date by the engine."""

    reopened: bool = False
    """What is in doubt is to be sent again, and has not yet been made due."""

    def __post_init__(self) -> None:
        require_aware(self.created_at, self.updated_at, self.started_at, self.ended_at)

    @property
    def starts_at(self) -> datetime | None:
        """When it is to start; None when it is not scheduled."""
        if self.status is not Status.SCHEDULED or self.schedule is None:
            return None
        return self.schedule.at

    @property
    def late_by(self) -> timedelta:
        """How much later than it was to start it started."""
        if self.started_at is None or self.schedule is None:
            return timedelta()
        return max(self.started_at - self.schedule.at, timedelta())

    @property
    def key(self) -> CampaignKey:
        """Its identity over all tenants."""
        return CampaignKey(self.tenant_id, self.id)

    @property
    def original_key(self) -> CampaignKey | None:
        """The campaign that this one follows; None when it stands for itself."""
        if isinstance(self.audience, (ReceivedAudience, NewcomersAudience, UnansweredAudience)):
            return CampaignKey(self.tenant_id, self.audience.campaign_id)
        return None

    @property
    def counts_for(self) -> str:
        """The id of the campaign that clicks, confirmations and answers count for: the original's,
        when this one corrects what that one sent.
        """
        if self.purpose is Purpose.CORRECT and self.original_key is not None:
            return self.original_key.campaign_id
        return self.id

    @property
    def is_going_on(self) -> bool:
        """Whether the engine has something to do for it: it has not ended, or its card may not
        show that yet.
        """
        return self.status.has_started and (self.ended_at is None or self.progress is not None)

    @property
    def survey(self) -> Survey | None:
        """The survey that it asks."""
        return self.content.survey if self.format is Format.SURVEY else None

    @property
    def hides_names(self) -> bool:
        """Whether its report must not name anybody. It would tell who has answered an anonymous
        survey and who has not; and with the results before and after somebody answers, what.
        """
        tells = isinstance(self.audience, UnansweredAudience) or self.purpose is Purpose.CORRECT
        return tells and self.survey is not None and self.survey.anonymous


class CampaignKey(msgspec.Struct, frozen=True):
    """A campaign's identity over all tenants."""

    tenant_id: str
    campaign_id: str


def missing(campaign: Campaign) -> list[str]:
    """What still has to be done before it can be sent, in words; empty when it is ready."""
    steps = []
    what = {Format.CARD: "card", Format.SURVEY: "survey"}.get(campaign.format, "message")
    if campaign.format is Format.SURVEY and is_empty(campaign.content, campaign.format):
        steps.append("choose a survey")
    elif is_empty(campaign.content, campaign.format):
        steps.append(f"write the {what}" if what == "message" else "make the card")
    else:
        try:
            checked(campaign.content, campaign.format)
        except Invalid:
            steps.append(f"correct the {what}")
    if campaign.audience is None:
        steps.append("choose the recipients")
    return steps


def require_written(campaign: Campaign) -> None:
    """Raises NotPossible unless there is something that can be sent."""
    try:
        checked(campaign.content, campaign.format)
    except Invalid as error:
        raise NotPossible(error.message) from error


def require_complete(campaign: Campaign) -> None:
    """Raises NotPossible, saying what is missing, unless it can be sent."""
    steps = missing(campaign)
    if steps:
        raise NotPossible(f"Before it can be sent, {' and '.join(steps)}.")


def start(
    campaign: Campaign,
    *,
    audience_name: str,
    sender_id: str = "",
    scheduled: bool = False,
    now: datetime,
) -> Campaign:
    """Sending starts: from here on the content can't change, and the audience is to be frozen.

    ``sender_id`` says who pressed Send; the author, when not said. ``scheduled``: it starts by its
    schedule; what is sent by a person goes to everyone now, whatever the schedule was.

    Raises NotPossible when it has started before (so a second press can't start it twice) or is not
    complete.
    """
    if campaign.status not in (Status.DRAFT, Status.SCHEDULED):
        raise NotPossible("This campaign has already been sent.")
    require_complete(campaign)
    if campaign.original_key is None:
        require_askable(campaign.survey, now)
    return msgspec.structs.replace(
        campaign,
        status=Status.SENDING,
        schedule=campaign.schedule if scheduled else None,
        missed=None,
        audience_name=audience_name,
        sender_id=sender_id or campaign.author_id,
        started_at=now,
        updated_at=now,
    )


def frozen(campaign: Campaign, recipients: int, now: datetime) -> Campaign:
    """The audience is frozen into this many deliveries; the same may be said again.

    A campaign that was paused or stopped meanwhile can still be told how many there are.
    """
    if campaign.status not in (Status.SENDING, Status.PAUSED, Status.STOPPED):
        raise NotPossible("Only a campaign that has been started has its recipients frozen.")
    return msgspec.structs.replace(campaign, recipients=recipients, updated_at=now)


def pause(campaign: Campaign, now: datetime, fault: Fault | None = None) -> Campaign:
    """Held: nothing new is claimed. ``fault`` says why, when nobody asked for it."""
    if campaign.status is not Status.SENDING:
        raise NotPossible("Only a campaign that is being sent can be paused.")
    return msgspec.structs.replace(campaign, status=Status.PAUSED, fault=fault, updated_at=now)


def resume(campaign: Campaign, now: datetime) -> Campaign:
    """Sending goes on."""
    if campaign.status is not Status.PAUSED:
        raise NotPossible("Only a paused campaign can be resumed.")
    return msgspec.structs.replace(campaign, status=Status.SENDING, fault=None, updated_at=now)


def stop(campaign: Campaign, now: datetime) -> Campaign:
    """Ended by an admin; what has not been sent is to be cancelled."""
    if campaign.status not in (Status.SENDING, Status.PAUSED):
        raise NotPossible("Only a campaign that is being sent or paused can be stopped.")
    return msgspec.structs.replace(campaign, status=Status.STOPPED, fault=None, updated_at=now)


def wound_up(campaign: Campaign, now: datetime) -> Campaign:
    """A stopped campaign's last delivery has ended, and what was not sent is cancelled."""
    if campaign.status is not Status.STOPPED:
        raise NotPossible("Only a stopped campaign can be wound up.")
    return msgspec.structs.replace(campaign, ended_at=now, updated_at=now)


def complete(campaign: Campaign, now: datetime) -> Campaign:
    """Every delivery has ended.

    Raises NotPossible while the audience is still being frozen: then there may be deliveries to
    come, even when all that are there have ended.
    """
    if campaign.status is not Status.SENDING or campaign.recipients is None:
        raise NotPossible("Only a campaign that is being sent can be completed.")
    if campaign.reopened:
        raise NotPossible("What is in doubt is about to be sent again.")
    return msgspec.structs.replace(campaign, status=Status.COMPLETED, ended_at=now, updated_at=now)


def reopen(campaign: Campaign, now: datetime) -> Campaign:
    """Back to sending, because deliveries in doubt are to be sent again."""
    if not campaign.status.has_ended:
        raise NotPossible("This campaign has not ended.")
    if campaign.ended_at is None:
        # Sending would take up deliveries that are about to be cancelled.
        raise NotPossible("This campaign is still being stopped. Try again in a moment.")
    if campaign.recipients is None:
        # Sending would freeze, and send to, the rest of the audience.
        raise NotPossible("This campaign was stopped before its recipients were known.")
    return msgspec.structs.replace(
        campaign, status=Status.SENDING, ended_at=None, reopened=True, updated_at=now
    )


def revived(campaign: Campaign) -> Campaign:
    """What was in doubt is due again, after :func:`reopen`; the same may be said again."""
    return msgspec.structs.replace(campaign, reopened=False)


def without_card(campaign: Campaign, place: CardPlace) -> Campaign:
    """The campaign without a card at ``place`` to keep up to date; one elsewhere stays."""
    if campaign.progress != place:
        return campaign
    return msgspec.structs.replace(campaign, progress=None)


def require_deletable(campaign: Campaign) -> None:
    """Raises NotPossible while deliveries may be under way."""
    if campaign.status in (Status.SENDING, Status.PAUSED):
        raise NotPossible("Stop this campaign before you delete it.")


def require_draft(campaign: Campaign) -> None:
    """Raises NotPossible when content and audience can't change any more."""
    if campaign.status is Status.SCHEDULED:
        raise NotPossible("This campaign is scheduled. Unschedule it before you change it.")
    if campaign.status is not Status.DRAFT:
        raise NotPossible("This campaign has been sent; its content can't be changed any more.")
