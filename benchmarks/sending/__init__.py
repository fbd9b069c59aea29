"""Pushes: throughput, pacing, cost, freezing, pausing, and several processes."""
