"""The still picture of a plan."""

import xml.etree.ElementTree as ET
from dataclasses import replace

from report.layers import NO_MARKS, Marks
from report.pictures import map_picture
from tests import fakes

SVG = "{http://www.w3.org/2000/svg}"


def drawn(results, marks: Marks = NO_MARKS) -> ET.Element:
    return ET.fromstring(map_picture(results, marks))  # noqa: S314 - our own picture


def test_every_area_is_named_and_every_exception_signed():
    plan = fakes.results()
    texts = [text.text for text in drawn(plan).iter(f"{SVG}text")]
    assert "PMA-001 141" in texts
    in_legend = 1
    assert texts.count("!") == (plan.communities["outcome"] == "exception").sum() + in_legend
    assert texts.count("?") == (plan.communities["outcome"] == "held").sum() + in_legend


def test_faults_and_locks_are_signs_with_a_line_of_the_legend():
    plan = fakes.results()
    faults = fakes.violations(("connection", "PMA-002", "2", "1", ""), ("within", "PMA-003", "", "", ""))
    marks = Marks(locked=frozenset({"PMA-001"}))
    texts = [text.text for text in drawn(replace(plan, violations=faults), marks).iter(f"{SVG}text")]
    for sign, words in (("断", "断开：各块不相连"), ("跨", "跨越不得跨越的界线"), ("锁", "已锁定")):
        assert texts.count(sign) == 2
        assert texts.count(words) == 1


def test_every_sign_lies_on_the_sheet():
    picture = drawn(fakes.results())
    _, _, wide, high = map(float, picture.attrib["viewBox"].split())
    for text in picture.iter(f"{SVG}text"):
        assert 0 <= float(text.attrib["x"]) <= wide
        assert 0 <= float(text.attrib["y"]) <= high


def test_names_are_text():
    plan = fakes.results()
    areas = plan.areas.assign(name='<script x="1">&').astype({"name": "str"})
    picture = drawn(replace(plan, areas=areas))
    assert next(picture.iter(f"{SVG}script"), None) is None
    assert '<script x="1">& 141' in [text.text for text in picture.iter(f"{SVG}text")]


def test_a_plan_without_any_place_is_an_empty_sheet():
    plan = fakes.results()
    nowhere = plan.communities.set_geometry(plan.communities.geometry.map(lambda _: None))
    none = plan.areas.set_geometry(plan.areas.geometry.map(lambda _: None))
    bare = replace(plan, communities=nowhere, areas=none, layers={})
    assert [text.text for text in drawn(bare).iter(f"{SVG}text")] == []
