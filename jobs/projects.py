"""Projects of an office: a written plan becomes a project file, which opens again anywhere, the plan's folder gone or not."""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from geo.schema import DataError
from geo.wording import language_of_runs, say, speaking
from jobs.reopened import Reopened, reopened
from jobs.stated import stated
from report.reopening import NEEDED, read_results
from report.results import OUTCOME_COLUMNS, Results
from store.disks import give_name, half_of
from store.drafts import Draft
from store.project import NO_FILES, DraftLine, Project, create, open_project

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
    return _hash({name: (folder / name).read_bytes() for name in NEEDED if (folder / name).is_file()})


def project_of(folder: Path, shelf: Path) -> Path:
    """Return the project file of a written plan on the shelf, made where there is none yet.

    Its first draft begins where the plan ends. Raises DataError where the folder holds no whole plan.
    """
    path = shelf / f"{plan_hash(folder)[:NAME_LENGTH]}{SUFFIX}"
    if not path.is_file():
        try:
            continued(folder, shelf, begin=_begin, more=NO_FILES)
        except DataError:
            if not path.is_file():  # else another desk made it meanwhile
                raise
    return path


def continued(
    folder: Path, shelf: Path, *, begin: Callable[[Project, Reopened], object], more: Mapping[str, bytes]
) -> Path:
    """Return a new project of a written plan on the shelf, whole with what `begin` puts into it, or not at all.

    `more` are files that are kept beside the plan's. Raises DataError where the plan has a project already.
    """
    path = shelf / f"{plan_hash(folder)[:NAME_LENGTH]}{SUFFIX}"
    shelf.mkdir(parents=True, exist_ok=True)
    half = half_of(path)
    try:
        _made(folder, half, begin=begin, more=more)
        give_name(half, path)
    finally:
        half.unlink(missing_ok=True)
    return path


def read_back(project: Project, shelf: Path) -> Results:
    """Return the plan that the project was made of, from the files it keeps."""
    return read_results(unpacked(project, shelf))


def unpacked(project: Project, shelf: Path) -> Path:
    """Return a folder with the written plan that the project was made of, laid out under the shelf where it is missing."""
    files = project.files()
    folder = shelf / _hash(files)[:NAME_LENGTH]
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


# --- parts -----------------------------------------------------------------------------------------


def _made(
    folder: Path, path: Path, *, begin: Callable[[Project, Reopened], object], more: Mapping[str, bytes]
) -> None:
    results = read_results(folder)
    town = reopened(results)
    table = results.communities
    with create(
        path,
        title=results.title,
        communities=table.drop(columns=[c for c in OUTCOME_COLUMNS if c in table.columns]),
        findings=results.findings,
        rules_text=stated(results.rules_text, town.rules),
        who=_written("store.program"),
        files={**{name: (folder / name).read_bytes() for name in NEEDED}, **more},
    ) as project:
        begin(project, town)


def _begin(project: Project, town: Reopened) -> None:
    project.add_draft(_written("store.first_draft"), Draft(town.plan), _written("store.program"))


def _written(key: str) -> str:
    """Return a sentence for the file, which people of every language share."""
    with speaking(language_of_runs()):
        return say(key)


def _hash(files: dict[str, bytes]) -> str:
    of_each = (f"{name}\0{sha256(content).hexdigest()}\n" for name, content in sorted(files.items()))
    return sha256("".join(of_each).encode()).hexdigest()
