"""Grids of which the office has no lines: pages by the list of communities in the ledger, and no line drawn."""

from dataclasses import replace

import pandas as pd
import pytest

from jobs.gridding import responsible_of
from report.drawings.ink import Mark
from report.gridpages.card import grid_card
from report.gridpages.cuts import area_grid_of, grid_names, grids_of, has_grids, nowhere
from report.gridpages.index import index_page
from report.gridpages.scene import Backdrop, scene_of
from report.gridpages.still import GRID_INK, still_map
from report.gridpages.worksheet import grid_sheet
from tests.fakes import CRS
from tests.gridtowns import town
from tests.test_gridpages import FORMS, TOLD, Read, grid_of, made, page_of, pdf_text, words_of

LISTED = {"C001": "第2网格", "C002": "第2网格、第10网格", "C003": "第10网格", "C004": "第10网格", "C007": ""}
ONLY = "街道只有网格的小区名单，没有网格界线：图上只标出名单里的小区。"


@pytest.fixture(scope="module")
def results():
    """The town without a layer of grids; B is listed under two of them, the last community under none."""
    bare = town()
    layers = {key: table for key, table in bare.layers.items() if key != "grids"}
    table = bare.communities.assign(grids=pd.Series(LISTED, dtype="str"))
    return replace(bare, communities=table, layers=layers)


def test_each_grid_has_the_communities_of_its_list(results):
    assert grid_names(results) == ("第2网格", "第10网格")
    told = {
        grid.name: [(p.community_id, p.here, p.elsewhere) for p in grid.places] for grid in grids_of(results)
    }
    assert told == {
        "第2网格": [("C002", None, (("第10网格", None),)), ("C001", 40, ())],
        "第10网格": [("C004", 120, ()), ("C003", 80, ()), ("C002", None, (("第2网格", None),))],
    }
    assert nowhere(results, grids_of(results)) == ("C007",)


def test_households_that_no_list_splits_are_told_as_a_whole(results):
    shared = "共60户，与第10网格共有；名单没有写本网格多少户"
    words = words_of(results, "第2网格")
    assert f"{shared}（已核）" in words
    assert "2个小区，3栋楼，40户；涉及1个物业管理区域" in words, "what is known to be here"
    areas = {g.name: [(s.area_id, s.here, s.count) for s in g.areas] for g in grids_of(results)}
    assert areas == {
        "第2网格": [("PMA-001", None, 180)],
        "第10网格": [("PMA-001", None, 180), ("PMA-002", 120, 120)],
    }
    assert area_grid_of(grids_of(results)).to_numpy().tolist() == [["PMA-002", "第10网格", 120]]
    index = Read(index_page(results, grids_of(results), TOLD)).words
    assert "PMA-001 2 第2网格、第10网格 PMA-002 1 第10网格 120户" in index
    assert "不在任何网格内的小区：戊院" in index


def test_no_line_is_drawn_and_the_page_says_why(results):
    scene = scene_of(Backdrop.of(results), grid_of(results, "第2网格"))
    assert "grid" not in scene.kinds
    ink = still_map(scene, (0.0, 0.0, 80.0, 60.0))
    assert GRID_INK not in [one.look.edge for one in ink if isinstance(one, Mark)]
    page = page_of(results, "第2网格")
    assert 'class="grid"' not in page
    assert ONLY in Read(page).words
    assert "我的网格" not in Read(page).words
    assert "".join(ONLY.split()) in "".join(pdf_text(made(grid_sheet, results, "第2网格").content).split())
    assert made(grid_card, results, "第2网格").startswith(b"\x89PNG")
    assert ONLY not in words_of(town(), "第2网格")


def test_buildings_and_forms_go_with_their_community(results):
    grid = grid_of(results, "第2网格", FORMS)
    assert [(block.name, block.outstanding) for block in grid.places[1].blocks] == [
        ("1栋", 9),
        ("2栋", 2),
        ("10栋", 0),
    ]


def test_places_without_outlines_are_shown_as_points_with_a_legend(results):
    points = results.communities.set_geometry(results.communities.representative_point(), crs=CRS)
    bare = replace(results, communities=points, buildings=None)
    read = Read(page_of(bare, "第2网格"))
    assert "小区（只有位置）" in read.words
    west, south, east, north = grid_of(bare, "第2网格").shape.bounds
    assert (east - west, north - south) == pytest.approx((110 + 80, 80), abs=1), "two places and 40 m around"
    assert made(grid_card, bare, "第2网格").startswith(b"\x89PNG")


def test_a_grid_whose_communities_have_no_place_is_shown_as_the_whole_plan(results):
    lost = results.communities.geometry.mask(results.communities.index.isin(["C001", "C002"]))
    bare = replace(results, communities=results.communities.set_geometry(lost, crs=CRS))
    assert grid_of(bare, "第2网格").shape.bounds == tuple(bare.communities.total_bounds)
    assert "甲院 40户" in words_of(bare, "第2网格")


@pytest.mark.parametrize("between", ["、", ",", "; ", "；", "，"])
def test_names_in_one_cell_are_taken_apart(results, between):
    table = results.communities.assign(grids=f"第1网格{between}第2网格").astype({"grids": "str"})
    assert grid_names(replace(results, communities=table)) == ("第1网格", "第2网格")


def test_lines_of_grids_come_before_the_list():
    both = town()
    table = both.communities.assign(grids="别的网格").astype({"grids": "str"})
    assert "别的网格" not in grid_names(replace(both, communities=table))
    assert has_grids(both)
    assert not has_grids(replace(both, layers={}))


def test_units_are_known_for_listed_grids(results):
    assert set(responsible_of(results, {})) == {"第2网格", "第10网格"}
