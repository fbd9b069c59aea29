"""Sending over several days: the form, the spread, and a window that is too short."""

from __future__ import annotations

import pytest

from campaigns.campaign import Status
from tests.fake_teams import FakeTeams
from tests.support.campaigns.scheduling import errors, fact
from tests.support.campaigns.staff import campaign, staff, until_status
from tests.support.chats.cards import shows
from tests.support.chats.chat import Bot, Person
from tests.support.chats.clocks import MovedClock

BAD_WINDOWS = [
    ({"days": "0"}, "⚠ From 1 to 30 days."),
    ({"days": "31"}, "⚠ From 1 to 30 days."),
    ({"days": "three"}, "⚠ A whole number from 1 to 30."),
    ({"opens": "17:00", "closes": "09:00"}, "⚠ This has to be later than the hour before it."),
    ({"opens": ""}, "⚠ Choose a time."),
    ({"weekdays": ""}, "⚠ Choose at least one day."),
    ({"country": "XX"}, "⚠ The public holidays of this country are not known."),
    ({"zone": "Europe/Nowhere"}, "⚠ Choose one of these."),
    ({"first_day": "2020-01-01"}, "⚠ This day is over. Choose today or a later day."),
    ({"first_day": "2099-01-01"}, "⚠ At most 6 days ahead: "),
]


@pytest.mark.parametrize(("typed", "why"), BAD_WINDOWS)
async def test_a_bad_window_is_refused_beside_its_field_and_kept(
    bot: Bot, author: Person, typed: dict[str, str], why: str
) -> None:
    await author.presses("Send later")
    await author.presses("Over several days")
    author.card = _cleared(author.card, typed)
    await author.presses("Schedule", **typed)
    [error] = errors(author)
    assert error.startswith(why)
    assert (await campaign(bot)).status is Status.DRAFT


def _cleared(card: dict[str, object], typed: dict[str, str]) -> dict[str, object]:
    """Returns the card without values in the fields left empty: a client does not send them."""

    def without(value: object) -> object:
        if isinstance(value, dict):
            emptied = typed.get(str(value.get("id"))) == ""
            return {
                key: without(item)
                for key, item in value.items()
                if not (emptied and key == "value")
            }
        return [without(item) for item in value] if isinstance(value, list) else value

    cleared = without(card)
    assert isinstance(cleared, dict)
    return cleared


async def test_a_campaign_over_several_days_says_how_it_is_spread(
    teams_service: FakeTeams, bot: Bot, author: Person, clock: MovedClock
) -> None:
    await staff(teams_service, bot, 200)
    await author.presses("Send later")
    await author.presses("Over several days")
    await author.presses(
        "Schedule",
        days="3",
        opens="00:00",
        closes="23:59",
        weekdays="0,1,2,3,4,5,6",
        country="FR",
        zone="own",
    )
    spread = fact(author, "Spread over")
    assert "every day, 00:00 to 23:59, in each recipient's own time zone" in spread
    assert spread.endswith("without the public holidays of France")
    clock.move(5 * 86_400)
    # By now all deliveries are due and too late: their days are over.
    done = await until_status(bot, Status.COMPLETED)
    tally = await bot.store.ledger.counts(done.key)
    assert (tally.success, tally.error) == (0, 0)
    assert tally.skipped == 201


async def test_a_window_too_short_for_its_audience_is_pointed_out_with_the_missing_time(
    teams_service: FakeTeams, bot: Bot, author: Person
) -> None:
    await staff(teams_service, bot, 3_200)
    await author.presses("Send later")
    await author.presses("Over several days")
    typed = {"days": "1", "opens": "09:00", "closes": "09:01", "weekdays": "0,1,2,3,4,5,6"}
    await author.presses("Schedule", **typed)
    assert shows(author.card, "3,201 people at 50 per second take 5 seconds longer than that.")
    await author.presses("Schedule anyway", **typed)
    assert shows(author.card, "Campaign · Scheduled")
