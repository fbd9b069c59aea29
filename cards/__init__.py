"""Cards: domain objects rendered as Adaptive Cards."""
