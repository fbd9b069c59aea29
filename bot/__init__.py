"""The inbound edge: HTTP and Bot Framework activities in, replies out.

An activity becomes a `Turn` (who, tenant, locale, time zone, text or typed action), the router
checks what that person may do and finds the dialog, and the dialog's `Reply` becomes the answer.
This is the only package that imports botbuilder. Moving to its successor changes nothing else.
"""
