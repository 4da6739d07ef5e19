"""The planner's hand on the desk: which verbs a selection offers, what they ask for, and the command made of the answers."""

from dataclasses import dataclass

import pandas as pd

from geo.schema import DataError
from geo.wording import say
from jobs.reopened import Reopened
from jobs.searching import Search
from store.drafts import Draft
from store.edits import Command
from ui.deciding import DECIDING
from ui.fields import Answers, Field, refuse_wrong
from ui.grouping import GROUPING, SEARCHING, Way
from ui.selection import Desk, Selection

WAYS: tuple[Way, ...] = (*GROUPING, *DECIDING, *SEARCHING)  # in the order a planner expects


@dataclass(frozen=True)
class Verb:
    """Something a planner can do with a selection; `long` where the optimizer has to look for it first.

    `label` names it on a button, `group` the heading it stands under, `note` says what it will keep or leave.
    """

    key: str
    label: str
    group: str
    fields: tuple[Field, ...] = ()
    long: bool = False
    note: str = ""


def offered(draft: Draft, town: Reopened, selection: Selection) -> tuple[Verb, ...]:
    """Return the verbs that make sense for what is selected, in the order a planner expects."""
    desk = Desk(draft, town, selection)
    found = ((way, way.fields(desk)) for way in WAYS)
    return tuple(
        Verb(
            key=way.key,
            label=say(f"verbs.verb.{way.key}", **way.numbers(desk)),
            group=say(f"verbs.group.{way.group}"),
            fields=fields,
            long=way.long,
            note=say(f"verbs.note.{way.key}") if way.noted else "",
        )
        for way, fields in found
        if fields is not None
    )


def command_of(
    key: str,
    selection: Selection,
    answers: Answers,
    draft: Draft,
    town: Reopened,
    *,
    who: str,
    refused: pd.DataFrame | None = None,
) -> Command | Search:
    """Return the command of a verb and its answers, or the search that finds it where the verb is long.

    `who` works here: the name an acceptance carries where none was entered; `refused` has REFUSED_COLUMNS, so that a link
    given by hand keeps what was measured of it. Raises DataError where the verb is not
    offered for the selection, and for an answer that is missing or cannot be read.
    """
    desk = Desk(draft, town, selection, refused)
    for way in WAYS:
        if way.key == key:
            fields = way.fields(desk)
            if fields is not None:
                refuse_wrong(fields, answers)
                return way.command(desk, answers, who)
    raise DataError("verbs.not_offered")
