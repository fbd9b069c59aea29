"""What recipients do with a message: events, what is counted from them, confirmations."""
