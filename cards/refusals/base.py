"""What the words of each feature are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from campaigns.errors import RefusalDetails, RefusalKey

Template: TypeAlias = str | Callable[[Any], str]
"""A sentence in which ``{name}`` stands for the value of that name; or, where the words depend on
the values, a function of the reason."""

Words: TypeAlias = Mapping[RefusalKey | type[RefusalDetails], Template]
"""The sentences of a feature, by their keys."""
