"""A project: communities, rules, drafts with their logs, frozen versions, audit; one SQLite file an office.

Every change is one transaction, acknowledged when it is on the disk. A draft is changed only by who has seen its last
revision: everybody else is told what was saved meanwhile.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Self, cast

import geopandas as gpd
import networkx as nx
import pandas as pd
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.orm import Session

from geo.schema import DataError
from optimizer.rules import Rules
from store import (
    audit,
    bases,
    filings,
    frames,
    logs,
    meetings,
    office,
    opinion_people,
    opinion_themes,
    opinions,
    parts,
    proceedings,
    versions,
)
from store.access import EVERYBODY, Access, act_of
from store.audit import Audited
from store.backups import Backup, back_up, bring_back
from store.bases import Basis, Data
from store.database import empty_log, engine_of, reading, writing
from store.disks import DiskOf, disk_of, give_name, half_of, refuse_share
from store.drafts import Draft
from store.edits import Command, entered
from store.filings import Filing, FollowUp, KeptFollowUp
from store.geopackage import write_metadata, write_plain_table
from store.given import Ids, needed
from store.logs import NamedStep
from store.meetings import Dispute, KeptDispute, MeetingDecision
from store.migrations import latest, migrated
from store.office import Office
from store.onward import Onward, go_on
from store.opinions import Change, Form, Place, Theme
from store.proceedings import Course, Proceeding
from store.schema import Base, CommandRow, DraftRow, ProjectRow, RulesRow, SchemaStep
from store.versions import Version

NO_FILES: Mapping[str, bytes] = MappingProxyType({})


@dataclass(frozen=True)
class OpenDraft:
    """A draft as it stands: `state` after `position` of the `length` commands in its log, at this revision, on its basis."""

    draft_id: int
    title: str
    revision: int
    position: int
    length: int
    state: Draft
    basis: int = 1


@dataclass(frozen=True)
class DraftLine:
    """A draft in the list of drafts, with who changed it last and when (ISO, UTC)."""

    draft_id: int
    title: str
    revision: int
    who: str
    at: str
    basis: int = 1


# --- making and opening ----------------------------------------------------------------------------


def create(
    path: Path,
    /,
    *,
    title: str,
    communities: gpd.GeoDataFrame,
    findings: pd.DataFrame,
    rules_text: str,
    who: str,
    files: Mapping[str, bytes] = NO_FILES,
    disk: DiskOf = disk_of,
) -> "Project":
    """Make a project file, whole or not at all, and open it.

    `communities` and `findings` as geo.schema has them, communities with a CRS; `files` by name are what the project
    was made of, kept byte by byte. Raises DataError where the file is
    there already or would lie on a network share.
    """
    data = Data(communities, findings, rules_text, files)
    bases.check(data)
    who, title = needed(who, "store.who_missing"), needed(title, "store.title_missing")
    _refuse_taken(path, disk)
    half = half_of(path)
    engine = engine_of(half)
    try:
        with writing(engine) as session:
            _write_schema(session.connection())
            project = ProjectRow(title=title, at=audit.now(), who=who)
            session.add(project)
            session.flush()
            basis = bases.add(session, project, data, who)
            audit.record(session, project, who, "create", after={"title": title, "sha256": basis.sha256})
        engine.dispose()  # the last connection takes the log into the file
        give_name(half, path)
    finally:
        engine.dispose()
        half.unlink(missing_ok=True)
    return open_project(path, disk=disk)


def open_project(path: Path, /, *, disk: DiskOf = disk_of, access: Access = EVERYBODY) -> "Project":
    """Open a project file and bring it to the latest schema; `access` says who may write what through it.

    Raises DataError where it is not there, is no project, was made by a newer program, or lies on a network share.
    """
    refuse_share(path, disk)
    if not path.is_file():
        raise DataError("store.no_file", file=path.name)
    engine = engine_of(path)
    try:
        with writing(engine) as session:
            migrated(session.connection(), audit.now(), file=path.name)
    except BaseException:
        engine.dispose()
        raise
    return Project(path, engine, access)


def restored(backup: Path, path: Path, /, *, disk: DiskOf = disk_of) -> "Project":
    """Open at `path` the project of a backup, every row compared with the hash of the original's.

    Raises DataError where the backup is damaged or differs, where `path` is taken, or would lie on a network share.
    """
    _refuse_taken(path, disk)
    bring_back(backup, path)
    return open_project(path, disk=disk)


class Project:
    """An open project; threads may share it. Close it, or use it in a `with`."""

    def __init__(self, path: Path, engine: Engine, access: Access = EVERYBODY) -> None:
        self.path = path
        self._engine = engine
        self._access = access
        # By draft what was played last: which history (id of its last command), on which graph, what came of it.
        # Spares an edit the replay of up to 20 others; what is not here, or no longer true, is played again.
        self._last: dict[int, tuple[int, nx.Graph[str], Draft]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    # --- what the project holds

    def title(self) -> str:
        """Return the project's title."""
        with reading(self._engine) as session:
            return _project(session).title

    def bases(self) -> tuple[Basis, ...]:
        """Return the data that drafts and versions stand on, the first first."""
        with reading(self._engine) as session:
            return bases.kept(session, _project(session))

    def communities(self, basis: int | None = None) -> gpd.GeoDataFrame:
        """Return the communities of a basis, of the newest where none is named, as geo.schema has them.

        Outlines as multipolygons; further columns after ours.
        """
        with reading(self._engine) as session:
            return bases.communities(session, _project(session), basis)

    def findings(self) -> pd.DataFrame:
        """Return the findings of the newest basis, in the order of reading."""
        with reading(self._engine) as session:
            return frames.read_findings(session, _project(session).id)

    def rules_text(self, basis: int | None = None) -> str:
        """Return the text of the rules file in use on a basis, on the newest where none is named."""
        with reading(self._engine) as session:
            row = bases.row_of(session, _project(session), basis)
            return session.get_one(RulesRow, row.rules_id).text

    def files(self, basis: int | None = None) -> dict[str, bytes]:
        """Return by name what a basis was made of, the newest where none is named.

        Raises DataError where a file is not what its hash says.
        """
        with reading(self._engine) as session:
            return bases.files(session, _project(session), basis)

    def set_rules(self, rules_text: str, who: str) -> None:
        """Use another rules file on the newest basis from now on; earlier ones are kept with the versions that used them."""
        with self._change(who, "set_rules") as (session, project, who_known):
            basis = bases.row_of(session, project)
            rules = bases.rules_row(session, project, rules_text, who_known)
            before, basis.rules_id = basis.rules_id, rules.id
            audit.record(
                session, project, who_known, "rules", before={"rules": before}, after={"rules": rules.id}
            )

    def update(
        self, draft_id: int, expected_revision: int, data: Data, onward: Onward, who: str
    ) -> OpenDraft:
        """Let a draft go on, on other data, as a draft of its own; return that, once all of it is on the disk.

        The draft itself stays as it is, on its own data, and so does everything else: versions, the procedure, opinions.
        Raises as `append`: then nothing is written.
        """
        bases.check(data)
        with self._change(who, "update") as (session, project, known):
            old = logs.current(session, draft_id, expected_revision)
            row = go_on(session, project, old, data, onward, known)
            state = self._state(session, row, onward.graph)
        return OpenDraft(row.id, row.title, row.revision, row.position, row.length, state, row.basis)

    # --- drafts

    def drafts(self) -> tuple[DraftLine, ...]:
        """Return the drafts, the one that was changed last first."""
        with reading(self._engine) as session:
            rows = session.scalars(select(DraftRow).order_by(DraftRow.at.desc(), DraftRow.id.desc()))
            return tuple(
                DraftLine(row.id, row.title, row.revision, row.who, row.at, row.basis) for row in rows
            )

    def add_draft(self, title: str, start: Draft, who: str, *, basis: int | None = None) -> int:
        """Begin a draft with this state on a basis, on the newest where none is named; return its id.

        Also how a planner keeps a copy of what could not be saved.
        """
        with self._change(who, "add_draft") as (session, project, who_known):
            known, number = needed(title, "store.title_missing"), bases.row_of(session, project, basis).number
            draft = logs.begin(session, project, known, start, who_known, basis=number)
            audit.record(session, project, who_known, "begin", draft=draft, after={"title": draft.title})
            return draft.id

    def copy(self, draft_id: int, title: str, who: str) -> int:
        """Copy a draft with its whole log, undo and redo included; return the copy's id."""
        with self._change(who, "copy") as (session, project, who_known):
            known = needed(title, "store.title_missing")
            draft = logs.copied(session, project, logs.current(session, draft_id), known, who_known)
            after = {"title": known, "of": draft_id}
            audit.record(session, project, who_known, "copy", draft=draft, after=after)
            return draft.id

    def draft(self, draft_id: int, graph: "nx.Graph[str]") -> OpenDraft:
        """Return a draft as it stands, played from its last snapshot; `graph` is as the data of its basis made it."""
        with reading(self._engine) as session:
            row = logs.current(session, draft_id)
            state = self._state(session, row, graph)
            return OpenDraft(row.id, row.title, row.revision, row.position, row.length, state, row.basis)

    def append(
        self, draft_id: int, command: Command, expected_revision: int, who: str, *, graph: "nx.Graph[str]"
    ) -> int:
        """Apply a command and put it into the log; return the draft's new revision, once it is on the disk.

        Raises StaleError where the draft was changed since `expected_revision`, DataError where the command cannot be
        done: neither writes anything.
        """
        with self._change(who, "append") as (session, project, who_known):
            draft = logs.current(session, draft_id, expected_revision)
            before = self._state(session, draft, graph)
            after = entered(before, command, graph)
            self._keep_to(session, project, who_known, lambda: parts.touched_by(before, after))
            row = logs.append(session, project, draft, command, after, who_known)
        self._last[draft_id] = (row.id, graph, after)
        return draft.revision

    def undo(self, draft_id: int, expected_revision: int, who: str) -> int:
        """Take the last command back; return the new revision. Raises as `append`."""
        with self._change(who, "undo") as (session, project, who_known):
            draft = logs.current(session, draft_id, expected_revision)
            self._keep_to_own(who_known, logs.command_at(session, draft, draft.position))
            logs.undo(session, project, draft, who_known)
        return draft.revision

    def redo(self, draft_id: int, expected_revision: int, who: str) -> int:
        """Do again what was taken back last; return the new revision. Raises as `append`."""
        with self._change(who, "redo") as (session, project, who_known):
            draft = logs.current(session, draft_id, expected_revision)
            self._keep_to_own(who_known, logs.command_at(session, draft, draft.position + 1))
            logs.redo(session, project, draft, who_known)
        return draft.revision

    def steps(self, draft_id: int) -> tuple[NamedStep, ...]:
        """Return the log of a draft by name, the oldest first; all of it can be undone, one by one."""
        with reading(self._engine) as session:
            return logs.steps(session, logs.current(session, draft_id))

    # --- versions

    def freeze(
        self,
        draft_id: int,
        title: str,
        expected_revision: int,
        who: str,
        *,
        graph: "nx.Graph[str]",
        rules: Rules,
        caveats: Sequence[str] = (),
        confirmed: Sequence[str] = (),
    ) -> Version:
        """Make a version of a draft: never changed again, with the hash that is printed.

        `caveats` are codes of what the data leave unchecked; each has to be among those `confirmed` (design.md §5), and
        so has that of areas whose consultation this version breaks off (store.proceedings.broken_off).
        Its areas enter the procedure (store.proceedings.begin). Raises as `append`, and DataError where one is not, where `rules` are not those of `rules_text`, and where a rule
        is broken and the place was not accepted with a reason and a name.
        """
        with self._change(who, "freeze") as (session, project, who_known):
            draft = logs.current(session, draft_id, expected_revision)
            state = self._state(session, draft, graph)
            versions.refuse_other_rules(session, bases.row_of(session, project, draft.basis), graph, rules)
            accepted = versions.judged(state, graph, rules)
            still = proceedings.under_way(session, project)
            other = proceedings.redrawn(session, project, still, draft.basis)
            told = (*caveats, *proceedings.broken_off(state.plan.areas, still, other))
            if left := len(set(told) - set(confirmed)):
                raise DataError("store.unconfirmed", number=left)
            known = needed(title, "store.title_missing")
            version = versions.frozen(
                session,
                project,
                draft,
                title=known,
                state=state,
                accepted=accepted,
                confirmed=told,
                who=who_known,
            )
            areas = state.plan.areas
            proceedings.begin(
                session, project, version.number, version.at, areas, who=who_known, basis=draft.basis
            )
            after = {"number": version.number, "sha256": version.sha256, "confirmed": version.confirmed}
            audit.record(session, project, who_known, "freeze", draft=draft, after=after)
            return version

    def versions(self) -> tuple[Version, ...]:
        """Return the frozen versions, the first first; raises DataError where one is not what its hash says."""
        with reading(self._engine) as session:
            return versions.kept(session, _project(session))

    # --- the procedure: states, the office, filings

    def proceedings(self) -> tuple[Proceeding, ...]:
        """Return every state that an area of a version came into, the first first."""
        with reading(self._engine) as session:
            return proceedings.kept(session, _project(session))

    def under_way(self) -> dict[Ids, Course]:
        """Return by members the areas whose boundary stands still: consulted on, or further."""
        with reading(self._engine) as session:
            return proceedings.under_way(session, _project(session))

    def redrawn(self, basis: int) -> frozenset[Ids]:
        """Return by members those of the areas under way whose outline is another on this basis: they begin again."""
        with reading(self._engine) as session:
            project = _project(session)
            still = proceedings.under_way(session, project)
            return proceedings.redrawn(session, project, still, basis)

    def proceed(
        self,
        version: int,
        area_ids: Iterable[str],
        state: str,
        *,
        on: str,
        reason: str,
        who: str,
        expected: int,
        paper: int | None = None,
    ) -> None:
        """Bring areas of a version into a state, which holds from the day `on` (ISO).

        `paper` is the running number of the first area's paper, the others' follow it; `expected` is the largest number of a row that the caller has seen. Raises DataError where somebody else entered
        a step of one of the areas since, and where the step is not allowed (store.proceedings says which are).
        """
        with self._change(who, act_of(state)) as (session, project, known):
            step = proceedings.Step(version, tuple(area_ids), state, on, reason, paper)
            places = [(version, area_id) for area_id in step.area_ids]
            self._keep_to(session, project, known, lambda: parts.members_in(session, project, places))
            proceedings.proceed(session, project, step, known, expected=expected)

    def office(self) -> Office:
        """Return the office that issues the papers, as it was entered last."""
        with reading(self._engine) as session:
            return office.kept(session, _project(session))

    def set_office(self, told: Office, who: str, *, expected: Office) -> None:
        """Enter the office; raises DataError where it is no longer `expected`, the one that the caller has seen."""
        with self._change(who, "set_office") as (session, project, known):
            office.put(session, project, told, known, expected=expected)

    def filings(self) -> tuple[Filing, ...]:
        """Return what is filed with the district, by version and area."""
        with reading(self._engine) as session:
            return filings.kept(session, _project(session))

    def put_filing(self, filing: Filing, who: str, *, expected: Filing | None) -> None:
        """Keep the filing of an area; raises DataError where it is no longer `expected`, None for none."""
        with self._change(who, "put_filing") as (session, project, known):
            filings.put(session, project, filing, known, expected=expected)

    def follow_ups(self) -> tuple[KeptFollowUp, ...]:
        """Return what is to be done after decisions, the first first."""
        with reading(self._engine) as session:
            return filings.kept_follow_ups(session, _project(session))

    def put_follow_up(
        self, told: FollowUp, who: str, *, number: int | None = None, expected: str = ""
    ) -> int:
        """Enter a follow-up, or change the one of this number as it stood at `expected`; return its number."""
        with self._change(who, "put_follow_up") as (session, project, known):
            return filings.put_follow_up(session, project, told, known, number=number, expected=expected)

    # --- meetings

    def disputes(self) -> tuple[KeptDispute, ...]:
        """Return the disputes, the first first."""
        with reading(self._engine) as session:
            return meetings.kept_disputes(session, _project(session))

    def put_dispute(
        self, dispute: Dispute, who: str, *, number: int | None = None, expected: str = ""
    ) -> int:
        """Enter a dispute, or change the one of this number as it stood at `expected`; return its number.

        Raises DataError where it is not whole, and where somebody else changed it since.
        """
        with self._change(who, "put_dispute") as (session, project, who_known):
            return meetings.put_dispute(
                session, project, dispute, who_known, number=number, expected=expected
            )

    def meeting_decisions(self) -> dict[str, MeetingDecision]:
        """Return by question what meetings decided."""
        with reading(self._engine) as session:
            return meetings.kept_decisions(session, _project(session))

    def decide(self, question: str, text: str, who: str, *, asked: str, expected: str = "") -> None:
        """Keep what was decided on a question, `asked` in these words; an empty text takes it back.

        Raises DataError where the decision is no longer `expected`, the one that the caller has seen.
        """
        with self._change(who, "decide") as (session, project, who_known):
            meetings.decide(
                session, project, who_known, question=question, asked=asked, text=text, expected=expected
            )

    # --- opinions

    def opinion_forms(self, places: Collection[Place] | None = None) -> tuple[Form, ...]:
        """Return the forms for owners of these areas of versions, or all, with what came back; nothing personal."""
        with reading(self._engine) as session:
            return opinions.kept_forms(session, _project(session), places)

    def prepare_forms(self, forms: Sequence[Form], who: str) -> int:
        """Write the forms of an area that are not there yet; return how many."""
        with self._change(who, "prepare_forms") as (session, project, known):
            self._keep_to(session, project, known, lambda: {form.community_id for form in forms})
            return opinions.prepare(session, project, forms, known)

    def put_forms(self, changes: Sequence[Change], who: str, *, action: str = "opinion_take") -> int:
        """Write what came back, or what was decided (`action` "opinion_rule"), all or nothing; return how many forms changed.

        Raises DataError where a form is not as the caller has seen it.
        """
        with self._change(who, "put_forms") as (session, project, known):
            self._keep_to(session, project, known, lambda: {one.after.community_id for one in changes})
            return opinions.put_forms(session, project, changes, known, action=action)

    def opinion_themes(self) -> tuple[Theme, ...]:
        """Return the answers to themes of the opinions."""
        with reading(self._engine) as session:
            return opinion_themes.kept(session, _project(session))

    def put_theme(self, theme: Theme, who: str, *, was: str) -> None:
        """Keep the answer to a theme that `was` called so; raises DataError where somebody else changed it since."""
        with self._change(who, "put_theme") as (session, project, known):
            place = theme.version, theme.area_id
            self._keep_to(session, project, known, lambda: parts.members_in(session, project, [place]))
            opinion_themes.put(session, project, theme, known, was=was)

    def people_kept(self) -> dict[tuple[int, str], int]:
        """Return by version and area of how many forms anything personal is kept; never what it is."""
        with reading(self._engine) as session:
            return opinion_people.kept(session, _project(session))

    def forget_people(self, version: int, area_id: str, who: str) -> int:
        """Take away what is personal on the forms of an area, from the file and its log; return of how many forms."""
        with self._change(who, "forget_people") as (session, project, known):
            number = opinion_people.forget(session, project, version, area_id, known)
        empty_log(self._engine)
        return number

    # --- audit and backup

    def history(self) -> tuple[Audited, ...]:
        """Return every change of the project, the first first."""
        with reading(self._engine) as session:
            return audit.told(session, _project(session))

    def last_change(self) -> int:
        """Return the number of the last change: as long as it stays, what was read is still so."""
        with reading(self._engine) as session:
            return _project(session).audit_rows

    def broken_audit(self) -> int | None:
        """Return the number of the first audit row that is missing or not as it was written, None where all are."""
        with reading(self._engine) as session:
            return audit.first_broken(session, _project(session))

    def backup(self, path: Path) -> Backup:
        """Write the project as it is now to one file, replacing an earlier one; others may go on writing."""
        raw = self._engine.raw_connection()
        try:
            return back_up(cast("sqlite3.Connection", raw.driver_connection), self.path, path)
        finally:
            raw.close()

    @contextmanager
    def _change(self, who: str, act: str) -> Iterator[tuple[Session, ProjectRow, str]]:
        """Give the session, the project and the name of who writes: the one way to every write of an open project.

        Raises DataError without a name, and where the role is not enough for the act (store.access.NEEDS).
        """
        known = needed(who, "store.who_missing")
        self._access.require(known, act)
        with writing(self._engine) as session:
            yield session, session.scalars(select(ProjectRow).with_for_update()).one(), known

    def _keep_to(
        self, session: Session, project: ProjectRow, who: str, touched: Callable[[], Collection[str]]
    ) -> None:
        """Raise DataError where a write touches a community outside the part of who writes."""
        member = self._access.member(who)
        if member.limited:
            parts.keep_to(session, project, member, touched())

    def _keep_to_own(self, who: str, step: CommandRow | None) -> None:
        """Raise DataError where who is limited to a part would take back or do again what another did."""
        if step is not None:
            parts.keep_to_own(self._access.member(who), self._access.member(step.who))

    def _state(self, session: Session, draft: DraftRow, graph: "nx.Graph[str]") -> Draft:
        row = logs.command_at(session, draft, draft.position)
        history = row.id if row else 0
        last = self._last.get(draft.id)
        if last is None or last[0] != history or last[1] is not graph:
            last = (history, graph, logs.played(session, draft, graph))
            self._last[draft.id] = last
        return last[2]


# --- parts -----------------------------------------------------------------------------------------


def _refuse_taken(path: Path, disk: DiskOf) -> None:
    refuse_share(path, disk)
    if path.exists():
        raise DataError("store.file_exists", file=path.name)


def _project(session: Session) -> ProjectRow:
    return session.scalars(select(ProjectRow)).one()


def _write_schema(connection: Connection) -> None:
    Base.metadata.create_all(connection)
    connection.execute(insert(SchemaStep), {"number": latest(), "at": audit.now()})
    write_metadata(connection)
    write_plain_table(connection, "finding")
