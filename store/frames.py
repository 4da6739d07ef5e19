"""Communities and findings: tables of geo.schema into rows of the project, and back as they were."""

from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
from sqlalchemy import ColumnElement, Select, delete, insert, literal, select
from sqlalchemy.orm import Session

from geo.schema import COMMUNITY_COLUMNS, FINDING_COLUMNS
from store.geopackage import srs_id_of
from store.records import digest
from store.schema import CommunityRow, EarlierCommunityRow, FindingRow
from store.shapes import Shape, multi

COMMUNITY, EARLIER, FINDING = CommunityRow.__table__, EarlierCommunityRow.__table__, FindingRow.__table__


def crs_text(crs: pyproj.CRS) -> str:
    """Return the text that means this system: authority and code, else WKT."""
    authority = crs.to_authority()
    return ":".join(authority) if authority else crs.to_wkt()


def write_communities(session: Session, project_id: int, communities: gpd.GeoDataFrame) -> None:
    """Write the communities, in order of id; their outlines become multipolygons, heights are left out."""
    communities = communities.sort_index()
    crs = pyproj.CRS.from_user_input(communities.crs)
    srs_id = srs_id_of(crs)
    others = [c for c in communities.columns if c not in (*COMMUNITY_COLUMNS, communities.geometry.name)]
    shapes = communities.geometry.force_2d().to_wkb()
    rows = [
        {
            "project_id": project_id,
            "community_id": community_id,
            "geom": None if wkb is None else Shape(multi(wkb), srs_id),
            **{name: _native(values[name]) for name in COMMUNITY_COLUMNS},
            "other": [[name, _native(values[name])] for name in others],
        }
        for community_id, wkb, values in zip(
            communities.index, shapes, communities.to_dict("records"), strict=True
        )
    ]
    if rows:
        session.execute(insert(COMMUNITY), rows)


def lay_aside(session: Session, project_id: int, basis: int) -> None:
    """Move the communities to those of earlier data, as of this basis, and take the findings away: its files keep them."""
    columns = [column for column in COMMUNITY.c if column.name != "fid"]
    rows = select(*columns, literal(basis)).where(COMMUNITY.c.project_id == project_id)
    rows = rows.order_by(COMMUNITY.c.community_id)
    names = [*(column.name for column in columns), "basis"]
    session.execute(insert(EARLIER).from_select(names, rows))
    for table in (COMMUNITY, FINDING):
        session.execute(delete(table).where(table.c.project_id == project_id))


def read_communities(session: Session, project_id: int, crs: str, *, aside: int | None) -> gpd.GeoDataFrame:
    """Return the communities, or those that were laid aside as of a basis: index `community_id`, sorted."""
    found = [dict(row) for row in session.execute(_rows(project_id, aside)).mappings()]
    table = pd.DataFrame([{name: row[name] for name in COMMUNITY_COLUMNS} for row in found])
    table = table.reindex(columns=list(COMMUNITY_COLUMNS)).astype(COMMUNITY_COLUMNS)
    for name in [name for name, _ in found[0]["other"]] if found else []:
        table[name] = [dict(row["other"])[name] for row in found]
    table.index = pd.Index([row["community_id"] for row in found], name="community_id", dtype="str")
    shapes = [row["geom"].wkb if row["geom"] else None for row in found]
    geometry = gpd.GeoSeries.from_wkb(shapes, index=table.index, crs=crs)
    return gpd.GeoDataFrame(table, geometry=geometry)


def hash_of_communities(session: Session, project_id: int, *, aside: int | None) -> str:
    """Return the hash of all communities as they are kept, or of those that were laid aside as of a basis."""
    rows = session.execute(_rows(project_id, aside)).mappings()
    return digest([{**row, "fid": None, "geom": row["geom"] and row["geom"].wkb.hex()} for row in rows])


def _rows(project_id: int, aside: int | None) -> Select[Any]:
    """Return the query of the communities, in order of id, with the same columns wherever they lie."""
    table = COMMUNITY if aside is None else EARLIER
    own: list[ColumnElement[bool]] = [table.c.project_id == project_id]
    own += [] if aside is None else [table.c.basis == aside]
    return select(*(table.c[name] for name in COMMUNITY.c.keys())).where(*own).order_by(table.c.community_id)  # noqa: SIM118 - not a dict


def write_findings(session: Session, project_id: int, findings: pd.DataFrame) -> None:
    """Write the findings in their order."""
    rows = [
        {"project_id": project_id, **{name: _native(row[name]) for name in FINDING_COLUMNS}}
        for row in findings.to_dict("records")
    ]
    if rows:
        session.execute(insert(FINDING), rows)


def read_findings(session: Session, project_id: int) -> pd.DataFrame:
    """Return the findings of the project in their order."""
    columns = [FINDING.c[name] for name in FINDING_COLUMNS]
    rows = session.execute(select(*columns).where(FINDING.c.project_id == project_id).order_by(FINDING.c.id))
    return pd.DataFrame([tuple(row) for row in rows], columns=list(FINDING_COLUMNS)).astype(FINDING_COLUMNS)


def _native(value: Any) -> Any:
    """Return a cell as a value of Python, None where it is missing: drivers keep others as bytes."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
