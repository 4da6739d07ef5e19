"""Projects of an office: a written plan becomes a project file, which opens again anywhere, the plan's folder gone or not.

A project takes in other data later (jobs.updating): then it is the project of several plans, and each of them leads to it.
"""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from geo.schema import DataError
from geo.wording import language_of_runs, say, speaking
from jobs.reopened import Reopened, reopened
from jobs.stated import stated
from report.reopening import NEEDED, read_results
from report.results import OUTCOME_COLUMNS, Results
from store.bases import Data
from store.digests import hash_of
from store.disks import give_name, half_of
from store.drafts import Draft
from store.project import DraftLine, Project, create, open_project

SUFFIX = ".gpkg"
NAME_LENGTH = 24  # of a plan's hash: what its project and its folder are called


@dataclass(frozen=True)
class Shelved:
    """A project file on the shelf: its title, and the draft that was changed last."""

    path: Path
    title: str
    last: DraftLine | None


def plan_hash(folder: Path) -> str:
    """Return the hash of a written plan, file by file; raises DataError where the folder holds no plan."""
    return hash_of({name: (folder / name).read_bytes() for name in NEEDED if (folder / name).is_file()})


def project_of(folder: Path, shelf: Path) -> Path:
    """Return the project file of a written plan on the shelf, made where there is none yet.

    Its first draft begins where the plan ends. Raises DataError where the folder holds no whole plan.
    """
    key = plan_hash(folder)
    path = shelf / f"{key[:NAME_LENGTH]}{SUFFIX}"
    if path.is_file():
        return path
    for found in sorted(shelf.glob(f"*{SUFFIX}")):
        if key in _plans(found):
            return found
    try:
        begun(folder, shelf, begin=_begin)
    except DataError:
        if not path.is_file():  # else another desk made it meanwhile
            raise
    return path


def basis_of(project: Project, folder: Path) -> int:
    """Return the number of the basis that a written plan is in its project; raises DataError where it is none."""
    key = plan_hash(folder)
    for basis in project.bases():
        if basis.sha256 == key:
            return basis.number
    raise DataError("store.no_such_basis", number=folder.name)


def begun(folder: Path, shelf: Path, *, begin: Callable[[Project, Reopened], object]) -> Path:
    """Return a new project of a written plan on the shelf, whole with what `begin` puts into it, or not at all.

    Raises DataError where the plan has a project already.
    """
    path = shelf / f"{plan_hash(folder)[:NAME_LENGTH]}{SUFFIX}"
    shelf.mkdir(parents=True, exist_ok=True)
    half = half_of(path)
    try:
        _made(folder, half, begin=begin)
        give_name(half, path)
    finally:
        half.unlink(missing_ok=True)
    return path


def read_back(project: Project, shelf: Path, basis: int | None = None) -> Results:
    """Return the plan that a basis of the project was made of, the newest where none is named, from the files it keeps."""
    return read_results(unpacked(project, shelf, basis))


def unpacked(project: Project, shelf: Path, basis: int | None = None) -> Path:
    """Return a folder with the written plan of a basis, the newest where none is named.

    It is laid out under the shelf where it is missing.
    """
    files = project.files(basis)
    folder = shelf / hash_of(files)[:NAME_LENGTH]
    if not folder.is_dir():
        half = shelf / f".{folder.name}.{os.getpid()}.{uuid4().hex}"
        half.mkdir(parents=True)
        for name, content in files.items():
            (half / Path(name).name).write_bytes(content)
        try:
            half.replace(folder)
        except OSError:  # somebody else was faster
            shutil.rmtree(half)
    return folder


def shelved(shelf: Path) -> tuple[Shelved, ...]:
    """Return the projects on the shelf that open, the one that was changed last first."""
    found = []
    for path in sorted(shelf.glob(f"*{SUFFIX}")):
        try:
            with open_project(path) as project:
                drafts = project.drafts()
                found.append(Shelved(path, project.title(), drafts[0] if drafts else None))
        except (
            DataError
        ):  # of a newer program, or broken: it is no choice here, and says so when it is opened
            continue
    return tuple(sorted(found, key=lambda one: one.last.at if one.last else "", reverse=True))


def data_of(folder: Path, results: Results, town: Reopened) -> Data:
    """Return what a project keeps of a written plan: `results` as it was read, `town` as it was taken up again."""
    table = results.communities
    return Data(
        communities=table.drop(columns=[c for c in OUTCOME_COLUMNS if c in table.columns]),
        findings=results.findings,
        rules_text=stated(results.rules_text, town.rules),
        files={name: (folder / name).read_bytes() for name in NEEDED},
    )


# --- parts -----------------------------------------------------------------------------------------


def _made(folder: Path, path: Path, *, begin: Callable[[Project, Reopened], object]) -> None:
    results = read_results(folder)
    town = reopened(results)
    data = data_of(folder, results, town)
    with create(
        path,
        title=results.title,
        communities=data.communities,
        findings=data.findings,
        rules_text=data.rules_text,
        who=_written("store.program"),
        files=data.files,
    ) as project:
        begin(project, town)


def _plans(path: Path) -> set[str]:
    """Return the hashes of the plans that a project on the shelf is of; none where it does not open."""
    try:
        with open_project(path) as project:
            return {basis.sha256 for basis in project.bases()}
    except DataError:
        return set()


def _begin(project: Project, town: Reopened) -> None:
    project.add_draft(_written("store.first_draft"), Draft(town.plan), _written("store.program"))


def _written(key: str) -> str:
    """Return a sentence for the file, which people of every language share."""
    with speaking(language_of_runs()):
        return say(key)
