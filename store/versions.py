"""Frozen versions: what was judged, by which rules, and the hash that is printed. Within a transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

import networkx as nx
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.schema import DataError
from optimizer.checks import Violation, check
from optimizer.rules import Rules
from store import audit
from store.drafts import Draft, dressed
from store.frames import hash_of_communities
from store.records import digest, plain, typed
from store.schema import DraftRow, ProjectRow, RulesRow, VersionRow

NEVER_ACCEPTED = ("cover", "outcome", "area_id", "center")  # a plan that breaks these is not whole


@dataclass(frozen=True)
class Version:
    """A frozen version; `sha256` is of the draft, the rules' text, the communities and what was accepted."""

    number: int
    title: str
    draft_id: int
    state: Draft
    rules_text: str
    sha256: str
    who: str
    at: str


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
    who: str,
) -> Version:
    """Write the version that comes next."""
    last = session.scalar(select(func.max(VersionRow.number)).where(VersionRow.project_id == project.id))
    rules = session.get_one(RulesRow, project.rules_id)
    row = VersionRow(
        project_id=project.id,
        number=(last or 0) + 1,
        draft_id=draft.id,
        rules_id=rules.id,
        title=title,
        record=plain(state),
        violations=plain(tuple(accepted)),
        communities_sha256=hash_of_communities(session, project.id),
        at=audit.now(),
        who=who,
    )
    row.sha256 = _hash(row, rules)
    session.add(row)
    return _version(row, rules)


def kept(session: Session, project: ProjectRow) -> tuple[Version, ...]:
    """Return all versions; raises DataError where one is not what its hash says."""
    rows = session.scalars(
        select(VersionRow).where(VersionRow.project_id == project.id).order_by(VersionRow.number)
    )
    found = [(row, session.get_one(RulesRow, row.rules_id)) for row in rows]
    for row, rules in found:
        if row.sha256 != _hash(row, rules):
            raise DataError("store.version_changed", number=row.number)
    return tuple(_version(row, rules) for row, rules in found)


def _version(row: VersionRow, rules: RulesRow) -> Version:
    state = typed(row.record, Draft)
    return Version(row.number, row.title, row.draft_id, state, rules.text, row.sha256, row.who, row.at)


def _hash(row: VersionRow, rules: RulesRow) -> str:
    return digest([row.number, row.title, row.record, row.violations, rules.text, row.communities_sha256])
