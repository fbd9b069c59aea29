"""Sending a campaign, scheduling it, following it up, and the shelves."""
