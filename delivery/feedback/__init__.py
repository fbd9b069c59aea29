"""What comes back from recipients: receipts, reactions, clicks, and their counts."""
