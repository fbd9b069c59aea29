"""From samples to figures: what is shown and kept, with the targets."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec

from benchmarks.sample import Sample


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number, and what it should be."""

    name: str
    value: float
    unit: str
    least: float | None = None
    most: float | None = None

    @property
    def verdict(self) -> str:
        """``OK``, ``BELOW`` (worse than the target), or nothing when there is none."""
        if self.least is None and self.most is None:
            return ""
        low = self.least is not None and self.value < self.least
        high = self.most is not None and self.value > self.most
        return "BELOW" if low or high else "OK"

    @property
    def target(self) -> str:
        if self.least is not None:
            return f">= {self.least:g}"
        return "" if self.most is None else f"<= {self.most:g}"


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """A way to send, measured once or several times."""

    name: str
    samples: tuple[Sample, ...]

    @property
    def missing(self) -> str:
        return self.samples[0].missing

    @property
    def rate(self) -> float:
        """Messages per second, the median."""
        return statistics.median(sample.rate for sample in self.samples)

    @property
    def cpu_each(self) -> float:
        """Microseconds of processor time per message, the median."""
        return statistics.median(sample.cpu_each for sample in self.samples)

    @property
    def body(self) -> float:
        return statistics.median(sample.body for sample in self.samples)

    @property
    def spread(self) -> str:
        rates = [sample.rate for sample in self.samples]
        return f"{min(rates):,.0f} .. {max(rates):,.0f}" if len(rates) > 1 else ""


def table_of_senders(senders: Sequence[Sender], limit: Sender) -> list[str]:
    """Lines of Markdown; the ratio is to ``limit``."""
    lines = [
        "| sender | messages/s | min .. max | CPU per message | body | ratio to (1) |",
        "|---|---:|---|---:|---:|---:|",
    ]
    for of in senders:
        if of.missing:
            lines.append(f"| {of.name} | {of.missing} | | | | |")
        else:
            lines.append(
                f"| {of.name} | {of.rate:,.0f} | {of.spread} | {of.cpu_each:,.0f} us "
                f"| {of.body:,.0f} B | {of.rate / limit.rate:.3f} |"
            )
    return lines


def table_of_figures(figures: Sequence[Figure]) -> list[str]:
    """Lines of Markdown."""
    lines = ["| figure | value | target | |", "|---|---:|---:|---|"]
    lines += [
        f"| {of.name} | {of.value:,.4g} {of.unit} | {of.target} | {of.verdict} |" for of in figures
    ]
    return lines
