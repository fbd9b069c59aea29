"""Transitions of a delivery, and the decision to retry."""
