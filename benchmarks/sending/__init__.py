"""Pushes: throughput, pacing, cost, freezing, pausing, schedules, and several processes."""
