"""Cards for writing a survey, and for its results."""
