"""The domain: what a campaign is and what may happen to it.

Pure: no I/O, no async, no clock. Whoever needs the time passes ``now`` in, as an aware UTC
datetime; one without a zone is refused with ValueError.
"""
