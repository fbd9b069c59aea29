"""Push throughput, pacing and cost, side by side with the SDKs: ``python -m benchmarks``."""
