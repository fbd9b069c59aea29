"""Memory: the Store protocols, and the backends that keep them.

Only the composition root picks a backend; everyone else knows :mod:`storage.base` alone.
"""
