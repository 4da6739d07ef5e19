"""An updated ledger onto a living plan: what changed, what it touches, which decisions stand; the draft carried over.

The project takes the new data in as its next basis (store.bases): the draft goes on there as a draft of its own, everything
else of the project stays: the old draft with its log, versions on the data they were frozen on, states, opinions, filings.
"""

import datetime as dt
import json
import tempfile
from collections.abc import Collection, Iterator, Mapping
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
from jobs.projects import data_of, read_back
from jobs.reconsulting import NOTHING, Reopening, UnderWay, reopening_words, reopenings
from jobs.reopened import RULES_FILE, Reopened, reopened
from jobs.request import Request
from jobs.revised import EDITED, revised
from jobs.searching import search
from optimizer.plan import difference
from optimizer.solving import Certificate
from report.effects import Decided, Effect, effects_lines, effects_sheets, write_effects
from report.reopening import read_results
from report.results import CERTIFICATE_COLUMNS, Results, no_rows, write_results
from store.drafts import Draft
from store.edits import Command, LockAreas, applied
from store.given import Ids
from store.onward import Onward
from store.proceedings import IN_FORCE
from store.project import OpenDraft, Project, open_project
from store.records import digest

RECORD = "update.json"  # beside the plan's files in the project: which draft goes on, and what changed
DRAWN = ("Polygon", "MultiPolygon")
# Nobody searched: the plan was carried over, and nothing is claimed of it.
UNSOLVED = Certificate(0, 0, 0, 0.0, 0.0, 0.0, 0, 0, EDITED, None)


@dataclass(frozen=True)
class Update:
    """What an updated ledger makes of a plan: `effects` empty where nothing changed, `decisions` all there were.

    `base` is the plan carried over, by the data alone; `draft` with all that was decided, judged in `results`. `names`
    by community and area, those that are gone included. `regroup` is what the optimizer answers beside, done in `results`.
    `still` are the areas under way in the procedure, as far as they have members left; `reopened` those that are no
    longer what was consulted on, and `redrawn` communities whose outline is another than was.
    """

    effects: tuple[Effect, ...]
    decisions: tuple[Decided, ...]
    base: Results
    town: Reopened
    draft: Draft
    results: Results
    names: Mapping[str, str]
    regroup: Command | None = None
    still: Ids = ()
    reopened: tuple[Reopening, ...] = ()
    redrawn: Ids = ()

    def lines(self) -> list[str]:
        """Return what there is to say in lines: how much changed, and which areas under way have to be asked again."""
        told = (reopening_words(one, self.names) for one in self.reopened)
        return [*effects_lines(self.effects, self.decisions), *told]


# --- the update ------------------------------------------------------------------------------------


def updated(
    base: Results,
    town: Reopened,
    draft: Draft,
    request: Request,
    *,
    under_way: UnderWay = NOTHING,
    progress: Listener = silent,
) -> Update:
    """Return what the files of `request` make of a draft that began with the plan `base`, taken up again as `town`.

    What the request does not name, outlines, buildings, layers, given links, scope, stays as the plan has it. Areas
    `under_way` keep their ids. Nothing is solved and nothing written. Raises DataError where the input or an option is wrong, and where no
    community of the plan is in the new files: then they are of another place, or their ids are others.
    """
    watch = Stopwatch(progress)
    district = laid_out(request, watch, base=base)
    if not set(town.graph) & set(district.graph):
        raise DataError("updating.other_ledger", file=request.communities.path.name)
    moved = _moved(base, district, draft)
    was, now = (
        Reading(town.graph, town.rules),
        Reading(district.graph, district.policy.rules, frozenset().union(*moved.values())),
    )
    still = still_in(draft, under_way)
    carried = carried_over(draft, was, now, still)
    fresh = unsolved(results_under(district, carried.plan, UNSOLVED, request, watch))
    there = Reopened(district.graph, district.policy.rules, carried.plan)
    redrawn = tuple(c for c in sorted({*moved["moved"], *moved["unplaced"]}) if _is_drawn(base, c))
    again = reopenings(draft.plan, carried.draft.plan, under_way, redrawn)
    return Update(
        effects=(*_reopened(again), *_effects(base, fresh, town, district, draft, carried)),
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
        still=tuple(carried.ids[area_id] for area_id in still if area_id in carried.ids),
        reopened=again,
        redrawn=redrawn,
    )


def rest_regrouped(update: Update, *, progress: Listener = silent) -> Update:
    """Return the update with all grouped again that nobody settled; who changes areas pays the price of change.

    What is under way in the procedure stays, also where the update left it other than it was.
    The update as it is where nothing is free, or nothing better was found.
    """
    areas = update.draft.plan.area_of()
    graph = update.town.graph.copy()
    nx.set_node_attributes(graph, {c: areas.get(c) for c in graph}, "former")
    try:
        draft = held(update)
        command = search("replan", draft, replace(update.town, graph=graph))(listener=progress)
    except DataError as error:
        if not error.code.startswith("searching."):
            raise
        return update
    return with_regroup(update, command)


def held(update: Update) -> Draft:
    """Return the draft as the optimizer may see it: areas under way are locked."""
    members = {m for area in update.draft.plan.areas if area.area_id in update.still for m in area.members}
    return replace(update.draft, locked=update.draft.locked | members)


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
        drafts = project.drafts()
        line = next((one for one in drafts if one.draft_id == draft_id), drafts[0])
        base = read_back(project, path.parent, line.basis)
        town = reopened(base)
        opened = project.draft(line.draft_id, town.graph)
        with _under_rules_of(project, line.basis, request) as asked:
            update = updated(
                base, town, opened.state, asked, under_way=project.under_way(), progress=progress
            )
    return opened, rest_regrouped(update, progress=progress) if replan else update


def write_changes(out: Path, update: Update) -> None:
    """Write the workbook of what an update would change, to be looked at before it is taken in."""
    write_effects(out, effects_sheets(say("updating.title"), update.effects, update.decisions, update.names))


def taken_in(path: Path, opened: OpenDraft, update: Update, request: Request, *, who: str) -> OpenDraft:
    """Return the draft of the project at `path` in which the opened one goes on as foreseen, on data of its own.

    All of it is written or nothing. Raises DataError where nobody says who works here, and StaleError where the
    draft has moved on since it was opened.
    """
    with speaking(language_of_runs()):
        today = dt.datetime.now(tz=dt.UTC).date().isoformat()
        title = say("updating.draft", file=request.communities.path.name, date=today)
    record = {"files": [file.name for file in request.files()]}
    with open_project(path) as project:
        return went_on(project, opened, update, record, title=title, who=who)


def went_on(
    project: Project,
    opened: OpenDraft,
    update: Update,
    record: Mapping[str, object],
    *,
    title: str,
    who: str,
) -> OpenDraft:
    """Return the draft of this title in which the opened one goes on, on the data of the update; `record` is kept with them.

    Areas under way are locked there, so that nobody changes them unawares.
    """
    under_way = still_in(update.draft, project.under_way())  # also what was taken up since it was foreseen
    with tempfile.TemporaryDirectory() as folder:
        written = Path(folder) / "plan"
        write_results(update.base, written)
        results = read_results(written)
        town = reopened(results)
        data = data_of(written, results, town)
    commands = tuple(_commands(update, town, {*update.still, *under_way}))
    beside = {RECORD: _record({"from": from_draft(opened), **record}, update)}
    onward = Onward(title, update.draft, town.graph, commands, update.redrawn)
    return project.update(opened.draft_id, opened.revision, replace(data, beside=beside), onward, who)


def still_in(draft: Draft, under_way: UnderWay) -> Ids:
    """Return the areas of a draft that are under way, by id."""
    return tuple(area.area_id for area in draft.plan.areas if area.members in under_way)


def _commands(update: Update, town: Reopened, still: Collection[str]) -> Iterator[Command]:
    """Yield what is done in the new draft at once, each step so that it can be undone."""
    draft = update.draft
    if update.regroup is not None:
        draft = applied(draft, update.regroup, town.graph)
        yield update.regroup
    open_yet = (area.area_id for area in draft.plan.areas if area.area_id in still and not area.locked)
    if areas := tuple(open_yet):
        yield LockAreas(areas)


def _record(told: Mapping[str, object], update: Update) -> bytes:
    """Return what is kept of where the data come from: nothing that was listed once is lost."""
    whole = {
        **told,
        "effects": [asdict(effect) for effect in update.effects],
        "decisions": [asdict(decided) for decided in update.decisions],
    }
    return (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode()


def from_draft(opened: OpenDraft) -> dict[str, object]:
    """Return what tells which draft goes on, and as it stood when."""
    return {
        "draft": opened.draft_id,
        "title": opened.title,
        "revision": opened.revision,
        "sha256": digest(opened.state),
    }


@contextmanager
def _under_rules_of(project: Project, basis: int, request: Request) -> Iterator[Request]:
    """Hand over the request with the rules in use on a basis of the project where it names none."""
    if request.rules is not None:
        yield request
        return
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / RULES_FILE
        rules.write_text(project.rules_text(basis), encoding="utf-8")
        yield replace(request, rules=rules)


# --- parts -----------------------------------------------------------------------------------------


def _moved(base: Results, district: District, draft: Draft) -> dict[str, set[str]]:
    """Return the communities that have another place or outline, or one at last, or none any more."""
    found: dict[str, set[str]] = {"moved": set(), "placed": set(), "unplaced": set()}
    touched_none = areas_touched(draft.plan, draft.plan)
    for effect in community_changes(base.communities, district.sources.communities, touched_none):
        if effect.kind in found:
            found[effect.kind].add(effect.place)
    return found


def _is_drawn(base: Results, community: str) -> bool:
    """Tell whether a community had an outline: what was a point, its boundary still to be surveyed, changes none by getting one."""
    return base.communities.geometry[community].geom_type in DRAWN


def _reopened(again: Collection[Reopening]) -> Iterator[Effect]:
    """Yield the areas under way that are no longer what was consulted on, with who has to be asked again."""
    for one in again:
        kind = "in_force" if one.state in IN_FORCE else "reopened"
        yield Effect(kind, one.area_id, other="、".join(one.again), before=one.state, areas=(one.area_id,))


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
