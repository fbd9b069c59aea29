"""Schedules: the start of a campaign, and the times at which its deliveries may be sent."""
