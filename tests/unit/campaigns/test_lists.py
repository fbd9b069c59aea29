"""Distribution lists, and reading pasted addresses."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import lists
from campaigns.errors import Invalid
from campaigns.refusals.lists import ListRefusal, TooManyAddresses

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
A, B, C = "ann@example.com", "bob@example.com", "cy@example.com"


@pytest.mark.parametrize(
    ("pasted", "expected"),
    [
        (f"{A},{B},{C}", (A, B, C)),
        (f"{A}; {B} ;{C};", (A, B, C)),
        (f"{A}\n{B}\r\n{C}\n\n", (A, B, C)),
        (f"{A}\t{B}\t{C}", (A, B, C)),
        (f"{A} {B}   {C}", (A, B, C)),
        (f"{A}|{B} , {C}", (A, B, C)),
        # Word's soft line break, and Unicode's line separator.
        (f"{A}\v{B}\u2028{C}", (A, B, C)),
        # As Outlook copies people.
        (f"Doe, Ann <{A}>; Roe, Bob <{B}>", (A, B)),
        (f'"Doe, Ann" <{A}>, "Roe, Bob" <{B}>', (A, B)),
        (f"Doe, Ann <{A}>, {B}; {C}", (A, B, C)),
        (f"{A}; Roe, Bob <{B}>", (A, B)),
        (f"{A} <{A}>; '{B}' <{B}>", (A, B)),
        (f"Ann @ Example <{A}>", (A,)),
        (f"{A}<mailto:{A}>", (A,)),
        # One address before the bracket, and another within it: both count.
        (f"{A} <{B}>", (A, B)),
        # Links.
        (f"mailto:{A}; MAILTO:{B} <mailto:{C}>", (A, B, C)),
        (f"mailto:{A}?subject=Hello", (A,)),
        # Columns of a table: a column of addresses, and one beside names.
        (f"{A}\r\n{B}\r\n{C}\r\n", (A, B, C)),
        (f"Ann\tDoe\t{A}\tSales\nBob\tRoe\t{B}\tIT", (A, B)),
        # East Asian keyboards.
        (f"{A}；{B}，{C}、", (A, B, C)),
        ("ann＠example．com", (A,)),
        # What comes along unseen.
        (f"\ufeff{A}\u00a0{B}\u200b;\u202a{C}\u202c", (A, B, C)),
        ("ann@\u200bexam\u00adple.com\u200d", (A,)),
        # What stands around an address.
        (f"'{A}' \"{B}\" \u201c{C}\u201d", (A, B, C)),
        (f"({A}) [{B}] <{C}>", (A, B, C)),
        (f"{A}. {B}.\n{C}...", (A, B, C)),
        # Kept as they are, but for case.
        ("O'Neil+x_y@Sub.Example.com", ("o'neil+x_y@sub.example.com",)),
        # Any alphabet; the encoded form of a domain is the same domain.
        ("müller@exämple.de", ("müller@exämple.de",)),
        ("müller@xn--exmple-cua.de", ("müller@exämple.de",)),
        # A domain that only the organisation knows: nothing is mailed, addresses are looked up.
        ("ann@corp.local ann@corp.test", ("ann@corp.local", "ann@corp.test")),
        ("", ()),
        (" ;,\n\t . ; ''", ()),
    ],
)
def test_addresses_are_found_in_any_common_separation(
    pasted: str, expected: tuple[str, ...]
) -> None:
    assert lists.parse_addresses(pasted) == lists.Addresses(valid=expected)


@pytest.mark.parametrize(
    ("pasted", "invalid"),
    [
        ("Ann.Doe", ("Ann.Doe",)),
        (f"ann.doe; {A}", ("ann.doe",)),
        (f"Bob {A}", ("Bob",)),
        ("ann@example", ("ann@example",)),
        ("ann@localhost", ("ann@localhost",)),
        ("Ann@@Example.com", ("Ann@@Example.com",)),
        ("@example.com ann@", ("@example.com", "ann@")),
        ("ann@exam_ple.com", ("ann@exam_ple.com",)),
        ("ann@example..com", ("ann@example..com",)),
        ("ann@[192.0.2.1]", ("ann@[192.0.2.1]",)),
        (f"{A}/{B}", (f"{A}/{B}",)),
        ("Ann Doe <ann at example.com>", ("ann at example.com",)),
        ("Ann Doe <>", ("Ann Doe <>",)),
        ("Bob@home <ann@example.com>", ("Bob@home",)),
        # Neither is an address, and so they are not the same one either.
        ("joe@localhost <not-an-address>", ("joe@localhost", "not-an-address")),
        ("joe@corp <joe>", ("joe@corp", "joe")),
        ("joe@bad <x@bad>", ("joe@bad", "x@bad")),
        ("joe@bad <joe@bad>", ("joe@bad",)),
        # A row without an address may hold a mistyped one: nothing of it is left out.
        ("Ann\tann.example.com", ("Ann", "ann.example.com")),
        (f"{A};\tbob.example.com", ("bob.example.com",)),
        ("nope; nope", ("nope",)),
    ],
)
def test_what_is_no_address_is_named_as_it_was_typed(pasted: str, invalid: tuple[str, ...]) -> None:
    assert lists.parse_addresses(pasted).invalid == invalid


def test_doubles_are_named_whatever_their_case() -> None:
    addresses = lists.parse_addresses(
        "Ann@Example.com; ann@EXAMPLE.com\nANN@example.com, bob@a.example"
    )
    assert addresses == lists.Addresses(valid=(A, "bob@a.example"), double=(A,))


@pytest.mark.parametrize(
    "pasted",
    [
        "; ".join(f"Doe {i}, Ann <Ann{i}@example.com>" for i in range(10_000)),
        "\n".join(f"ann{i}@example.com" for i in range(10_000)),
    ],
)
def test_ten_thousand_addresses_are_read_quickly(pasted: str) -> None:
    began = time.perf_counter()
    assert len(lists.parse_addresses(pasted).valid) == 10_000
    assert time.perf_counter() - began < 5, "takes a third of a second on two idle cores"


@pytest.mark.parametrize("piece", ["a ", "<", "<a", "@", "a@", "mailto:", "a@a.a<"])
def test_no_text_takes_more_than_time_in_proportion(piece: str) -> None:
    """A text of 200,000 characters takes minutes where the work grows with the square."""
    began = time.perf_counter()
    lists.parse_addresses(piece * (200_000 // len(piece)))
    assert time.perf_counter() - began < 10


addresses = st.from_regex(r"[a-z]{1,8}@[a-z]{1,8}\.com", fullmatch=True)


@given(
    st.lists(addresses, unique=True),
    st.sampled_from([",", ";", "\n", "\r\n", "\t", " ", ", ", " ; ", "\u00a0"]),
    st.sampled_from(["{}", "<{}>", "'{}'", "mailto:{}", "\u200b{}", "{}."]),
)
def test_no_address_is_lost_however_they_are_put_together(
    people: list[str], separator: str, form: str
) -> None:
    text = separator.join(form.format(address) for address in people)
    assert lists.parse_addresses(text) == lists.Addresses(valid=tuple(people))


words = st.from_regex(r"[ab]{1,3}@[ab]{1,3}(\.[ab]{2,3})?", fullmatch=True)


@given(words, words | st.from_regex(r"[ab@.]{1,5}", fullmatch=True))
def test_nothing_with_an_at_is_swallowed_before_a_bracket(before: str, within: str) -> None:
    addresses = lists.parse_addresses(f"{before} <{within}>")
    assert before in (*addresses.valid, *addresses.invalid)


@given(st.text() | st.text(alphabet="ab@.<>;, \t\n'\u200b"))
def test_whatever_is_pasted_is_read_and_what_is_valid_stays_valid(text: str) -> None:
    addresses = lists.parse_addresses(text)
    assert set(addresses.double) <= set(addresses.valid)
    assert lists.parse_addresses("\n".join(addresses.valid)) == lists.Addresses(
        valid=addresses.valid
    )


# Lists


def create(
    name: str = "Sales", addresses: tuple[str, ...] = (A,), now: datetime = NOW
) -> lists.DistributionList:
    return lists.create("t", "l", name=name, addresses=addresses, author_id="u", now=now)


def test_a_new_list_has_its_addresses_once_and_in_their_order() -> None:
    made = create("  All \u200b of\nSales ", (B, A, B, A.upper()))
    assert made == lists.DistributionList(
        tenant_id="t",
        id="l",
        name="All of Sales",
        addresses=(B, A),
        author_id="u",
        created_at=NOW,
        updated_at=NOW,
    )


def test_a_change_keeps_who_made_the_list_and_when() -> None:
    later = NOW + timedelta(days=1)
    changed = lists.change(create(), name="Support", addresses=(C,), now=later)
    assert (changed.name, changed.addresses) == ("Support", (C,))
    assert (changed.author_id, changed.created_at, changed.updated_at) == ("u", NOW, later)


@pytest.mark.parametrize("name", ["", " \n\t", "\u200b\u2060", "\u202e", "\u3164", "x" * 81])
def test_a_list_needs_a_name_that_can_be_seen_and_is_not_too_long(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(name)
    assert refused.value.field == "name"


def test_a_list_has_at_least_one_address_and_at_most_the_limit() -> None:
    many = tuple(f"a{i}@example.com" for i in range(lists.ADDRESS_LIMIT + 1))
    assert len(create(addresses=many[:-1]).addresses) == lists.ADDRESS_LIMIT
    for addresses, why in (((), ListRefusal.NO_ADDRESS), (many, TooManyAddresses(10_001, 10_000))):
        with pytest.raises(Invalid) as refused:
            create(addresses=addresses)
        assert refused.value.problems == {"addresses": why}


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        create(now=NOW.replace(tzinfo=None))
