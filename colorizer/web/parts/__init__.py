"""Page parts with JavaScript of their own that several pages share."""
