"""Microsoft Teams on one's own machine: the bot beside the Microsoft 365 Agents Playground.

`python -m playground` starts both, to try the bot out; the end-to-end tests use it, too. A bot in
production does not need it.
"""
