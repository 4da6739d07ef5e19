"""The command line `zutuan`: reads options, starts one run, says how it ended."""

import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.exceptions import Abort, TyperException

from geo.schema import DataError
from geo.wording import say
from jobs.request import FileLayer, Request, parse_ask, parse_unknown, parse_where
from jobs.usage import usage_sentence
from store.access import ROLES_FILE, read_access

HERE = Path(__file__).parent.parent
SAMPLE = HERE / "data" / "sample"
WORKERS = min(4, os.cpu_count() or 1)  # the plan does not depend on them, each takes half a gigabyte at most
SECONDS = (
    60.0  # a district takes two; only whole cities of single buildings get here, and then the plan says so
)
DEMO_OUT = Path("out") / "demo"
INTERRUPTED = 130  # also what typer returns where Ctrl-C met it

app = typer.Typer(
    add_completion=False, help=say("cli.help"), rich_markup_mode=None, pretty_exceptions_enable=False
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return 0 where done, 2 where the input or an option is wrong, 130 where interrupted.

    1 where the program itself failed: the traceback goes to a log file, a planner reads one sentence.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    code = _ran(list(sys.argv[1:] if arguments is None else arguments) or ["--help"])
    if code == INTERRUPTED:
        typer.echo(say("cli.interrupted"), err=True)
    return code


def _ran(words: Sequence[str]) -> int:
    try:
        return app(args=words, prog_name="zutuan", standalone_mode=False) or 0
    except DataError as error:
        typer.echo(str(error), err=True)
        return 2
    except TyperException as error:
        typer.echo(usage_sentence(error), err=True)
        return 2
    except (Abort, KeyboardInterrupt):
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last place where a traceback can be kept from a planner
        typer.echo(_logged(error), err=True)
        return 1


def requested(  # noqa: PLR0913, PLR0917 - one argument an option of the contract
    communities: Annotated[Path, typer.Argument(help=say("cli.plan.communities"))],
    fields: Annotated[Path | None, typer.Option(help=say("cli.plan.fields"))] = None,
    id_column: Annotated[str | None, typer.Option("--id", help=say("cli.plan.id"))] = None,
    name_column: Annotated[str | None, typer.Option("--name", help=say("cli.plan.name"))] = None,
    count_column: Annotated[str | None, typer.Option("--count", help=say("cli.plan.count"))] = None,
    where: Annotated[list[str] | None, typer.Option(help=say("cli.plan.where"))] = None,
    crs: Annotated[str, typer.Option(help=say("cli.plan.crs"))] = "auto",
    layer: Annotated[str | None, typer.Option(help=say("cli.plan.layer"))] = None,
    buildings: Annotated[str | None, typer.Option(help=say("cli.plan.buildings"))] = None,
    outlines: Annotated[str | None, typer.Option(help=say("cli.plan.outlines"))] = None,
    boundary: Annotated[str | None, typer.Option(help=say("cli.plan.boundary"))] = None,
    boundary_crs: Annotated[str, typer.Option(help=say("cli.plan.boundary_crs"))] = "auto",
    rules: Annotated[Path | None, typer.Option(help=say("cli.plan.rules"))] = None,
    minimum: Annotated[int | None, typer.Option(help=say("cli.plan.minimum"))] = None,
    upper: Annotated[int | None, typer.Option(help=say("cli.plan.upper"))] = None,
    reach_m: Annotated[float | None, typer.Option(help=say("cli.plan.reach_m"))] = None,
    within: Annotated[list[str] | None, typer.Option(help=say("cli.plan.within"))] = None,
    barriers: Annotated[list[str] | None, typer.Option(help=say("cli.plan.barriers"))] = None,
    committees: Annotated[str | None, typer.Option(help=say("cli.plan.committees"))] = None,
    grids: Annotated[str | None, typer.Option(help=say("cli.plan.grids"))] = None,
    duties: Annotated[list[str] | None, typer.Option(help=say("cli.plan.duties"))] = None,
    landmarks: Annotated[list[str] | None, typer.Option(help=say("cli.plan.landmarks"))] = None,
    links: Annotated[Path | None, typer.Option(help=say("cli.plan.links"))] = None,
    scope: Annotated[Path | None, typer.Option(help=say("cli.plan.scope"))] = None,
    locks: Annotated[Path | None, typer.Option(help=say("cli.plan.locks"))] = None,
    existing: Annotated[Path | None, typer.Option(help=say("cli.plan.existing"))] = None,
    clearance: Annotated[str | None, typer.Option(help=say("cli.plan.clearance"))] = None,
    survey: Annotated[Path | None, typer.Option(help=say("cli.plan.survey"))] = None,
    unknown: Annotated[str, typer.Option(help=say("cli.plan.unknown"))] = "hold",
    most_areas: Annotated[bool, typer.Option("--most-areas", help=say("cli.plan.most_areas"))] = False,  # noqa: FBT002
    seconds: Annotated[float, typer.Option(min=0, help=say("cli.plan.seconds"))] = SECONDS,
    seed: Annotated[int, typer.Option(help=say("cli.plan.seed"))] = 0,
    workers: Annotated[int, typer.Option(min=1, help=say("cli.plan.workers"))] = WORKERS,
    ask: Annotated[list[str] | None, typer.Option(help=say("cli.plan.ask"))] = None,
) -> Request:
    """Return what the options of a run ask for."""
    return Request(
        communities=FileLayer(communities, layer),
        fields=fields,
        id_column=id_column,
        name_column=name_column,
        count_column=count_column,
        where=parse_where(where or []),
        crs=crs,
        buildings=FileLayer.parse(buildings),
        outlines=FileLayer.parse(outlines),
        boundary=FileLayer.parse(boundary),
        boundary_crs=boundary_crs,
        rules=rules,
        minimum=minimum,
        upper=upper,
        reach_m=reach_m,
        within=tuple(within or ()),
        barriers=FileLayer.parse_all(barriers),
        committees=FileLayer.parse(committees),
        grids=FileLayer.parse(grids),
        duties=FileLayer.parse_all(duties),
        landmarks=FileLayer.parse_all(landmarks),
        links=links,
        scope=scope,
        locks=locks,
        existing=existing,
        clearance=FileLayer.parse(clearance),
        survey=survey,
        unknown=parse_unknown(unknown),
        most_areas=most_areas,
        seconds=seconds,
        seed=seed,
        workers=workers,
        ask=parse_ask(ask or []),
    )


def asking(*without: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command the options of `requested` before its own, some left away; they arrive as one request."""
    theirs = {name: p for name, p in signature(requested).parameters.items() if name not in without}

    def given_to(command: Callable[..., int]) -> Callable[..., int]:
        own = {name: p for name, p in signature(command).parameters.items() if name != "request"}

        @wraps(command)
        def whole(**given: Any) -> int:
            request = requested(**{name: given.pop(name) for name in theirs})
            return command(request, **given)

        every = [p.replace(kind=Parameter.KEYWORD_ONLY) for p in (*theirs.values(), *own.values())]
        # What must be given stands first in the help, the command's own before.
        every.sort(key=lambda p: 2 if p.default is not Parameter.empty else int(p.name in theirs))
        whole.__signature__ = Signature(every, return_annotation=int)  # type: ignore[attr-defined]
        whole.__annotations__ = {p.name: p.annotation for p in every}
        return whole

    return given_to


@app.command(help=say("cli.plan.help"))
@asking()
def plan(request: Request, out: Annotated[Path, typer.Option(help=say("cli.plan.out"))]) -> int:
    """Plan one street office or district and write the folder `out`."""
    return _plan(request, out)


@app.command(help=say("cli.compare.help"))
@asking("ask")
def compare(
    request: Request,
    out: Annotated[Path, typer.Option(help=say("cli.plan.out"))],
    price: Annotated[list[str] | None, typer.Option(help=say("cli.compare.price"))] = None,
    plans: Annotated[int, typer.Option(min=1, max=5, help=say("cli.compare.plans"))] = 3,
    different: Annotated[float, typer.Option(help=say("cli.compare.different"))] = 0.05,
) -> int:
    """Compare what other values lead to, and the next best plans; write the folder `out`."""
    from jobs.progress import shown
    from jobs.tradeoffs import Asked, compare_district
    from report.tradeoffs import check_comparison, write_comparison

    check_comparison(out)
    asked = Asked(tuple(price or Asked().prices), plans, different)
    with shown() as progress:
        comparison = compare_district(request, asked, progress=progress)
        write_comparison(comparison, out)
    for line in (*comparison.lines(), say("cli.plan.written", folder=out)):
        typer.echo(line)
    return 0


@app.command(help=say("cli.update.help"))
@asking("ask")
def update(
    request: Request,
    project: Annotated[Path, typer.Argument(help=say("cli.update.project"))],
    out: Annotated[Path, typer.Option(help=say("cli.update.out"))],
    who: Annotated[str, typer.Option("--by", help=say("cli.update.by"))],
    replan: Annotated[bool, typer.Option("--replan", help=say("cli.update.replan"))] = False,  # noqa: FBT002
) -> int:
    """Carry a project's draft over to an updated ledger: a draft of its own beside it, and a workbook of what changed."""
    from jobs.progress import shown
    from jobs.updating import foreseen, taken_in, write_changes

    with shown() as progress:
        opened, told = foreseen(project, request, replan=replan, progress=progress)
        write_changes(out, told)
        made = taken_in(project, opened, told, request, who=who)
    written = say("updating.written", file=project, draft=made.title)
    for line in (*told.lines(), written, say("cli.plan.written", folder=out)):
        typer.echo(line)
    return 0


@app.command(help=say("cli.collect.help"))
@asking("ask")
def collect(request: Request, out: Annotated[Path, typer.Option(help=say("cli.plan.out"))]) -> int:
    """Merge the ledgers of several offices, which lie in the folder given for the communities."""
    from jobs import collecting
    from jobs.progress import shown

    with shown() as progress:
        collected = collecting.collect(request, out, progress=progress)
    for line in (*collected.lines(), say("cli.plan.written", folder=out)):
        typer.echo(line)
    return 0


@app.command(help=say("cli.grids.help"))
def grids(
    source: Annotated[Path, typer.Argument(help=say("cli.grids.source"))],
    out: Annotated[Path, typer.Option(help=say("cli.plan.out"))],
    address: Annotated[str, typer.Option(help=say("cli.grids.address"))] = "",
    day: Annotated[str, typer.Option(help=say("cli.grids.day"))] = "",
    workers: Annotated[int, typer.Option(min=1, help=say("cli.plan.workers"))] = WORKERS,
) -> int:
    """Write the pages for grid workers, one a grid, into the folder `out`."""
    from jobs.gridding import day_given, pages_of
    from jobs.progress import shown

    on = day_given(day)
    with shown() as progress:
        written = pages_of(source, out, day=on, address=address, workers=workers, progress=progress)
    for line in (*written.lines(), say("cli.plan.written", folder=out)):
        typer.echo(line)
    return 0


@app.command("package", help=say("cli.package.help"))
def package_papers(
    project: Annotated[Path, typer.Argument(help=say("cli.package.project"))],
    version: Annotated[int, typer.Option(help=say("cli.package.version"))],
    out: Annotated[Path, typer.Option(help=say("cli.package.out"))],
    draft: Annotated[bool, typer.Option("--draft", help=say("cli.package.draft"))] = False,  # noqa: FBT002
    shapefile: Annotated[Literal["utf-8", "gbk"], typer.Option(help=say("cli.package.shapefile"))] = "utf-8",
    workers: Annotated[int, typer.Option(min=1, help=say("cli.plan.workers"))] = WORKERS,
) -> int:
    """Write the papers, drawings and boundaries of a frozen version as two zips into the folder `out`."""
    from jobs.packaging import package
    from jobs.progress import shown
    from store.project import open_project

    with shown() as progress, open_project(project) as opened:
        packed = package(
            opened, version, out, draft=draft, encoding=shapefile, workers=workers, progress=progress
        )
    for line in (*packed.lines(), say("cli.plan.written", folder=out)):
        typer.echo(line)
    return 0


@app.command(help=say("cli.demo.help"))
def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help=say("cli.demo.no_serve"))] = False,  # noqa: FBT002
    port: Annotated[int, typer.Option(help=say("cli.app.port"))] = 8501,
) -> int:
    """Plan the sample street, then open the desk on it."""
    from jobs.sample import sample_request

    code = _plan(sample_request(SAMPLE), DEMO_OUT)
    return code if no_serve or code != 0 else _serve(DEMO_OUT, port)


@app.command("app", help=say("cli.app.help"))
def desk(
    project: Annotated[Path | None, typer.Argument(help=say("cli.app.project"))] = None,
    port: Annotated[int, typer.Option(help=say("cli.app.port"))] = 8501,
    roles: Annotated[Path | None, typer.Option(help=say("cli.app.roles"), envvar=ROLES_FILE)] = None,
) -> int:
    """Open the desk in the browser."""
    if roles is not None:
        read_access(roles)  # with faults, no desk is opened
        os.environ[ROLES_FILE] = str(roles.resolve())
    return _serve(project, port)


@app.command(
    help=say("cli.test.help"), context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
def test(context: typer.Context) -> int:
    """Run the test suite on every core, a file on one of them; further words go to pytest."""
    cores = ["--numprocesses=logical", "--maxprocesses=4", "--dist=loadfile"]
    return subprocess.call([sys.executable, "-m", "pytest", *cores, *context.args], cwd=HERE)  # noqa: S603 - our own interpreter


@app.command(
    help=say("cli.bench.help"),
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def bench(context: typer.Context) -> int:
    """Run the side-by-side table; further words go to benchmarks/bench.py, which explains them."""
    return subprocess.call([sys.executable, "-P", "-m", "benchmarks.bench", *context.args], cwd=HERE)  # noqa: S603 - our own interpreter


def _logged(error: Exception) -> str:
    """Write the traceback into a new private file of the temp folder; return the sentence that names it."""
    try:
        handle, name = tempfile.mkstemp(prefix="zutuan-", suffix=".log")
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            traceback.print_exception(error, file=stream)
    except OSError:
        return say("cli.unexpected_unlogged", kind=type(error).__name__)
    return say("cli.unexpected", file=name)


def _plan(request: Request, out: Path) -> int:
    from jobs.district import plan_district
    from jobs.progress import Step, shown
    from jobs.stopping import stoppable
    from report.results import write_results
    from report.tables import check_output

    check_output(out)
    with shown() as listener, stoppable(listener) as stop:
        results = plan_district(request, progress=stop.hear, cancelled=stop.wished)
        stop.hear(Step("write"))
        write_results(results, out)
    for line in (*results.lines(), *(line for answer in results.answers for line in answer.lines())):
        typer.echo(line)
    typer.echo(say("cli.plan.written", folder=out))
    return 0


def _serve(project: Path | None, port: int) -> int:
    typer.echo(say("cli.app.opening", port=port))
    command = [sys.executable, "-m", "streamlit", "run", str(HERE / "app.py"), "--server.port", str(port)]
    folder = [] if project is None else ["--", str(project.resolve())]
    os.chdir(HERE)  # where .streamlit lies
    if os.name == "posix":
        os.execv(sys.executable, [*command, *folder])  # noqa: S606 - what stops this process is to stop the desk too
    return subprocess.call([*command, *folder])  # noqa: S603 - our own interpreter


if __name__ == "__main__":
    sys.exit(main())
