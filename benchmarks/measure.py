"""Runs one measurement in this process: an order (JSON) on standard input, a sample on standard
output. A process each, so that memory and processor time of one are not those of another.
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
    """From the order to the sample.

    Everyone has the garbage collector's thresholds of ``app.py``: the plain loop and the SDKs gain
    from them too, and the engine shall not look better for a setting.
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
