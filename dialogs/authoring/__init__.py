"""Writing a campaign, step by step."""
