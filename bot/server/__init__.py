"""The bot's HTTP server: aiohttp's, with limits on what a caller who is not known can hold up."""
