"""What a command was given, checked: ids that are there, texts that can be read, papers that a decision needs."""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date as calendar_date
from typing import TypeVar

import networkx as nx

from geo.personal import holds_personal
from geo.schema import DataError
from optimizer.plan import Plan, known
from store.drafts import Draft

Ids = tuple[str, ...]
Title = tuple[str, dict[str, object]]  # key of the catalogue, and what fills its sentence
K = TypeVar("K")
V = TypeVar("V")


def refuse_locked(draft: Draft, communities: Iterable[str]) -> None:
    """Raise DataError where one of the communities is locked."""
    locked = sorted(draft.locked.intersection(communities))
    if locked:
        raise DataError("store.community_locked", number=len(locked), community=locked[0])


def known_pair(town: "nx.Graph[str]", a: str, b: str) -> None:
    """Raise DataError where the two are not two communities of the town."""
    known(town, [a, b])
    if a == b:
        raise DataError("store.pair_of_one", community=a)


def members_of(plan: Plan, area_ids: Iterable[str]) -> set[str]:
    """Return all members of these areas; raises DataError for an unknown area."""
    members = {area.area_id: area.members for area in plan.areas}
    for area_id in area_ids:
        if area_id not in members:
            raise DataError("plan.no_such_area", area=area_id)
    return {m for area_id in area_ids for m in members[area_id]}


def company(plan: Plan) -> dict[str, Ids]:
    """Return by community the members of its area."""
    return {m: area.members for area in plan.areas for m in area.members}


def of_communities(key: str, communities: Ids, **more: object) -> Title:
    """Return the title of what is done to communities: how many, and the first, by which people call a single one."""
    return key, {"number": len(communities), "community": next(iter(communities), ""), **more}


def of_areas(key: str, area: str, also: Ids) -> Title:
    """Return the title of what is said of several areas at once: how many, and the first."""
    return key, {"area": area, "number": 1 + len(also)}


def changed_table(table: Mapping[K, V], changed: Mapping[K, V | None]) -> dict[K, V]:
    """Return the table with what changed; None takes a row away."""
    return {key: value for key, value in {**table, **changed}.items() if value is not None}


def text_of(given: str) -> str:
    """Return the text without blanks at its ends; raises DataError for what no screen or paper can show."""
    if any(unicodedata.category(mark) in ("Cc", "Cs") and mark not in "\n\t" for mark in given):
        raise DataError("store.unreadable_text")
    return given.strip()


def needed(given: str, code: str) -> str:
    """Return the text as `text_of`; raises DataError of this code where nothing is left."""
    text = text_of(given)
    if not text:
        raise DataError(code)
    return text


def public_text(given: str) -> str:
    """Return the text as `text_of`; raises DataError for a mobile or identity number, which no paper may show."""
    text = text_of(given)
    if holds_personal(text):
        raise DataError("store.private_number")
    return text


def day_of(given: str) -> str:
    """Return a day as ISO text; raises DataError for anything else."""
    try:
        known = calendar_date.fromisoformat(given).isoformat() == given
    except ValueError:
        known = False
    if not known:
        raise DataError("store.wrong_date", given=given)
    return given
