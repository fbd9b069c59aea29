"""Cards on which a campaign is written."""
