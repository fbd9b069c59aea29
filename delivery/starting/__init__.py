"""Starts of campaigns: by a person, by a schedule, or as a reminder."""
