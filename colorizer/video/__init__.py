"""Films: what is in them, their shots, their colour, and the way back into a file."""
