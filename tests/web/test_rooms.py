"""Which page of the studio may know which: the folders of web/ stand in one line."""

import ast
from pathlib import Path

import pytest

import colorizer.web

WEB = Path(colorizer.web.__file__).parent
# Each may import from those before it and from what all share; pictures, films and live know nothing of each other.
ORDER = {"parts": 1, "jobs": 2, "models": 3, "pictures": 4, "films": 4, "live": 4}
AGREED = {"__init__", "page", "controls", "cards", "routes", "state"}  # the names that each page may have once


def _imports(path: Path) -> set[str]:
    nodes = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)]
    names = {f"{node.module}.{alias.name}" for node in nodes for alias in node.names}
    return {name.split(".")[2] for name in names if name.startswith("colorizer.web.")} & set(ORDER)


@pytest.mark.parametrize("path", sorted(WEB.glob("*/*.py")), ids=lambda path: str(path.relative_to(WEB)))
def test_a_page_imports_only_from_pages_before_it(path: Path) -> None:
    room = path.parent.name
    assert not [other for other in _imports(path) if other != room and ORDER[other] >= ORDER[room]]


@pytest.mark.parametrize("path", sorted(WEB.glob("*.py")), ids=lambda path: path.name)
def test_what_pages_share_knows_none_of_them(path: Path) -> None:
    assert not _imports(path) or path.stem == "shutdown"  # which closes what they have opened


def test_no_file_name_and_no_public_class_stands_for_two_things() -> None:
    names = [path.stem for path in WEB.rglob("*.py") if path.stem not in AGREED]
    assert len(names) == len(set(names))
    trees = [ast.parse(path.read_text("utf-8")) for path in WEB.rglob("*.py")]
    classes = [node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    public = [name for name in classes if not name.startswith("_")]
    assert len(public) == len(set(public))
