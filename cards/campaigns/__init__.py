"""Cards of campaigns that exist: shelves, schedule, calendar, follow-ups."""
