"""Frozen versions: what was judged, by which rules, and the hash that is printed. Within a transaction."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import networkx as nx
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.barriers import barrier_classes
from geo.schema import DataError
from optimizer.checks import Violation, check
from optimizer.rules import Rules, rules_from
from store import audit, bases
from store.drafts import Draft, dressed
from store.records import digest, plain, typed
from store.schema import BasisRow, DraftRow, ProjectRow, RulesRow, VersionRow

RULES_FILE = "rules.toml"
NEVER_ACCEPTED = ("cover", "outcome", "area_id", "center")  # a plan that breaks these is not whole


@dataclass(frozen=True)
class Version:
    """A frozen version; `sha256` is of the draft, the rules' text, the communities, what was accepted and confirmed.

    `basis` is the number of the data that it was frozen on (store.bases): its papers are made of these and no others.
    """

    number: int
    title: str
    draft_id: int
    state: Draft
    rules_text: str
    sha256: str
    who: str
    at: str
    confirmed: tuple[str, ...] = ()  # codes of what is not checked, and was known to be so
    basis: int = 1


def rules_of(text: str) -> Rules:
    """Return the rules that a rules file says; raises DataError where it cannot be read."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise DataError("rules.not_toml", file=RULES_FILE, detail=error) from error
    barriers = barrier_classes(table)
    terrain = tuple(c.name for c in barriers.classes if c.reason == "terrain")
    told = rules_from(table, crossing=barriers.crossing_prices(), never=barriers.never(), file=RULES_FILE)
    return replace(told, terrain=terrain)


def refuse_other_rules(session: Session, basis: BasisRow, graph: "nx.Graph[str]", rules: Rules) -> None:
    """Raise DataError where these are not the rules that the text of the basis says, which a version is kept with."""
    told = rules_of(session.get_one(RulesRow, basis.rules_id).text)
    if _as_judged(rules, graph) != _as_judged(told, graph):
        raise DataError("store.other_rules")


def _as_judged(rules: Rules, graph: "nx.Graph[str]") -> Rules:
    """Return the rules with those columns no area may mix that have a value at all: a run names no others."""
    held = {c for c in rules.within if any(node.get(c) for _, node in graph.nodes(data=True))}
    return replace(rules, within=tuple(sorted(held)))


def judged(state: Draft, graph: "nx.Graph[str]", rules: Rules) -> tuple[Violation, ...]:
    """Return the rules that a draft breaks with acceptance; raises DataError where it breaks any without."""
    found = check(state.plan, dressed(graph, state), rules)
    places = sorted({v.place for v in found if v.rule in NEVER_ACCEPTED or v.place not in state.accepted})
    if places:
        raise DataError("store.not_lawful", number=len(places), place=places[0])
    return tuple(found)


def frozen(
    session: Session,
    project: ProjectRow,
    draft: DraftRow,
    *,
    title: str,
    state: Draft,
    accepted: Sequence[Violation],
    confirmed: Sequence[str],
    who: str,
) -> Version:
    """Write the version that comes next; `confirmed` are codes of what is not checked and was known to be so."""
    last = session.scalar(select(func.max(VersionRow.number)).where(VersionRow.project_id == project.id))
    rules = session.get_one(RulesRow, bases.row_of(session, project, draft.basis).rules_id)
    row = VersionRow(
        project_id=project.id,
        number=(last or 0) + 1,
        draft_id=draft.id,
        rules_id=rules.id,
        title=title,
        record=plain(state),
        violations=plain(tuple(accepted)),
        communities_sha256=bases.hash_of_communities(session, project, draft.basis),
        at=audit.now(),
        who=who,
        confirmed=sorted(set(confirmed)),
    )
    row.sha256 = _hash(row, rules)
    session.add(row)
    return _version(row, rules, draft.basis)


def kept(session: Session, project: ProjectRow) -> tuple[Version, ...]:
    """Return all versions; raises DataError where one is not what its hash says."""
    rows = session.scalars(
        select(VersionRow).where(VersionRow.project_id == project.id).order_by(VersionRow.number)
    )
    found = [(row, session.get_one(RulesRow, row.rules_id)) for row in rows]
    for row, rules in found:
        if row.sha256 != _hash(row, rules):
            raise DataError("store.version_changed", number=row.number)
    basis = bases.of_versions(session, project)
    return tuple(_version(row, rules, basis[row.number]) for row, rules in found)


def _version(row: VersionRow, rules: RulesRow, basis: int) -> Version:
    return Version(
        row.number,
        row.title,
        row.draft_id,
        typed(row.record, Draft),
        rules.text,
        row.sha256,
        row.who,
        row.at,
        tuple(row.confirmed),
        basis,
    )


def _hash(row: VersionRow, rules: RulesRow) -> str:
    told = [row.number, row.title, row.record, row.violations, rules.text, row.communities_sha256]
    return digest([*told, row.confirmed] if row.confirmed else told)  # versions of schema 1 confirmed nothing
