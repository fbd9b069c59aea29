"""The measurements on PostgreSQL, beside those on TinyDB in the same run."""

from __future__ import annotations

from benchmarks.database import with_people
from benchmarks.figures import Figure, Sender
from benchmarks.runs import Runs
from benchmarks.sample import Sample
from benchmarks.sending.replicas import TENANTS


class InDatabase:
    """Runs the measurements, and collects their samples and figures."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs
        self.samples: dict[str, Sample] = {}
        self.figures: list[Figure] = []

    def sender(self, recipients: int, repeats: int, plain: Sender) -> Sender:
        """Measures the unpaced engine, claiming and settling, and a takeover.

        Returns the samples of the engine.
        """
        with with_people(recipients, self._runs.server) as url:
            engine = Sender(
                name="(2p) this engine on PostgreSQL, unpaced",
                samples=tuple(
                    self._runs.run_on_database("sending.engine_run", recipients, url)
                    for _ in range(repeats)
                ),
            )
            self._keep("claim and settle, PostgreSQL", self._runs.run_on_database(
                "sending.claim_settle", recipients, url
            ))  # fmt: skip
            self._keep("takeover", self._runs.run_on_database("sending.takeover", recipients, url))
        fewer = min(recipients, 50_000)
        self._keep(
            "claim and settle, TinyDB", self._runs.run_on_people("sending.claim_settle", fewer)
        )
        self._add("engine on PostgreSQL to plain loop", engine.rate / plain.rate, "", least=0.4)
        for store in ("PostgreSQL", "TinyDB"):
            sample = self.samples[f"claim and settle, {store}"]
            self._add(f"claimed and settled, {store}", sample.rate, "/s")
        takeover = self.samples["takeover"].seconds
        self._add("sending goes on after a process is killed", takeover, "s", most=30)
        return engine

    def large(self, recipients: int) -> None:
        """Measures the launch and the report of a very large campaign."""
        with with_people(recipients, self._runs.server) as url:
            frozen = self._runs.run_in("sending.freezing", recipients, url)
        self._keep("large launch", frozen)
        self._add(f"launch to {recipients:,}, PostgreSQL", frozen.seconds, "s")
        self._add(f"its peak memory, {recipients:,}", frozen.peak, "MB", most=300)
        report = frozen.values["report_p95_ms"]
        self._add(f"its report, {recipients:,}, p95", report, "ms", most=1_000)

    def replicas(self, recipients: int, engines: tuple[int, ...]) -> None:
        """Measures several engines at once.

        :param recipients: number of recipients in each of many tenants.
        :param engines: numbers of engines; each number is measured, one after the other.
        """
        with with_people(recipients, self._runs.server, tenants=TENANTS) as url:
            for number in engines:
                sample = self._runs.run_on_database(
                    "sending.replicas", recipients, url, engines=number
                )
                self._keep(f"{number} replicas", sample)
                name = f"{number} replica{'s' if number > 1 else ''}, {TENANTS} tenants, messages"
                self._add(name, sample.rate, "/s")

    def _keep(self, name: str, sample: Sample) -> None:
        self.samples[name] = sample

    def _add(
        self,
        name: str,
        value: float,
        unit: str,
        *,
        least: float | None = None,
        most: float | None = None,
    ) -> None:
        self.figures.append(Figure(name=name, value=value, unit=unit, least=least, most=most))
