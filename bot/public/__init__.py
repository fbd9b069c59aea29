"""The addresses for everyone's browser: the targets of links in messages, and downloads."""
