"""Writing a survey, answering it, and reading its results."""
