"""The planner's commands: what one makes of a draft, its record for the log, its title for undo lists.

Pure: no file, no database. A command speaks of ids only, so that the log of a draft can be played again.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_args

import networkx as nx

from geo.schema import DataError
from store.acceptances import Accept, AcceptGroup, Withdraw
from store.decisions import (
    CheckLink,
    GiveReason,
    LockAreas,
    LockCommunities,
    Rename,
    SetConsent,
    SetLink,
    SetScope,
    UnlockAreas,
    UnlockCommunities,
)
from store.describing import SetBounds, SetContact, SetMode
from store.drafts import Draft, dressed
from store.given import Title
from store.grouping import Merge, Move, NewArea, Regroup, Split, TakeOut, regrouped
from store.records import plain, typed
from store.responsible import SetResponsible

__all__ = [
    "COMMANDS",
    "Accept",
    "AcceptGroup",
    "CheckLink",
    "Command",
    "GiveReason",
    "LockAreas",
    "LockCommunities",
    "Merge",
    "Move",
    "NewArea",
    "Regroup",
    "Rename",
    "SetBounds",
    "SetConsent",
    "SetContact",
    "SetLink",
    "SetMode",
    "SetResponsible",
    "SetScope",
    "Split",
    "TakeOut",
    "UnlockAreas",
    "UnlockCommunities",
    "Withdraw",
    "applied",
    "as_record",
    "entered",
    "from_record",
    "regrouped",
    "title",
]

Command = (
    Move
    | NewArea
    | Merge
    | Split
    | TakeOut
    | Regroup
    | Rename
    | LockAreas
    | UnlockAreas
    | LockCommunities
    | UnlockCommunities
    | Accept
    | AcceptGroup
    | Withdraw
    | SetScope
    | SetLink
    | CheckLink
    | GiveReason
    | SetConsent
    | SetBounds
    | SetMode
    | SetContact
    | SetResponsible
)
COMMANDS: Mapping[str, type[Command]] = MappingProxyType({c.kind: c for c in get_args(Command)})
VERSIONS: Mapping[str, int] = MappingProxyType(dict.fromkeys(COMMANDS, 1))  # of the record of each kind


def applied(draft: Draft, command: Command, graph: "nx.Graph[str]") -> Draft:
    """Return the draft after the command; `graph` is as the data made it.

    Raises DataError, in words for the planner, where the command cannot be done.
    """
    return command.on(draft, dressed(graph, draft))


def entered(draft: Draft, command: Command, graph: "nx.Graph[str]") -> Draft:
    """Return the draft after a command that is new; raises as `applied`, and for a name that another area has.

    A log of before may hold two areas of one name: it is played again as it was.
    """
    if isinstance(command, Rename):
        command.refuse_taken(draft)
    return applied(draft, command, graph)


def as_record(command: Command) -> dict[str, Any]:
    """Return the command as JSON."""
    return {**plain(command), "kind": command.kind, "version": VERSIONS[command.kind]}


def from_record(record: Mapping[str, Any]) -> Command:
    """Return the command of a record; raises DataError for a kind or version unknown here, and for a broken record."""
    own = dict(record)
    kind, version = own.pop("kind", None), own.pop("version", None)
    if not isinstance(kind, str) or kind not in COMMANDS or version != VERSIONS[kind]:
        raise DataError("store.unknown_command", kind=kind, version=version)
    try:
        return typed(own, COMMANDS[kind])
    except ValueError as error:
        raise DataError("store.broken_command", kind=kind) from error


def title(command: Command) -> Title:
    """Return the key and the values of the sentence that names the command: 移动 3 个小区到 PMA-007."""
    return command.title()
