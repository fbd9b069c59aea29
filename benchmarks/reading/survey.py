"""Taking responses to a survey that has many already, and making the card of its results.

Responses go into the embedded store, a hundred at a time. Each is timed until it is durable. The
results are asked for once, before anything of the survey has been read.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import zlib
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from benchmarks.sample import Order, Sample
from benchmarks.spread import percentile
from campaigns.campaign import Campaign
from campaigns.content import Content, Format
from campaigns.surveys import results
from campaigns.surveys import survey as surveys
from campaigns.surveys.answers import Answer, Response
from campaigns.surveys.questions import Question, QuestionKind
from campaigns.surveys.survey import Survey
from cards.surveys import results as survey_results
from storage.embedded.documents import document
from storage.embedded.folders import campaign_folder
from storage.embedded.store import EmbeddedStore

_AT_ONCE = 100
_ANSWERS = 2_000
_FILES = 16
_CHOICES = 4


async def measure(order: Order) -> Sample:
    """Does one run, see the module."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as folder:
        campaign = _campaign(now)
        _seed(Path(folder), campaign, order.recipients)
        store = EmbeddedStore(Path(folder))
        await store.open()
        began = time.perf_counter()
        await _results(store, campaign)
        results_took = time.perf_counter() - began
        turns: list[float] = []
        limit = asyncio.Semaphore(_AT_ONCE)

        async def answer(number: int) -> None:
            async with limit:
                handed_in = time.perf_counter()
                user_id = f"newcomer-{number}"
                response = Response(f"{number + 10**9:032x}", _answers(number))
                await store.responses.record(
                    campaign.key, user_id, response, day=now.date(), change=True
                )
                turns.append((time.perf_counter() - handed_in) * 1e3)

        began = time.perf_counter()
        await asyncio.gather(*map(answer, range(_ANSWERS)))
        seconds = time.perf_counter() - began
        await store.close()
    return Sample(
        messages=_ANSWERS,
        seconds=seconds,
        values={"p95_ms": percentile(turns, 95), "results_s": results_took},
    )


async def _results(store: EmbeddedStore, campaign: Campaign) -> None:
    survey = campaign.survey
    assert survey is not None
    tally = await store.responses.tally(campaign.key)
    days = await store.responses.days(campaign.key)
    answered = sum(days.values())
    survey_results.for_admins(
        campaign,
        survey,
        tally,
        days,
        answered=answered,
        recipients=answered,
        page=0,
        filter=survey_results.EVERYBODY,
        now_open=True,
        zone=ZoneInfo("UTC"),
    )


def _survey(now: datetime) -> Survey:
    survey = surveys.create("t", "s", name="Survey", introduction="", author_id="a", now=now)
    choices = tuple(f"Choice {number}" for number in range(_CHOICES))
    for question in (
        Question(id="", kind=QuestionKind.SINGLE, text="One?", choices=choices),
        Question(id="", kind=QuestionKind.MULTIPLE, text="Some?", choices=choices),
        Question(id="", kind=QuestionKind.RATING, text="How much?"),
        Question(id="", kind=QuestionKind.RECOMMENDATION, text="Recommended?"),
        Question(id="", kind=QuestionKind.TEXT, text="Anything else?"),
    ):
        survey = surveys.put(survey, question, now)
    return msgspec.structs.replace(survey, anonymous=True)


def _campaign(now: datetime) -> Campaign:
    return Campaign(
        tenant_id="t",
        id="c",
        name="Survey",
        format=Format.SURVEY,
        author_id="a",
        created_at=now,
        updated_at=now,
        content=Content(survey=_survey(now)),
    )


def _answers(number: int) -> dict[str, Answer]:
    return {
        "q1": Answer(choices=(number % _CHOICES,)),
        "q2": Answer(choices=(0, 1 + number % (_CHOICES - 1))),
        "q3": Answer(number=1 + number % 5),
        "q4": Answer(number=number % 11),
        "q5": Answer(text=f"What I think of it, in some words: {number}"),
    }


def _seed(folder: Path, campaign: Campaign, count: int) -> None:
    """Writes the files that the store would have written by taking each response."""
    kept: list[dict[str, object]] = [{} for _ in range(_FILES)]
    counts: list[Counter[str]] = [Counter() for _ in range(_FILES)]
    people: list[list[str]] = [[] for _ in range(_FILES)]
    for number in range(count):
        response = Response(f"{number:032x}", _answers(number))
        kept[_file_of(response.id)][response.id] = document(response)["answers"]
        counts[_file_of(response.id)].update(results.tokens(response.answers))
        user_id = f"29:person-{number}"
        people[_file_of(user_id)].append(user_id)
    for number in range(_FILES):
        name = f"{number:x}.json"
        answers = {"responses": kept[number], "counts": dict(counts[number])}
        _write(folder / campaign_folder("responses", campaign.key) / name, answers)
        days = {"2026-03-02": len(people[number])}
        row = {"people": sorted(people[number]), "days": days}
        _write(folder / campaign_folder("answered", campaign.key) / name, row)


def _file_of(key: str) -> int:
    """Returns the number of the file that has this key."""
    return zlib.crc32(key.encode()) % _FILES


def _write(path: Path, row: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.encode({"rows": {"all": row}}))
