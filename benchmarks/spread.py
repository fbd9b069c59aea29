"""Where the values of repeated measurements lie."""

from __future__ import annotations

import math
from collections.abc import Sequence


def percentile(values: Sequence[float], of: float) -> float:
    """The value that ``of`` percent are at or below (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(of / 100 * len(ordered)) - 1)]
