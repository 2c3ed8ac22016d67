"""Measurements. Each is a script of its own; none is a test."""
