"""What the engine is held against: a plain loop, the SDKs, and the ceiling of the connection."""
