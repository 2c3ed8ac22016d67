"""Corrections by hand: colours that a user gives to places of a picture, and what belongs to them takes."""
