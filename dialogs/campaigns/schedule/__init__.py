"""Scheduling a campaign and unscheduling it: later, over days, repeatedly.

Input is checked field by field. Something that is possible but perhaps not meant, such as a window
that is too short, is pointed out once; a second press does it.
"""
