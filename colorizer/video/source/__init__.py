"""From a file to frames: what is in a film, and its luma with exact times."""
