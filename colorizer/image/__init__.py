"""Pictures as files: read, colour, write."""
