"""The rules of the layout: who may import whom, and who may touch what."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from colorizer.engines.registry import ENGINES

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {  # where a file and its folder have different floors, the lower one is the file's
    1: ("colorizer.closing", "colorizer.errors", "colorizer.weights.catalog"),
    2: ("colorizer.color", "colorizer.engines", "colorizer.files", "colorizer.filetypes", "colorizer.lockfile",
        "colorizer.sample", "colorizer.settings", "colorizer.weights"),
    3: ("colorizer.answer", "colorizer.corrections", "colorizer.network", "colorizer.picture", "colorizer.plan"),
    4: ("colorizer.image", "colorizer.network_check", "colorizer.speed", "colorizer.video"),
    5: ("colorizer.inspect", "colorizer.jobs"),
    6: ("colorizer.web", "colorizer.cli", "colorizer.notebook"),
    7: ("app", "pages"),
}  # fmt: skip
ONLY_IN = {
    "streamlit": ("colorizer.web", "app", "pages"),
    "starlette": ("colorizer.web", "app", "pages"),
    "rich": ("colorizer.cli",),
    "ipywidgets": ("colorizer.notebook",),
    "IPython": ("colorizer.notebook",),
    "argparse": ("colorizer.cli",),
    "subprocess": ("colorizer.video.result.ffmpeg", "colorizer.inspect.child_processes", "colorizer.jobs.supervisor"),
    "av": ("colorizer.video",),
    "ffmpeg": ("colorizer.video.result.join_command",),
    "scenedetect": ("colorizer.video.colour.shots",),
    "openvino": ("colorizer.engines.open_vino",),
    "onnxruntime": ("colorizer.engines.onnx_runtime",),
    "torch": (),
    "training": (),
}

LIBRARIES = set(ENGINES)  # the names of the engines
ENGINE_FILES = {"colorizer.engines.registry", *(row.candidates.__module__ for row in ENGINES.values())}


def _modules():
    for path in sorted([*ROOT.glob("colorizer/**/*.py"), *ROOT.glob("pages/*.py"), ROOT / "app.py"]):
        parts = path.relative_to(ROOT).with_suffix("").parts
        yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), ast.parse(path.read_text("utf-8"))


def _path(module):
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


MODULES = dict(_modules())
NAMED = sorted(set(MODULES) - {"colorizer", "colorizer.__main__"})  # the front door and the command see everything


MOST_LINES, MOST_LINES_OF_A_FUNCTION = 300, 40
LONGER: set[str] = set()  # "colorizer.module" or "colorizer.module.function": none today


def _imports(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _within(name, package):
    return name == package or name.startswith(package + ".")


def _floor(name):
    return next((floor for floor, packages in FLOORS.items() for package in packages if _within(name, package)), None)


@pytest.mark.parametrize("module", NAMED)
def test_every_module_has_its_floor_and_imports_nothing_from_above(module):
    own = _floor(module)
    assert own is not None, f"{module} stands on no floor: name it in FLOORS and in the layout"
    above = [name for name in _imports(MODULES[module]) if (_floor(name) or 0) > own]
    assert not above, f"{module} on floor {own} imports from above: {above}"


@pytest.mark.parametrize("module", NAMED)
def test_a_film_goes_one_way_from_its_source_by_its_colour_to_its_result(module):
    rooms = [f"colorizer.video.{room}" for room in ("source", "colour", "result")]
    for place, room in enumerate(rooms):
        if _within(module, room):
            of_films = [name for name in _imports(MODULES[module]) if _within(name, "colorizer.video")]
            allowed = rooms[: place + 1]
            ahead = [name for name in of_films if not any(_within(name, before) for before in allowed)]
            assert not ahead, f"{module} looks ahead, or out of its room: {ahead}"


@pytest.mark.parametrize("module", NAMED)
def test_web_command_line_and_notebook_never_import_each_other(module):
    sides = ("colorizer.web", "colorizer.cli", "colorizer.notebook")
    for own in sides:
        if _within(module, own):
            others = [side for side in sides if side != own]
            assert not [name for name in _imports(MODULES[module]) for side in others if _within(name, side)]


@pytest.mark.parametrize("module", NAMED)
def test_libraries_stay_where_they_belong(module):
    for library, homes in ONLY_IN.items():
        if any(_within(name, library) for name in _imports(MODULES[module])):
            assert any(_within(module, home) for home in homes), f"{module} must not import {library}"


@pytest.mark.parametrize("module", NAMED)
def test_environment_and_dnn_are_touched_in_one_place_each(module):
    touched = {
        f"{node.value.id}.{node.attr}"
        for node in ast.walk(MODULES[module])
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }
    assert "os.environ" not in touched or module == "colorizer.settings"
    assert "os.getenv" not in touched
    assert "cv2.dnn" not in touched or module == "colorizer.engines.opencv_dnn"


@pytest.mark.parametrize("module", NAMED)
def test_no_file_asks_which_engine_it_is_but_the_rows_and_the_engines_own(module):
    asked = {
        constant.value.partition(":")[0]
        for node in ast.walk(MODULES[module])
        if isinstance(node, ast.Compare | ast.Match)
        for constant in ast.walk(node)
        if isinstance(constant, ast.Constant) and isinstance(constant.value, str)
    }
    assert not asked & LIBRARIES or module in ENGINE_FILES


@pytest.mark.parametrize("module", NAMED)
def test_what_is_said_of_an_engine_by_its_name_stands_in_its_row(module):
    """A table by the names of engines anywhere else would be one more place to change for a new one."""
    tables = [
        {key.value for key in node.keys if isinstance(key, ast.Constant)} & LIBRARIES
        for node in ast.walk(MODULES[module])
        if isinstance(node, ast.Dict)
    ]
    assert not [table for table in tables if len(table) > 1]


def test_no_two_modules_import_each_other_in_a_circle():
    graph = {
        name: {other for other in MODULES if other != name and any(_within(i, other) for i in imported)}
        - {"colorizer", "colorizer.__main__"}
        for name, imported in ((name, set(_imports(tree))) for name, tree in MODULES.items())
    }
    done: set[str] = set()

    def walk(name, path):
        assert name not in path, f"a circle: {' -> '.join([*path, name])}"
        if name not in done:
            for other in graph[name]:
                if not _within(name, other):  # a module may sit inside the package it imports from
                    walk(other, [*path, name])
            done.add(name)

    for name in NAMED:
        walk(name, [])


def test_no_public_class_and_no_file_has_the_name_of_another():
    tops = [node for tree in MODULES.values() for node in tree.body]
    classes = [node.name for node in tops if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]
    files = [path for path in ROOT.glob("colorizer/**/*.py") if path.name != "__init__.py"]
    web = ROOT / "colorizer" / "web"  # its rooms are built alike
    for names in (classes, [path.name for path in files if not path.is_relative_to(web)]):
        assert not [name for name, count in Counter(names).items() if count > 1]


def test_files_and_functions_are_short():
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    lines = {name: len(_path(name).read_text("utf-8").splitlines()) for name in MODULES if _within(name, "colorizer")}
    parts = {
        f"{name}.{node.name}": node.end_lineno - node.lineno + 1
        for name in lines
        for node in ast.walk(MODULES[name])
        if isinstance(node, functions)
    }
    long = {name for name, count in lines.items() if count > MOST_LINES}
    long |= {name for name, count in parts.items() if count > MOST_LINES_OF_A_FUNCTION}
    assert long == LONGER


CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def _told_floors():
    """Every file and folder of the layout's table, with the floor that the table gives it."""
    for floor, places in re.findall(r"^\| (\d) \| (`.*?`) \|", CONTRIBUTING, re.MULTILINE):
        first, *others = re.findall("`(.*?)`", places)
        yield from ((ROOT / place, int(floor)) for place in [first, *(f"{Path(first).parent}/{one}" for one in others)])


def test_the_layout_names_every_folder_and_file_at_the_top_with_its_floor():
    told = dict(_told_floors())
    assert [path for path in told if not path.exists()] == []
    assert {path.name: floor for path, floor in told.items()} == {path.name: _floor(_dotted(path)) for path in told}
    packages = {path.parent for path in ROOT.glob("colorizer/**/__init__.py")}
    rooms = {path for path in packages if path.parent == ROOT / "colorizer/web"} - {ROOT / "colorizer/web/parts"}
    files = {path for path in ROOT.glob("colorizer/*.py") if not path.name.startswith("__")}
    assert packages - rooms - {ROOT / "colorizer", ROOT / "colorizer/web/parts"} | files <= set(told)
    studio = CONTRIBUTING.partition("### The studio")[2].partition("## What the code is like")[0]
    assert {f"{path.name}/" for path in rooms} | {"parts/"} <= set(re.findall("`(.*?)`", studio))


def test_what_lies_beside_the_package_is_there():
    beside = CONTRIBUTING.partition("Beside the package:")[2].partition("### The studio")[0]
    named = re.findall("`(.*?/)`", beside)
    assert len(named) > 5
    assert [name for name in named if not (ROOT / name).is_dir()] == []


def _dotted(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


DIAGRAMS = re.findall(r"^```mermaid\n(.*?)^```", (ROOT / "docs/how-it-works.md").read_text("utf-8"), re.M | re.S)


def _module_of(path):
    """The dotted name of a file as a diagram writes it: from the package's folder, or else from the checkout's."""
    dotted = path.removesuffix(".py").replace("/", ".")
    return f"colorizer.{dotted}" if f"colorizer.{dotted}" in MODULES else dotted


def _untrue(diagram):
    """The boxes of a diagram that are no file, and its arrows that are no import."""
    paths = dict(re.findall(r'(\w+)\["([^"]+)"\]', diagram))
    plain = re.sub(r'\["[^"]+"\]|\|"[^"]+"\|', "", diagram)
    arrows = [line.split("-->") for line in plain.splitlines() if "-->" in line]
    untrue = [path for path in paths.values() if _module_of(path) not in MODULES]
    for start, end in ([paths[name.strip()] for name in arrow] for arrow in arrows):
        imported = _imports(MODULES.get(_module_of(start), ast.parse("")))
        if not any(_within(name, _module_of(end)) for name in imported):
            untrue.append(f"{start} --> {end}")
    return untrue


@pytest.mark.parametrize("diagram", DIAGRAMS, ids=["frame", "request"])
def test_the_paths_that_the_documentation_draws_are_small_and_made_of_files_and_imports_that_exist(diagram):
    assert not _untrue(diagram)
    assert 8 <= len(set(re.findall(r'\["([^"]+)"\]', diagram))) <= 12
    lines = diagram.strip().splitlines()[1:]
    assert all(line.count("-->") == 1 for line in lines)  # what the test does not read, it does not hold


def test_a_renamed_file_and_an_arrow_without_an_import_are_noticed():
    assert _untrue('a["app.py"] --> b["web/pictures/route.py"]') == [
        "web/pictures/route.py", "app.py --> web/pictures/route.py"
    ]  # fmt: skip
    assert _untrue('a["network.py"] -->|"1 not so"| b["picture.py"]') == ["network.py --> picture.py"]


def test_importing_the_package_loads_nothing_heavy():
    import subprocess
    import sys

    heavy = ("cv2", "numpy", "PIL", "streamlit", "rich", "openvino", "onnxruntime", "ffmpeg")
    code = f"import colorizer, sys; print([m for m in {heavy} if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout.strip() == "[]"


def test_every_public_name_can_be_had():
    import colorizer

    assert colorizer.__all__ == sorted(colorizer.__all__)
    assert all(getattr(colorizer, name) is not None for name in colorizer.__all__)
    with pytest.raises(AttributeError, match="no attribute 'colourise'"):
        _ = colorizer.colourise


def test_every_package_and_component_travels_with_the_installed_program():
    import tomllib

    told = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"]
    there = {".".join(path.parent.relative_to(ROOT).parts) for path in ROOT.glob("colorizer/**/__init__.py")}
    assert set(told) == there | {"colorizer.starter"}
