"""Which reports name nobody, and that no download gets round it."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from bot.public.downloads import File, Refusal
from bot.public.reports import ReportDownloads
from campaigns.audience import (
    AllUsers,
    Audience,
    NewcomersAudience,
    ReceivedAudience,
    UnansweredAudience,
)
from campaigns.campaign import Campaign, Purpose, Status
from campaigns.content import Content, Format
from campaigns.seal import Download
from campaigns.surveys import survey as surveys
from storage.embedded.store import EmbeddedStore
from tests.support.examples import NOW, TENANT, campaign


def asking(audience: Audience, purpose: Purpose, *, anonymous: bool) -> Campaign:
    survey = surveys.create(TENANT, "s", name="Asked", introduction="", author_id="a", now=NOW)
    survey = msgspec.structs.replace(survey, anonymous=anonymous)
    return campaign(
        "c",
        format=Format.SURVEY,
        content=Content("", survey=survey),
        audience=audience,
        purpose=purpose,
        status=Status.COMPLETED,
        started_at=NOW,
    )


@pytest.mark.parametrize("anonymous", [True, False])
@pytest.mark.parametrize(
    ("audience", "purpose", "tells"),
    [
        (AllUsers(), Purpose.SEND, False),
        (NewcomersAudience("of"), Purpose.SEND, False),
        (ReceivedAudience("of"), Purpose.RECALL, False),
        (ReceivedAudience("of"), Purpose.CORRECT, True),
        (UnansweredAudience("of"), Purpose.SEND, True),
    ],
)
async def test_what_would_tell_who_answered_an_anonymous_survey_names_nobody(
    audience: Audience, purpose: Purpose, tells: bool, anonymous: bool
) -> None:
    store = EmbeddedStore(None)
    await store.open()
    sent = await store.campaigns.add(asking(audience, purpose, anonymous=anonymous))
    assert sent.hides_names is (tells and anonymous)
    wanted = Download(TENANT, "c", "csv", "UTC", datetime(2030, 1, 1, tzinfo=UTC))
    file = await ReportDownloads(store, personal=True)(wanted)
    assert isinstance(file, Refusal if tells and anonymous else File)
    await store.close()


async def test_other_corrections_name_who_got_them() -> None:
    corrects = campaign("c", audience=ReceivedAudience("of"), purpose=Purpose.CORRECT)
    assert not corrects.hides_names
