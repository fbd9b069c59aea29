"""Cards of existing campaigns: drafts, shelves, schedules, calendar, follow-ups."""
