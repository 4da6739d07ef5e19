"""成套文书: a frozen version as two zips of papers, drawings and boundaries; whole, or not at all."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from geo.schema import DataError
from geo.wording import language_of_runs, listed, say, speaking
from jobs.cases import Frozen, cases_of, frozen_version
from jobs.issuing import Job, Press, plan_pieces
from jobs.plancase import plan_case
from jobs.progress import Listener, Step, silent
from jobs.spreading import spread
from report.documents.case import Area, Case
from report.documents.gaps import missing
from report.documents.phrases import area_words
from report.drawings.atlas import atlas_of
from report.exports import Encoding, boundaries, boundary_files
from report.package import Absent, Label, Piece, Put, check_package, packing
from store.proceedings import STATES
from store.project import Project

FOLDER = "boundary"


@dataclass(frozen=True)
class Packed:
    """What was packed: how many areas, and what the office has still to fill in by hand, in words."""

    areas: int
    draft: bool
    gaps: tuple[str, ...]

    def lines(self) -> list[str]:
        """Return what there is to say in lines for a terminal."""
        kind = "draft" if self.draft else "final"
        told = [say(f"package.packed_{kind}", number=self.areas)]
        if self.gaps:
            told.append(say("package.gaps", gaps=say("words.semicolon").join(self.gaps)))
        return told


def package(
    project: Project,
    number: int,
    folder: Path,
    *,
    draft: bool = False,
    encoding: Encoding = "utf-8",
    workers: int = 1,
    progress: Listener = silent,
) -> Packed:
    """Write the package of a version into `folder`; what an earlier one wrote there is replaced.

    An error, an interrupt or a kill at any moment leaves the folder as it was. The files do not depend on `workers`.
    Papers are in the language of runs. Raises DataError where the project has no such version, a citation or period is
    not confirmed (but for drafts), the folder holds anything else, or a shapefile of this encoding cannot hold a text.
    """
    check_package(folder)
    progress(Step("read"))
    with speaking(language_of_runs()):
        frozen = frozen_version(project, number)
        if not draft:
            refuse_unconfirmed(frozen)
        cases = cases_of(frozen, draft=draft)
        boundary = tuple(_boundary(frozen, cases, encoding))
        whole = plan_case(project, frozen, draft=draft)
        with packing(folder, _label(frozen, draft=draft)) as put:
            for piece in (*plan_pieces(whole), *boundary):
                put(piece)
            _put_areas(frozen, cases, put, workers=workers, progress=progress)
            progress(Step("write"))
        return Packed(len(cases), draft, tuple(_office_gaps(cases)))


def refuse_unconfirmed(frozen: Frozen) -> None:
    """Raise DataError that lists what no post has confirmed: no public paper may rest on it."""
    left = [one for one in frozen.cited if not one.confirmed]
    if left:
        texts = [
            one.text if one.kind == "citation" else say(f"package.period.{one.key}", days=one.text)
            for one in left
        ]
        raise DataError("package.unconfirmed", number=len(left), texts=say("words.semicolon").join(texts))


def shared_work(frozen: Frozen, cases: tuple[Case, ...]) -> tuple[Press, tuple[Job, ...]]:
    """Return what makes the files of each area, and the areas, each with a folder by its place: ids may be of any script."""
    atlas = replace(atlas_of(frozen.results), bounds=frozen.bounds)
    digits = len(str(len(cases)))
    kinds = frozen.results.areas["kind"]
    jobs = (
        _job(frozen, case, f"area-{n:0{digits}d}", str(kinds[case.area.area_id]))
        for n, case in enumerate(cases, 1)
    )
    return Press(atlas, frozen.called), tuple(jobs)


def _put_areas(
    frozen: Frozen, cases: tuple[Case, ...], put: Put, *, workers: int, progress: Listener
) -> None:
    press, jobs = shared_work(frozen, cases)
    progress(Step("papers", pieces=(0, len(jobs))))
    with closing(spread(press, jobs, workers=workers)) as made:
        for done, parts in enumerate(made, 1):
            for part in parts:
                put(part)
            progress(Step("papers", pieces=(done, len(jobs))))


def _job(frozen: Frozen, case: Case, folder: str, kind: str) -> Job:
    course = frozen.course(case.area.area_id)
    if course is None:  # of a project from before the procedure was kept: it stands where it was frozen
        return Job(case, (), folder, STATES[0], kept=kind == "fixed")
    return Job(case, frozen.forms_of(case.area.area_id), folder, course.state, kept=kind == "fixed")


def _boundary(frozen: Frozen, cases: tuple[Case, ...], encoding: Encoding) -> Iterator[Piece | Absent]:
    """Yield the boundaries as data, or why there are none."""
    called, sketches = say("package.boundary"), [case.area for case in cases if case.area.sketch]
    if sketches:
        yield Absent(called, _sketched(sketches, len(cases)))
    if len(sketches) == len(cases):
        return
    version = frozen.version
    names = {case.area.area_id: area_words(case.area) for case in cases}
    table = boundaries(frozen.results, names, frozen.bounds, number=version.number, sha256=version.sha256)
    counted = str(frozen.results.summary["count"])
    for name, content in boundary_files(table, on=frozen.on, counted=counted, encoding=encoding).items():
        form = name.partition("/")[0] if "/" in name else name.rpartition(".")[2]
        yield Piece(f"{FOLDER}/{name}", content, say(f"package.form.{form}"))


def _sketched(areas: list[Area], number: int) -> str:
    if len(areas) == number:
        return say("package.boundary_none")
    return say("package.boundary_some", number=len(areas), areas=listed(map(area_words, areas)))


def _label(frozen: Frozen, *, draft: bool) -> Label:
    version = frozen.version
    return Label(
        title=frozen.results.title,
        office=frozen.docket.office.name,
        number=version.number,
        sha256=version.sha256,
        on=frozen.on,
        rules_text=version.rules_text,
        draft=draft,
    )


def _office_gaps(cases: tuple[Case, ...]) -> Iterator[str]:
    """Yield what every area lacks: it is asked once, in the settings."""
    every = [{gap.key: gap.text for gap in missing(case)} for case in cases]
    if every:
        yield from (text for key, text in every[0].items() if all(key in own for own in every))
