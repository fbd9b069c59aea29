"""What can be done with a campaign: send, schedule, follow up, and the shelves."""
