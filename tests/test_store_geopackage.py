"""The project file in other hands: GDAL reads it, before and while it is in use."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import geopandas as gpd
import pyogrio
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import Polygon, box, from_wkb, set_srid, to_wkb
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from geo.schema import findings_table
from store.geopackage import OWN_SRS_ID, srs_id_of
from store.project import create, open_project
from store.schema import Base
from store.shapes import Shape, from_ewkb, from_geopackage, multi
from tests.offices import GRAPH, START, ledger, office, rename

ALBERS = "+proj=aea +lat_1=25 +lat_2=47 +lat_0=0 +lon_0=105 +ellps=GRS80 +units=m"


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    office(tmp_path / "office.gpkg").close()
    return tmp_path / "office.gpkg"


def test_gdal_lists_the_layer_and_reads_every_column_without_a_warning(closed: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert pyogrio.list_layers(closed).tolist() == [["community", "Unknown"], ["finding", None]]
        table = gpd.read_file(closed, layer="community").set_index("community_id")
    before = ledger()
    assert set(before.columns) - {"备注", "areas"} <= set(table.columns)
    assert table["name"].tolist() == before["name"].tolist()
    assert table.crs == before.crs
    placed = before.geometry.notna()
    assert table.geometry[placed].geom_equals(before.geometry[placed]).all()
    assert table.geometry[~placed].isna().all()
    bounds = pyogrio.read_info(closed, layer="community")["total_bounds"]
    assert bounds == tuple(before.total_bounds)


def test_a_system_without_a_number_is_written_with_its_definition(tmp_path: Path) -> None:
    path = tmp_path / "wide.gpkg"
    wide = ledger().set_crs(ALBERS, allow_override=True)
    made = create(path, title="全国", communities=wide, findings=findings_table([]), rules_text="", who="李")
    assert made.communities().crs == wide.crs
    made.close()
    theirs = gpd.read_file(path, layer="community").crs
    assert theirs.coordinate_operation.method_name == "Albers Equal Area"
    assert (srs_id_of(pyproj.CRS(ALBERS)), srs_id_of(pyproj.CRS("EPSG:4490"))) == (OWN_SRS_ID, 4490)


def test_another_program_may_read_while_the_project_is_open(tmp_path: Path) -> None:
    with office(tmp_path / "office.gpkg") as project:
        draft_id = project.add_draft("草稿", START, "李科长")
        script = f"import geo, pyogrio; print(len(pyogrio.read_dataframe({str(project.path)!r}, layer='community')))"
        ran = subprocess.run(
            [sys.executable, "-c", script],
            check=True,
            capture_output=True,
            text=True,
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "PYTHONPATH": "."},
        )
        assert ran.stdout.strip() == str(len(GRAPH))
        assert project.append(draft_id, rename(1), 1, "李科长", graph=GRAPH) == 2


def test_a_reader_inside_this_program_takes_no_acknowledged_change_away(tmp_path: Path) -> None:
    """On Unix, GDAL's own SQLite deletes the log under ours when both live in one process."""
    with office(tmp_path / "office.gpkg") as project:
        draft_id, revision = project.add_draft("草稿", START, "李科长"), 1
        for number in range(4):
            pyogrio.read_info(project.path, layer="community")
            revision = project.append(draft_id, rename(number), revision, "李科长", graph=GRAPH)
            with open_project(project.path) as other:
                assert other.draft(draft_id, GRAPH).revision == revision
        assert project.broken_audit() is None


# --- shapes ----------------------------------------------------------------------------------------

corners = st.floats(-1e7, 1e7).map(lambda x: round(x, 3))


@given(corners, corners, st.sampled_from([4490, 4544, OWN_SRS_ID]))
def test_a_shape_comes_back_from_both_databases(x: float, y: float, srs_id: int) -> None:
    shape = Shape(multi(to_wkb(box(x, y, x + 1, y + 1))), srs_id)
    assert from_geopackage(shape.to_geopackage()) == shape
    assert from_ewkb(shape.to_ewkb()) == shape


def test_ewkb_is_as_postgis_writes_it() -> None:
    square = multi(to_wkb(Polygon([(0, 0), (1, 0), (1, 1), (0, 0)])))
    theirs = to_wkb(set_srid(from_wkb(square), 4490), hex=True, include_srid=True)
    assert Shape(square, 4490).to_ewkb() == theirs.lower()


def test_a_foreign_blob_is_refused() -> None:
    with pytest.raises(ValueError, match="not a blob of ours"):
        from_geopackage(b"GP\x00\x03" + bytes(4) + bytes(32))


def test_the_same_tables_are_made_for_postgresql() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    made = [str(CreateTable(t).compile(dialect=dialect)) for t in Base.metadata.sorted_tables]
    (community,) = [sql for sql in made if "CREATE TABLE community" in sql]
    assert "geom geometry," in community
    assert not any("VARCHAR" in sql or "JSON" in sql for sql in made)
