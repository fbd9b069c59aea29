"""The PostgreSQL store, for one process or several."""
