"""When a campaign starts, and when each of its deliveries may go out."""
