"""Bounds, mode and contact of an area: kept with the version, gone or gone along where the area changes."""

import networkx as nx
import pytest

from geo.schema import DataError
from store.drafts import Bounds, Draft, Mode
from store.edits import Command, Merge, Move, NewArea, SetBounds, SetContact, SetMode, TakeOut, applied
from store.records import plain, typed
from tests.offices import row_plan, row_town

TOLD = (
    SetBounds("PMA-002", " 红河中路 ", south="小安溪"),
    SetMode("PMA-002", "package", "居民会议纪要"),
    SetContact("PMA-002", " 物业科科长 "),
)


@pytest.fixture
def graph() -> "nx.Graph[str]":
    return row_town()


@pytest.fixture
def draft(graph: "nx.Graph[str]") -> Draft:
    """Area 2 = c d (centre d) with bounds, mode and contact."""
    return after(Draft(row_plan(graph)), graph, *TOLD)


def after(draft: Draft, graph: "nx.Graph[str]", *commands: Command) -> Draft:
    for command in commands:
        draft = applied(draft, command, graph)
    return draft


def test_what_is_told_of_an_area_is_kept_trimmed(draft: Draft) -> None:
    assert draft.bounds == {"PMA-002": Bounds(east="红河中路", south="小安溪")}
    assert draft.modes == {"PMA-002": Mode("package", "居民会议纪要")}
    assert draft.contacts == {"PMA-002": "物业科科长"}


def test_an_empty_text_takes_it_back(draft: Draft, graph: "nx.Graph[str]") -> None:
    bare = after(draft, graph, SetBounds("PMA-002"), SetMode("PMA-002", ""), SetContact("PMA-002", " "))
    assert (bare.bounds, bare.modes, bare.contacts) == ({}, {}, {})


def test_bounds_fall_with_the_outline_they_are_of(draft: Draft, graph: "nx.Graph[str]") -> None:
    larger = after(draft, graph, Move(("e",), "PMA-002"))
    assert larger.bounds == {}
    assert (larger.modes.keys(), larger.contacts.keys()) == ({"PMA-002"}, {"PMA-002"})
    beside = after(draft, graph, TakeOut(("b",)))
    assert beside.bounds == draft.bounds


def test_mode_and_contact_follow_most_of_the_members(draft: Draft, graph: "nx.Graph[str]") -> None:
    """Area 2 without its centre is another area, and c alone no heir: half of the members are not most of them."""
    assert after(draft, graph, Move(("d",), "PMA-001")).modes == {}
    merged = after(draft, graph, Merge(("PMA-001", "PMA-002")))
    assert merged.contacts == dict.fromkeys((merged.plan.area_of()["d"],), "物业科科长")
    gone = after(draft, graph, NewArea(("c",)), TakeOut(("c", "d")))
    assert (gone.modes, gone.contacts) == ({}, {})


@pytest.mark.parametrize(
    ("command", "code"),
    [
        (SetBounds("PMA-009", "红河中路"), "plan.no_such_area"),
        (SetMode("PMA-009", "package"), "plan.no_such_area"),
        (SetContact("PMA-009", "科长"), "plan.no_such_area"),
        (SetMode("PMA-002", "commune"), "store.unknown_mode"),
        (SetContact("PMA-002", "科长 13800138000"), "store.private_number"),
        (SetBounds("PMA-002", west="找13800138000"), "store.private_number"),
        (SetBounds("PMA-002", north="路\x07"), "store.unreadable_text"),
    ],
)
def test_what_no_paper_can_print_is_refused(
    draft: Draft, graph: "nx.Graph[str]", command: Command, code: str
) -> None:
    with pytest.raises(DataError) as refused:
        applied(draft, command, graph)
    assert refused.value.code == code


def test_a_record_from_before_they_were_there_still_loads(draft: Draft) -> None:
    old = {key: value for key, value in plain(draft).items() if key not in ("bounds", "modes", "contacts")}
    loaded = typed(old, Draft)
    assert (loaded.bounds, loaded.modes, loaded.contacts) == ({}, {}, {})
    assert typed(plain(draft), Draft) == draft
