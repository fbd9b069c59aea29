"""The addresses for everyone's browser: where links of messages lead, and downloads."""
