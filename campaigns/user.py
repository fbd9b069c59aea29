"""Users: people whom the bot can reach, or could reach once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

from campaigns.moment import require_aware
from campaigns.outcome import Reason

NAME_LIMIT = 256
EMAIL_LIMIT = 320
GIVEN_NAME_LIMIT = SURNAME_LIMIT = DEPARTMENT_LIMIT = 64
PLACE_LIMIT = 128
"""Characters that Entra has room for in each attribute. Longer values are cut. A job title has the
same limit as a place."""


class ConversationReference(msgspec.Struct, frozen=True, kw_only=True):
    """Address of a person's one-to-one chat with the bot, kept since installation.

    The term is Bot Framework's.
    """

    service_url: str
    """Base address of the Bot Connector that serves this chat, without a slash at its end."""

    conversation_id: str
    """Empty when the conversation has to be created first."""

    bot_id: str
    """The bot's account in the channel, such as ``28:<app id>``."""
    account_id: str
    """The person's account in the channel, such as ``29:1a2b...``."""

    channel_id: str = "msteams"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """Names and addresses of a person, from the channel's member look-up; empty when not known."""

    name: str = ""
    given_name: str = ""
    surname: str = ""
    email: str = ""
    upn: str = ""
    """User principal name: the name with which people sign in."""


class Details(msgspec.Struct, frozen=True, kw_only=True):
    """Details of a person from the organisation's directory; empty when not known."""

    department: str = ""
    job_title: str = ""
    country: str = ""
    city: str = ""


class OpenDraft(msgspec.Struct, frozen=True):
    """The draft whose message a person has on their screen. They may also type it in the compose
    box.
    """

    campaign_id: str
    at: datetime
    """Time at which it was opened."""


class LastFailure(msgspec.Struct, frozen=True):
    """End of a delivery that may mean that its recipient can't be reached any more.

    Teams gives such answers in passing, too.
    """

    reason: Reason
    code: str
    """Teams' own; empty when there was none."""
    at: datetime

    def __post_init__(self) -> None:
        require_aware(self.at)

    def is_confirmed_by(self, later: LastFailure) -> bool:
        """Returns True when the later end is the same on another day, and not only past midnight.

        Days are those of UTC.
        """
        return (
            (self.reason, self.code) == (later.reason, later.code)
            and self.at.astimezone(UTC).date() < later.at.astimezone(UTC).date()
            and later.at - self.at >= ANOTHER_DAY
        )


ANOTHER_DAY = timedelta(hours=12)
"""Least time between two days' answers: the evening and the next morning are two days, and 23:59
and 00:01 are one moment."""


class User(msgspec.Struct, frozen=True, kw_only=True):
    """A person of one tenant who has, or had, the app.

    ``id`` is the Entra object id where the channel tells it, else the channel's account id.
    """

    tenant_id: str
    id: str
    reference: ConversationReference
    profile: Profile = Profile()
    profile_known: bool = False
    """True when the profile has been read. Otherwise it is fetched before it is needed."""

    details: Details = Details()
    details_at: datetime | None = None
    """Time at which the directory was last asked for the details; None when it never was."""

    locale: str = ""
    time_zone: str = ""
    """IANA name, as the client last told it; empty when not known."""

    open_draft: OpenDraft | None = None
    reachable: bool = True
    unreachable_because: Reason | None = None
    """Reason why they are not reachable."""

    last_failure: LastFailure | None = None
    """None after every success, and after everything that the person does."""

    installed_at: datetime | None = None
    uninstalled_at: datetime | None = None

    def __post_init__(self) -> None:
        require_aware(self.installed_at, self.uninstalled_at, self.details_at)

    @property
    def left_out_because(self) -> Reason | None:
        """Reason why campaigns leave this person out; None when they can be reached."""
        return None if self.reachable else self.unreachable_because or Reason.NOT_INSTALLED

    @property
    def known_name(self) -> str:
        """The name; empty when it is not known."""
        return self.profile.name or f"{self.profile.given_name} {self.profile.surname}".strip()

    @property
    def full_name(self) -> str:
        """The name; when it is not known, the e-mail address, or else the id."""
        return self.known_name or self.email or self.id

    @property
    def email(self) -> str:
        """The e-mail address, or else the sign-in name; empty when neither is known."""
        return self.profile.email or self.profile.upn
