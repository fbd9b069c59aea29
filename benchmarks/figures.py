"""Figures with their targets, senders with their samples, and tables of both."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

import msgspec

from benchmarks.sample import Sample


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One number and its target."""

    name: str
    value: float
    unit: str
    least: float | None = None
    """Target from below; None for no such target."""
    most: float | None = None
    """Target from above; None for no such target."""

    @property
    def verdict(self) -> str:
        """``OK``, ``BELOW`` (worse than the target), or empty when there is no target."""
        if self.least is None and self.most is None:
            return ""
        low = self.least is not None and self.value < self.least
        high = self.most is not None and self.value > self.most
        return "BELOW" if low or high else "OK"

    @property
    def target(self) -> str:
        """The target as text; empty when there is none."""
        if self.least is not None:
            return f">= {self.least:g}"
        return "" if self.most is None else f"<= {self.most:g}"


class Sender(msgspec.Struct, frozen=True, kw_only=True):
    """A way to send, measured once or several times."""

    name: str
    samples: tuple[Sample, ...]

    @property
    def missing(self) -> str:
        """The reason why there are no samples; empty when there are."""
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
        """Bytes of a message's body, the median."""
        return statistics.median(sample.body for sample in self.samples)

    @property
    def spread(self) -> str:
        """The lowest and the highest rate; empty for a single sample."""
        rates = [sample.rate for sample in self.samples]
        return f"{min(rates):,.0f} .. {max(rates):,.0f}" if len(rates) > 1 else ""


def table_of_senders(senders: Sequence[Sender], plain: Sender) -> list[str]:
    """Returns the lines of a Markdown table.

    :param plain: the plain loop, sender (1), which the ratios refer to.
    """
    lines = [
        "| sender | messages/s | min .. max | CPU per message | body | ratio to (1) |",
        "|---|---:|---|---:|---:|---:|",
    ]
    for sender in senders:
        if sender.missing:
            lines.append(f"| {sender.name} | {sender.missing} | | | | |")
        else:
            lines.append(
                f"| {sender.name} | {sender.rate:,.0f} | {sender.spread} "
                f"| {sender.cpu_each:,.0f} us | {sender.body:,.0f} B "
                f"| {sender.rate / plain.rate:.3f} |"
            )
    return lines


def table_of_figures(figures: Sequence[Figure]) -> list[str]:
    """Returns the lines of a Markdown table."""
    lines = ["| figure | value | target | |", "|---|---:|---:|---|"]
    lines += [
        f"| {figure.name} | {figure.value:,.4g} {figure.unit} | {figure.target} "
        f"| {figure.verdict} |"
        for figure in figures
    ]
    return lines
