"""The Jobs page: films being made and films that are finished."""
