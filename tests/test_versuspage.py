"""The page of two plans: one file, nothing from elsewhere, text that stays text, what is the same stored once."""

import json
import re

from jobs.reopened import reopened
from jobs.revised import revised
from jobs.versus import Side, compared
from report.mappage import leaflet
from report.versus import Versus
from report.versuspage import versus_page
from store.drafts import Draft
from store.edits import Move, Rename, TakeOut, applied
from tests import fakes

BASE = fakes.results()
TOWN = reopened(BASE)
HOSTILE = "</script><img src=x onerror=alert(1)>{{7*7}}`${1}"


def pair(*commands, title: str = "左") -> Versus:
    draft = Draft(TOWN.plan)
    for command in commands:
        draft = applied(draft, command, TOWN.graph)
    return compared(Side(title, BASE), Side("右", revised(BASE, TOWN, draft), draft))


def data(page: str) -> dict:
    found = re.search(r"const versusData = (.*?);\n// Two maps", page)
    assert found
    return json.loads(found[1])


def test_nothing_is_fetched_from_anywhere():
    page = versus_page(pair(TakeOut(("C003",))))
    code, _ = leaflet()
    assert code in page
    assert not re.search(r"(src|href)=.?(https?:)?//|@import|url\(http", page.replace(code, ""))
    assert "default-src 'none'" in page
    assert page.count("<script>") == 3


def test_text_from_data_is_never_code():
    page = versus_page(pair(Rename("PMA-001", HOSTILE), Move(("C003",), "PMA-001"), title=HOSTILE))
    assert "<img src=x" not in page
    assert page.count("</script>") == 3
    assert "{{7*7}}" not in page
    assert "&#60;img src=x" in page


def test_layers_that_are_the_same_stand_once():
    told = data(versus_page(pair(TakeOut(("C003",)))))
    keys = [layer["key"] for layer in told["layers"]]
    assert keys.count("ground") == keys.count("grids") == keys.count("buildings") == 1
    assert keys.count("areas") == keys.count("communities") == 2
    assert [layer["key"] for side in told["sides"] for layer in side["layers"]].count("ground") == 2


def test_an_area_keeps_its_colour_on_the_other_map():
    told = data(versus_page(pair(TakeOut(("C013",)))))
    areas = [
        told["layers"][layer["at"]]
        for side in told["sides"]
        for layer in side["layers"]
        if layer["key"] == "areas"
    ]
    fills = [{f["properties"]["label"]: f["properties"]["fill"] for f in one["features"]} for one in areas]
    assert fills[0]["PMA-001"] == fills[1]["PMA-001"]
    assert sum(fills[0].get(name) == fill for name, fill in fills[1].items()) >= 24


def test_a_line_names_the_place_on_both_maps():
    page = versus_page(pair(Move(("C003",), "PMA-001")))
    assert "data-one='communities:2' data-other='communities:2'" in page
    assert data(page)["moved"] == [["communities:2"], ["communities:2"]]


def test_within_another_page_it_leaves_out_head_and_figures():
    versus = pair(TakeOut(("C003",)))
    assert "<h1>" not in versus_page(versus, alone=False)
    assert "<td>小区</td>" in versus_page(versus)


def test_two_equal_plans_say_so():
    page = versus_page(pair())
    assert "没有：两个方案里每个小区都在同一区域。" in page
    assert "没有：区域完全相同。" in page


def test_a_large_plan_names_only_what_its_map_shows(monkeypatch):
    monkeypatch.setattr("report.versuspage.MANY_COMMUNITIES", 10)
    versus = pair(TakeOut(("C003",)))
    assert data(versus_page(versus))["moved"] == [[""], ["communities:2"]]
    assert "data-one='' data-other='communities:2'" in versus_page(versus)
