"""`colorizer models`: which networks are here, and how they get here and away again."""

import argparse
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bars

from colorizer.cli.terminal import make_folder, print_table, say
from colorizer.engines.exported import export_model
from colorizer.errors import ColorizerError, TargetExists
from colorizer.files import size_text
from colorizer.network_check import checked
from colorizer.settings import settings
from colorizer.weights import catalog
from colorizer.weights.catalog import Model, find_model
from colorizer.weights.download import DownloadProgress, download
from colorizer.weights.local_models import (
    FileStatus,
    LocalModel,
    ModelStatus,
    find,
    glance,
    import_file,
    local_model,
    locate,
    remove,
    verify,
)


def add_parser(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command and its verbs."""
    parser = subparsers.add_parser("models", help="list, download, check, export and remove networks")
    verbs = parser.add_subparsers(title="verbs", required=True, metavar="VERB")
    verb = verbs.add_parser("list", help="the networks there are, and which are on this disk")
    verb.set_defaults(run=run, verb=_list)
    verb = verbs.add_parser("download", help="get networks from the net, or from a folder")
    verb.add_argument("ids", nargs="+", metavar="ID", help="as `colorizer models list` names it")
    verb.add_argument("--from", dest="folder", type=Path, metavar="FOLDER", help="take the files from there, offline")
    verb.set_defaults(run=run, verb=_download)
    verb = verbs.add_parser("verify", help="check every byte of the networks on this disk")
    verb.add_argument("ids", nargs="*", metavar="ID", help="only these, folders too; without one, the whole catalog")
    verb.add_argument("--run", dest="try_out", action="store_true", help="also colour a test picture and judge it")
    verb.set_defaults(run=run, verb=_verify)
    verb = verbs.add_parser("import", help="take in files that are on this disk already, whatever their names")
    verb.add_argument("files", nargs="+", type=Path, metavar="FILE")
    verb.set_defaults(run=run, verb=_import)
    verb = verbs.add_parser("export", help="write a network as one ONNX file")
    verb.add_argument("id", metavar="ID", help="as `colorizer models list` names it, or a folder with a network")
    verb.add_argument("-o", "--output", required=True, type=Path, metavar="FILE", help="where to, such as net.onnx")
    verb.add_argument("--overwrite", action="store_true", help="replace the file if it is there")
    verb.set_defaults(run=run, verb=_export)
    verb = verbs.add_parser("remove", help="delete the files of a downloaded network")
    verb.add_argument("ids", nargs="+", metavar="ID")
    verb.set_defaults(run=run, verb=_remove)


def run(options: argparse.Namespace) -> int:
    """Do what the verb says; 1 where any of it failed."""
    verb: Callable[[argparse.Namespace], int] = options.verb
    return verb(options)


def _list(_options: argparse.Namespace) -> int:
    found = [glance(model) for model in catalog.CATALOG]
    print_table(
        ("model", "name", "on this disk", "size", "licence", "note"),
        [(s.model.id, s.model.title, _state(s), size_text(s.model.size), s.model.licence, s.model.note) for s in found],
    )
    print(f"Networks are kept in {settings().models_folder}")
    return 0


def _state(found: ModelStatus) -> str:
    """What is on this disk, in a few words."""
    if found.state == "present":
        return "yes"
    missing = found.model.size - found.missing
    if found.state == "not downloaded" and missing:
        return f"not downloaded ({size_text(missing)} of it are here)"
    return found.state


def _download(options: argparse.Namespace) -> int:
    return download_models([find_model(model_id) for model_id in options.ids], options.folder)


def download_models(models: Iterable[Model], folder: Path | None) -> int:
    """Get the models from their addresses, or from this folder, try them, and print what became of each.

    Returns 1 where one is not there, or does not do what it should.
    """
    rows, errors = [], []
    arrived: list[LocalModel] = []
    for model in models:
        try:
            with _bars() as bars:
                local = download(model, from_folder=folder, progress=_reporter(bars))
        except ColorizerError as error:
            errors.append(f"{model.id}: {error}")
            rows.append((model.id, "failed", size_text(model.size), ""))
        else:
            rows += [(model.id, "verified", size_text(path.stat().st_size), str(path)) for path in local.paths.values()]
            arrived += [] if model.bundled else [local]
    print_table(("model", "result", "size", "file"), rows)
    return _report([*errors, *(wrong for local in arrived for wrong in _tried(local, fresh=False))])


def _tried(local: LocalModel, *, fresh: bool) -> list[str]:
    """What is wrong with the network, tried on this computer, as an error; where nothing is, a line is printed."""
    check = checked(local, fresh=fresh, tell=say)
    line = f"{local.model.id}, tried on this computer: {check.text}"
    if check.problems:
        return [line]
    print(line)
    return []


def _bars() -> Bars:
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    return Bars(*columns, console=console, disable=not sys.stderr.isatty())


def _reporter(bars: Bars) -> Callable[[DownloadProgress], None]:
    """What draws a bar for each file, named after the file and where it comes from."""
    tasks = {}

    def show(progress: DownloadProgress) -> None:
        file = progress.file
        if file.name not in tasks:
            tasks[file.name] = bars.add_task(file.name, total=file.size, completed=progress.done)
        host = progress.address.partition("://")[2].partition("/")[0] or progress.address
        bars.update(tasks[file.name], completed=progress.done, description=f"{file.name} from {host}")

    return show


def _verify(options: argparse.Namespace) -> int:
    found = [find(name) for name in options.ids] or [verify(model) for model in catalog.CATALOG]
    print_table(
        ("model", "file", "state"),
        [(status.model.id, str(file.path), _verdict(file, status.model)) for status in found for file in status.files],
    )
    errors = []
    for status in found:
        if options.ids or status.state != "not downloaded":
            try:
                local = local_model(status)
            except ColorizerError as error:
                errors.append(str(error))
            else:
                errors += _tried(local, fresh=True) if options.try_out else []
    return _report(errors)


def _verdict(file: FileStatus, model: Model) -> str:
    if not model.in_catalog:
        return "here; in no catalog, so nobody knows its bytes"
    if file.state == "damaged":
        return f"damaged: {file.flaw}"
    return "verified" if file.state == "present" else file.state


def _import(options: argparse.Namespace) -> int:
    errors = []
    for path in options.files:
        try:
            for home in import_file(path):
                print(f"{path} is now {home}")
        except ColorizerError as error:
            errors.append(str(error))
    return _report(errors)


def _export(options: argparse.Namespace) -> int:
    target: Path = options.output
    if target.exists() and not options.overwrite:
        raise TargetExists(f"{target} is there already: add --overwrite, or choose another name")
    make_folder(target.parent)
    size = export_model(locate(options.id), target, say)
    print(f"{target} is written, as ONNX ({size_text(size)})")
    return 0


def _remove(options: argparse.Namespace) -> int:
    for model in [find_model(model_id) for model_id in options.ids]:
        gone = remove(model)
        for path in gone:
            print(f"{path} is deleted")
        if not gone:
            print(f"Nothing of {model.id} is on this disk")
    return 0


def _report(errors: Iterable[str]) -> int:
    status = 0
    for error in errors:
        print(f"colorizer: {error}", file=sys.stderr)
        status = 1
    return status
