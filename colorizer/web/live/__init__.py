"""The Live page: camera, screen or film in colour as it comes."""
