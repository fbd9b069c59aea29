"""Microsoft Teams on one's own machine: the bot beside the Microsoft 365 Agents Playground.

`python -m playground` starts both. It is for trying the bot out and for the end-to-end tests; a bot
in production needs nothing of it.
"""
