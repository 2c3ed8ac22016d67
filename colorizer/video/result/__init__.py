"""From luma and chroma to a file: codecs, containers, and everything else the source carried."""
