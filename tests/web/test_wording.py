from colorizer.web.wording import as_sentence, plain


def test_markdown_in_a_name_stays_text() -> None:
    assert plain("a_b*c*[x](y) <b> :red[z] $1$") == r"a\_b\*c\*\[x\]\(y\) \<b\> \:red\[z\] \$1\$"
    assert plain("Großmutter 1936") == "Großmutter 1936"


def test_a_note_becomes_one_sentence() -> None:
    assert as_sentence("the end is missing") == as_sentence("The end is missing.") == "The end is missing."


def test_our_own_commands_are_shown_as_code_and_nothing_else_is() -> None:
    assert (
        plain("24 a second; `colorizer video --fps` takes others")
        == "24 a second; `colorizer video --fps` takes others"
    )
    assert plain("a`b`c.mp4") == r"a\`b\`c\.mp4"
