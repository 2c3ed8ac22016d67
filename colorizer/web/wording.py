"""Text from elsewhere, made fit for a page."""


def as_sentence(note: str) -> str:
    """The note with a capital letter and a full stop."""
    return f"{note[:1].upper()}{note[1:].removesuffix('.')}."


def plain(text: str) -> str:
    """The text with nothing in it that Streamlit's Markdown would act on."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()<>#+-.!|~$:&" else letter for letter in text)
