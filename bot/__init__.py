"""The inbound edge: HTTP and Bot Framework activities in, replies out.

An activity becomes a `Turn`: the user, their rights, and the text or press. The router checks the
rights and finds the dialog, and the dialog's `Reply` becomes the answer.
This is the only package that imports botbuilder. Moving to its successor changes nothing else.
"""
