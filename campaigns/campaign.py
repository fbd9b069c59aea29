"""A campaign: content + audience + schedule, and how its sending goes.

A campaign is an immutable value. What its status allows is in :mod:`campaigns.lifecycle`.
"""

from __future__ import annotations

import enum
from datetime import datetime, timedelta
from typing import Any

import msgspec

from campaigns.audience import Audience, FrozenAudience
from campaigns.content import Content, Format
from campaigns.moment import require_aware
from campaigns.schedule.schedule import Schedule
from campaigns.surveys.state import SurveyState
from campaigns.surveys.survey import Survey


class Status(enum.Enum):
    """Stage of a campaign's life."""

    DRAFT = "draft"
    """Being written; the only status in which content and audience can change."""

    SCHEDULED = "scheduled"
    """Will start by itself at its time."""
    SENDING = "sending"
    """Has started: its audience is frozen into deliveries, and they are sent."""
    PAUSED = "paused"
    """Started, and held: nothing new is claimed until it is resumed."""

    COMPLETED = "completed"
    """Every delivery has ended."""

    STOPPED = "stopped"
    """Ended by an admin; the deliveries that had not been sent were cancelled."""

    @property
    def has_started(self) -> bool:
        """True when the content can't change any more."""
        return self not in (Status.DRAFT, Status.SCHEDULED)

    @property
    def has_ended(self) -> bool:
        """True when nothing more is sent, unless an admin reopens it."""
        return self in (Status.COMPLETED, Status.STOPPED)


class Purpose(enum.Enum):
    """Effect of a campaign on the chats of its recipients."""

    SEND = "send"
    """Posts a new message."""

    CORRECT = "correct"
    """Replaces a message that they have with its content."""

    RECALL = "recall"
    """Deletes a message from their chats."""


class InDoubtPolicy(enum.Enum):
    """Treatment of a delivery whose fate is not known."""

    ASK = "ask"
    """It stays in doubt; the report offers to resend it."""

    RESEND = "resend"
    """It is sent once more by itself."""


class Fault(enum.Enum):
    """Fault of ours, or of Teams, that paused a campaign."""

    SIGN_IN = "sign_in"
    """The bot's own sign-in is refused for nearly everybody."""
    REFUSED = "refused"
    """Teams refuses the message itself as malformed or too big, for nearly everybody."""
    DOWN = "down"
    """Teams does not take or answer requests, or refuses nearly everybody and does not say why."""
    STARTED_PAUSED = "started_paused"
    """No fault: the bot was started with everything paused. Only a person takes it up again."""


class Missed(enum.Enum):
    """Reason why a campaign did not start at its time, and is a draft again."""

    LIST_GONE = "list_gone"
    """Its distribution list had been deleted."""
    NOBODY = "nobody"
    """Nobody of its audience could be reached."""
    INCOMPLETE = "incomplete"
    """A part of it was missing, or could not be sent as it was."""
    SURVEY_OVER = "survey_over"
    """The last day of its survey had passed."""
    TOO_BIG = "too_big"
    """Its survey had grown, and did not fit into a message any more."""
    STARTED_PAUSED = "started_paused"
    """The bot had been started with everything paused."""


class CardPlace(msgspec.Struct, frozen=True):
    """Place of a card in a chat. It is needed to change the card later."""

    user_id: str
    """The user in whose chat with the bot it stands."""

    activity_id: str


class DraftState(msgspec.Struct, frozen=True, kw_only=True):
    """State that only a draft has."""

    replaced: Content | None = None
    """The content that text from Teams' compose box has replaced. None when there was no such text,
    or the author has accepted it.
    """

    missed: Missed | None = None
    """Reason why it did not start at its time."""


class FaultPause(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Pause by a fault, until it is over or a person decides. :mod:`campaigns.probing` has its
    rules.
    """

    fault: Fault
    began_at: datetime
    probe_at: datetime | None = None
    """Time of the next probe; None: it is not taken up by itself (any more)."""

    failed_probes: int = 0
    """Number of probes that failed. A pause soon after another one goes on counting."""

    ended_at: datetime | None = None
    """Time at which the campaign went on by itself; None: it has not."""

    told: bool = False
    """True when its sender knows the newest about it, or can't be told."""

    def __post_init__(self) -> None:
        require_aware(self.began_at, self.probe_at, self.ended_at)


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Progress of sending, from its start to its end."""

    sender_id: str = ""
    """Id of the user who sent it; empty until then."""

    started_at: datetime | None = None
    resumed_at: datetime | None = None
    """Time of the last *Resume* or *Resend*; None when there was none."""

    ended_at: datetime | None = None
    audience: FrozenAudience = FrozenAudience()
    """The audience as it was when sending started."""

    recipients: int | None = None
    """Number of deliveries that it was frozen into; None until the freeze is complete."""

    fault: Fault | None = None
    """Fault that paused it; None when there was none, or it goes on again."""

    fault_pause: FaultPause | None = None
    """The latest pause by a fault; None when there was none, or a person has ended it. Earlier
    versions did not keep it.
    """

    reopened: bool = False
    """True from an admin's request to resend deliveries in doubt until these are due."""

    continues: Schedule | None = None
    """Schedule of the series that it belongs to, until the next occurrence is made; None when it
    is made, or there is no series."""

    progress: CardPlace | None = None
    """The card that shows how sending goes; kept up to date by the engine."""

    def __post_init__(self) -> None:
        require_aware(self.started_at, self.resumed_at, self.ended_at)

    @property
    def going_since(self) -> datetime | None:
        """Time since which it has been sent without a request to go on; None: not started."""
        return self.resumed_at or self.started_at


class FollowUp(msgspec.Struct, frozen=True, kw_only=True):
    """Purpose of a campaign, and the campaigns that follow it."""

    purpose: Purpose = Purpose.SEND
    followers: tuple[str, ...] = ()
    """Ids of the campaigns that correct or recall this one, or send it to newcomers; oldest first.
    They may have been deleted since.
    """


class Campaign(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign of one tenant.

    ``revision`` counts the saved changes; it is 0 until the first save.
    """

    tenant_id: str
    id: str
    name: str
    format: Format
    author_id: str
    created_at: datetime
    updated_at: datetime
    revision: int = 0
    status: Status = Status.DRAFT
    content: Content = Content()
    audience: Audience | None = None
    schedule: Schedule | None = None
    """Schedule by which it starts, or started, by itself; None when a person sends it. A draft that
    was unscheduled keeps its schedule here for the next time.
    """

    in_doubt: InDoubtPolicy = InDoubtPolicy.ASK
    acknowledge: bool = False
    """True when recipients are asked to confirm that they have read it; Important only."""

    draft: DraftState = DraftState()
    run: Run = Run()
    follow_up: FollowUp = FollowUp()
    survey_state: SurveyState = SurveyState()
    """Decisions on its survey since it was sent."""

    def __post_init__(self) -> None:
        require_aware(self.created_at, self.updated_at)

    @property
    def starts_at(self) -> datetime | None:
        """Time of its start; None when it is not scheduled."""
        if self.status is not Status.SCHEDULED or self.schedule is None:
            return None
        return self.schedule.at

    @property
    def late_by(self) -> timedelta:
        """Delay of its start behind the schedule; zero without a schedule."""
        if self.run.started_at is None or self.schedule is None:
            return timedelta()
        return max(self.run.started_at - self.schedule.at, timedelta())

    @property
    def key(self) -> CampaignKey:
        """Its identity over all tenants."""
        return CampaignKey(self.tenant_id, self.id)

    @property
    def original_key(self) -> CampaignKey | None:
        """Key of the campaign that this one follows; None when it follows none."""
        if self.audience is None or not self.audience.follows:
            return None
        return CampaignKey(self.tenant_id, self.audience.follows)

    @property
    def counts_for(self) -> str:
        """Id of the campaign under which clicks, confirmations and answers are counted.

        For a correction it is the original's, otherwise this campaign's own.
        """
        if self.follow_up.purpose is Purpose.CORRECT and self.original_key is not None:
            return self.original_key.campaign_id
        return self.id

    @property
    def is_going_on(self) -> bool:
        """True when the engine has something to do for it: it has started and has not ended, or its
        progress card may not show the end yet.
        """
        return self.status.has_started and (
            self.run.ended_at is None or self.run.progress is not None
        )

    @property
    def survey(self) -> Survey | None:
        """The survey that it asks; None in all other formats."""
        return self.content.survey if self.format is Format.SURVEY else None

    @property
    def hides_names(self) -> bool:
        """True when its report must not name anybody.

        Names would tell who has answered an anonymous survey. Together with the results before and
        after, they would even tell what somebody answered.
        """
        tells_who_answered = self.follow_up.purpose is Purpose.CORRECT or (
            self.audience is not None and self.audience.tells_who_answered
        )
        return tells_who_answered and self.survey is not None and self.survey.anonymous


class CampaignKey(msgspec.Struct, frozen=True):
    """A campaign's identity over all tenants."""

    tenant_id: str
    campaign_id: str


def with_run(campaign: Campaign, **changes: Any) -> Campaign:
    """Returns the campaign with these fields of its :class:`Run` changed."""
    return msgspec.structs.replace(campaign, run=msgspec.structs.replace(campaign.run, **changes))


def with_draft(campaign: Campaign, **changes: Any) -> Campaign:
    """Returns the campaign with these fields of its :class:`DraftState` changed."""
    return msgspec.structs.replace(
        campaign, draft=msgspec.structs.replace(campaign.draft, **changes)
    )
