"""Reports, the people behind their numbers, and exports."""
