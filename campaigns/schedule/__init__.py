"""Times: the start of a campaign, and the hours in which its deliveries may go out."""
