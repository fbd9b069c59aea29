"""Text that people type: placeholders, links, names, numbers."""
