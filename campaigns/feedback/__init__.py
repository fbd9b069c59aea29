"""Feedback of recipients: events, the counts made from them, and acknowledgements."""
