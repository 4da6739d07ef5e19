"""Verbs that say which community is in which area, by hand or by the optimizer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from geo.wording import say
from jobs.searching import Search, search
from store.edits import Command, Merge, Move, NewArea, Split, TakeOut
from ui.fields import Answers, Field, Option, text
from ui.selection import Desk

Fields = tuple[Field, ...]


@dataclass(frozen=True)
class Way:
    """One verb: what it asks of a desk (None where it makes no sense there), and the command of the answers."""

    key: str
    group: str  # heading: grouping, locks, decisions, links, searches
    fields: Callable[[Desk], Fields | None]
    command: Callable[[Desk, Answers, str], Command | Search]
    numbers: Callable[[Desk], Mapping[str, object]] = lambda _desk: {}
    long: bool = False
    noted: bool = False


def number_chosen(desk: Desk) -> Mapping[str, object]:
    """Return how many communities are selected."""
    return {"number": len(desk.chosen)}


def number_of_areas(desk: Desk) -> Mapping[str, object]:
    """Return how many areas hold something selected."""
    return {"number": len(desk.areas_touched)}


# --- by hand ---------------------------------------------------------------------------------------


def _move_fields(desk: Desk) -> Fields | None:
    """Ask for the area, those linked with the selection first."""
    if not desk.free or not desk.singles:
        return None
    options = _area_options(desk, beside=_beside(desk), leaving=())
    return (Field("to_area", "area", options),) if options else None


def _merge_fields(desk: Desk) -> Fields | None:
    """Ask nothing where several areas are selected; for one, with which."""
    if len(desk.areas_touched) > 1:
        return ()
    if not desk.chosen_areas or desk.singles or not desk.free:
        return None
    beside = _beside(desk)
    options = _area_options(desk, beside=beside, leaving=desk.areas_touched, only_beside=True)
    return (Field("with_area", "area", options),) if options else None


def _area_options(
    desk: Desk, *, beside: frozenset[str], leaving: tuple[str, ...], only_beside: bool = False
) -> tuple[Option, ...]:
    """Return the areas the selection could go to, with their households before and after."""
    whole = set(desk.chosen)
    found = [
        area
        for area in desk.draft.plan.areas
        if not whole.issuperset(area.members)
        and area.area_id not in leaving
        and not _closed(desk, area.area_id)
        and not (set(desk.chosen) <= set(area.members))
        and (area.area_id in beside or not only_beside)
    ]
    found.sort(key=lambda area: (area.area_id not in beside, area.area_id))
    return tuple(
        Option(
            area.area_id,
            say(
                "verbs.option.area" if area.area_id in beside else "verbs.option.far_area",
                area=desk.area_name(area.area_id),
                before=desk.households(area.members),
                after=desk.households({*area.members, *desk.chosen}),
            ),
        )
        for area in found
    )


def _closed(desk: Desk, area_id: str) -> bool:
    area = desk.area[area_id]
    return area.locked or any(desk.graph.nodes[m]["scope"] == "fixed" for m in area.members)


def _beside(desk: Desk) -> frozenset[str]:
    linked = {n for c in desk.chosen for n in desk.graph[c]}
    return frozenset(desk.area_of[n] for n in linked if n in desk.area_of)


def _new_area_fields(desk: Desk) -> Fields | None:
    """Ask nothing; of no use where the selection is exactly an area, or a part of one (then it is split)."""
    if not desk.free or not desk.singles or _inside_one(desk):
        return None
    return ()


def _split_out_fields(desk: Desk) -> Fields | None:
    return () if _inside_one(desk) and not desk.chosen_areas and not _whole_area(desk) else None


def _split_out(desk: Desk, _answers: Answers, _who: str) -> Command:
    area = desk.area[desk.areas_touched[0]]
    rest = tuple(m for m in area.members if m not in desk.chosen)
    return Split(area.area_id, (desk.chosen, rest))


def _inside_one(desk: Desk) -> bool:
    return len(desk.areas_touched) == 1 and all(c in desk.area_of for c in desk.chosen)


def _whole_area(desk: Desk) -> bool:
    return len(desk.areas_touched) == 1 and desk.area[desk.areas_touched[0]].members == desk.chosen


def _take_out_fields(desk: Desk) -> Fields | None:
    return () if any(c in desk.area_of for c in desk.chosen) else None


def _take_out(desk: Desk, _answers: Answers, _who: str) -> Command:
    return TakeOut(tuple(c for c in desk.chosen if c in desk.area_of))


# --- by the optimizer ------------------------------------------------------------------------------


def _split_best_fields(desk: Desk) -> Fields | None:
    one = desk.areas_touched if _inside_one(desk) else ()
    return () if one and len(desk.area[one[0]].members) > 1 else None


def _any(desk: Desk) -> Fields | None:
    return () if desk.chosen else None


def _always(_desk: Desk) -> Fields | None:
    return ()


def _improve(desk: Desk, _answers: Answers, _who: str) -> Search:
    return search("improve", desk.draft, desk.town, (*desk.chosen_areas, *desk.singles))


GROUPING: tuple[Way, ...] = (
    Way(
        "move",
        "grouping",
        _move_fields,
        lambda desk, answers, _who: Move(desk.chosen, text(answers, "to_area")),
        number_chosen,
    ),
    Way(
        "new_area",
        "grouping",
        _new_area_fields,
        lambda desk, _answers, _who: NewArea(desk.chosen),
        number_chosen,
    ),
    Way("split_out", "grouping", _split_out_fields, _split_out, number_chosen),
    Way(
        "merge",
        "grouping",
        _merge_fields,
        lambda desk, answers, _who: Merge(
            tuple(sorted({*desk.areas_touched, text(answers, "with_area")} - {""}))
        ),
        number_of_areas,
    ),
    Way(
        "split_best",
        "grouping",
        _split_best_fields,
        lambda desk, _answers, _who: search("split", desk.draft, desk.town, desk.areas_touched),
        lambda desk: {"area": desk.area_name(desk.areas_touched[0])},
        long=True,
    ),
    Way("take_out", "grouping", _take_out_fields, _take_out, number_chosen),
)

SEARCHING: tuple[Way, ...] = (
    Way("improve", "searches", _any, _improve, long=True, noted=True),
    Way(
        "replan",
        "searches",
        _always,
        lambda desk, _answers, _who: search("replan", desk.draft, desk.town),
        long=True,
        noted=True,
    ),
)
