"""The order and the sample of a measurement; JSON between processes."""

from __future__ import annotations

import msgspec


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """One run of one measurement."""

    measurement: str
    """Module of this package that has ``async def measure(order: Order) -> Sample``."""

    server: str
    """Address of the loopback server, without a slash at the end."""

    recipients: int
    folder: str = ""
    """Data folder with the recipients; the run may change it."""

    database: str = ""
    """URL of a PostgreSQL database, in place of the folder."""

    seconds: float = 0.0
    """Length of a measurement that does not depend on the number of recipients."""

    engines: int = 1
    """Engines that send at once."""


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one run."""

    messages: int = 0
    seconds: float = 0.0
    """Wall-clock time of the run."""
    cpu: float = 0.0
    """Seconds of processor time that the sending process took, in all its threads."""
    peak: float = 0.0
    """Peak resident memory of the process, in MB of 10^6 bytes."""
    body: float = 0.0
    """Bytes of a message's body, on average."""
    values: dict[str, float] = {}
    """Other results of this measurement, with the unit in the name."""
    series: dict[str, list[float]] = {}
    """Results that are lists of numbers, such as those of each second."""
    missing: str = ""
    """The reason why there is no result: an optional package that is not installed."""

    @property
    def rate(self) -> float:
        """Messages per second."""
        return self.messages / self.seconds if self.seconds else 0.0

    @property
    def cpu_each(self) -> float:
        """Microseconds of processor time per message."""
        return self.cpu / self.messages * 1e6 if self.messages else 0.0
