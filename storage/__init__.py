"""The store: its protocols, and the backends that implement them.

Only the composition root picks a backend; everyone else knows :mod:`storage.base` alone.
"""
