"""Runs one measurement: reads an order (JSON) from standard input, and writes a sample.

Each measurement has a process of its own, so that none counts the memory and processor time of
another.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import sys
from collections.abc import Awaitable, Callable

import msgspec

from benchmarks.sample import Order, Sample


def main() -> None:
    """Measures with the garbage collector's thresholds of ``app.py``.

    The plain loop and the SDKs gain from them too, so that the engine does not look better because
    of a setting.
    """
    gc.set_threshold(50_000, 20, 50)
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Order)
    module = importlib.import_module(f"benchmarks.{order.measurement}")
    measure: Callable[[Order], Awaitable[Sample]] = module.measure

    async def run() -> Sample:
        return await measure(order)

    sample = asyncio.run(run())
    sys.stdout.buffer.write(msgspec.json.encode(sample))


if __name__ == "__main__":
    main()
