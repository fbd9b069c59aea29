"""Drafts: clones, and what is kept of names and messages."""

from __future__ import annotations

import msgspec
import pytest

from campaigns import drafting, earlier, readiness
from campaigns.campaign import Campaign, CardPlace, InDoubtPolicy, Run, Status
from campaigns.content import MESSAGE_LIMIT, Content
from campaigns.errors import Invalid, NotPossible
from campaigns.refusals.authoring import AuthoringRefusal
from campaigns.refusals.text import TextField, TooLong, UnknownPlaceholders
from cards.refusals.words import in_words
from tests.support.campaigns.statuses import LATER, NOW, draft, in_status

# Clone

COPIED = {"tenant_id", "format", "content", "audience", "in_doubt"}
GIVEN = {"id", "name", "author_id", "created_at", "updated_at"}


@pytest.mark.parametrize("status", Status)
def test_a_clone_has_everything_but_the_results(status: Status) -> None:
    original = msgspec.structs.replace(
        in_status(status),
        revision=9,
        in_doubt=InDoubtPolicy.RESEND,
        run=Run(progress=CardPlace("u", "1:2")),
    )
    clone = drafting.clone(original, "c2", name=" Again ", author_id="u2", now=LATER)
    assert (clone.id, clone.name, clone.author_id) == ("c2", "Again", "u2")
    assert clone.created_at == clone.updated_at == LATER
    fresh = draft()
    for field in Campaign.__struct_fields__:
        if field in COPIED:
            assert getattr(clone, field) == getattr(original, field), field
        elif field not in GIVEN:
            assert getattr(clone, field) == getattr(fresh, field), field


def test_a_clone_needs_a_name() -> None:
    with pytest.raises(Invalid):
        drafting.clone(draft(), "c2", name=" ", author_id="u", now=NOW)


# Names and messages

INVISIBLE = [
    "",
    " \t\r\n",
    "\u00a0\u2003\u3000",  # spaces
    "\u200b\u200c\u200d\u2060\ufeff\u00ad",  # zero-width characters
    "\x00\x07\x1b\x7f\x9f",  # controls
    "\u202e\u2066\u200f\u061c",  # direction
    "\u0301\ufe0f",  # a combining mark and a variation selector with nothing under them
    "\u115f\u3164\uffa0\u2800",  # letters and symbols that are empty
    "\ud800",  # half a surrogate pair
]


@pytest.mark.parametrize("name", INVISIBLE)
def test_a_name_of_nothing_to_see_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        draft(name)
    assert refused.value.problems == {"name": AuthoringRefusal.NO_NAME}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Spring \n\t news ", "Spring news"),
        ("Spring\u00a0news\u2028now", "Spring news now"),
        ("Spr\u00ading\u200b\x00 news\ufeff", "Spring news"),
        ("Spring \u202eswen", "Spring swen"),
        ("bad \ud800 half", "bad half"),
        ("اخبار \u200fالربيع", "اخبار الربيع"),
        # Joiners carry meaning: Persian, and emoji of several.
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
        ("春の便り", "春の便り"),
        ("*not* [FIRSTNAME]", "*not* [FIRSTNAME]"),
    ],
)
def test_a_name_is_kept_on_one_line_without_what_nobody_sees(typed: str, kept: str) -> None:
    assert draft(typed).name == kept
    kept.encode()


def test_a_name_is_as_long_as_the_limit_at_most() -> None:
    assert draft("x" * 80 + " \u200b").name == "x" * 80
    with pytest.raises(Invalid) as refused:
        draft("x" * 81)
    assert refused.value.refusal == TooLong(TextField.NAME, 81, 80)


@pytest.mark.parametrize("message", INVISIBLE)
def test_a_message_of_nothing_to_see_is_refused(message: str) -> None:
    with pytest.raises(Invalid) as refused:
        drafting.write(draft(), Content(message), NOW)
    assert refused.value.problems == {"message": AuthoringRefusal.NO_MESSAGE}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (" \n Hello\r\n\r\n- one\r- two \n", "Hello\n\n- one\n- two"),
        ("one\vtwo\u2028three", "one\ntwo\nthree"),
        ("a\x00b\x1bc\ud800", "abc"),
        ("a\tb", "a\tb"),
        ("- [x] done\n- [ ] open [1] [^1]", "- [x] done\n- [ ] open [1] [^1]"),
        ("[HR](https://hr.example)", "[HR](https://hr.example)"),
        ("ខ្មែរ\u200bភាសា", "ខ្មែរ\u200bភាសា"),
        ("\U0001f389", "\U0001f389"),
    ],
)
def test_a_message_is_kept_as_written_but_for_controls(typed: str, kept: str) -> None:
    assert drafting.write(draft(), Content(typed), NOW).content.message == kept


def test_a_message_is_as_long_as_the_limit_at_most() -> None:
    longest = "x" * MESSAGE_LIMIT
    assert drafting.write(draft(), Content(f" {longest}\n"), NOW).content.message == longest
    for take in (drafting.write, drafting.keep):
        with pytest.raises(Invalid) as refused:
            take(draft(), Content(longest + "x"), NOW)
        assert refused.value.refusal == TooLong(TextField.MESSAGE, 8_001, 8_000)


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("[WHO]", "[WHO] is not a placeholder. You can use [FIRSTNAME], [LASTNAME],"),
        ("[WHO] [WHERE]", "[WHO], [WHERE] are not placeholders. You can use"),
        ("[Firstname]", "[Firstname] is not a placeholder. Did you mean [FIRSTNAME]? You can"),
        (
            " ".join(f"[A{i}]" for i in range(9)),
            "[A0], [A1], [A2], [A3], [A4] and 4 more are not placeholders.",
        ),
    ],
)
def test_a_message_with_unknown_placeholders_says_what_was_meant(message: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        drafting.write(draft(), Content(message), NOW)
    assert refused.value.field == "message"
    assert in_words(refused.value.refusal).startswith(says)


def test_a_draft_keeps_a_message_with_mistakes_until_it_is_to_be_sent() -> None:
    kept = drafting.keep(draft(), Content(" Hi [WHO] "), NOW)
    assert kept.content.message == "Hi [WHO]"
    with pytest.raises(NotPossible) as refused:
        readiness.require_written(kept)
    assert refused.value.refusal == UnknownPlaceholders(("[WHO]",), ())
    readiness.require_written(drafting.write(kept, Content("Hi"), NOW))


def test_a_campaign_that_was_kept_before_content_had_parts_is_read() -> None:
    kept = msgspec.to_builtins(draft())
    kept["content"] = {"message": "Hello"}
    for later in ("draft", "run", "follow_up", "survey_state"):
        kept.pop(later)
    read = msgspec.convert(earlier.upgraded(kept), Campaign)
    assert read.content == Content("Hello")
    assert read.draft.replaced is None
