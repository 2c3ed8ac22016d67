"""What runs a network: one file an engine, behind one Protocol."""
