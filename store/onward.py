"""A draft goes on, on other data: the basis, the draft that was carried over to it, and what was done to it at once. Within a transaction."""

from dataclasses import dataclass

import networkx as nx
from sqlalchemy.orm import Session

from store import audit, bases, logs
from store.bases import Data
from store.drafts import Draft
from store.edits import Command, applied
from store.given import Ids, needed
from store.schema import DraftRow, ProjectRow


@dataclass(frozen=True)
class Onward:
    """How a draft goes on: `start` on the `graph` that the new data make, then the `commands`, which can be undone.

    `redrawn` are the communities whose outline is another than it was: what was consulted on them begins again.
    """

    title: str
    start: Draft
    graph: "nx.Graph[str]"
    commands: tuple[Command, ...] = ()
    redrawn: Ids = ()


def go_on(
    session: Session, project: ProjectRow, old: DraftRow, data: Data, onward: Onward, who: str
) -> DraftRow:
    """Write the basis and the draft; the old draft stays on its own basis, with its log."""
    title = needed(onward.title, "store.title_missing")
    basis = bases.add(session, project, data, who, before=old.basis, redrawn=onward.redrawn)
    draft = logs.begin(session, project, title, onward.start, who, basis=basis.number)
    was = {"draft": old.id, "revision": old.revision, "basis": old.basis}
    told = {"title": title, "basis": basis.number, "sha256": basis.sha256}
    audit.record(session, project, who, "update", draft=draft, before=was, after=told)
    state = onward.start
    for command in onward.commands:
        state = applied(state, command, onward.graph)
        logs.append(session, project, draft, command, state, who)
    return draft
