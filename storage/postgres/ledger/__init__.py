"""The ledger in the PostgreSQL store: deliveries, claims, and clearing away what was dropped."""
