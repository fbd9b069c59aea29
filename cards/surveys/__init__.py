"""Cards for writing a survey, for its results, and for people who have answered."""
