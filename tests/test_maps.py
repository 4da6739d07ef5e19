"""The map: text from data stays text, neighbours differ, the file asks for nothing, big plans draw less."""

import ast
import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from shapely import Point, box

from geo.schema import REFUSED_COLUMNS
from report.colours import FILLS, NEIGHBOUR_M, neighbour_fills
from report.layers import plan_layers
from report.legend import STYLES, barrier_style
from report.mappage import map_page
from report.maps import build_map, selection
from report.maptext import map_text
from report.results import Results
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
    return str(build_map(results, cards=True).get_root().render())


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


def test_every_payload_is_encoded_in_map_and_selection(hostile):
    page = rendered(hostile)
    page += str(build_map(hostile, selected=hostile.areas.index[0]).get_root().render())
    for payload in PAYLOADS:
        assert payload not in page


def test_template_signs_do_not_stand_in_our_own_script():
    """Folium renders its own output as a template once more."""
    for name in ("map.js", "map.css"):
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
    keys = [layer.key for layer in plan_layers(plan)]
    assert keys == ["barriers", "duties", "committees", "grids", "areas", "communities", "buildings", "links"]


def test_a_feature_carries_its_row_number_not_its_id(plan):
    areas = next(layer for layer in plan_layers(plan) if layer.key == "areas")
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


def test_an_exception_says_why_and_what_would_help(plan):
    layer = next(layer for layer in plan_layers(plan) if layer.key == "communities")
    feature = next(f for f in layer.features if f["properties"]["label"] == "萱花花园")
    card = dict(zip(layer.fields, feature["properties"]["values"], strict=True))
    assert feature["properties"]["symbol"] == "!"
    assert card["结果"] == "暂未组团(不足100户)"
    assert card["原因"] == "无相邻小区:最近的小区在 212 米外"
    assert card["处理建议"] == "可由相邻小区打包服务,不合并"


def test_held_communities_have_a_question_mark(plan):
    layer = next(layer for layer in plan_layers(plan) if layer.key == "communities")
    marks = {f["properties"]["label"] for f in layer.features if f["properties"].get("symbol") == "?"}
    assert marks == {"红旗大院", "胜利单位宿舍"}


def test_a_community_without_place_is_listed_but_not_drawn(plan):
    communities = plan.communities.copy()
    communities.loc["C007", "geometry"] = None
    changed = replace(plan, communities=communities)
    layer = next(layer for layer in plan_layers(changed) if layer.key == "communities")
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
    layers = {layer.key: layer for layer in plan_layers(replace(plan, communities=communities, layers={}))}
    assert set(layers) == {"areas", "communities"}
    assert len(layers["communities"].features) == 2
    page = map_page(replace(plan, communities=communities, layers={}))
    assert "小区超过 3000 个,图上只画区域和暂未组团的小区。" in page


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


def test_selection_marks_an_area_or_a_community(plan):
    for selected in ("PMA-002", "C007", "C015"):
        page = str(build_map(plan, selected=selected).get_root().render())
        assert len(selection(plan, selected)._children) == 1
        assert "new L.CircleMarker(" in page.split("var planMap")[1]
        assert "L.marker(" not in page.split("var planMap")[1]
    with pytest.raises(KeyError, match="PMA-999"):
        selection(plan, "PMA-999")


# --- colours and legend ----------------------------------------------------------------------------


def test_neighbouring_areas_have_different_fills(plan):
    fills = neighbour_fills(plan.areas)
    shapes = plan.areas.geometry.to_list()
    close = [
        (a, b)
        for a in range(len(shapes))
        for b in range(a)
        if shapes[a].distance(shapes[b]) <= NEIGHBOUR_M / 4
    ]
    assert len(close) > 20
    assert all(fills[a] != fills[b] for a, b in close)


def test_fills_do_not_depend_on_the_order_of_rows(plan):
    shuffled = plan.areas.sample(frac=1, random_state=3)
    assert dict(zip(shuffled.index, neighbour_fills(shuffled), strict=True)) == dict(
        zip(plan.areas.index, neighbour_fills(plan.areas), strict=True)
    )


def test_an_area_whose_own_fill_a_neighbour_has_takes_the_next():
    ids = ["PMA-001", "PMA-009", "PMA-017"]  # numbers that name the same fill
    strips = gpd.GeoDataFrame(
        geometry=[box(n * 9, 0, n * 9 + 8, 9) for n in range(3)], index=ids, crs=fakes.CRS
    )
    assert neighbour_fills(strips) == [1, 2, 3]


def test_more_neighbours_than_fills_takes_the_farthest_fill():
    ids = [f"PMA-{n:03d}" for n in range(len(FILLS) + 1)]
    strips = gpd.GeoDataFrame(
        geometry=[box(n * 9, 0, n * 9 + 8, 9) for n in range(len(ids))], index=ids, crs=fakes.CRS
    )
    fills = neighbour_fills(strips)
    assert sorted(set(fills)) == list(range(len(FILLS)))
    assert fills[-1] == fills[0]


@pytest.mark.parametrize(
    ("barrier_class", "style"),
    [
        ("river", "water"),
        ("railway", "rail"),
        ("main_road", "road"),
        ("retaining_wall", "wall"),
        ("河流", "water"),
        ("铁路", "rail"),
        ("次干路", "road"),
        ("堡坎陡坎", "wall"),
        ("围墙", "wall"),
        ("?", "road"),
    ],
)
def test_barriers_are_drawn_by_class(barrier_class, style):
    assert barrier_style(barrier_class) == style


def test_states_differ_without_colour():
    looks = {
        tuple(STYLES[s].get(k) for k in ("dashArray", "weight"))
        for s in ("grouped", "alone", "fixed", "exception", "held")
    }
    assert len(looks) == 5


# --- nothing from outside --------------------------------------------------------------------------


def test_the_map_loads_leaflet_from_the_given_address_only(plan):
    page = str(build_map(plan, assets="../ui.map.leaflet").get_root().render())
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == [
        "../ui.map.leaflet/leaflet.js",
        "../ui.map.leaflet/leaflet.css",
    ]
    assert not re.search(r"https?://", page)


def test_the_page_loads_nothing_and_runs_only_its_own_scripts(plan):
    page = map_page(plan)
    markup = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=|url\(", markup.replace("url(#default#VML)", ""))
    assert "default-src 'none'" in page
    assert "'unsafe-eval'" not in page
    assert page.count("'sha256-") == page.count("<script>")
