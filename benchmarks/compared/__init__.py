"""Senders that the engine is compared with: a plain loop, the SDKs, and raw sockets."""
