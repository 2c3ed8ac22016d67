"""The documentation against the program: links, commands, pictures, and every error message."""

import ast
import re
import shlex
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from colorizer.cli import _parser
from colorizer.video.result.codecs import CODECS, FILM_SUFFIXES

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "training/README.md", *ROOT.glob("models/*/*.md")])
TEXTS = {page: page.read_text("utf-8") for page in PAGES}
BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
by_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


# Links


def _links(page):
    text = re.sub(r"`[^`\n]*`", "", BLOCK.sub("", TEXTS[page]))
    return [link for link in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", link)]


def _anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ +(.*?)$", BLOCK.sub("", TEXTS[page]), re.MULTILINE)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading) for heading in headings]
    return [re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain]


@by_page
def test_every_link_and_anchor_leads_somewhere(page):
    for link in _links(page):
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert target.is_relative_to(ROOT), link
        assert not anchor or _anchors(target).count(anchor) == 1, link


def test_every_page_can_be_reached_from_the_readme():
    reached, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in TEXTS and page not in reached:
            reached.add(page)
            waiting += [(page.parent / link.partition("#")[0]).resolve() for link in _links(page)]
    assert set(PAGES) == reached


@pytest.mark.parametrize("picture", sorted(ROOT.glob("docs/images/*")), ids=lambda path: path.name)
def test_every_picture_is_whole_small_and_used(picture):
    with Image.open(picture) as image:
        image.load()
    assert picture.stat().st_size < 200_000
    assert any((page.parent / link).resolve() == picture for page in PAGES for link in _links(page))


# Commands


def _commands():
    for page, text in TEXTS.items():
        lines = [line for language, block in BLOCK.findall(text) if language == "sh" for line in block.splitlines()]
        for line in lines:
            if line.strip() and not line.lstrip().startswith("#"):
                yield pytest.param(line.strip(), id=f"{page.name}: {line.strip()}")


@pytest.mark.parametrize("command", list(_commands()))
def test_every_command_is_one_that_the_program_knows(command):
    words = shlex.split(command)
    if words[0] == ".venv/bin/colorizer":
        assert _parser().parse_args(words[1:]).run
    elif words[:2] == [".venv/bin/python", "-m"]:
        module = ROOT / words[2].replace(".", "/")
        assert words[2] in {"pip", "pytest"} or module.with_suffix(".py").is_file()
    elif words[0] in {"sh", ".venv/bin/python"}:
        assert (ROOT / words[1]).is_file()
    elif words[0] == "make":
        assert re.search(rf"^{words[1]}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    else:
        assert words[0] in {"docker", "pip", ".venv/bin/ruff", ".venv/bin/mypy"}


def test_every_option_that_a_page_names_is_one_that_the_program_has():
    code = "".join(path.read_text("utf-8") for path in ROOT.glob("colorizer/cli/*.py"))
    known = {*re.findall(r'"(--[a-z-]+)"', code), "--saturation", "--hue", "--intensity", "--warmth", "--help"}
    for page in ROOT.glob("docs/*.md"):
        told = {word for part in re.findall(r"`[^`\n]*`", BLOCK.sub("", TEXTS[page])) for word in part[1:-1].split()}
        options = {word for word in told if re.fullmatch(r"--[a-z-]+", word)}
        assert options - known <= {"--server.port", "--force-reinstall", "--upgrade"}, page.name


# Tables


def test_the_tables_of_codecs_are_the_programs():
    page = TEXTS[ROOT / "docs" / "video.md"]
    rows = [[cell.strip() for cell in line.strip("| ").split("|")] for line in page.splitlines() if line[:3] == "| `"]
    table = {row[0].strip("`"): row for row in rows if row[0].strip("`") in CODECS}
    assert set(table) == set(CODECS)
    for name, codec in CODECS.items():
        bits, crf, preset, lossless = table[name][1:5]
        depths = sorted(codec.formats)
        assert bits == (f"{depths[0]} to {depths[-1]}" if len(depths) > 2 else ", ".join(map(str, depths)))
        assert crf == ("none" if codec.quality is None else f"0 to {codec.worst} ({codec.quality:g})")
        usual = codec.preset if codec.preset.isdigit() else f"`{codec.preset}`"
        assert preset.endswith(f"({usual})") if codec.presets else preset == "none"
        assert lossless == ("no" if codec.lossless_options is None else "always" if name == "ffv1" else "yes")
    for suffix in FILM_SUFFIXES:
        (row,) = (row for row in rows if f"`{suffix}`" in row[0])
        kept = ".mp4" if suffix == ".m4v" else suffix
        assert set(re.findall("`([a-z0-9]+)`", row[2])) == {c.name for c in CODECS.values() if kept in c.suffixes}


def test_every_field_of_the_report_has_its_row():
    page = TEXTS[ROOT / "docs" / "video.md"]
    (fields,) = (
        {key.value for key in node.keys}
        for node in ast.walk(ast.parse((ROOT / "colorizer/video/report.py").read_text("utf-8")))
        if isinstance(node, ast.Dict)
    )
    told = page[page.index("### The report") : page.index("## Jobs")]
    assert fields == {
        name for row in re.findall(r"^\| (`.*?) \|", told, re.MULTILINE) for name in re.findall("`(.*?)`", row)
    }


# Messages

CODE = sorted(ROOT.glob("colorizer/**/*.py"))
SCRIPTS = sorted(ROOT.glob("colorizer/web/*/*.js"))
# Functions whose words reach people in another way than inside an error that is made right there.
SPEAKERS = {"missing", "missing_device", "importer_problem", "failure_parts", "failure_text", "true_kind", "size_flaw"}
UNREACHED = {  # no door of the program lets such a wish in
    "regrades names the job to render anew, and is", "does not keep fields at", "full_chroma is for ffv1, and codec is",
    "names no engine",
}  # fmt: skip
# Errors that only pass on what another one, or one of the SPEAKERS, has said.
PASSED_ON = {
    "str(error)",
    "str(wrong)",
    "problem",
    "missing()",
    "f'{path} {_refusal(path)}'",
    "f'{label} {error}. {error.cure}'",
}
PASSED_ON |= {"_status(error.code, error.reason)", "_status(answer.status, answer.reason)"}


@cache
def _trees():
    return [ast.parse(path.read_text("utf-8")) for path in CODE]


def _error_names():
    """The classes whose messages people read: ColorizerError and all below it, and what only the studio's edge has."""
    names = {"ColorizerError", "Refused", "AddressError", "ArgumentTypeError", "KindNotSupported"}
    classes = [node for tree in _trees() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while more := {c.name for c in classes if any(ast.unparse(base) in names for base in c.bases)} - names:
        names |= more
    return names


def _template(node):
    """The text with a mark for whatever is filled in."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_template(value) for value in node.values)
    if isinstance(node, ast.BinOp):
        return _template(node.left) + _template(node.right)
    return "\0"


def _piece(template):
    """What tells this message from others: the longest constant piece of its first sentence, where that is enough."""
    first = re.split(r"(?<=[^\s\0.])[.;:](?:\s|$)", template)[0]
    for part in (first, template):
        piece = max((piece.strip(" ,.:;()“”") for piece in part.split("\0")), key=len)
        if len(piece) >= 8 or part is template:
            return piece
    raise AssertionError


def _messages():
    names = _error_names()
    for tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in names:
                yield from _said(node)
            if isinstance(node, ast.FunctionDef) and node.name in SPEAKERS:
                returned = [each.value for each in ast.walk(node) if isinstance(each, ast.Return) and each.value]
                yield from (text for value in returned for text in _texts(value) if len(text) > 20)


def _said(call):
    told = [_template(argument) for argument in call.args]
    texts = [text for text in told if len(_piece(text)) > 3]
    if texts:
        yield max(texts, key=len)
    else:
        assert {ast.unparse(argument) for argument in call.args} & PASSED_ON, ast.unparse(call)


def _texts(node):
    """Every text in an expression, the parts of an f-string together."""
    if isinstance(node, ast.Constant | ast.JoinedStr):
        yield _template(node)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _texts(child)


def _sentences_of_scripts():
    for script in SCRIPTS:
        for text in re.findall(r'"([A-Z][^"]{20,}[.?])"', script.read_text("utf-8")):
            yield re.sub(r"\{\}", "\0", text)


def test_troubleshooting_has_every_message_that_people_can_get():
    page = " ".join(TEXTS[ROOT / "docs" / "troubleshooting.md"].split())
    wanted = {_piece(text) for text in [*_messages(), *_sentences_of_scripts()]}
    # A value outside its range: one paragraph of the page is about all of these, which name range and value themselves.
    of_ranges = {
        piece for piece in wanted if re.search(r"\bmust (be|lie|hold|not lie|have)\b|^and sample_aspect$", piece)
    }
    assert len(wanted - of_ranges) > 150  # the collecting works
    assert sorted(piece for piece in wanted - of_ranges - UNREACHED if piece not in page) == []
