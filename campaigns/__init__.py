"""The domain: campaigns, and the rules for them.

Pure: no I/O, no async, no clock. A function that needs the time takes it as ``now``, an aware UTC
datetime. A datetime without a zone is refused with ValueError.
"""
