"""A campaign as one recipient sees it: spliced is the same as rendered anew."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from campaigns import drafting, placeholders
from campaigns.campaign import Campaign
from campaigns.content import Content, Format
from campaigns.message import Message
from campaigns.user import ConversationReference, Profile, User
from cards import formats
from cards.markdown import escape
from cards.personal import Personal
from tests.adaptive_card_schema import assert_valid_card

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
# A value of which nothing can be seen leaves an empty paragraph; rendered anew, none.
NAMES = st.text(min_size=1, max_size=30).filter(escape)


def user(profile: Profile) -> User:
    reference = ConversationReference(
        service_url="https://smba.example", conversation_id="c", bot_id="b", account_id="a"
    )
    return User(tenant_id="t", id="u", reference=reference, profile=profile, profile_known=True)


def campaign(message: str, of: Format = Format.IDEA) -> Campaign:
    draft = drafting.draft("t", "c", name="News [FIRSTNAME]", format=of, author_id="a", now=NOW)
    return msgspec.structs.replace(draft, content=Content(message))


def card(message: Message) -> dict[str, object]:
    assert isinstance(message.card, msgspec.Raw)
    decoded: dict[str, object] = msgspec.json.decode(message.card)
    return decoded


@given(
    parts=st.lists(
        st.sampled_from(
            [
                *placeholders.TOKENS,
                "[FULLNAME](https://example.com/[EMAIL]?a=1)",
                "https://example.com/[FIRSTNAME]",
                "\n\n",
                "\n- ",
                " **bold** ",
                'say "hi" \\ é 🎉',
                "[HR](https://example.com)",
            ]
        ),
        min_size=1,
    ),
    profile=st.builds(Profile, name=NAMES, given_name=NAMES, surname=NAMES, email=NAMES),
    look=st.sampled_from(Format),
    test=st.booleans(),
)
def test_splicing_gives_what_rendering_anew_would(
    parts: list[str], profile: Profile, look: Format, test: bool
) -> None:
    text = "A" + "".join(parts)
    to = user(profile)
    spliced = card(Personal(campaign(text, look), test=test).message(to))
    filled = placeholders.fill(text, to, escape)
    anew = formats.render(look, filled, name="News [FIRSTNAME]", test=test)
    assert spliced == anew
    assert_valid_card(spliced)


def test_a_name_cannot_break_out_of_the_card() -> None:
    mean = Profile(given_name='"}],"x":[{"](http://evil.example) <b>\\', name="x")
    made = card(Personal(campaign("Hello [FIRSTNAME]!")).message(user(mean)))
    assert_valid_card(made)
    assert "x" not in made
    assert "](http" not in msgspec.json.encode(made).decode().replace("\\\\](http", "")


def test_the_notification_says_the_campaigns_name_and_whether_it_is_a_test() -> None:
    to = user(Profile(name="Ann"))
    assert Personal(campaign("Hi")).message(to).summary == "News [FIRSTNAME]"
    assert Personal(campaign("Hi"), test=True).message(to).summary == "Test: News [FIRSTNAME]"


def test_only_placeholders_need_a_profile() -> None:
    assert not Personal(campaign("Hello [x]")).needs_profile
    assert Personal(campaign("Hello [EMAIL]")).needs_profile
