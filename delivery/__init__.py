"""The engine: launch (freeze), scheduler, dispatcher, pacer.

It declares the :class:`~delivery.messenger.Messenger` that it sends through, and knows no other
edge.
"""
