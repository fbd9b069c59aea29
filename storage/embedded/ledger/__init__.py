"""The ledger in the embedded store: deliveries, their summaries, and the edits of rows."""
