"""Every reason to refuse something has its sentence, with exactly the values that it has."""

from __future__ import annotations

import importlib
import pkgutil
import string
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from campaigns import refusals
from campaigns.errors import Refusal, RefusalDetails, RefusalKey
from campaigns.refusals.sending import Incomplete, Obstacle, Step
from cards.refusals.words import WORDS, in_words
from tests.unit.cards.refusals.sentences import SENTENCES

ABSTRACT: set[type] = {Obstacle}
"""Classes that are only bases of reasons."""


def keys() -> Iterator[RefusalKey | type[RefusalDetails]]:
    for module in pkgutil.iter_modules(refusals.__path__):
        importlib.import_module(f"{refusals.__name__}.{module.name}")
    for room in RefusalKey.__subclasses__():
        yield from room
    waiting = list(RefusalDetails.__subclasses__())
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind not in ABSTRACT:
            yield kind


def key_of(refusal: Refusal) -> RefusalKey | type[RefusalDetails]:
    return refusal if isinstance(refusal, RefusalKey) else type(refusal)


def test_every_reason_has_a_sentence_and_every_sentence_a_reason() -> None:
    assert set(WORDS) == set(keys())


def test_every_sentence_is_written_out_here() -> None:
    assert {key_of(refusal) for refusal, _ in SENTENCES} == set(WORDS)


@pytest.mark.parametrize(("refusal", "sentence"), SENTENCES, ids=lambda value: str(value)[:60])
def test_a_person_reads(refusal: Refusal, sentence: str) -> None:
    assert in_words(refusal) == sentence


@pytest.mark.parametrize("key", WORDS, ids=str)
def test_a_sentence_uses_all_its_values_and_no_others(key: Any) -> None:
    values = set() if isinstance(key, RefusalKey) else set(key.__struct_fields__)
    template = WORDS[key]
    if isinstance(template, str):
        parts = [name for _, name, _, _ in string.Formatter().parse(template) if name is not None]
        assert {name.partition(".")[0] for name in parts} == values
        return
    used: set[str] = set()
    for refusal, _ in SENTENCES:
        if key_of(refusal) == key:
            template(Noting(refusal, used))
    assert used == values


class Noting:
    """A reason that notes which of its values are read."""

    def __init__(self, refusal: Refusal, used: set[str]) -> None:
        self._refusal = refusal
        self._used = used

    def __getattr__(self, name: str) -> Any:
        self._used.add(name)
        return getattr(self._refusal, name)


def test_a_log_line_names_the_key_and_the_values() -> None:
    refusal = Incomplete((Step.MAKE_CARD,))
    assert str(refusal) == "Incomplete(steps=(<Step.MAKE_CARD: 'make_card'>,))"
    assert isinstance(refusal, msgspec.Struct)
