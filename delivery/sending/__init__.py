"""Campaigns that are being sent: claim, pace, send, settle."""
