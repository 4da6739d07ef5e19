"""Links, scope and locks that planners give as small csv files."""

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point

from geo.given import existing_in, read_existing, read_links, read_locks, read_scope
from geo.schema import DataError

KNOWN = pd.Index(["a", "b", "c"], name="community_id")


@pytest.fixture
def csv(tmp_path):
    """A csv of the given text."""

    def write(text: str):
        path = tmp_path / "given.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_links_come_with_a_before_b_in_order_and_once(csv):
    links = read_links(
        csv("a,b,kind,reason\nc,a,apart,业主反对\nb,a,相邻,有通道\na,b,adjacent,同上\n"), known=KNOWN
    )
    assert links[["a", "b", "kind"]].to_numpy().tolist() == [["a", "b", "adjacent"], ["a", "c", "apart"]]
    assert links["reason"].tolist() == ["有通道", "业主反对"]


def test_a_pair_may_be_adjacent_and_apart(csv):
    links = read_links(csv("a,b,kind\na,b,adjacent\na,b,apart\n"), known=KNOWN)
    assert links["kind"].tolist() == ["adjacent", "apart"]


def test_scope_takes_chinese_words(csv):
    scope = read_scope(
        csv("community_id,scope,reason\na,维持现状,已备案\nb,host,业主大会决议\n"), known=KNOWN
    )
    assert scope["scope"].to_dict() == {"a": "fixed", "b": "host"}


def test_headings_may_be_chinese(csv):
    links = read_links(csv("小区甲,小区乙,关系,理由\na,b,须同区,共用化粪池\n"), known=KNOWN)
    assert links[["a", "b", "kind", "reason"]].to_numpy().tolist() == [["a", "b", "together", "共用化粪池"]]
    assert read_scope(csv("小区编号,组团范围\na,不纳入\n"), known=KNOWN)["scope"].to_dict() == {
        "a": "excluded"
    }


def test_locks_name_the_area_of_each_community(csv):
    assert read_locks(csv("community_id,area_id\nb,PMA-007\na,PMA-007\n"), known=KNOWN).to_dict() == {
        "a": "PMA-007",
        "b": "PMA-007",
    }


@pytest.mark.parametrize(
    ("read", "text", "sentence"),
    [
        # a heading is missing
        (read_links, "a,b\na,c\n", "表头缺少列“kind”。需要的表头是：a,b,kind,reason。"),
        # an id that is not in the ledger
        (read_links, "a,b,kind\na,x,apart\n", "第 2 行“b”列的编号“x”不在小区清单中"),
        # a kind nobody knows
        (read_links, "a,b,kind\na,b,near\n", "第 2 行“kind”列的“near”不认识。可填：adjacent、相邻"),
        # a community with itself
        (read_links, "a,b,kind\nb,b,apart\n", "第 2 行把小区“b”与它自己连在一起"),
        # linked and not linked
        (read_links, "a,b,kind\na,b,adjacent\nb,a,not_adjacent\n", "第 3 行：“a”与“b”的要求互相矛盾"),
        # together and apart
        (read_links, "a,b,kind\na,b,together\na,b,apart\n", "互相矛盾（together、apart）"),
        # a scope nobody knows
        (read_scope, "community_id,scope\na,open\n", "第 2 行“scope”列的“open”不认识"),
        # two scopes
        (read_scope, "community_id,scope\na,fixed\na,host\n", "第 3 行：小区“a”的“scope”前后不一致"),
        # locked into two areas
        (read_locks, "community_id,area_id\na,PMA-001\na,PMA-002\n", "第 3 行：小区“a”的“area_id”前后不一致"),
        # locked into none
        (read_locks, "community_id,area_id\na,\nb,PMA-001\n", "第 2 行“area_id”列是空的"),
    ],
)
def test_a_wrong_table_is_refused_with_its_row_and_the_remedy(csv, read, text, sentence):
    with pytest.raises(DataError) as refused:
        read(csv(text), known=KNOWN)
    assert sentence in str(refused.value)


# --- an existing plan ------------------------------------------------------------------------------


def test_an_existing_plan_is_read_by_id_and_who_has_no_area_stays_away(csv):
    existing, said = read_existing(csv("community_id,area_id\nb,PMA-001\na,PMA-001\nc,\n"), known=KNOWN)
    assert existing.to_dict() == {"a": "PMA-001", "b": "PMA-001"}
    assert said == ()


def test_an_existing_plan_may_be_that_of_an_earlier_run(tmp_path):
    path = tmp_path / "plan.gpkg"
    table = {"community_id": ["b", "a"], "name": ["乙", "甲"], "area_id": ["PMA-002", None]}
    gpd.GeoDataFrame(table, geometry=[Point(0, 0), None], crs="EPSG:4544").to_file(path, layer="communities")
    gpd.GeoDataFrame({"area_id": ["PMA-002"]}, geometry=[Point(0, 0)], crs="EPSG:4544").to_file(
        path, layer="areas"
    )
    assert read_existing(path, known=KNOWN)[0].to_dict() == {"b": "PMA-002"}


def test_communities_that_are_gone_are_a_finding(csv):
    existing, said = read_existing(csv("community_id,area_id\na,PMA-001\nx,PMA-001\ny,\n"), known=KNOWN)
    assert existing.to_dict() == {"a": "PMA-001"}
    assert [f.sentence("found") for f in said] == ["现有方案中有 1 个小区不在小区清单里：x"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("community_id,area_id\nx,PMA-001\n", "given.csv 里没有一个编号在小区清单里"),  # another ledger
        ("community_id,area_id\na,\n", "given.csv 里没有一个编号在小区清单里"),  # no area at all
        ("community_id,area_id\na,PMA-001\na,PMA-002\n", "小区“a”的“area_id”前后不一致"),
        ("community_id,name\na,甲\n", "表头缺少列“area_id”"),
    ],
)
def test_an_existing_plan_that_is_none_is_refused(csv, text, sentence):
    with pytest.raises(DataError) as refused:
        read_existing(csv(text), known=KNOWN)
    assert sentence in str(refused.value)


def test_a_geopackage_without_communities_is_refused(tmp_path):
    path = tmp_path / "other.gpkg"
    gpd.GeoDataFrame({"x": [1]}, geometry=[Point(0, 0)], crs="EPSG:4544").to_file(path, layer="roads")
    with pytest.raises(DataError, match=r"^现有方案 other\.gpkg 里没有小区图层 communities。"):
        read_existing(path, known=KNOWN)


def test_a_column_of_the_ledger_names_the_areas_in_use_and_a_finding_says_so():
    ledger = pd.DataFrame({"现有区域": ["甲片", " 甲片 ", "", "乙片"]}, index=["b", "a", "c", "d"])
    existing, (said,) = existing_in(ledger, "现有区域", heading="现有区域", file="台账.xlsx")
    assert existing.to_dict() == {"a": "甲片", "b": "甲片", "d": "乙片"}
    assert said.sentence("found") == "台账的“现有区域”列写明 3 个小区现属 2 个区域"
    assert existing_in(ledger.assign(现有区域=""), "现有区域", heading="现有区域", file="台账.xlsx")[1] == ()
