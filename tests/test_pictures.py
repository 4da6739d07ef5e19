"""The still picture of a plan."""

import xml.etree.ElementTree as ET
from dataclasses import replace

from report.pictures import map_picture
from tests import fakes

SVG = "{http://www.w3.org/2000/svg}"


def drawn(results) -> ET.Element:
    return ET.fromstring(map_picture(results))  # noqa: S314 - our own picture


def test_every_area_is_named_and_every_exception_signed():
    plan = fakes.results()
    texts = [text.text for text in drawn(plan).iter(f"{SVG}text")]
    assert "PMA-001 141" in texts
    assert texts.count("!") == (plan.communities["outcome"] == "exception").sum()
    assert texts.count("?") == (plan.communities["outcome"] == "held").sum()


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
