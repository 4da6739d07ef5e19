"""What the office answers to the themes of the opinions of an area. Within a transaction."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from geo.schema import DataError
from store import audit
from store.given import needed, public_text
from store.opinions import ADOPTED, PLACE, Theme, form_of, rows_of
from store.records import plain
from store.schema import OpinionThemeRow, ProjectRow


def kept(session: Session, project: ProjectRow) -> tuple[Theme, ...]:
    """Return what was answered to themes; themes that nobody answered yet are on the forms alone."""
    found = select(OpinionThemeRow).where(OpinionThemeRow.project_id == project.id)
    order = (OpinionThemeRow.version, OpinionThemeRow.area_id, OpinionThemeRow.text)
    return tuple(_theme(row) for row in session.scalars(found.order_by(*order)))


def put(session: Session, project: ProjectRow, theme: Theme, who: str, *, was: str) -> None:
    """Write the answer to a theme; where its text is another than it `was`, the forms that said that say this now.

    `theme.at` is the instant of the state that the caller has seen, "" for none. Raises DataError where somebody changed it
    since, and where "adopted" has no reason beside a no.
    """
    known = _checked_theme(theme)
    own = (
        OpinionThemeRow.project_id == project.id,
        OpinionThemeRow.version == theme.version,
        OpinionThemeRow.area_id == theme.area_id,
    )
    row = session.scalar(select(OpinionThemeRow).where(*own, OpinionThemeRow.text == was))
    if (row.at if row else "") != theme.at:
        raise DataError("opinions.theme_changed", who=row.who if row else who)
    if known.text != was:
        _rename(session, project, known, was)
        into = session.scalar(select(OpinionThemeRow).where(*own, OpinionThemeRow.text == known.text))
        if into is not None and row is not None:
            session.delete(row)
            session.flush()
        row = into or row
    row = row or OpinionThemeRow(project_id=project.id, version=theme.version, area_id=theme.area_id)
    row.text, row.reply, row.adopted, row.reason = known.text, known.reply, known.adopted, known.reason
    row.who, row.at = who, audit.now()
    session.add(row)
    told = {"version": theme.version, "area": theme.area_id, "adopted": known.adopted}
    audit.record(session, project, who, "opinion_theme", after=told)


def _rename(session: Session, project: ProjectRow, theme: Theme, was: str) -> None:
    for row in rows_of(session, project, PLACE.in_([(theme.version, theme.area_id)])):
        form = form_of(row)
        answers = tuple(
            replace(a, themes=tuple(dict.fromkeys(theme.text if t == was else t for t in a.themes)))
            for a in form.answers
        )
        if answers != form.answers:
            row.answers = plain(answers)


def _checked_theme(theme: Theme) -> Theme:
    if theme.adopted not in ADOPTED:
        raise DataError("opinions.wrong_value", form=theme.text, given=theme.adopted)
    told = replace(
        theme,
        text=needed(public_text(theme.text), "opinions.theme_empty"),
        reply=public_text(theme.reply),
        reason=public_text(theme.reason),
    )
    if told.adopted == "no" and not told.reason:
        raise DataError("opinions.theme_needs_reason")
    return told


def _theme(row: OpinionThemeRow) -> Theme:
    told: Mapping[str, Any] = {field.name: getattr(row, field.name) for field in fields(Theme)}
    return Theme(**told)
