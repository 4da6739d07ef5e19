"""The tables of a project: one schema for an office's own SQLite file and for a shared PostgreSQL.

Text everywhere, as GDAL drops a column of a type it does not know; instants are ISO text in UTC, so that a row has one
text on every database and its hash is the same.
"""

import json
from typing import Any

from sqlalchemy import (
    DDL,
    Boolean,
    CheckConstraint,
    Column,
    Dialect,
    Float,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from geo.schema import COMMUNITY_COLUMNS, FINDING_COLUMNS
from store.records import canonical
from store.shapes import ShapeType

TYPES: dict[str, type[TypeEngine[Any]]] = {
    "str": Text,
    "Int64": Integer,
    "Float64": Float,
    "bool": Boolean,
}


class Json(TypeDecorator[Any]):
    """JSON as its canonical text: the same bytes on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 - the interface
        """Return the text, null for None."""
        return None if value is None else canonical(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:  # noqa: ARG002 - the interface
        """Return what the text says."""
        return None if value is None else json.loads(value)


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {str: Text, Any: Json}  # noqa: RUF012 - declared so by SQLAlchemy


class ProjectRow(Base):
    """One office's project; `audit_hash` is the hash of the last audit row."""

    __tablename__ = "project"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    audit_rows: Mapped[int] = mapped_column(default=0)
    audit_hash: Mapped[str] = mapped_column(default="")
    at: Mapped[str]
    who: Mapped[str]


class BasisRow(Base):
    """Data that drafts stand on (store.bases); `crs` of its outlines as authority and code, or as WKT."""

    __tablename__ = "basis"
    __table_args__ = (UniqueConstraint("project_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    before: Mapped[int | None]  # the number of the basis that it updates
    sha256: Mapped[str]  # of its files
    crs: Mapped[str]
    rules_id: Mapped[int] = mapped_column(ForeignKey("rules.id"))  # the rules in use
    redrawn: Mapped[Any]  # communities whose outline is another than in the basis before
    at: Mapped[str]
    who: Mapped[str]


def _communities(table: str, *more: Column[Any]) -> Table:
    keys = ("project_id", *(column.name for column in more), "community_id")
    return Table(
        table,
        Base.metadata,
        Column("fid", Integer, primary_key=True, autoincrement=True),
        Column("project_id", ForeignKey("project.id"), nullable=False),
        *more,
        Column("community_id", Text, nullable=False),
        Column("geom", ShapeType),
        *(Column(name, TYPES[kind]) for name, kind in COMMUNITY_COLUMNS.items()),
        Column("other", Json),
        UniqueConstraint(*keys),
    )


class CommunityRow(Base):
    """The communities of the newest basis, as geo.schema has them; further columns of the source in `other`."""

    __table__ = _communities("community")


class EarlierCommunityRow(Base):
    """The communities of every other basis; never changed."""

    __table__ = _communities("earlier_community", Column("basis", Integer, nullable=False))


class FindingRow(Base):
    """What was repaired or refused while reading the newest basis, in the order of reading."""

    __table__ = Table(
        "finding",
        Base.metadata,
        Column("id", Integer, primary_key=True, autoincrement=True),
        Column("project_id", ForeignKey("project.id"), nullable=False),
        *(Column(name, TYPES[kind]) for name, kind in FINDING_COLUMNS.items()),
    )


class RulesRow(Base):
    """A rules file that was in use; never changed."""

    __tablename__ = "rules"
    __table_args__ = (UniqueConstraint("project_id", "sha256"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    sha256: Mapped[str]
    text: Mapped[str]
    at: Mapped[str]
    who: Mapped[str]


class FileRow(Base):
    """A file that a basis was made of, byte by byte; never changed."""

    __tablename__ = "file"
    __table_args__ = (UniqueConstraint("project_id", "basis", "name"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    basis: Mapped[int]
    name: Mapped[str]
    sha256: Mapped[str]
    content: Mapped[bytes]


class DraftRow(Base):
    """A draft: `position` is the cursor of undo, `length` the end of its log, `revision` grows with every change."""

    __tablename__ = "draft"
    __table_args__ = (CheckConstraint("0 <= position AND position <= length"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    title: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    length: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int] = mapped_column()
    at: Mapped[str]
    who: Mapped[str]
    basis: Mapped[int] = mapped_column(server_default=text("1"))
    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - declared so by SQLAlchemy


class CommandRow(Base):
    """One command of a draft's log, 1 the first; ids are never used again, so that one id names one history."""

    __tablename__ = "command"
    __table_args__ = (UniqueConstraint("draft_id", "position"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    position: Mapped[int]
    record: Mapped[Any]
    at: Mapped[str]
    who: Mapped[str]


class SnapshotRow(Base):
    """A draft whole, as it stands after the command at this position; 0 is where it began."""

    __tablename__ = "snapshot"
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    record: Mapped[Any]


class VersionRow(Base):
    """A frozen version: the draft whole, the rules, and the hash that is printed."""

    __tablename__ = "version"
    __table_args__ = (UniqueConstraint("project_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    draft_id: Mapped[int] = mapped_column(ForeignKey("draft.id"))
    rules_id: Mapped[int] = mapped_column(ForeignKey("rules.id"))
    title: Mapped[str]
    record: Mapped[Any]
    violations: Mapped[Any]  # what was accepted with a reason
    communities_sha256: Mapped[str]
    sha256: Mapped[str]
    at: Mapped[str]
    who: Mapped[str]
    confirmed: Mapped[Any] = mapped_column(server_default="[]")  # what is not checked, and was known to be so


class DisputeRow(Base):
    """Who claims what about a place, and what was decided; `place` is a list of ids."""

    __tablename__ = "dispute"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - declared so by SQLAlchemy
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    kind: Mapped[str]
    place: Mapped[Any]
    parties: Mapped[str]
    claim: Mapped[str]
    evidence: Mapped[str]
    decision: Mapped[str]
    state: Mapped[str]
    at: Mapped[str]
    who: Mapped[str]


class DecisionRow(Base):
    """What a meeting decided on a question of the plan: its key, its words at the time, the decision."""

    __tablename__ = "meeting_decision"
    __table_args__ = (UniqueConstraint("project_id", "question"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    question: Mapped[str]
    asked: Mapped[str]
    text: Mapped[str]
    at: Mapped[str]
    who: Mapped[str]


class ProceedingRow(Base):
    """One state that an area of a version came into; `day` is when it holds from; never changed."""

    __tablename__ = "proceeding"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - declared so by SQLAlchemy
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    version: Mapped[int]
    area_id: Mapped[str]
    state: Mapped[str]
    day: Mapped[str]
    reason: Mapped[str]
    at: Mapped[str]
    who: Mapped[str]
    follows: Mapped[int | None] = mapped_column(
        ForeignKey("proceeding.id")
    )  # repeated from an earlier version
    by_version: Mapped[int | None]  # took the place of what is superseded
    paper: Mapped[int | None]  # running number of the paper that goes out with it


class OfficeRow(Base):
    """The office as it was entered once; the last row is in use; never changed."""

    __tablename__ = "office"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - declared so by SQLAlchemy
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    record: Mapped[Any]
    at: Mapped[str]
    who: Mapped[str]


class FilingRow(Base):
    """The filing of an area of a version with the district."""

    __tablename__ = "filing"
    __table_args__ = (UniqueConstraint("project_id", "version", "area_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    version: Mapped[int]
    area_id: Mapped[str]
    record: Mapped[Any]
    at: Mapped[str]
    who: Mapped[str]


class FollowUpRow(Base):
    """What is to be done for an area after its decision, and when it was."""

    __tablename__ = "follow_up"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - declared so by SQLAlchemy
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    area_id: Mapped[str]
    kind: Mapped[str]
    due: Mapped[str]
    done_on: Mapped[str]
    note: Mapped[str]
    at: Mapped[str]
    who: Mapped[str]


class OpinionFormRow(Base):
    """One form for owners, by its number (store.opinions.Form): nobody's name, no room."""

    __tablename__ = "opinion_form"
    __table_args__ = (UniqueConstraint("project_id", "form_no"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    form_no: Mapped[str]
    version: Mapped[int]
    area_id: Mapped[str]
    community_id: Mapped[str]
    building: Mapped[str]
    area_m2: Mapped[float | None]
    units: Mapped[int]
    holder: Mapped[str]
    copy_of: Mapped[str]
    alike: Mapped[str]
    sent_on: Mapped[str]
    way: Mapped[str]
    answers: Mapped[Any]


class OpinionThemeRow(Base):
    """What the office answers to a theme of the opinions of an area of a version."""

    __tablename__ = "opinion_theme"
    __table_args__ = (UniqueConstraint("project_id", "version", "area_id", "text"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    version: Mapped[int]
    area_id: Mapped[str]
    text: Mapped[str]
    reply: Mapped[str]
    adopted: Mapped[str]
    reason: Mapped[str]
    at: Mapped[str]
    who: Mapped[str]


class OpinionPersonRow(Base):
    """What a form says of people, the only table that may: read by nothing but store.opinion_people, and deleted there."""

    __tablename__ = "opinion_person"
    __table_args__ = (UniqueConstraint("project_id", "form_no"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    form_no: Mapped[str]
    room: Mapped[str]
    signer: Mapped[str]
    handler: Mapped[str]
    words: Mapped[str]


class AuditRow(Base):
    """Who changed what, when, from what to what; `before_hash` is the hash of the row before."""

    __tablename__ = "audit"
    __table_args__ = (UniqueConstraint("project_id", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id"))
    number: Mapped[int]
    at: Mapped[str]
    who: Mapped[str]
    action: Mapped[str]
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("draft.id"))
    revision: Mapped[int | None]  # of the draft after the action
    before: Mapped[Any] = mapped_column(nullable=True)
    after: Mapped[Any] = mapped_column(nullable=True)
    before_hash: Mapped[str]
    hash: Mapped[str]


class SchemaStep(Base):
    """The steps of store.migrations that this database has seen; the largest is its schema's number."""

    __tablename__ = "schema_step"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str]


# --- what is written once --------------------------------------------------------------------------

WRITTEN_ONCE = ("audit", "version", "rules", "file", "earlier_community", "proceeding", "office")


_REFUSE = (
    "CREATE OR REPLACE FUNCTION zutuan_written_once() RETURNS trigger LANGUAGE plpgsql "
    "AS $$ BEGIN RAISE EXCEPTION 'written once'; END $$"
)


def _when(moment: str, of: Table | MetaData, statement: str, dialect: str) -> None:
    ddl = DDL(statement)  # type: ignore[no-untyped-call]
    event.listen(of, moment, ddl.execute_if(dialect=dialect))


def _forbid_changes(table: str) -> None:
    written = Base.metadata.tables[table]
    for action in ("UPDATE", "DELETE"):
        head = f"CREATE TRIGGER {table}_no_{action.lower()} BEFORE {action} ON {table}"
        _when("after_create", written, f"{head} BEGIN SELECT RAISE(ABORT, 'written once'); END", "sqlite")
        _when("after_create", written, f"{head} EXECUTE FUNCTION zutuan_written_once()", "postgresql")


_when("before_create", Base.metadata, _REFUSE, "postgresql")
for _table in WRITTEN_ONCE:
    _forbid_changes(_table)
