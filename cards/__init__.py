"""What people see: domain objects rendered as Adaptive Cards."""
