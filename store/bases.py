"""The data that drafts and versions stand on, one basis after the other: each whole, and none changed when another comes. Within a transaction.

The communities of the newest basis are the layer that GDAL shows; those of the others lie beside them, unchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from math import isnan

import geopandas as gpd
import pandas as pd
import pyproj
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from geo.schema import COMMUNITY_COLUMNS, FINDING_COLUMNS, DataError, check_columns
from store import audit, frames
from store.digests import hash_of
from store.geopackage import write_layer
from store.given import Ids
from store.schema import BasisRow, DraftRow, FileRow, ProjectRow, RulesRow, VersionRow


@dataclass(frozen=True)
class Data:
    """What a basis is made of: tables as geo.schema has them, communities with a CRS.

    `files` by name are the written plan that they stand in; `beside` is kept with it and no part of its hash.
    """

    communities: gpd.GeoDataFrame
    findings: pd.DataFrame
    rules_text: str
    files: Mapping[str, bytes] = field(default_factory=dict)
    beside: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Basis:
    """One basis of a project: the hash of its files, the basis that it updates (None for the first), who made it and when."""

    number: int
    sha256: str
    before: int | None
    who: str
    at: str


# --- writing ---------------------------------------------------------------------------------------


def check(data: Data) -> None:
    """Raise DataError where the tables are not as geo.schema has them."""
    check_columns(data.communities, COMMUNITY_COLUMNS, "communities")
    check_columns(data.findings, FINDING_COLUMNS, "findings")


def add(
    session: Session,
    project: ProjectRow,
    data: Data,
    who: str,
    *,
    before: int | None = None,
    redrawn: Ids = (),
) -> BasisRow:
    """Write the basis that comes next; `redrawn` are communities whose outline is another than in the basis `before`."""
    crs = pyproj.CRS.from_user_input(data.communities.crs)
    newest = kept(session, project)[-1:]
    basis = BasisRow(
        project_id=project.id,
        number=newest[0].number + 1 if newest else 1,
        before=before,
        sha256=hash_of(data.files),
        crs=frames.crs_text(crs),
        rules_id=rules_row(session, project, data.rules_text, who).id,
        redrawn=sorted(redrawn),
        at=audit.now(),
        who=who,
    )
    if newest:
        frames.lay_aside(session, project.id, newest[0].number)
    frames.write_communities(session, project.id, data.communities)
    frames.write_findings(session, project.id, data.findings)
    bounds = [None if isnan(edge) else edge for edge in map(float, data.communities.total_bounds)]
    write_layer(session.connection(), "community", crs, bounds)
    for name, content in sorted({**data.files, **data.beside}.items()):
        key = sha256(content).hexdigest()
        kept_file = FileRow(project_id=project.id, basis=basis.number, name=name, sha256=key, content=content)
        session.add(kept_file)
    session.add(basis)
    session.flush()
    return basis


def rules_row(session: Session, project: ProjectRow, text: str, who: str) -> RulesRow:
    """Return the row of these rules, the one that is there where the text was in use before."""
    key = sha256(text.encode()).hexdigest()
    known = select(RulesRow).where(RulesRow.project_id == project.id, RulesRow.sha256 == key)
    row = session.scalar(known)
    if row is None:
        row = RulesRow(project_id=project.id, sha256=key, text=text, at=audit.now(), who=who)
        session.add(row)
        session.flush()
    return row


# --- reading ---------------------------------------------------------------------------------------


def kept(session: Session, project: ProjectRow) -> tuple[Basis, ...]:
    """Return every basis, the first first."""
    rows = session.scalars(_rows(project).order_by(BasisRow.number))
    return tuple(Basis(row.number, row.sha256, row.before, row.who, row.at) for row in rows)


def row_of(session: Session, project: ProjectRow, number: int | None = None) -> BasisRow:
    """Return a basis, None for the newest; raises DataError where there is none of this number."""
    rows = _rows(project) if number is None else _rows(project).where(BasisRow.number == number)
    found = session.scalar(rows.order_by(BasisRow.number.desc()).limit(1))
    if found is None:
        raise DataError("store.no_such_basis", number=number)
    return found


def communities(session: Session, project: ProjectRow, number: int | None = None) -> gpd.GeoDataFrame:
    """Return the communities of a basis, None for the newest, as geo.schema has them."""
    basis = row_of(session, project, number)
    return frames.read_communities(session, project.id, basis.crs, aside=_aside(session, project, basis))


def hash_of_communities(session: Session, project: ProjectRow, number: int) -> str:
    """Return the hash of the communities of a basis as they are kept: the same before and after another one came."""
    basis = row_of(session, project, number)
    return frames.hash_of_communities(session, project.id, aside=_aside(session, project, basis))


def files(session: Session, project: ProjectRow, number: int | None = None) -> dict[str, bytes]:
    """Return by name the files of a basis and what lies beside; raises DataError where one is not what its hash says."""
    basis = row_of(session, project, number)
    rows = session.execute(
        select(FileRow.name, FileRow.sha256, FileRow.content)
        .where(FileRow.project_id == project.id, FileRow.basis == basis.number)
        .order_by(FileRow.name)
    ).all()
    for name, key, content in rows:
        if sha256(content).hexdigest() != key:
            raise DataError("store.broken_file", name=name)
    return {name: content for name, _, content in rows}


def of_versions(session: Session, project: ProjectRow) -> dict[int, int]:
    """Return by the number of a version that of the basis it was frozen on."""
    rows = session.execute(
        select(VersionRow.number, DraftRow.basis)
        .join(DraftRow, DraftRow.id == VersionRow.draft_id)
        .where(VersionRow.project_id == project.id)
    )
    return {number: basis for number, basis in rows}  # noqa: C416 - rows are no pairs to mypy


def redrawn_between(session: Session, project: ProjectRow, one: int, other: int) -> frozenset[str]:
    """Return the communities whose outline some update on the way from one basis to the other drew anew."""
    by_number = {row.number: row for row in session.scalars(_rows(project))}
    found: set[str] = set()
    while one != other:  # up to where both come from: a basis is younger than the one that it updates
        row = by_number[max(one, other)]
        found |= set(row.redrawn)
        one, other = min(one, other), row.before or 0
    return frozenset(found)


def _rows(project: ProjectRow) -> Select[BasisRow]:
    return select(BasisRow).where(BasisRow.project_id == project.id)


def _aside(session: Session, project: ProjectRow, basis: BasisRow) -> int | None:
    """Return under which number the communities of a basis lie aside, None where they are the layer."""
    return None if basis.number == row_of(session, project).number else basis.number
