"""From frames to chroma: shots, motion, key frames, and the track that keeps the colours."""
