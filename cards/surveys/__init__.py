"""Cards on which a survey is written, and its results."""
