"""How a campaign starts: by a person, by its schedule, or as a reminder."""
