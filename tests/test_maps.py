"""The map: text from data stays text, neighbours differ, the file asks for nothing, big plans draw less."""

import ast
import json
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import LineString, Point, box
from shapely.ops import substring

from geo.schema import REFUSED_COLUMNS
from report.colours import FILLS, NEIGHBOUR_M, neighbour_fills
from report.ground import middle_line
from report.layers import Layer, Marks, link_layers
from report.legend import STYLES, ground_style
from report.mappage import map_page
from report.maps import MapData, base_of, build_map, map_data
from report.maptext import map_text
from report.results import VIOLATION_COLUMNS, Results
from tests import fakes

REPORT = Path(__file__).parent.parent / "report"
PAYLOADS = (
    "{{7*191}}",
    "${7*191}",
    "{% raw %}",
    "<img src=x onerror=window.HIT=1>",
    "</script><script>window.HIT=1</script>",
    "`${window.HIT=1}`",
    "\\u003cimg src=x onerror=window.HIT=1\\u003e\\",
    "'\"><b>",
)


@pytest.fixture(scope="module")
def plan() -> Results:
    return fakes.results()


@pytest.fixture(scope="module")
def hostile(plan: Results) -> Results:
    return with_texts(plan, PAYLOADS)


def with_texts(plan: Results, texts: tuple[str, ...]) -> Results:
    """Put `texts`, in turn, into every cell that holds free text and into the ids of areas; all of them in the title."""

    def turns(table: pd.DataFrame) -> list[str]:
        return [texts[n % len(texts)] for n in range(len(table))]

    communities, areas, buildings = plan.communities, plan.areas, plan.buildings
    assert buildings is not None
    ids = pd.Index([f"{text}{n}" for n, text in enumerate(turns(areas))], name="area_id")
    of_community = communities["area_id"].map(dict(zip(areas.index, ids, strict=True))).astype("str")
    free = dict.fromkeys(("name", "address", "reason", "repair"), turns(communities))
    return replace(
        plan,
        communities=communities.assign(**free, area_id=of_community),
        areas=areas.set_index(ids).assign(names=turns(areas)),
        layers={key: layer.assign(name=turns(layer)) for key, layer in plan.layers.items()},
        buildings=buildings.assign(name=turns(buildings)),
        title="".join(texts),
    )


def rendered(results: Results) -> str:
    return str(build_map(results).get_root().render())


def layer_of(data: MapData, key: str) -> Layer:
    return next(layer for layer in data.layers if layer.key == key)


def named(layer: Layer, label: str) -> dict:
    return next(f["properties"] for f in layer.features if f["properties"]["label"] == label)


# --- text ------------------------------------------------------------------------------------------


def test_map_text_encodes_every_sign_with_a_meaning():
    assert map_text("a&<>\"'`${}\\b") == "a&#38;&#60;&#62;&#34;&#39;&#96;&#36;&#123;&#125;&#92;b"


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, ""])
def test_map_text_of_a_missing_value_is_empty(missing):
    assert map_text(missing) == ""


def test_map_text_leaves_out_what_cannot_be_seen():
    assert map_text("红\x00旗\ud800路\u202e12") == "红旗路12"


def test_no_text_becomes_code_on_the_server(hostile):
    page = map_page(hostile)
    assert not re.search(r"(?<![\d.])1337(?!\d)", page)
    assert "window.HIT" in page  # as text: "=" and "." have no meaning of their own
    assert "<img" not in page
    assert "onerror=window.HIT=1>" not in page
    assert map_text("".join(PAYLOADS)) in page


def test_every_payload_is_encoded_in_every_layer(hostile):
    data = map_data(hostile, cards=True)
    texts = rendered(hostile) + "".join(
        json.dumps(layer.features, ensure_ascii=False) for layer in data.layers
    )
    for payload in PAYLOADS:
        assert payload not in texts


def test_template_signs_do_not_stand_in_our_own_script():
    """Folium renders its own output as a template once more."""
    for name in ("map.js", "maplabels.js", "maplegend.js", "map.css"):
        assert not re.search(r"\{\{|\{%|\{#", (REPORT / name).read_text(encoding="utf-8"))


def test_folium_is_called_in_one_module_only():
    sinks = re.compile(r"Popup|Tooltip|GeoJson\w*|DivIcon|Marker|Icon|Html|Element|MacroElement")
    for path in REPORT.parent.glob("[gosruj]*/*.py"):
        if path == REPORT / "maps.py" or path.parent.name not in {
            "geo",
            "optimizer",
            "store",
            "report",
            "ui",
            "jobs",
        }:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == "folium"
            ):
                assert not sinks.fullmatch(node.attr), f"{path.name}:{node.lineno} uses folium.{node.attr}"
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in {"folium", "branca"}:
                pytest.fail(f"{path.name}:{node.lineno} imports from {node.module}")


# --- what is drawn ---------------------------------------------------------------------------------


def test_layers_lie_from_ground_to_links(plan):
    assert [layer.key for layer in map_data(plan).layers] == [
        "ground", "areas", "buildings", "communities", "police", "committees", "grids", "links", "refused",
    ]  # fmt: skip


def test_three_layers_are_on_at_first(plan):
    assert [layer["key"] for layer in map_data(plan).frame["layers"] if layer["on"]] == [
        "areas",
        "buildings",
        "communities",
    ]


def test_the_legend_names_every_layer_but_the_ground(plan):
    names = {layer["key"]: layer["name"] for layer in map_data(plan).frame["layers"]}
    assert names.pop("ground") == ""
    assert all(names.values())


def test_the_legend_explains_only_what_is_drawn(plan):
    lines = {layer["key"]: dict(layer["swatches"]) for layer in map_data(plan).frame["layers"]}
    assert lines["communities"] == {
        "member": "小区范围或位置",
        "exception": "暂未组团（不足100户）",
        "held": "户数待核",
    }
    assert list(lines["grids"]) == ["grids"]


def test_a_feature_carries_its_row_number_not_its_id(plan):
    areas = layer_of(map_data(plan, cards=True), "areas")
    first = areas.features[0]["properties"]
    assert first["uid"] == 0
    assert first["label"] == "PMA-001"
    assert first["short"] == "001"
    assert first["sub"] == "141户"
    assert dict(zip(areas.fields, first["values"], strict=True)) == {
        "划定方式": "组团",
        "户数": "141户",
        "小区数": "2",
        "中心小区": "萱花家属院",
        "所含小区": "萱花小区、萱花家属院",
    }


def test_every_area_has_a_fill_the_first_one_too(plan):
    data = map_data(plan)
    fills = [feature["properties"]["fill"] for feature in layer_of(data, "areas").features]
    assert fills == list(data.fills.values())
    assert 0 in fills


def test_an_area_with_a_name_is_called_by_it(plan):
    areas = plan.areas.assign(name=["萱花片区", *[""] * (len(plan.areas) - 1)]).astype({"name": "str"})
    first, second = layer_of(map_data(replace(plan, areas=areas)), "areas").features[:2]
    assert (first["properties"]["label"], first["properties"]["short"]) == ("萱花片区", "萱花片区")
    assert (second["properties"]["label"], second["properties"]["short"]) == ("PMA-002", "002")


def test_the_desk_gets_no_cards(plan):
    data = map_data(plan)
    assert not any("values" in feature["properties"] for feature in layer_of(data, "communities").features)
    assert data.frame["cards"] is False


def test_an_exception_says_why_and_what_would_help(plan):
    data = map_data(plan, cards=True)
    feature = named(layer_of(data, "communities"), "萱花花园")
    card = dict(zip(layer_of(data, "communities").fields, feature["values"], strict=True))
    assert data.states["style"][feature["uid"]] == "exception"
    assert data.states["signs"][feature["uid"]] == "!"
    assert card["结果"] == "暂未组团（不足100户）"
    assert card["原因"] == "无相邻小区：最近的小区在 212 米外"
    assert card["处理建议"] == "可由相邻小区打包服务，不合并"


def test_held_communities_have_a_question_mark(plan):
    signs = pd.Series(map_data(plan).states["signs"], index=plan.communities["name"])
    assert set(signs[signs == "?"].index) == {"红旗大院", "胜利单位宿舍"}


def test_locks_are_signs_on_areas_and_communities(plan):
    data = map_data(plan, marks=Marks(locked=frozenset({"PMA-002", "C007"})))
    locked = [
        f["properties"]["label"]
        for f in layer_of(data, "areas").features
        if "L" in f["properties"].get("signs", "")
    ]
    assert locked == ["PMA-002"]
    assert data.states["signs"][6] == "!L"


def test_what_breaks_a_rule_and_what_was_accepted_are_told_apart(plan):
    rows = [("minimum", a, a, "80", "100", "", said) for a, said in (("PMA-001", ""), ("PMA-002", "王主任"))]
    faults = pd.DataFrame(rows, columns=list(VIOLATION_COLUMNS)).astype(VIOLATION_COLUMNS)
    accepted = plan.communities["accepted"].where(plan.communities.index != "C007", "王主任").astype("str")
    data = map_data(replace(plan, violations=faults, communities=plan.communities.assign(accepted=accepted)))
    first, second, third = (f["properties"] for f in layer_of(data, "areas").features[:3])
    assert (first["style"], first["signs"]) == ("below_minimum", "!")
    assert (second["style"], second["signs"]) == ("suffered", "!√")
    assert (third["style"], third.get("signs")) == ("alone", None)
    assert (data.states["style"][6], data.states["signs"][6]) == ("accepted", "√")


def test_the_legend_explains_every_sign_that_stands_on_the_map(plan):
    faults = fakes.violations(("connection", "PMA-003", "2", "1", ""))
    locked = Marks(locked=frozenset({"PMA-002", "C007"}))
    accepted = replace(plan, violations=faults.assign(accepted="王主任").astype("str"))
    lines = {one["key"]: dict(one["swatches"]) for one in map_data(accepted, marks=locked).frame["layers"]}
    assert lines["areas"] == {
        "grouped": "组团（颜色只为区分相邻区域）",
        "alone": "单独划定",
        "fixed": "维持现状",
        "cut_off": "断开：各块不相连",
        "suffered": "有未通过项，已认可",
        "locked": "已锁定",
    }
    assert lines["communities"]["locked"] == "已锁定"
    assert "locked" not in dict(map_data(plan).frame["layers"][1]["swatches"])


def test_no_two_states_of_an_area_look_alike_in_black_and_white():
    """Outline and sign tell them apart; colours and the width of lines do not count."""
    states = (
        "grouped",
        "alone",
        "fixed",
        "below_minimum",
        "cut_off",
        "crossing",
        "broken",
        "suffered",
        "opened",
        "locked",
    )
    looks = [
        (STYLES[s].get("dashArray"), STYLES[s].get("sign"), STYLES[s].get("fillColor"), s == "alone")
        for s in states
    ]
    assert len(set(looks)) == len(looks)
    assert {sign for _, sign, _, _ in looks if sign} >= {"!", "C", "X", "L"}


def test_refused_links_say_why(plan):
    titles = [f["properties"]["title"] for f in layer_of(map_data(plan), "refused").features]
    assert titles == ["不跨社区", "隔着河流"]


def test_a_community_without_place_is_listed_but_not_drawn(plan):
    communities = plan.communities.copy()
    communities.loc["C007", "geometry"] = None
    changed = replace(plan, communities=communities)
    layer = layer_of(map_data(changed), "communities")
    assert "萱花花园" not in {f["properties"]["label"] for f in layer.features}
    assert "data-show='' disabled><b>萱花花园</b>" in map_page(changed)


def test_coordinates_are_degrees_with_six_decimals(plan):
    numbers = re.findall(r"\[(105\.\d+),(29\.\d+)\]", rendered(plan))
    assert numbers
    assert max(len(n.split(".")[1]) for pair in numbers for n in pair) <= 6


def test_above_three_thousand_only_areas_and_exceptions_are_drawn(plan):
    many = fakes.many(3001)
    one = plan.communities.iloc[[0]].drop(columns="geometry")
    outcomes = pd.concat([one] * 3001).set_index(many.index)
    outcomes["outcome"] = ["exception"] * 2 + ["grouped"] * 2999
    communities = gpd.GeoDataFrame(outcomes, geometry=many.geometry.to_numpy(), crs=fakes.CRS)
    data = map_data(replace(plan, communities=communities, layers={}))
    assert {layer.key for layer in data.layers} == {"areas", "communities"}
    assert len(layer_of(data, "communities").features) == 2
    page = map_page(replace(plan, communities=communities, layers={}))
    assert "小区超过 3000 个，图上只画区域和暂未组团的小区。" in page


def test_a_plan_without_anything_still_makes_a_page(plan):
    empty = replace(
        plan,
        communities=plan.communities.head(0),
        areas=plan.areas.head(0),
        links=plan.links.head(0),
        refused_links=plan.refused_links.head(0)[[*REFUSED_COLUMNS, "geometry"]],
        buildings=None,
        layers={},
    )
    assert build_map(empty).get_root().render()
    assert "没有" in map_page(empty)


def test_one_wrong_coordinate_does_not_shrink_the_town(plan):
    communities = plan.communities.copy()
    communities.loc["C007", "geometry"] = Point(fakes.EAST_M + 900_000, fakes.NORTH_M)
    near, far = (
        re.search(r'"bounds":(\[\[.*?\]\])', rendered(r))[1]
        for r in (plan, replace(plan, communities=communities))
    )
    assert near.split(",")[2:] == far.split(",")[2:]


# --- the ground --------------------------------------------------------------------------------------


def test_the_ground_is_drawn_by_kind_and_streets_carry_their_names(plan):
    ground = [f["properties"] for f in layer_of(map_data(plan), "ground").features]
    drawn = {one.get("label"): (one["style"], one.get("along")) for one in ground}
    assert drawn == {
        None: ("cliff", None),
        "临江河": ("water_name", 1),
        "成渝铁路": ("rail", 1),
        "胜利路": ("main", 1),
        "玉屏路": ("branch", 1),
    } | {None: drawn[None]}
    assert {one["style"] for one in ground} == {
        "town",
        "cliff",
        "water",
        "water_name",
        "rail",
        "main",
        "branch",
    }


def test_the_name_of_a_river_stands_in_its_middle():
    bend = LineString([(0, 0), (400, 60), (800, -40), (1200, 30)])
    line = middle_line(bend.buffer(30, cap_style="flat"))
    assert line.length > 0.8 * bend.length
    assert bend.buffer(8).contains(line)


def test_a_pond_has_no_middle_line():
    assert middle_line(Point(0, 0).buffer(50)) is None


def test_pieces_of_a_street_become_one_line_a_bridge_among_them(plan):
    bounds = plan.layers["barriers"]
    road = bounds[bounds["name"] == "玉屏路"].geometry.iloc[0]
    cut = [substring(road, a, b, normalized=True) for a, b in ((0, 0.4), (0.6, 1))]
    pieces = gpd.GeoDataFrame(
        {"name": "玉屏路", "barrier_class": "branch_road"}, index=[0, 1], geometry=cut, crs=fakes.CRS
    )
    bridge = gpd.GeoDataFrame(
        {"name": ["", ""], "kind": ["walk", "point"], "barrier_class": ["branch_road", ""]},
        geometry=[substring(road, 0.4, 0.6, normalized=True), road.centroid],
        crs=fakes.CRS,
    )
    data = map_data(replace(plan, layers={"barriers": pieces, "crossings": bridge}))
    ground = layer_of(data, "ground").features
    assert [f["properties"].get("label") for f in ground] == [None, "玉屏路"]
    assert [f["geometry"]["type"] for f in ground] == ["LineString", "MultiLineString"]
    assert len(layer_of(data, "gates").features) == 1


def test_landmarks_are_ground_and_shared_facilities_a_layer(plan):
    town = plan.communities.geometry.iloc[0].centroid
    names = ["滨河公园", "石桥中学", "车棚"]
    shapes = [town.buffer(30), town.buffer(20), town]
    table = gpd.GeoDataFrame({"name": names, "kind": ["", "", "车棚"]}, geometry=shapes, crs=fakes.CRS)
    data = map_data(replace(plan, layers={"landmarks": table}))
    ground = {f["properties"]["label"]: f["properties"] for f in layer_of(data, "ground").features}
    assert (ground["滨河公园"]["style"], ground["滨河公园"]["glyph"]) == ("park", "园")
    assert (ground["石桥中学"]["style"], ground["石桥中学"]["glyph"]) == ("plot", "文")
    assert [f["properties"]["label"] for f in layer_of(data, "facilities").features] == ["车棚"]


def test_ground_far_from_the_town_is_left_out(plan):
    far = gpd.GeoDataFrame(
        {"name": ["远河"], "barrier_class": ["河流"]},
        geometry=[Point(fakes.EAST_M + 90_000, fakes.NORTH_M).buffer(50)],
        crs=fakes.CRS,
    )
    assert "ground" not in {layer.key for layer in map_data(replace(plan, layers={"barriers": far})).layers}


def test_barriers_say_what_the_rules_make_of_them(plan):
    bounds = plan.layers["barriers"].assign(never=[True, True, True, False, False], wall=[False] * 4 + [True])
    data = map_data(replace(plan, layers={"barriers": bounds}))
    styles = [f["properties"]["style"] for f in layer_of(data, "barriers").features]
    assert styles == ["never", "never", "never", "priced", "walls"]


def test_duties_are_layers_by_who_is_responsible(plan):
    names = ["桂溪派出所", "桂花街道", "顺安物业", "供水片区"]
    shapes = plan.communities.geometry.iloc[:4].to_list()
    duties = gpd.GeoDataFrame({"name": names}, geometry=shapes, crs=fakes.CRS)
    data = map_data(replace(plan, layers={"duties": duties}))
    found = {layer.key: [f["properties"].get("label") for f in layer.features] for layer in data.layers}
    assert {key: found[key] for key in ("police", "street", "companies", "duties")} == {
        "police": ["桂溪派出所"], "street": ["桂花街道"], "companies": ["顺安物业"], "duties": ["供水片区"],
    }  # fmt: skip


# --- edits -------------------------------------------------------------------------------------------


def test_a_map_made_from_the_base_of_an_earlier_state_is_the_map(plan):
    base = base_of(plan)
    joined = replace(plan, areas=plan.areas.drop(index="PMA-003"))
    assert map_data(joined, base=base, links=link_layers(plan)).layers == map_data(joined).layers


def test_a_map_draws_the_links_it_is_given(plan):
    given = [layer for layer in link_layers(plan) if layer.key == "links"]
    keys = [layer.key for layer in map_data(plan, links=given).layers]
    assert "links" in keys
    assert "refused" not in keys


def test_areas_keep_their_fill_through_an_edit(plan):
    before = map_data(plan)
    joined = replace(plan, areas=plan.areas.drop(index="PMA-001"))
    after = map_data(joined, last=before).fills
    assert after == {area: fill for area, fill in before.fills.items() if area != "PMA-001"}


# --- colours and legend ----------------------------------------------------------------------------


def test_neighbouring_areas_have_different_fills(plan):
    fills = neighbour_fills(plan.areas)
    shapes = plan.areas.geometry
    close = [
        (a, b)
        for a in shapes.index
        for b in shapes.index
        if a < b and shapes[a].distance(shapes[b]) <= NEIGHBOUR_M / 4
    ]
    assert len(close) > 20
    assert all(fills[a] != fills[b] for a, b in close)


def test_fills_do_not_depend_on_the_order_of_rows(plan):
    shuffled = plan.areas.sample(frac=1, random_state=3)
    assert neighbour_fills(shuffled) == neighbour_fills(plan.areas)


def test_an_area_whose_own_fill_a_neighbour_has_takes_the_next():
    ids = ["PMA-001", "PMA-009", "PMA-017"]  # numbers that name the same fill
    strips = gpd.GeoDataFrame(
        geometry=[box(n * 9, 0, n * 9 + 8, 9) for n in range(3)], index=ids, crs=fakes.CRS
    )
    assert list(neighbour_fills(strips).values()) == [1, 2, 3]


def test_an_area_keeps_its_fill_unless_a_neighbour_keeps_it_first():
    ids = ["PMA-001", "PMA-002", "PMA-003"]
    strips = gpd.GeoDataFrame(
        geometry=[box(n * 9, 0, n * 9 + 8, 9) for n in range(3)], index=ids, crs=fakes.CRS
    )
    assert neighbour_fills(strips, kept={"PMA-003": 1, "PMA-002": 5}) == {
        "PMA-001": 2,
        "PMA-002": 5,
        "PMA-003": 1,
    }
    assert neighbour_fills(strips, kept={"PMA-001": 7, "PMA-003": 7}) == {
        "PMA-001": 7,
        "PMA-002": 2,
        "PMA-003": 3,
    }


def test_more_neighbours_than_fills_takes_the_farthest_fill():
    ids = [f"PMA-{n:03d}" for n in range(len(FILLS) + 1)]
    strips = gpd.GeoDataFrame(
        geometry=[box(n * 9, 0, n * 9 + 8, 9) for n in range(len(ids))], index=ids, crs=fakes.CRS
    )
    fills = list(neighbour_fills(strips).values())
    assert sorted(set(fills)) == list(range(len(FILLS)))
    assert fills[-1] == fills[0]


@pytest.mark.parametrize(
    ("barrier_class", "style"),
    [
        ("river", "water"),
        ("railway", "rail"),
        ("main_road", "main"),
        ("retaining_wall", "cliff"),
        ("河流", "water"),
        ("铁路", "rail"),
        ("主干路", "main"),
        ("次干路", "road"),
        ("支路", "branch"),
        ("巷道", "lane"),
        ("堡坎陡坎", "cliff"),
        ("围墙", "wall"),
        ("?", "branch"),
    ],
)
def test_bounds_are_drawn_by_class(barrier_class, style):
    assert ground_style(barrier_class) == style


def test_states_differ_without_colour():
    looks = {
        tuple(STYLES[s].get(k) for k in ("dashArray", "weight", "sign"))
        for s in (
            "grouped",
            "alone",
            "fixed",
            "broken",
            "suffered",
            "exception",
            "accepted",
            "held",
            "excluded",
        )
    }
    assert len(looks) == 9


# --- nothing from outside --------------------------------------------------------------------------


def test_the_map_loads_leaflet_from_the_given_address_only(plan):
    page = str(build_map(plan, assets="../ui.map.leaflet").get_root().render())
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == [
        "../ui.map.leaflet/leaflet.js",
        "../ui.map.leaflet/leaflet.css",
    ]
    assert set(re.findall(r"https?://[^\"]*", page)) == {
        "http://www.w3.org/2000/svg"
    }  # a name, nothing is fetched


def test_the_page_loads_nothing_and_runs_only_its_own_scripts(plan):
    page = map_page(plan)
    markup = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=|url\(", markup.replace("url(#default#VML)", ""))
    assert "default-src 'none'" in page
    assert "'unsafe-eval'" not in page
    assert page.count("'sha256-") == page.count("<script>")
