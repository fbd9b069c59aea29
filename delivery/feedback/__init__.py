"""Feedback from recipients: receipts, reactions, clicks, and their counts."""
