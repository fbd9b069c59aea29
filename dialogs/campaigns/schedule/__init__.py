"""Scheduling a campaign and unscheduling it: later, over days, repeatedly.

Input is checked field by field. Some input is possible but perhaps not meant, such as a window that
is too short. The form warns of it once, and a second press schedules the campaign all the same.
"""
