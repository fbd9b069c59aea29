"""Where this tree stands on the disk."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
