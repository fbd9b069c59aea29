"""Measures throughput, pacing and cost, beside the SDKs: ``python -m benchmarks``."""
