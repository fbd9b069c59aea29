"""The sign-in is tried at the start, and what is wrong with it is shown until it works."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from teams.signed_in import SignInRules
from teams.tokens import TokenRules
from tests.fake_teams import FakeTeams, TokenAnswer
from tests.support.chats.chat import APP_SECRET, TENANT, Bot, running
from tests.support.waiting import until

QUICK = SignInRules(first_pause=0.05, longest_pause=0.05, look=0.05)
AT_ONCE = TokenRules(pause_after_failure=0.0)


@contextlib.asynccontextmanager
async def started(fake: FakeTeams, folder: Path) -> AsyncIterator[Bot]:
    [admin] = fake.add_users(1, tenant=TENANT)
    async with running(fake, folder, admin=admin, sign_in=QUICK, token_rules=AT_ONCE) as bot:
        yield bot


async def ready(bot: Bot) -> tuple[int, str]:
    """The status of /readyz, and the reason by the name of the sign-in."""
    async with aiohttp.ClientSession() as session, session.get(f"{bot.address}/readyz") as answer:
        body: dict[str, Any] = await answer.json()
        return answer.status, body.get("reasons", {}).get("sign_in", "")


async def gauge(bot: Bot) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"{bot.address}/metrics") as answer:
        [line] = [
            row for row in (await answer.text()).splitlines() if "bot_sign_in_ok " in row[:15]
        ]
        return line.removeprefix("bot_sign_in_ok ")


async def settles(bot: Bot, status: int, words: str) -> None:
    """Waits until /readyz answers with this status and these words."""
    for _ in range(1_000):
        answer = await ready(bot)
        if answer[0] == status and words in answer[1]:
            return
    raise AssertionError(answer)


REFUSALS = {
    "expired": (
        TokenAnswer.refusal(7000222, "The provided client secret keys for app are expired."),
        "has expired: make a new one in Entra ID",
    ),
    "wrong": (
        TokenAnswer.refusal(
            7000215,
            "Invalid client secret provided. Ensure the secret being sent in the request is the "
            "client secret value, not the client secret ID, for a secret added to app.",
        ),
        "secret is wrong: set MICROSOFT_APP_PASSWORD to the secret's value",
    ),
    "no secret": (
        TokenAnswer.refusal(
            7000218,
            "The request body must contain the following parameter: 'client_assertion' or "
            "'client_secret'.",
        ),
        "without a secret",
    ),
    "unknown app": (
        TokenAnswer.refusal(
            700016,
            "Application with identifier 'x' was not found in the directory 'Contoso'.",
            "unauthorized_client",
            status=400,
        ),
        "not known in this tenant: check MICROSOFT_APP_ID",
    ),
    "unknown tenant": (
        TokenAnswer.refusal(90002, "Tenant 'x' not found.", "invalid_request", status=400),
        "tenant is not known: check MICROSOFT_APP_TENANT_ID",
    ),
    "disabled app": (
        TokenAnswer.refusal(
            7000112, "Application 'x' is disabled.", "unauthorized_client", status=400
        ),
        "disabled in Entra ID",
    ),
    "unknown number": (
        TokenAnswer.refusal(7000999, "Something new."),
        "refused the app: AADSTS7000999: Something new.",
    ),
    "outage": (
        TokenAnswer(status=503, body={"error": "temporarily_unavailable"}),
        "The sign-in service",
    ),
    "gibberish": (TokenAnswer(status=200, body={"hello": "world"}), "The sign-in service"),
}


@pytest.mark.parametrize(("answer", "words"), REFUSALS.values(), ids=REFUSALS)
async def test_a_sign_in_that_does_not_work_shows_from_the_start_and_clears_itself(
    teams_service: FakeTeams,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    answer: TokenAnswer,
    words: str,
) -> None:
    caplog.set_level(logging.INFO)
    script = teams_service.identity.token_script
    script.extend([answer] * 10_000)
    async with started(teams_service, tmp_path) as bot:
        await settles(bot, 503, words)
        assert await gauge(bot) == "0.0"
        tried = len(teams_service.identity.token_requests)
        await until(lambda: len(teams_service.identity.token_requests) > tried + 3, "more tries")
        told = [line for line in caplog.messages if line.startswith("No token: ")]
        assert len(told) == len(set(told)) == 1
        assert words in told[0]

        script.clear()
        await settles(bot, 200, "")
        assert await gauge(bot) == "1.0"
        assert "signed in again" in caplog.messages
    assert APP_SECRET not in caplog.text


async def test_a_start_does_not_wait_for_the_sign_in(
    teams_service: FakeTeams, tmp_path: Path
) -> None:
    script = teams_service.identity.token_script
    script.append(TokenAnswer(delay=5.0))
    async with started(teams_service, tmp_path) as bot:
        assert await ready(bot) == (503, "The first sign-in is under way.")
