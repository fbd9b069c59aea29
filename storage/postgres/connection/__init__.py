"""Connections, statements by name and errors of the database. Only this room knows asyncpg."""
