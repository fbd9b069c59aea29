"""Placeholders: what is filled, what is refused, and what is just text."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.text import placeholders
from campaigns.text.placeholders import Place
from campaigns.user import ConversationReference, Details, Profile, User

ADELE = Profile(
    name="Adele Vance", given_name="Adele", surname="Vance", email="adele+hr@example.com"
)


def user(profile: Profile = ADELE) -> User:
    return User(
        tenant_id="t",
        id="u-1",
        reference=ConversationReference(
            service_url="https://smba.example",
            conversation_id="c",
            bot_id="28:b",
            account_id="29:u",
        ),
        profile=profile,
    )


def filled(text: str, profile: Profile = ADELE) -> str:
    return placeholders.fill(text, user(profile), lambda value: value.replace("*", r"\*"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello [FIRSTNAME]!", "Hello Adele!"),
        ("[FIRSTNAME] [LASTNAME] = [FULLNAME]", "Adele Vance = Adele Vance"),
        ("[EMAIL]", "adele+hr@example.com"),
        ("[FIRSTNAME][FIRSTNAME]", "AdeleAdele"),
        ("**[FIRSTNAME]**", "**Adele**"),
        ("`[FIRSTNAME]`", "`Adele`"),
        # A link stays a link, whichever way its text is made personal.
        ("[FIRSTNAME](https://a.example)", "[Adele](https://a.example)"),
        ("[[FIRSTNAME]](https://a.example)", "[Adele](https://a.example)"),
        ("[FIRSTNAME] (Sales)", "Adele (Sales)"),
        # Within an address the values are encoded, so that they can't break or extend it.
        (
            "[yours](https://a.example/?n=[FULLNAME]&e=[EMAIL])",
            "[yours](https://a.example/?n=Adele%20Vance&e=adele%2Bhr%40example.com)",
        ),
        ("https://a.example/[EMAIL] [EMAIL]", "https://a.example/adele%2Bhr%40example.com {e}"),
        # Not placeholders.
        (r"\[FIRSTNAME]", r"\[FIRSTNAME]"),
        ("[HR](https://a.example)", "[HR](https://a.example)"),
        ("FIRSTNAME [x] [1]", "FIRSTNAME [x] [1]"),
    ],
)
def test_each_placeholder_becomes_the_recipients_own_value(text: str, expected: str) -> None:
    assert filled(text) == expected.replace("{e}", ADELE.email)


def test_values_are_escaped_once_and_never_filled_again() -> None:
    profile = Profile(name="*E* [EMAIL]", given_name="[LASTNAME]", email="e@example.com")
    assert filled("*[FULLNAME]* [FIRSTNAME]", profile) == r"*\*E\* [EMAIL]* [LASTNAME]"


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (Profile(name="Vance, Adele"), "Vance, Adele|Vance, Adele|Vance, Adele|"),
        (Profile(given_name="Adele", surname="Vance"), "Adele|Vance|Adele Vance|"),
        (Profile(given_name="Adele"), "Adele|Adele|Adele|"),
        (Profile(upn="adele@example.com"), "|".join(["adele@example.com"] * 4)),
        (Profile(email="a@example.com", upn="b@example.com"), "|".join(["a@example.com"] * 4)),
    ],
)
def test_what_is_not_known_falls_back_to_what_is(profile: Profile, expected: str) -> None:
    assert filled("[FIRSTNAME]|[LASTNAME]|[FULLNAME]|[EMAIL]", profile) == expected


KNOWN = Details(department="R&D", job_title="Head", country="CH", city="*Bern*")


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("[DEPARTMENT|your team]", "R&D", "your team"),
        ("[JOBTITLE] in [COUNTRY|]", "Head in CH", " in "),
        ("[CITY|a *fine* place]", r"\*Bern\*", r"a \*fine\* place"),
        ("https://a.example/[CITY|no where]", "https://a.example/%2ABern%2A", "{a}no%20where"),
        (
            "[CITY|here](https://a.example)",
            r"[\*Bern\*](https://a.example)",
            "[here](https://a.example)",
        ),
        ("[CITY|a|b]", r"\*Bern\*", "a|b"),
    ],
)
def test_a_fallback_stands_where_nothing_is_known(text: str, known: str, unknown: str) -> None:
    def filled(details: Details) -> str:
        person = msgspec.structs.replace(user(), details=details)
        return placeholders.fill(text, person, lambda value: value.replace("*", r"\*"))

    assert filled(KNOWN) == known
    assert filled(Details()) == unknown.replace("{a}", "https://a.example/")


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        (Profile(given_name="Adele"), "Adele, you, you, you"),
        (Profile(name="Vance, Adele"), "you, you, Vance, Adele, you"),
        (Profile(upn="a@example.com"), "you, you, you, a@example.com"),
    ],
)
def test_with_a_fallback_a_name_is_not_made_up_from_another(
    profile: Profile, expected: str
) -> None:
    text = "[FIRSTNAME|you], [LASTNAME|you], [FULLNAME|you], [EMAIL|you]"
    if profile.given_name:
        expected = "Adele, you, Adele, you"
    assert filled(text, profile) == expected


@pytest.mark.parametrize(
    ("text", "plain", "address"),
    [
        ("Hi [FIRSTNAME|you]", "Hi *A* b", "Hi %2AA%2A%20b"),
        (
            "https://a.example/[FIRSTNAME]",
            "https://a.example/*A* b",
            "https://a.example/%2AA%2A%20b",
        ),
        (r"\[FIRSTNAME]", r"\[FIRSTNAME]", r"\[FIRSTNAME]"),
    ],
)
def test_a_value_is_made_safe_for_where_it_stands(text: str, plain: str, address: str) -> None:
    person = user(Profile(given_name="*A*\n b"))
    assert placeholders.fill(text, person, str, Place.PLAIN) == plain
    person = user(Profile(given_name="*A* b"))
    assert placeholders.fill(text, person, str, Place.ADDRESS) == address


@pytest.mark.parametrize(
    ("text", "has"),
    [
        ("[FIRSTNAME|dear [LASTNAME]]", True),
        ("[FIRSTNAME|you] [LASTNAME]", False),
        (r"\[FIRSTNAME|dear [LASTNAME]]", False),
    ],
)
def test_a_bracket_in_a_fallback_is_found(text: str, has: bool) -> None:
    assert placeholders.has_nested(text) is has


def test_what_only_the_directory_tells_is_named_where_it_has_no_fallback() -> None:
    texts = ["[CITY] [FIRSTNAME]", "[COUNTRY|x] [DEPARTMENT]", "[CITY|y]", r"\[JOBTITLE]"]
    assert placeholders.without_fallback(texts) == ["[DEPARTMENT]", "[CITY]"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("[COMPANY]", None),
        ("[IT]", None),
        ("[PRÉNOM]", None),
        ("[FIRST_NAME]", "[FIRSTNAME]"),
        ("[FIRSTNAM]", "[FIRSTNAME]"),
        ("[FRISTNAME]", "[FIRSTNAME]"),
        ("[FIRST NAME]", "[FIRSTNAME]"),
        ("[ FIRSTNAME ]", "[FIRSTNAME]"),
        ("[FIRST\u200bNAME]", "[FIRSTNAME]"),
        ("[Firstname]", "[FIRSTNAME]"),
        ("[firstname]", "[FIRSTNAME]"),
        ("[Surname]", "[LASTNAME]"),
        ("[Name]", "[FULLNAME]"),
        ("[E-Mail]", "[EMAIL]"),
        ("[FISTNAME|you]", "[FIRSTNAME|you]"),
        ("[job title|x]", "[JOBTITLE|x]"),
        ("[Town]", "[CITY]"),
        ("[YES|NO]", None),
    ],
)
def test_unknown_and_misspelt_placeholders_are_found(typed: str, meant: str | None) -> None:
    assert placeholders.unknown(f"Hello {typed}, [FIRSTNAME]") == [typed]
    assert placeholders.meant(typed) == meant


@pytest.mark.parametrize(
    "text",
    [
        "[x] done, [X] done, [ ] open",
        "see [1], [^1], [12] and [2026]",
        "[see below] or [optional]",
        "[HR](https://a.example) ![LOGO](https://a.example/l.png)",
        "[E-mail](mailto:hr@example.com)",
        r"\[HR] and \[Firstname]",
        "[] [[]] [\n] [COMPANY",
        *placeholders.TOKENS,
    ],
)
def test_other_brackets_are_just_text(text: str) -> None:
    assert placeholders.unknown(text) == []


def test_unknown_ones_are_named_once_in_their_order() -> None:
    assert placeholders.unknown("[B2] [FIRSTNAME] [AA] [B2]") == ["[B2]", "[AA]"]


@pytest.mark.parametrize("token", placeholders.TOKENS)
def test_a_profile_is_needed_only_where_something_is_filled(token: str) -> None:
    assert placeholders.used(f"Hello {token}")
    assert placeholders.used(f"https://a.example/{token}")
    assert not placeholders.used(f"Hello \\{token} [HR](https://a.example)")


@given(
    st.lists(st.sampled_from([*placeholders.TOKENS, "[HR](x)", "[x]", "https://a.b/", "(", " "]))
)
def test_after_filling_nothing_is_left_to_fill(parts: list[str]) -> None:
    text = "".join(parts)
    assert placeholders.unknown(text) == []
    assert placeholders.used(text) == (filled(text) != text)
    assert not placeholders.used(filled(text))
