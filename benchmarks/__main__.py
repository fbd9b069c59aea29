"""Runs all measurements, prints tables, and writes ``artifacts/bench.json``.

Wall-clock targets are shown as OK or BELOW and never fail the run, since a busy machine is no
defect of the program. See docs/performance.md.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.figures import Figure, Sender, table_of_figures, table_of_senders
from benchmarks.in_database import InDatabase
from benchmarks.runs import Runs, started
from benchmarks.sample import Sample

_RESULT = Path("artifacts/bench.json")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Sizes and times of the measurements."""

    recipients: int = 100_000
    repeats: int = 3
    """Number of runs of the plain loop and the engine. They take turns, because the machine may be
    busy at times."""
    sizes: tuple[int, ...] = (1_000, 10_000, 100_000)
    """Numbers of recipients for which the cost per delivery is compared."""
    sdk_messages: int = 2_000
    paced_seconds: float = 60.0
    turn_seconds: float = 30.0
    pause_seconds: float = 50.0
    large: int = 1_000_000
    """Recipients of the very large campaign."""
    per_tenant: int = 5_000
    """Recipients in each of the tenants that several processes share."""
    click_seconds: float = 10.0
    pending: int = 100_000
    """Deliveries that wait in the embedded store while the scheduler has nothing to do.

    In PostgreSQL there are ten times as many.
    """
    idle_seconds: float = 30.0


_QUICK = Plan(
    recipients=5_000,
    repeats=1,
    sizes=(1_000, 5_000),
    sdk_messages=200,
    paced_seconds=10.0,
    turn_seconds=5.0,
    pause_seconds=7.5,
    large=20_000,
    per_tenant=500,
    click_seconds=3.0,
    pending=5_000,
    idle_seconds=5.0,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures, prints the tables, and writes the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--recipients", type=int, help="of the engine's run; 100,000 by default")
    parser.add_argument("--repeats", type=int, help="of plain loop and engine; 3 by default")
    parser.add_argument("--quick", action="store_true", help="5,000 recipients, all else shorter")
    options = parser.parse_args(arguments)
    plan = _QUICK if options.quick else Plan()
    if options.recipients:
        sizes = tuple(size for size in plan.sizes if size < options.recipients)
        plan = msgspec.structs.replace(
            plan, recipients=options.recipients, sizes=(*sizes, options.recipients)
        )
    if options.repeats:
        plan = msgspec.structs.replace(plan, repeats=options.repeats)
    with started() as runs:
        senders = _senders(runs, plan)
        database = InDatabase(runs)
        senders.append(database.sender(plan.recipients, plan.repeats, senders[1]))
        _show(table_of_senders(senders, plain=senders[1]))
        figures, samples = _figures(runs, plan, senders)
        database.large(plan.large)
        database.replicas(plan.per_tenant, engines=(1, 2, 3))
        figures += database.figures
        samples |= database.samples
        _show(table_of_figures(figures))
    _write(plan, senders, figures, samples)


def _senders(runs: Runs, plan: Plan) -> list[Sender]:
    ceiling = runs.run("compared.ceiling", plan.recipients)
    plain: list[Sample] = []
    engine: list[Sample] = []
    for _ in range(plan.repeats):
        plain.append(runs.run("compared.plain_loop", min(plan.recipients, 50_000)))
        engine.append(runs.run_on_people("sending.engine_run", plan.recipients))
    return [
        Sender(name="(0) the server's own ceiling, raw sockets", samples=(ceiling,)),
        Sender(name="(1) plain aiohttp loop", samples=tuple(plain)),
        Sender(name="(2) this engine, unpaced", samples=tuple(engine)),
        _sdk(runs, plan, "compared.botbuilder_sdk", "(3) botbuilder continue_conversation"),
        _sdk(runs, plan, "compared.agents_sdk", "(4a) Agents SDK connector client"),
        _sdk(runs, plan, "compared.teams_sdk", "(4b) Teams SDK client"),
    ]


def _sdk(runs: Runs, plan: Plan, measurement: str, name: str) -> Sender:
    return Sender(name=name, samples=(runs.run(measurement, plan.sdk_messages),))


def _figures(
    runs: Runs, plan: Plan, senders: list[Sender]
) -> tuple[list[Figure], dict[str, Sample]]:
    _, plain, engine, botbuilder, *_ = senders
    by_size = [
        engine
        if size == plan.recipients
        else Sender(
            name=f"(2) this engine, {size:,} recipients",
            samples=tuple(
                runs.run_on_people("sending.engine_run", size) for _ in range(plan.repeats)
            ),
        )
        for size in plan.sizes
    ]
    costs = [sender.cpu_each for sender in by_size]
    samples: dict[str, Sample] = {}
    samples["freezing"] = freezing = runs.run_on_people("sending.freezing", plan.recipients)
    needed = int(plan.paced_seconds * 60)
    samples["paced"] = paced = runs.run_on_people(
        "sending.paced", needed, seconds=plan.paced_seconds, limited=True
    )
    samples["admin turn"] = turn = runs.run_on_people(
        "reading.admin_turn", 10_000, seconds=plan.turn_seconds
    )
    samples["pause"] = pause = runs.run_on_people(
        "sending.pause", 10_000, seconds=plan.pause_seconds
    )
    samples["redirects"] = redirects = runs.run_on_people(
        "reading.redirects", 10_000, seconds=plan.click_seconds
    )
    samples["report"] = shown = runs.run_on_people("reading.report", plan.recipients)
    samples["export"] = export = runs.run_on_people("reading.export", plan.recipients)
    samples["schedules"] = embedded = runs.run_on_people(
        "sending.schedules", plan.pending, people=1, seconds=plan.idle_seconds
    )
    samples["schedules, PostgreSQL"] = postgresql = runs.run(
        "sending.schedules", 10 * plan.pending, seconds=plan.idle_seconds
    )
    samples["survey"] = survey = runs.run("reading.survey", 10_000)
    samples["large survey"] = large = runs.run("reading.survey", 100_000)
    refused = "refused_after_first_second"
    figures = [
        Figure(
            name="engine to plain loop, messages/s",
            value=engine.rate / plain.rate, unit="", least=0.5,
        ),
        Figure(
            name="engine to botbuilder, messages/s",
            value=engine.rate / botbuilder.rate, unit="times", least=30,
        ),
        *(
            Figure(name=f"CPU per delivery, {size:,} recipients", value=cost, unit="us")
            for size, cost in zip(plan.sizes, costs, strict=True)
        ),
        Figure(
            name=f"dearest to cheapest delivery (CPU), {plan.sizes[0]:,} to {plan.sizes[-1]:,}",
            value=max(costs) / min(costs), unit="times", most=1.3,
        ),
        Figure(
            name=f"freezing {plan.recipients:,} recipients",
            value=freezing.seconds, unit="s", most=5,
        ),
        Figure(
            name=f"peak memory, {plan.recipients:,} recipients",
            value=max(sample.peak for sample in engine.samples), unit="MB", most=250,
        ),
        Figure(name="paced, messages taken", value=paced.rate, unit="/s", least=49.5),
        Figure(
            name="paced, 429 after the first second", value=paced.values[refused], unit="", most=0
        ),
        Figure(
            name="admin's turn while sending, p95", value=turn.values["p95_ms"], unit="ms", most=100
        ),
        Figure(
            name="Pause taking effect, p95", value=pause.values["p95_ms"], unit="ms", most=1_000
        ),
        Figure(name="links followed, one core", value=redirects.rate, unit="/s"),
        Figure(
            name="a link followed, p95, 16 at once",
            value=redirects.values["p95_ms"], unit="ms", most=20,
        ),
        Figure(
            name=f"report of {plan.recipients:,}, first after a start",
            value=shown.values["cold_s"], unit="s", most=1,
        ),
        Figure(
            name=f"report of {plan.recipients:,}, again", value=shown.values["warm_ms"], unit="ms"
        ),
        Figure(
            name=f"search among {plan.recipients:,}",
            value=shown.values["people_search_s"], unit="s",
        ),
        *(
            Figure(
                name=f"export of {plan.recipients:,}, {kind}",
                value=export.values[f"{kind}_s"], unit="s", most=10,
            )
            for kind in ("csv", "xlsx")
        ),
        Figure(
            name="memory that exporting takes",
            value=export.values["xlsx_peak_mb"] - export.values["before_mb"], unit="MB", most=50,
        ),
        *(
            figure
            for store, sample in (("TinyDB", embedded), ("PostgreSQL", postgresql))
            for figure in _of_schedules(store, sample)
        ),
        Figure(name="survey of 10,000 responses, answers taken", value=survey.rate, unit="/s"),
        Figure(
            name="survey of 10,000 responses, an answer, p95",
            value=survey.values["p95_ms"], unit="ms",
        ),
        Figure(
            name="results of 100,000 responses", value=large.values["results_s"], unit="s", most=1
        ),
    ]  # fmt: skip
    return figures, samples


def _of_schedules(store: str, sample: Sample) -> list[Figure]:
    pending = f"{sample.messages:,} pending, {store}"
    return [
        Figure(
            name=f"idle scheduler, {pending}",
            value=sample.values["idle_cpu_percent"], unit="% CPU", most=1,
        ),
        Figure(
            name=f"start of a scheduled campaign late by, p99, {pending}",
            value=sample.values["late_p99_ms"], unit="ms", most=5_000,
        ),
    ]  # fmt: skip


def _show(lines: list[str]) -> None:
    print("\n".join(lines), end="\n\n", flush=True)


def _write(
    plan: Plan, senders: list[Sender], figures: list[Figure], samples: dict[str, Sample]
) -> None:
    result: dict[str, Any] = {
        "at": datetime.now(UTC),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "plan": plan,
        "senders": [
            {
                "name": sender.name,
                "rate": sender.rate,
                "cpu_us_each": sender.cpu_each,
                "ratio": sender.rate / senders[1].rate,
                "samples": sender.samples,
            }
            for sender in senders
        ],
        "figures": [
            {
                "name": figure.name,
                "value": figure.value,
                "unit": figure.unit,
                "target": figure.target,
                "verdict": figure.verdict,
            }
            for figure in figures
        ],
        "samples": samples,
    }
    _RESULT.parent.mkdir(exist_ok=True)
    _RESULT.write_bytes(msgspec.json.format(msgspec.json.encode(result)))
    print(f"All figures: {_RESULT}")


if __name__ == "__main__":
    main()
