"""Whole runs on tiny ledgers: what one step must hand on to the next."""

import json

import pytest

from geo.intake import parts_of
from jobs.district import make_ready, plan_district
from jobs.request import FileLayer, Request
from jobs.sources import input_sha256
from report.results import write_results

CRS = "EPSG:4544"
STREET = "编号,名称,户数,片,东坐标,北坐标\na,甲,40,{a},500000,3250000\nb,乙,40,{b},500100,3250000\nc,丙,40,{c},500200,3250000\n"


@pytest.fixture
def ledger(tmp_path):
    def written(text: str, name: str = "street.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return FileLayer(path)

    return written


def test_a_column_given_with_within_is_judged_by_the_checks(ledger):
    """a–b–c, b without a value: nothing refuses the two links, and the area they make mixes P and Q."""
    street = ledger(STREET.format(a="P", b="", c="Q"))
    results = plan_district(Request(street, crs=CRS, within=("片",)))
    mixed = set(results.communities["area_id"].dropna()) == {"PMA-001"}
    assert mixed == ("within" in set(results.violations["rule"]))


def test_a_column_given_with_within_is_a_reason(ledger):
    street = ledger(STREET.format(a="P", b="Q", c="Q"))
    results = plan_district(Request(street, crs=CRS, within=("片",)))
    assert results.communities.loc["a", "reason_code"] == "other_bound"


def test_what_was_done_to_a_layer_of_bounds_is_said(ledger, tmp_path):
    line = {"type": "LineString", "coordinates": [[105.0, 29.3], [105.0, 29.4]]}
    river = {"type": "Feature", "properties": {"class": "river"}, "geometry": line}
    layer = tmp_path / "river.geojson"
    layer.write_text(json.dumps({"type": "FeatureCollection", "features": [river]}))
    street = ledger(STREET.format(a="", b="", c=""))
    results = plan_district(
        Request(street, crs="EPSG:4544", barriers=(FileLayer(layer),), boundary_crs="auto")
    )
    said = results.findings[results.findings["file"] == "river.geojson"]
    assert set(said["code"]) == {"coordinates.by_standard"}


def test_building_rows_without_any_place_are_written(ledger, tmp_path):
    rows = ledger("小区编号,小区名称,楼栋号,户数\na,甲,1,60\na,甲,2,60\nb,乙,1,30\n")
    write_results(plan_district(Request(rows)), tmp_path / "out")
    assert (tmp_path / "out" / "map.html").is_file()


def test_the_hash_of_a_shapefile_covers_its_parts(tmp_path):
    for suffix in ("shp", "dbf"):
        (tmp_path / f"outlines.{suffix}").write_bytes(b"one")
    request = Request(FileLayer(tmp_path / "outlines.shp"))
    before = input_sha256(request)
    (tmp_path / "outlines.dbf").write_bytes(b"two")
    assert [p.name for p in parts_of(tmp_path / "outlines.shp")] == ["outlines.shp", "outlines.dbf"]
    assert input_sha256(request) != before


def test_what_is_compiled_for_these_sources_is_not_compiled_again(monkeypatch):
    done: list[str] = []
    monkeypatch.setattr("optimizer.compiling.compile_ahead", lambda: done.append("compiled"))
    for whole in (True, False):
        monkeypatch.setattr("optimizer.native.is_whole", lambda whole=whole: whole)
        make_ready(lambda step: done.append(step.stage))
    assert done == ["compile", "compiled"]
