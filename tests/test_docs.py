"""The documentation against the program: links, commands, pictures, and the section of every error."""

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

TROUBLESHOOTING = ROOT / "docs" / "troubleshooting.md"
# What each part of the program says has its section. A part that begins to raise errors begins to have one.
SECTIONS = {
    "cli": ("options-and-settings", "starting"),
    "color": ("options-and-settings",),
    "corrections": ("options-and-settings",),
    "engines": ("engines", "networks"),
    "image": ("pictures", "results-and-the-disk"),
    "inspect": ("films", "the-studio"),
    "jobs": ("the-queue",),
    "notebook": ("starting", "results-and-the-disk"),
    "video": ("films", "results-and-the-disk", "options-and-settings"),
    "web": ("the-studio", "the-live-page"),
    "weights": ("networks", "downloads"),
    "files.py": ("results-and-the-disk",),
    "network.py": ("options-and-settings",),
    "plan.py": ("pictures", "results-and-the-disk"),
    "settings.py": ("options-and-settings",),
}


@cache
def _trees():
    paths = sorted(ROOT.glob("colorizer/**/*.py"))
    return {path.relative_to(ROOT / "colorizer"): ast.parse(path.read_text("utf-8")) for path in paths}


@cache
def _error_names():
    """The classes whose messages people read: ColorizerError and all below it."""
    names = {"ColorizerError"}
    classes = [node for tree in _trees().values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    while more := {c.name for c in classes if any(ast.unparse(base) in names for base in c.bases)} - names:
        names |= more
    return names


def _rows(page):
    """The rows of all tables of a page, each as its cells."""
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_every_class_of_errors_has_its_section():
    """Those of a module alone, whose names begin with an underscore, are told by another one's section."""
    rows = _rows(TEXTS[TROUBLESHOOTING].split("## In Python")[1])[1:]
    told = [name for row in rows for name in re.findall("`(.*?)`", row[0])]
    public = {name for name in _error_names() if not name.startswith("_")}
    assert sorted(told) == sorted(public - {"ColorizerError"})
    assert all(re.search(r"\]\(#[a-z-]+\)", row[1]) for row in rows)  # that it leads somewhere: see above


def test_every_part_of_the_program_that_raises_errors_has_its_section():
    raising = {
        path.parts[0]
        for path, tree in _trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _error_names()
    }
    assert raising == set(SECTIONS)
    sections = {anchor for anchors in SECTIONS.values() for anchor in anchors}
    assert sections <= set(_anchors(TROUBLESHOOTING))


def test_every_section_of_messages_has_rows_and_every_row_a_cure():
    parts = re.split(r"^## ", TEXTS[TROUBLESHOOTING], flags=re.MULTILINE)[1:]
    tables = {part.splitlines()[0]: _rows(part) for part in parts if "| it says | what to do |" in part}
    assert len(tables) == len({anchor for anchors in SECTIONS.values() for anchor in anchors})
    for title, rows in tables.items():
        assert len(rows) > 3, title
        assert all(len(row) == 2 and all(row) for row in rows), title
