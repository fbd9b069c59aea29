"""Connections, statements by name and errors of the database. Only this package imports asyncpg."""
