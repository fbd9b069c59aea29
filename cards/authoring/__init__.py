"""Cards for writing a campaign."""
