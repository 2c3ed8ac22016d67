"""Pure arrays: lightness, grade, upsampling, merge."""
