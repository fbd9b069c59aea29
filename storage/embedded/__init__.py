"""The embedded store: TinyDB files in a folder, for one process."""
