"""An updated ledger onto a living plan: what changed, what it touches, which decisions stand; the draft carried over."""

import datetime as dt
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import networkx as nx

from geo.schema import DataError
from geo.wording import language_of_runs, say, speaking
from jobs.carrying import Carried, Reading, carried_over
from jobs.changed import (
    area_changes,
    areas_touched,
    check_changes,
    community_changes,
    link_changes,
    outcome_changes,
    rule_changes,
)
from jobs.district import District, laid_out, results_under
from jobs.progress import Listener, Stopwatch, silent
from jobs.projects import continued, read_back
from jobs.reconsulting import NOTHING, UnderWay, held_still
from jobs.reopened import RULES_FILE, Reopened, reopened
from jobs.request import Request
from jobs.revised import EDITED, revised
from jobs.searching import search
from optimizer.plan import difference
from optimizer.solving import Certificate
from report.effects import Decided, Effect, effects_lines, effects_sheets, write_effects
from report.results import CERTIFICATE_COLUMNS, Results, no_rows, write_results
from store.drafts import Draft
from store.edits import Command, LockAreas, applied
from store.project import OpenDraft, Project, open_project
from store.records import digest

RECORD = "update.json"  # beside the plan's files in the project: which file it goes on from, and what changed
# Nobody searched: the plan was carried over, and nothing is claimed of it.
UNSOLVED = Certificate(0, 0, 0, 0.0, 0.0, 0.0, 0, 0, EDITED, None)


@dataclass(frozen=True)
class Update:
    """What an updated ledger makes of a plan: `effects` empty where nothing changed, `decisions` all there were.

    `base` is the plan carried over, by the data alone; `draft` with all that was decided, judged in `results`. `names`
    by community and area, those that are gone included. `regroup` is what the optimizer answers beside, done in `results`.
    """

    effects: tuple[Effect, ...]
    decisions: tuple[Decided, ...]
    base: Results
    town: Reopened
    draft: Draft
    results: Results
    names: Mapping[str, str]
    regroup: Command | None = None

    def lines(self) -> list[str]:
        """Return what there is to say in lines for a terminal."""
        return effects_lines(self.effects, self.decisions)


# --- the update ------------------------------------------------------------------------------------


def updated(
    base: Results, town: Reopened, draft: Draft, request: Request, *, progress: Listener = silent
) -> Update:
    """Return what the files of `request` make of a draft that began with the plan `base`, taken up again as `town`.

    What the request does not name, outlines, buildings, layers, given links, scope, stays as the plan has it. Nothing is
    solved and nothing written. Raises DataError where the input or an option is wrong, and where no
    community of the plan is in the new files: then they are of another place, or their ids are others.
    """
    watch = Stopwatch(progress)
    district = laid_out(request, watch, base=base)
    if not set(town.graph) & set(district.graph):
        raise DataError("updating.other_ledger", file=request.communities.path.name)
    touched_none = areas_touched(draft.plan, draft.plan)
    moves = community_changes(base.communities, district.sources.communities, touched_none)
    moved = frozenset(effect.place for effect in moves if effect.kind in ("moved", "placed", "unplaced"))
    was, now = Reading(town.graph, town.rules), Reading(district.graph, district.policy.rules, moved)
    carried = carried_over(draft, was, now)
    fresh = unsolved(results_under(district, carried.plan, UNSOLVED, request, watch))
    there = Reopened(district.graph, district.policy.rules, carried.plan)
    return Update(
        effects=tuple(_effects(base, fresh, town, district, draft, carried)),
        decisions=carried.decisions,
        base=fresh,
        town=there,
        draft=carried.draft,
        results=revised(fresh, there, carried.draft),
        names={
            **base.communities["name"].to_dict(),
            **fresh.communities["name"].to_dict(),
            **draft.names,
            **carried.draft.names,
        },
    )


def rest_regrouped(update: Update, *, progress: Listener = silent, under_way: UnderWay = NOTHING) -> Update:
    """Return the update with all grouped again that nobody settled; who changes areas pays the price of change.

    What is `under_way` in the procedure stays, as far as the update left it as it was.
    The update as it is where nothing is free, or nothing better was found.
    """
    areas = update.draft.plan.area_of()
    graph = update.town.graph.copy()
    nx.set_node_attributes(graph, {c: areas.get(c) for c in graph}, "former")
    try:
        draft = held_still(update.draft, under_way)
        command = search("replan", draft, replace(update.town, graph=graph))(listener=progress)
    except DataError as error:
        if not error.code.startswith("searching."):
            raise
        return update
    return with_regroup(update, command)


def with_regroup(update: Update, command: Command) -> Update:
    """Return the update with what the optimizer answers, and who moves by it among the effects."""
    draft = applied(update.draft, command, update.town.graph)
    moved = [
        Effect(
            "regrouped", c, before=was or "", after=now or "", areas=tuple(sorted(filter(None, {was, now})))
        )
        for c, was, now in difference(update.draft.plan, draft.plan).moved
    ]
    results = revised(update.base, update.town, draft, last=update.results)
    return replace(update, effects=(*update.effects, *moved), regroup=command, results=results)


# --- the project -----------------------------------------------------------------------------------


def foreseen(
    path: Path, request: Request, *, draft_id: int = 0, replan: bool = False, progress: Listener = silent
) -> tuple[OpenDraft, Update]:
    """Return a draft of the project at `path`, 0 the one changed last, and what the files of `request` make of it.

    Nothing is written. Where the request names no rules, those of the project are used. Raises DataError as `updated`,
    and where the file is no project.
    """
    with open_project(path) as project:
        base = read_back(project, path.parent)
        town = reopened(base)
        opened = project.draft(draft_id or project.drafts()[0].draft_id, town.graph)
        with _under_rules_of(project, request) as asked:
            update = updated(base, town, opened.state, asked, progress=progress)
        under_way = project.under_way()
    return opened, rest_regrouped(update, progress=progress, under_way=under_way) if replan else update


def write_changes(out: Path, update: Update) -> None:
    """Write the workbook of what an update would change, to be looked at before it is taken in."""
    write_effects(out, effects_sheets(say("updating.title"), update.effects, update.decisions, update.names))


def taken_in(path: Path, opened: OpenDraft, update: Update, request: Request, *, who: str) -> Path:
    """Return a new project beside the one at `path`, in which its draft goes on as foreseen.

    The old file stays as it is, with its drafts, log, versions and audit, and the new one keeps its name and the hash
    of the draft it goes on from. Raises DataError where nobody says who works here.
    """
    with speaking(language_of_runs()):
        today = dt.datetime.now(tz=dt.UTC).date().isoformat()
        draft = say("updating.draft", file=request.communities.path.name, date=today)
    record = _record(path, opened, update, request)
    return put_beside(update, path, record, title=draft, who=who)


def put_beside(update: Update, path: Path, record: bytes, *, title: str, who: str) -> Path:
    """Return a new project beside the one at `path`, whose first draft, of this title, is the update's; `record` is kept in it.

    The office comes along. Versions and the procedure stay with the old project: what is under way there is locked here,
    as far as the update left it as it was, so that nobody changes it unawares.
    """
    with open_project(path) as old:
        office, under_way = old.office(), old.under_way()

    def begin(project: Project, town: Reopened) -> None:
        draft_id = project.add_draft(title, update.draft, who)
        revision = 1
        if update.regroup is not None:
            revision = project.append(draft_id, update.regroup, revision, who, graph=town.graph)
        areas = project.draft(draft_id, town.graph).state.plan.areas
        if still := tuple(area.area_id for area in areas if area.members in under_way and not area.locked):
            project.append(draft_id, LockAreas(still), revision, who, graph=town.graph)
        project.set_office(office, who, expected=project.office())

    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "plan"
        write_results(update.base, written)
        return continued(written, path.parent, begin=begin, more={RECORD: record})


def _record(path: Path, opened: OpenDraft, update: Update, request: Request) -> bytes:
    """Return what the new project says of where it comes from: nothing that was listed once is lost."""
    told = {
        "from": from_draft(path, opened),
        "files": [file.name for file in request.files()],
        "effects": [asdict(effect) for effect in update.effects],
        "decisions": [asdict(decided) for decided in update.decisions],
    }
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()


def from_draft(path: Path, opened: OpenDraft) -> dict[str, object]:
    """Return what tells from which draft of the project at `path` another project goes on."""
    return {
        "project": path.name,
        "draft": opened.draft_id,
        "title": opened.title,
        "revision": opened.revision,
        "sha256": digest(opened.state),
    }


@contextmanager
def _under_rules_of(project: Project, request: Request) -> Iterator[Request]:
    """Hand over the request with the project's rules where it names none."""
    if request.rules is not None:
        yield request
        return
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / RULES_FILE
        rules.write_text(project.rules_text(), encoding="utf-8")
        yield replace(request, rules=rules)


# --- parts -----------------------------------------------------------------------------------------


def _effects(
    base: Results, fresh: Results, town: Reopened, district: District, draft: Draft, carried: Carried
) -> Iterator[Effect]:
    """Yield every effect: of rules, of communities, of links, of areas, of checks."""
    touched = areas_touched(draft.plan, carried.draft.plan)
    rules = ((town.rules, str(base.summary["count"])), (district.policy.rules, str(fresh.summary["count"])))
    yield from rule_changes(*rules)
    yield from community_changes(base.communities, district.sources.communities, touched)
    yield from link_changes(base, fresh, touched)
    yield from area_changes(draft.plan, carried.draft.plan, (carried.before, carried.after), carried.ids)
    yield from outcome_changes(draft.plan, carried.draft.plan, touched)
    yield from check_changes(*carried.broken, carried.ids, touched)


def unsolved(results: Results) -> Results:
    """Return the results of a plan that nobody searched for: its cost is that of its areas, and nothing is proven."""
    unknown = dict.fromkeys(("bound", "gap", "exceptions_bound", "areas_bound"))
    cost = round(float(results.areas["cost"].sum()), 3)
    summary = {**results.summary, **unknown, "cost": cost, "status": EDITED}
    return replace(results, summary=summary, certificate=no_rows(CERTIFICATE_COLUMNS))
