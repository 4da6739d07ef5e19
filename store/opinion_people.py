"""What forms say of people: rooms, signatures, words as they were written. The one table that holds anything of the kind.

Within a transaction. No map, export, log, audit or version touches it, nothing returns what it holds, and `forget` empties it
while every count stays.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from itertools import groupby

from sqlalchemy import delete, func, select, text, tuple_
from sqlalchemy.orm import Session

from store import audit
from store.given import text_of
from store.schema import OpinionFormRow, OpinionPersonRow, ProjectRow

DISTINCT = "-"  # in OpinionFormRow.alike: it was found that the owners are not the same
_BUILDING = re.compile(r"[栋幢座楼]")  # what only the number of a building has behind it
_ROOM_WORDS = re.compile(r"(?:号楼|单元|[栋幢楼室房号层座\W_])+")


@dataclass(frozen=True)
class Person:
    """What a form says of people: the room, who signed, who handed it out, and what they wrote; "" where nothing."""

    room: str = ""
    signer: str = ""
    handler: str = ""
    words: str = ""


_PERSONAL = tuple(one.name for one in fields(Person))


def kept(session: Session, project: ProjectRow) -> dict[tuple[int, str], int]:
    """Return by version and area of how many forms anything personal is kept; never what it is."""
    found = (
        select(OpinionFormRow.version, OpinionFormRow.area_id, func.count())
        .join(OpinionPersonRow, OpinionPersonRow.form_no == OpinionFormRow.form_no)
        .where(OpinionFormRow.project_id == project.id, OpinionPersonRow.project_id == project.id)
        .group_by(OpinionFormRow.version, OpinionFormRow.area_id)
    )
    return {(version, area_id): number for version, area_id, number in session.execute(found)}


def forget(session: Session, project: ProjectRow, version: int, area_id: str, who: str) -> int:
    """Take away what is personal on the forms of an area of a version; return of how many forms it was.

    The pages of the file that held it are overwritten. Every count stays.
    """
    _overwrite_deleted(session)
    forms = select(OpinionFormRow.form_no).where(
        OpinionFormRow.project_id == project.id,
        OpinionFormRow.version == version,
        OpinionFormRow.area_id == area_id,
    )
    own = (OpinionPersonRow.project_id == project.id, OpinionPersonRow.form_no.in_(forms))
    number = session.scalar(select(func.count()).select_from(OpinionPersonRow).where(*own)) or 0
    if number:
        session.execute(delete(OpinionPersonRow).where(*own))
        told = {"version": version, "area": area_id, "number": number}
        audit.record(session, project, who, "opinion_forget", after=told)
    return number


def put(session: Session, project: ProjectRow, told: Mapping[str, Person]) -> list[str]:
    """Keep what was told of people, by form, an empty text leaving what is there; return the forms of which it is other now."""
    told = {form_no: person for form_no, person in told.items() if person != Person()}
    _overwrite_deleted(session)
    found = select(OpinionPersonRow).where(
        OpinionPersonRow.project_id == project.id, OpinionPersonRow.form_no.in_(sorted(told))
    )
    there = {row.form_no: row for row in session.scalars(found)}
    changed = []
    for form_no, person in told.items():
        row = there.get(form_no)
        was = Person(**{name: getattr(row, name) for name in _PERSONAL}) if row else Person()
        now = replace(was, **{name: text for name in _PERSONAL if (text := text_of(getattr(person, name)))})
        if now == was:
            continue
        row = row or OpinionPersonRow(project_id=project.id, form_no=form_no)
        for name in _PERSONAL:
            setattr(row, name, getattr(now, name))
        session.add(row)
        changed.append(form_no)
    session.flush()
    return changed


def _overwrite_deleted(session: Session) -> None:
    """Let SQLite write zeros over what is deleted: a name must not stay on the disk behind its row."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete = ON"))


def tie(session: Session, project: ProjectRow, places: Collection[tuple[int, str]]) -> None:
    """Tie the forms of these communities, each of a version, that are of one room or bear one signature.

    Forms of which nobody's name is kept any more stay tied as they are.
    """
    session.flush()
    found = (
        select(OpinionFormRow, OpinionPersonRow.room, OpinionPersonRow.signer)
        .join(OpinionPersonRow, OpinionPersonRow.form_no == OpinionFormRow.form_no)
        .where(
            OpinionFormRow.project_id == project.id,
            OpinionPersonRow.project_id == project.id,
            tuple_(OpinionFormRow.version, OpinionFormRow.community_id).in_(sorted(places)),
        )
        .order_by(OpinionFormRow.form_no)
    )
    rows = [(row, room, signer) for row, room, signer in session.execute(found)]
    first = _first_of_each([(row, room_key(row.building, room)) for row, room, _ in rows])
    for row, _, _ in rows:
        row.copy_of = first.get(row.form_no, "")
    once = [(row, _squeezed(signer)) for row, _, signer in rows if not row.copy_of and row.alike != DISTINCT]
    first = _first_of_each(once, itself=True)
    for row, _ in once:
        row.alike = first.get(row.form_no, "")


def _first_of_each(told: Iterable[tuple[OpinionFormRow, str]], *, itself: bool = False) -> dict[str, str]:
    """Return by form the first one of its version and community with the same text, where there are several."""

    def place(one: tuple[OpinionFormRow, str]) -> tuple[int, str, str]:
        return one[0].version, one[0].community_id, one[1]

    ties: dict[str, str] = {}
    for (_, _, own), group in groupby(sorted(told, key=lambda one: (*place(one), one[0].form_no)), key=place):
        forms = [row.form_no for row, _ in group]
        if own and len(forms) > 1:
            ties |= dict.fromkeys(forms if itself else forms[1:], forms[0])
    return ties


def room_key(building: str, room: str) -> str:
    """Return a room as it compares: 3栋2单元501室, 3-2-501 and ３－２－５０１ are one; where none is named, of its building."""
    told = _squeezed(room)
    parts = _parts(told)
    own = _parts(_squeezed(building))
    whole = bool(_BUILDING.search(told)) or len(parts) > 2
    return "-".join(parts if whole or not parts else (*own, *parts))


def _parts(told: str) -> tuple[str, ...]:
    return tuple(filter(None, _ROOM_WORDS.split(told)))


def _squeezed(given: str) -> str:
    return "".join(unicodedata.normalize("NFKC", given).split()).lower()
