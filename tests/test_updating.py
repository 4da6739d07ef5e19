"""An updated ledger onto a living plan: every effect is listed, every decision is looked at, locks hold, nothing is lost."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
import shapely

from geo.schema import DataError
from geo.wording import LANGUAGES, say, speaking
from jobs.carrying import Reading, carried_over
from jobs.changed import areas_touched, check_changes, rule_changes
from jobs.cli import main
from jobs.district import laid_out, plan_district
from jobs.progress import Stopwatch
from jobs.projects import project_of, read_back, shelved
from jobs.reopened import Reopened, reopened
from jobs.request import FileLayer, Request
from jobs.sample import sample_request
from jobs.updating import RECORD, Update, foreseen, rest_regrouped, taken_in, updated
from optimizer.plan import area_name
from optimizer.rules import CHONGQING, Rules
from report.effects import STATES, decisions_table, effects_table
from report.reasoning import cause_words
from report.reopening import read_results
from report.results import Results, write_results
from store.drafts import Draft
from store.edits import (
    Accept,
    CheckLink,
    Command,
    GiveReason,
    LockAreas,
    LockCommunities,
    Rename,
    SetBounds,
    SetConsent,
    SetContact,
    SetLink,
    SetMode,
    SetScope,
    UnlockAreas,
    applied,
)
from store.project import open_project
from tests.desks import on_desk
from tests.ledgers import square
from tests.towns import street_grid, town

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
CRS = "EPSG:4544"
HEADINGS = {"name": "小区名称", "count": "户数", "committee": "社区", "street_town": "镇街"}


# --- towns as an office keeps them -------------------------------------------------------------------


def layer_of(table: gpd.GeoDataFrame, path: Path) -> FileLayer:
    """Write communities as the layer that an office keeps up to date."""
    rows = table.rename(columns=HEADINGS)[[*HEADINGS.values(), "geometry"]].rename_axis("编号").reset_index()
    rows.assign(户数=rows["户数"].astype("Int64")).to_file(path)
    return FileLayer(path)


def drawn_layer() -> gpd.GeoDataFrame:
    """144 compounds along the streets of a made-up town, 20 m apart, and two that stand alone."""
    graph = street_grid(12, 5)
    rows = [
        {"name": f"{c}院", "count": graph.nodes[c]["count"], "committee": "", "street_town": "中山路街道"}
        for c in graph
    ]
    rows += [{**rows[0], "name": name, "count": 20} for name in ("东院", "西院")]
    shapes = [square(k % 12 * 80, k // 12 * 80, side=60) for k in range(144)]
    shapes += [square(-300, 0), square(-300, 300)]
    ids = [*(f"D{c}" for c in graph), "E1", "E2"]
    return gpd.GeoDataFrame(rows, index=ids, geometry=shapes, crs=CRS)


def sample_layer() -> gpd.GeoDataFrame:
    """The communities of the sample street that have an outline, as one layer."""
    table = plan_district(sample_request(SAMPLE)).communities
    return table[table.geometry.notna()][[*HEADINGS, "geometry"]]


def sample_files(layer: FileLayer) -> Request:
    """The sample's request with this layer for its ledger."""
    whole = sample_request(SAMPLE)
    return replace(whole, communities=layer, outlines=None, buildings=None, scope=None, links=None)


class Office:
    """A layer, the request that plans it, its plan taken up again, and a draft with decisions of every kind."""

    def __init__(
        self, layer: gpd.GeoDataFrame, request: Callable[[FileLayer], Request], folder: Path, *, said=True
    ):
        self.layer, self.request, self.folder = layer, request, folder
        self.base = self._planned()
        self.town = reopened(self.base)
        self.draft = Draft(self.town.plan)
        for command in decisions(self.base, self.town) if said else ():
            self.draft = applied(self.draft, command, self.town.graph)

    def _planned(self) -> Results:
        results = plan_district(self.request(layer_of(self.layer, self.folder / "first.gpkg")))
        write_results(results, self.folder / "plan")
        return read_results(self.folder / "plan")

    def on(self, layer: gpd.GeoDataFrame, name: str = "second.gpkg") -> Update:
        request = self.request(layer_of(layer, self.folder / name))
        return updated(self.base, self.town, self.draft, request)


def decisions(base: Results, there: Reopened) -> Iterator[Command]:
    """Locks, names, ticks, links, scopes, reasons, consents and acceptances here and there, some of each."""
    areas = [a for a in there.plan.areas if len(a.members) > 1]
    for area in areas[::3]:
        yield LockAreas((area.area_id,))
    for area in areas[::2]:
        yield Rename(area.area_id, f"{area.center_id}片区")
    links = list(base.links[["a", "b"]].itertuples(index=False, name=None))
    for a, b in links[::9]:
        yield CheckLink(a, b)
    for a, b in links[4::30]:
        yield SetLink(a, b, "given", "现场可通行")
    ids = sorted(there.graph)
    yield LockCommunities(tuple(ids[::10]))
    yield GiveReason(tuple(ids[3::10]), "产权单位不同意")
    yield SetConsent(tuple(ids[5::10]), "frozen", document="改造计划")
    left_out = [c for c, outcome in there.plan.outcomes.items() if outcome == "exception"]
    for community in left_out[::2]:
        yield Accept(community, "孤立地块", "李科长")


def edited(layer: gpd.GeoDataFrame, seed: int) -> gpd.GeoDataFrame:
    """A twentieth of the counts changed, three communities gone, four new, one of them split in two; rows re-sorted."""
    draw = random.Random(seed)  # noqa: S311 - made-up changes
    known = [c for c in layer.index if pd.notna(layer.at[c, "count"])]
    chosen = draw.sample(known, len(known) // 20 + 3 + 1)
    gone, whole, counted = chosen[:3], chosen[3], chosen[4:]
    table = layer.drop(index=[*gone, whole])
    counts = table["count"].astype("Int64")
    for community in counted:
        counts[community] = max(1, counts[community] + draw.choice([-15, 9, 40]))
    table = table.assign(count=counts)
    was = layer.loc[whole]
    west, south, east, north = was.geometry.bounds
    halves = [
        was.geometry.intersection(shapely.box(a, south, b, north))
        for a, b in ((west, (west + east) / 2), ((west + east) / 2, east))
    ]
    new = [
        {**was, "name": f"{was['name']}{n}期", "count": int(was["count"]) // 2, "geometry": half}
        for n, half in enumerate(halves, 1)
    ]
    far = layer.total_bounds[2] + 40
    new += [{**was, "name": f"新建{n}", "count": 30 + n, "geometry": square(0, 0).__class__(
        shapely.box(far, south + 100 * n, far + 40, south + 100 * n + 40).exterior)} for n in (1, 2)]  # fmt: skip
    added = gpd.GeoDataFrame(new, index=[f"{whole}-1", f"{whole}-2", "N1", "N2"], crs=layer.crs)
    both = pd.concat([table, added[table.columns]])
    return gpd.GeoDataFrame(both, crs=layer.crs).sample(frac=1, random_state=seed)


@pytest.fixture(scope="module", params=["drawn", "sample"])
def office(request, tmp_path_factory) -> Office:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "sample":
        return Office(sample_layer(), sample_files, folder)
    return Office(drawn_layer(), lambda layer: Request(layer, reach_m=30), folder)


@pytest.fixture(scope="module")
def after(office) -> tuple[gpd.GeoDataFrame, Update]:
    layer = edited(office.layer, 7)
    return layer, office.on(layer)


def of_kind(update: Update, *kinds: str) -> set[tuple[str, str, str]]:
    return {(e.place, e.before, e.after) for e in update.effects if e.kind in kinds}


# --- the list is complete ----------------------------------------------------------------------------


def test_a_ledger_sorted_otherwise_changes_nothing(office):
    update = office.on(office.layer.sample(frac=1, random_state=3), "sorted.gpkg")
    assert update.effects == ()
    assert {one.state for one in update.decisions} == {"stands"}
    assert update.draft == office.draft
    assert update.lines()[0] == "与原方案相比没有变化。"


def test_every_community_that_changed_is_listed_once(office, after):
    layer, update = after
    was, now = (table["count"].astype("Int64") for table in (office.layer, layer))
    both = sorted(set(was.index) & set(now.index))
    assert {p for p, _, _ in of_kind(update, "gone")} == set(was.index) - set(now.index)
    assert {p for p, _, _ in of_kind(update, "new")} == set(now.index) - set(was.index)
    expected = {(c, str(was[c]), str(now[c])) for c in both if str(was[c]) != str(now[c])}
    assert len(expected) >= len(both) // 20
    assert of_kind(update, "count") == expected
    assert max(Counter((e.kind, e.place, e.other) for e in update.effects).values()) == 1


def test_the_split_is_seen(after):
    _, update = after
    (split,) = [e for e in update.effects if e.kind == "split"]
    assert split.other == f"{split.place}-1、{split.place}-2"
    assert split.place in {p for p, _, _ in of_kind(update, "gone")}


def test_every_link_that_came_or_went_is_listed(office, after):
    layer, update = after
    again = laid_out(office.request(layer_of(layer, office.folder / "again.gpkg")), Stopwatch())
    links = (office.base.links, again.links.links)
    pairs = [set(table[["a", "b"]].itertuples(index=False, name=None)) for table in links]
    told = {
        kind: {(e.place, e.other) for e in update.effects if e.kind == kind}
        for kind in ("link_gone", "link_new")
    }
    assert told == {"link_gone": pairs[0] - pairs[1], "link_new": pairs[1] - pairs[0]}
    assert all(told.values())


def test_every_area_that_changed_is_touched_and_no_other(office, after):
    layer, update = after
    changed = set()
    for area in office.draft.plan.areas:
        here = [m for m in area.members if m in layer.index]
        counts = [t["count"].reindex(area.members).fillna(0).sum() for t in (office.layer, layer)]
        if len(here) < len(area.members) or counts[0] != counts[1]:
            changed.add(area.area_id)
    told = {a for e in update.effects if e.kind in ("members", "total", "area_gone") for a in e.areas}
    renamed = {e.before: e.after for e in update.effects if e.kind == "area_id"}
    assert told - set(renamed.values()) == changed
    assert set(renamed) <= changed


def test_every_area_keeps_who_is_still_there(office, after):
    layer, update = after
    now = {frozenset(a.members) for a in update.draft.plan.areas}
    for area in office.draft.plan.areas:
        left = frozenset(m for m in area.members if m in layer.index)
        assert not left or left in now
    new = set(layer.index) - set(office.layer.index)
    assert {update.draft.plan.outcomes[c] for c in new} <= {"exception", "held"}


def test_ids_stay_while_the_centre_stays_and_are_never_used_again(office, after):
    _, update = after
    was = {a.area_id: a for a in office.draft.plan.areas}
    first_free = office.draft.plan.next_number
    for area in update.draft.plan.areas:
        if area.area_id in was:
            before = was[area.area_id]
            assert set(area.members) <= set(before.members)
            assert area.center_id == before.center_id or before.locked
        else:
            assert area.area_id in {area_name(n) for n in range(first_free, update.draft.plan.next_number)}


def test_locks_hold(office, after):
    layer, update = after
    now = {a.area_id: a for a in update.draft.plan.areas}
    for area in office.draft.plan.areas:
        left = tuple(m for m in area.members if m in layer.index)
        if area.locked and left:
            assert (now[area.area_id].members, now[area.area_id].locked) == (left, True)
    assert update.draft.locked == {c for c in office.draft.locked if c in layer.index}


def test_no_decision_is_lost(office, after):
    layer, update = after
    draft = office.draft
    asked = Counter(
        {
            "lock_area": sum(a.locked for a in draft.plan.areas),
            "name": len(draft.names),
            "lock_community": len(draft.locked),
            "accept": len(draft.accepted),
            "reason": len(draft.reasons),
            "link": len(draft.links),
            "check": len(draft.checked),
            "consent": len(draft.consents),
        }
    )
    assert Counter(one.kind for one in update.decisions) == asked
    assert all(asked.values())
    for one in update.decisions:
        if one.kind in ("lock_community", "reason", "consent"):
            assert (one.state == "falls") == (one.place not in layer.index)
        if one.kind in ("link", "check"):
            gone = not {one.place, one.other} <= set(layer.index)
            assert (one.why == "gone") == gone
    texts = {one.text for one in update.decisions if one.kind == "reason"}
    assert texts == {"产权单位不同意"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_effect_and_every_decision_can_be_said(after, language):
    _, update = after
    with speaking(language):
        effects = effects_table(update.effects, update.names)
        decisions = decisions_table(update.decisions, update.names)
        gravest = next(state for state in STATES if state in {one.state for one in update.decisions})
        assert decisions.iloc[0, 0] == say(f"updating.state.{gravest}") != say("updating.state.stands")
    codes = {effect.kind for effect in update.effects}
    assert (len(effects), len(decisions)) == (len(update.effects), len(update.decisions))
    assert not codes & {cell for table in (effects, decisions) for row in table.to_numpy() for cell in row}
    assert (effects.iloc[:, 0] != "").all()


def test_the_plan_carried_over_is_judged_and_not_repaired(office, after):
    _, update = after
    short = {a for a, n in update.results.areas["count"].items() if n < 100}
    told = set(update.results.violations[update.results.violations["rule"] == "minimum"]["place_id"])
    fixed = set(update.results.areas.index[update.results.areas["kind"] == "fixed"])
    assert told == short - fixed
    assert (update.results.summary["status"], update.results.summary["bound"]) == ("edited", None)


def test_what_was_updated_opens_again_as_it_was(office, after, tmp_path):
    _, update = after
    write_results(update.base, tmp_path / "plan")
    again = reopened(read_results(tmp_path / "plan"))
    assert again.plan.areas == tuple(replace(a, locked=False) for a in update.town.plan.areas)
    assert again.plan.outcomes == update.town.plan.outcomes
    assert again.plan.next_number == update.town.plan.next_number
    assert again.rules == update.town.rules
    assert dict(again.graph.nodes(data=True)) == dict(update.town.graph.nodes(data=True))


def test_the_rest_can_be_grouped_again_and_locks_hold(office, after):
    _, update = after
    again = rest_regrouped(update)
    assert again.regroup is not None
    now = set(again.results.communities.groupby("area_id").groups)
    kept = {a.area_id: a.members for a in update.draft.plan.areas if a.locked}
    table = again.results.communities
    assert {a: tuple(sorted(table.index[table["area_id"] == a])) for a in kept} == kept
    assert set(kept) <= now
    was = update.draft.plan.area_of()
    moved = {c for c, area in table["area_id"].fillna("").items() if area != was.get(c, "")}
    assert {e.place for e in again.effects if e.kind == "regrouped"} == moved


def test_what_is_in_procedure_is_not_grouped_again(office, after):
    _, update = after
    then = {
        a.members for a in applied(update.draft, rest_regrouped(update).regroup, update.town.graph).plan.areas
    }
    changed = next(a.members for a in update.draft.plan.areas if a.members not in then)
    still = tuple(a.area_id for a in update.draft.plan.areas if a.members == changed)
    again = rest_regrouped(replace(update, still=still))
    areas = again.results.communities.groupby("area_id").groups.values()
    assert changed in {tuple(sorted(ids)) for ids in areas}


# --- one decision after the other --------------------------------------------------------------------


def carried(draft: Draft, there: Reopened, graph, **more):
    """The draft carried over to another graph, and its decisions by kind and place."""
    result = carried_over(draft, Reading(there.graph, there.rules), Reading(graph, there.rules, **more))
    return result, {(one.kind, one.place): (one.state, one.why) for one in result.decisions}


ROW = "a60 b50 c60 d70 e20 . f30"


def test_a_locked_area_keeps_its_id_where_its_centre_moves_and_another_does_not():
    lock = LockAreas(("PMA-001",))
    draft, there = on_desk(ROW, "ab", "cd", done=(lock, Rename("PMA-002", "东片区")))
    result, told = carried(draft, there, town("a40 b90 c90 d60 e20 . f30"))
    assert [(a.area_id, a.center_id) for a in draft.plan.areas] == [("PMA-001", "a"), ("PMA-002", "d")]
    assert [(a.area_id, a.center_id) for a in result.draft.plan.areas] == [("PMA-001", "b"), ("PMA-003", "c")]
    assert result.ids == {"PMA-001": "PMA-001", "PMA-002": "PMA-003"}
    assert result.draft.names == {"PMA-003": "东片区"}
    assert told == {("lock_area", "PMA-001"): ("stands", ""), ("name", "PMA-002"): ("stands", "")}
    assert result.draft.plan.next_number == 4
    assert {one.place: one.other for one in result.decisions} == {"PMA-001": "", "PMA-002": "PMA-003"}


def test_an_id_that_somebody_else_gave_stays_whatever_its_centre():
    draft, there = on_desk(ROW, "ab")
    named = replace(draft, plan=replace(draft.plan, areas=(replace(draft.plan.areas[0], area_id="老街"),)))
    result, _ = carried(named, there, town("a40 b90 c90 d60 e20 . f30"))
    assert [(a.area_id, a.center_id) for a in result.plan.areas] == [("老街", "b")]


def test_what_was_told_of_an_area_goes_with_it_and_bounds_stay_with_their_outline():
    done = tuple(
        command
        for area in ("PMA-001", "PMA-002", "PMA-003")
        for command in (
            SetBounds(area, "红河中路", "小安溪"),
            SetMode(area, "package"),
            SetContact(area, "科长"),
        )
    )
    draft, there = on_desk(ROW, "ab", "cd", "e", done=done)
    result, told = carried(draft, there, town("a40 b90 . d60 e20 . f30"), moved=frozenset("e"))
    assert {place: told["bounds", place] for _, place in told} == {
        "PMA-001": ("stands", ""),
        "PMA-002": ("falls", "members"),
        "PMA-003": ("falls", "moved"),
    }
    assert {state for (kind, _), (state, _) in told.items() if kind != "bounds"} == {"stands"}
    assert result.ids["PMA-001"] == "PMA-004"  # its centre moved
    assert list(result.draft.bounds) == ["PMA-004"]
    assert sorted(result.draft.modes) == sorted(result.draft.contacts) == sorted(result.ids.values())
    words = decisions_table(result.decisions, {})
    assert "打包" in "".join(words.iloc[:, 5])
    assert "红河中路 · 小安溪" in set(words.iloc[:, 5])


def test_an_area_whose_members_are_all_gone_is_told_with_its_name_and_lock():
    done = (LockAreas(("PMA-001",)), Rename("PMA-001", "西片区"))
    draft, there = on_desk(ROW, "ab", "cd", done=done)
    result, told = carried(draft, there, town("c60 d70 e20 . f30"))
    assert told == {("lock_area", "PMA-001"): ("falls", "gone"), ("name", "PMA-001"): ("falls", "gone")}
    assert {one.text for one in result.decisions} == {"a、b", "西片区"}
    assert [a.area_id for a in result.draft.plan.areas] == ["PMA-002"]


def test_a_locked_area_that_lost_a_member_stays_locked_and_is_looked_at():
    draft, there = on_desk(ROW, "ab", "cd", done=(LockAreas(("PMA-001",)),))
    result, told = carried(draft, there, town("a60 . c60 d70 e20 . f30"))
    assert (result.draft.plan.areas[0].members, result.draft.plan.areas[0].locked) == (("a",), True)
    assert told == {("lock_area", "PMA-001"): ("look", "members")}
    assert [v.rule for v in result.broken[1] if v.place == "PMA-001"] == ["minimum"]


@pytest.mark.parametrize(
    ("drawing", "why"),
    [
        ("a60 b50 c60 d70 | e20 . f30", ""),
        ("a60 b50 c60 d70 | e25 . f30", ""),
        ("a60 b50 c60 d70 | e19 . f30", "fewer"),
        ("a60 b50 c60 d70 | . . f30", "gone"),
        ("a60 b50 c60 d70 | e? . f30", "no_exception"),
        ("a60 b50 c60 d70 | e20 n90 f30", "broken"),
    ],
)
def test_an_acceptance_covers_what_was_accepted_and_nothing_else(drawing, why):
    done = (Accept("e", "改造后再议", "李科长"),)
    draft, there = on_desk("a60 b50 c60 d70 | e20 . f30", "ab", "cd", done=done)
    result, told = carried(draft, there, town(drawing))
    assert told == {("accept", "e"): ("falls" if why else "stands", why)}
    assert ("e" in result.draft.accepted) == (not why)
    assert result.decisions[0].text == "改造后再议 · 李科长"


def test_an_accepted_area_stands_with_the_rule_it_broke_already():
    draft, there = on_desk("a60 b20 c10", "ab", done=(Accept("PMA-001", "孤立", "李科长"),))
    result, told = carried(draft, there, town("a60 b25 c10"))
    assert told == {("accept", "PMA-001"): ("stands", "")}
    assert [v.rule for v in result.broken[1] if v.place == "PMA-001"] == ["minimum"]


def test_an_accepted_area_falls_with_its_members():
    draft, there = on_desk("a60 b20 c10", "ab", done=(Accept("PMA-001", "孤立", "李科长"),))
    result, told = carried(draft, there, town("a90 . c10"))
    assert told == {("accept", "PMA-001"): ("falls", "members")}
    assert not result.draft.accepted


def test_a_tick_speaks_of_the_link_as_it_was():
    done = (CheckLink("a", "b"), CheckLink("b", "c"), CheckLink("c", "d"), CheckLink("d", "e"))
    draft, there = on_desk("a60 b50 c60 d70 e20", "ab", "cd", done=done)
    graph = town("a60 b50 c60 d70 e20", cut=[("c", "d")], crosses={("b", "c"): ("支路",)})
    graph.edges["a", "b"]["gap_m"] += 0.5
    graph.edges["d", "e"]["gap_m"] += 2.0
    result, told = carried(draft, there, graph)
    assert told == {
        ("check", "a"): ("stands", ""),
        ("check", "b"): ("falls", "other_link"),
        ("check", "c"): ("falls", "not_linked"),
        ("check", "d"): ("falls", "other_link"),
    }
    assert result.draft.checked == {("a", "b")}
    assert result.after.edges["a", "b"]["verified"]


def test_a_tick_on_a_link_given_by_hand_stands_also_where_nobody_knows_the_place():
    done = (SetLink("e", "f", "given", "同一通道"), CheckLink("e", "f"))
    draft, there = on_desk(ROW, "cd", done=done)
    assert carried(draft, there, town(ROW))[1][("check", "e")] == ("stands", "")
    nowhere = [without_place(graph, "f") for graph in (there.graph, town(ROW))]
    assert carried(draft, replace(there, graph=nowhere[0]), nowhere[1])[1][("check", "e")] == ("stands", "")


def without_place(graph, community):
    """The graph with a community of which no place is known."""
    again = graph.copy()
    again.nodes[community].update(x=float("nan"), y=float("nan"))
    return again


def test_a_link_given_by_hand_goes_on_and_is_looked_at_where_an_end_moved():
    done = (SetLink("e", "f", "given", "同一通道"), SetLink("a", "b", "forbidden", "围墙不拆"))
    draft, there = on_desk(ROW, "cd", done=done)
    result, told = carried(draft, there, town(ROW), moved=frozenset("f"))
    assert told == {("link", "a"): ("stands", ""), ("link", "e"): ("look", "moved")}
    assert result.after.has_edge("e", "f")
    assert not result.after.has_edge("a", "b")
    result, told = carried(draft, there, town("a60 b50 c60 d70 . . f30"))
    assert told[("link", "e")] == ("falls", "gone")
    assert ("e", "f") not in result.draft.links


def test_a_scope_decided_by_hand_goes_on_and_is_looked_at_where_the_ledger_says_another():
    done = (SetScope(("e",), "excluded"), SetScope(("f",), "fixed", by="李科长"))
    draft, there = on_desk(ROW, "ab", "cd", done=done)
    result, told = carried(draft, there, town(ROW, scope={"e": "host"}))
    assert told == {("scope", "e"): ("look", "ledger_scope"), ("scope", "f"): ("stands", "")}
    assert result.draft.plan.outcomes["e"] == "excluded"
    assert result.plan.outcomes["e"] == "exception"


def test_what_owners_said_is_kept_and_looked_at_where_they_were_asked_about_something_else():
    done = tuple(SetConsent((c,), "frozen", document="改造计划") for c in "abcde")
    draft, there = on_desk(ROW, "ab", "cd", done=done)
    result, told = carried(draft, there, town("a60 . c61 d70 e20 . f30"))
    assert told == {
        ("consent", "a"): ("look", "company"),
        ("consent", "b"): ("falls", "gone"),
        ("consent", "c"): ("look", "count"),
        ("consent", "d"): ("stands", ""),
        ("consent", "e"): ("stands", ""),
    }
    assert sorted(result.draft.consents) == list("acde")


def test_a_new_community_that_stays_as_it_is_is_an_area_at_once_and_others_wait():
    draft, there = on_desk(ROW, "ab", "cd")
    scope = {"g": "fixed", "i": "host", "x": "excluded"}
    result, _ = carried(draft, there, town("a60 b50 c60 d70 e20 . f30 g300 h150 i200 x40", scope=scope))
    new = [(a.area_id, a.members) for a in result.plan.areas][2:]
    assert new == [("PMA-003", ("g",)), ("PMA-004", ("i",))]
    outcomes = {c: result.plan.outcomes[c] for c in "fghx"}
    assert outcomes == {"f": "exception", "g": "fixed", "h": "exception", "x": "excluded"}
    assert ("alone", "h") in {(v.rule, v.place) for v in result.broken[1]}


def test_a_member_that_can_be_in_no_area_any_more_stays_and_is_told():
    draft, there = on_desk(ROW, "ab", "cd")
    result, _ = carried(draft, there, town("a60 b? c60 d70 e20 . f30", scope={"c": "excluded"}))
    assert [a.members for a in result.plan.areas] == [("a", "b"), ("c", "d")]
    told = {(v.rule, v.place, v.value) for v in result.broken[1] if v.rule == "scope"}
    assert told == {("scope", "PMA-001", "held"), ("scope", "PMA-002", "excluded")}


# --- one community after the other -------------------------------------------------------------------

THREE = gpd.GeoDataFrame(
    {"name": ["甲", "乙", "丙"], "count": [60, 50, 70], "committee": "", "street_town": ""},
    index=["A", "B", "C"],
    geometry=[square(0, 0), square(60, 0), square(120, 0)],
    crs=CRS,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Office:
    return Office(THREE, Request, tmp_path_factory.mktemp("small"), said=False)


def told(update: Update, *kinds: str) -> list[tuple[str, ...]]:
    return [(e.kind, e.place, e.other, e.before, e.after) for e in update.effects if e.kind in kinds]


def test_another_id_on_the_same_ground_is_said_to_be_one(small):
    update = small.on(THREE.rename(index={"B": "B9"}))
    assert told(update, "other_id", "split", "merged") == [("other_id", "B", "B9", "", "")]
    assert told(update, "gone", "new") == [("gone", "B", "", "50", ""), ("new", "B9", "", "", "50")]


def test_communities_made_one_are_said_to_be(small):
    whole = THREE.geometry["A"].union(THREE.geometry["B"])
    table = THREE.drop(index="B").assign(count=[110, 70])
    table.loc["A", "geometry"] = whole
    update = small.on(table)
    assert told(update, "merged") == [("merged", "A", "B", "", "")]
    assert told(update, "moved") == [("moved", "A", "", "", "60.0")]


def test_one_that_keeps_its_id_where_it_is_split_is_seen(small):
    west, east = shapely.box(587_060, 0, 587_080, 40), shapely.box(587_080, 0, 587_110, 40)
    west, east = (shapely.affinity.translate(shape, 0, 3_248_000) for shape in (west, east))
    table = THREE.assign(count=[60, 30, 70])
    table.loc["B", "geometry"] = west
    table.loc["B2"] = {**THREE.loc["B"], "count": 20, "geometry": east}
    assert told(small.on(table), "split") == [("split", "B", "B2", "", "")]


def test_a_metre_is_drawing_noise(small):
    near, far = (THREE.set_geometry(THREE.geometry.translate(metres)) for metres in (0.9, 1.1))
    assert small.on(near).effects == ()
    assert told(small.on(far, "far.gpkg"), "moved") == [("moved", c, "", "", "1.1") for c in "ABC"]


def test_another_rule_and_another_column_are_effects(small):
    request = Request(layer_of(THREE, small.folder / "other.gpkg"), minimum=120)
    update = updated(small.base, small.town, small.draft, request)
    assert told(update, "rule") == [("rule", "minimum", "", "100", "120")]


def test_a_bound_between_two_takes_their_link_away_and_is_named(small):
    table = THREE.assign(committee=["玉屏社区", "玉屏社区", "红旗社区"])
    update = small.on(table)
    assert told(update, "link_gone") == [("link_gone", "B", "C", "found", "within:committee")]
    words = effects_table(update.effects, update.names)
    assert words.loc[words["变动"] == "相邻关系消失", "现在"].tolist() == [cause_words("within:committee")]
    assert [place for _, place, *_ in told(update, "committee")] == ["A", "B", "C"]


def test_a_rule_broken_already_is_no_news_where_its_area_has_another_id():
    draft, there = on_desk("a60 b20 c10", "ab", done=(Rename("PMA-001", "西片区"),))
    result, _ = carried(draft, there, town("a20 b60 c10"))
    touched = areas_touched(draft.plan, result.draft.plan)
    assert result.ids == {"PMA-001": "PMA-002"}
    assert list(check_changes(*result.broken, result.ids, touched)) == []


def test_the_ledger_of_another_place_is_refused(small):
    with pytest.raises(DataError, match=r"^second\.gpkg 中没有一个小区的编号与原方案相同。"):
        small.on(THREE.rename(index=str.lower))


def test_effects_in_words_call_communities_by_name_also_those_that_are_gone(small):
    update = small.on(THREE.drop(index="B").assign(count=[60, 75]))
    table = effects_table(update.effects, update.names)
    rows = table[["变动", "编号", "名称", "原来", "现在"]].to_numpy().tolist()
    assert told(update, "households") == []  # the column that is judged: said once
    assert ["小区不在新台账中", "B", "乙", "50", ""] in rows
    assert ["户数改变", "C", "丙", "70", "75"] in rows
    assert ["相邻关系消失", "A", "甲", "按图确定", ""] in rows


# --- the project -------------------------------------------------------------------------------------


@pytest.fixture
def living(small, tmp_path) -> Path:
    """A project file of the three, with a name and a lock."""
    path = project_of(small.folder / "plan", tmp_path / "projects")
    with open_project(path) as project:
        for revision, command in enumerate((Rename("PMA-001", "和平片区"), LockAreas(("PMA-001",))), 1):
            project.append(1, command, revision, "李科长", graph=small.town.graph)
    return path


def test_the_command_lets_the_draft_go_on_and_leaves_the_old_one_alone(living, small, tmp_path, capsys):
    with open_project(living) as project:
        before, data = project.draft(1, small.town.graph), project.communities()
    layer = layer_of(THREE.assign(count=[60, 50, 75]), tmp_path / "new.gpkg")
    words = ["update", str(living), str(layer.path), "--out", str(tmp_path / "变动.xlsx"), "--by", "王"]
    assert main(words) == 0
    assert "户数改变 1 项" in capsys.readouterr().out
    assert [one.path for one in shelved(living.parent)] == [living]
    with open_project(living) as project:
        assert project.draft(1, small.town.graph) == before
        assert project.communities(1).equals(data)
        assert project.undo(1, 3, "李科长") == 4  # the log of the old draft goes on being one
        base = read_back(project, living.parent, 2)
        (line,) = [one for one in project.drafts() if one.basis == 2]
        draft = project.draft(line.draft_id, reopened(base).graph)
        record = json.loads(project.files()[RECORD])
        assert project.broken_audit() is None
    assert draft.title.startswith("按 new.gpkg 更新（")
    assert draft.state.names == {"PMA-001": "和平片区"}
    assert [a.locked for a in draft.state.plan.areas][:1] == [True]
    assert (record["from"]["draft"], record["from"]["revision"], record["files"]) == (1, 3, ["new.gpkg"])
    assert record["effects"][0] | {"areas": []} == {
        "kind": "count", "place": "C", "other": "", "before": "70", "after": "75", "areas": []
    }  # fmt: skip
    assert {d["kind"]: d["state"] for d in record["decisions"]} == {"lock_area": "stands", "name": "stands"}
    book = openpyxl.load_workbook(tmp_path / "变动.xlsx")
    assert book.sheetnames == ["变动清单", "原有决定"]


def test_what_is_in_procedure_is_locked_and_goes_on(living, small, tmp_path):
    with open_project(living) as project:
        project.append(1, UnlockAreas(), 3, "李科长", graph=small.town.graph)
        version = project.freeze(1, "一稿", 4, "李科长", graph=small.town.graph, rules=small.town.rules)
        members = {area.area_id: area.members for area in version.state.plan.areas}
        day = project.proceedings()[0].on
        project.proceed(1, ["PMA-001"], "consulting", on=day, reason="", who="李科长", expected=99)
    request = Request(layer_of(THREE.assign(count=[60, 50, 75]), tmp_path / "new.gpkg"))
    opened, update = foreseen(living, request)
    assert (update.still, update.reopened) == (("PMA-001",), ())
    draft = taken_in(living, opened, update, request, who="王")
    with open_project(living) as project:
        (step,) = project.steps(draft.draft_id)
        assert step.title == ("store.title.lock_areas.some", {"number": 1, "area": "PMA-001"})
        state = project.draft(draft.draft_id, reopened(read_back(project, living.parent)).graph).state
        assert {a.members for a in state.plan.areas if a.locked} == {members["PMA-001"]}
        assert {own: course.state for own, course in project.under_way().items()} == {
            members["PMA-001"]: "consulting"
        }


def test_the_rules_are_those_of_the_project_unless_others_are_given(living, tmp_path):
    with open_project(living) as project:
        project.set_rules(project.rules_text().replace("minimum = 100 ", "minimum = 90 "), "李科长")
    layer = layer_of(THREE, tmp_path / "new.gpkg")
    _, update = foreseen(living, Request(layer))
    assert told(update, "rule") == [("rule", "minimum", "", "100", "90")]
    _, update = foreseen(living, Request(layer, rules=CHONGQING))
    assert told(update, "rule") == []


def test_another_column_that_is_judged_is_an_effect():
    rules = Rules()
    (effect,) = rule_changes((rules, "户数"), (rules, "套数"))
    assert (effect.kind, effect.before, effect.after) == ("heading", "户数", "套数")


def test_a_list_that_cannot_be_written_leaves_the_project_alone(living, tmp_path):
    layer = layer_of(THREE, tmp_path / "new.gpkg")
    (tmp_path / "taken").mkdir()
    words = ["update", str(living), str(layer.path), "--out", str(tmp_path / "taken"), "--by", "王"]
    assert main(words) == 2
    with open_project(living) as project:
        assert len(project.bases()) == len(project.drafts()) == 1


# --- counts brought back from the survey -------------------------------------------------------------

YONGCHUAN = Path(__file__).parent.parent.parent / "shared" / "realdata" / "chongqing" / "yongchuan_sofang.csv"
SOFANG = ("--crs", "bd09", "--name", "plot_name", "--reach-m", "300")


def surveyed(sheet: Path, filled: Path, number: int) -> dict[str, int]:
    """Write counts into the first lines of a survey sheet, as a clerk would; return them by id."""
    draw = random.Random(4)  # noqa: S311 - made-up counts
    book = openpyxl.load_workbook(sheet)
    paper = book.active
    head = next(row for row in paper.iter_rows() if str(row[0].value).startswith("编号"))
    column = next(cell.column for cell in head if str(cell.value).startswith("户数"))
    counts = {}
    for row in range(head[0].row + 1, head[0].row + 1 + number):
        counts[str(paper.cell(row, 1).value)] = draw.randint(12, 260)
        paper.cell(row, column, counts[str(paper.cell(row, 1).value)])
    book.save(filled)
    return counts


def companies(communities: gpd.GeoDataFrame) -> dict[str, frozenset[str]]:
    groups = communities.groupby("area_id").groups
    return {m: frozenset(members) for members in groups.values() for m in members}


@pytest.mark.realdata
@pytest.mark.skipif(not YONGCHUAN.is_file(), reason="../shared/realdata is not here")
def test_counts_from_the_survey_change_what_they_touch_and_move_nothing_else(tmp_path):
    """40 of the 126 unknown counts come in, then 40 more, each on what there is; areas in between keep their members."""
    assert main(["plan", str(YONGCHUAN), "--out", str(tmp_path / "plan"), *SOFANG]) == 0
    path = project_of(tmp_path / "plan", tmp_path / "projects")
    before, known = read_results(tmp_path / "plan").communities, 0
    assert (before["outcome"] == "held").sum() == 126
    for number in (40, 80):
        filled = tmp_path / f"filled{number}.xlsx"
        counts = surveyed(tmp_path / "plan" / "survey.xlsx", filled, number)
        request = Request(
            FileLayer(YONGCHUAN), crs="bd09", name_column="plot_name", reach_m=300.0, survey=filled
        )
        opened, update = foreseen(path, request, replan=True)
        draft = taken_in(path, opened, update, request, who="王")
        after = update.results.communities
        told = {e.place: e.after for e in update.effects if e.kind == "count"}
        assert told == {c: str(n) for c, n in list(counts.items())[known:]}
        assert (after["outcome"] == "held").sum() == 126 - number
        assert update.results.violations.empty
        was, now = companies(before), companies(after)
        broken_up = {was[c] for c in was if now[c] != was[c]}
        went_to = [frozenset().union(*(now[m] for m in company)) for company in broken_up]
        assert all(places & set(told) for places in went_to)  # each makes room for one that was counted
        assert len(broken_up) == {40: 0, 80: 5}[number]
        assert {e.place for e in update.effects if e.kind == "regrouped"} >= set(now) - set(was)
        before, known = after, number
    with open_project(path) as project:
        (step,) = project.steps(draft.draft_id)
        assert step.title[0] == "store.title.regroup"
        project.undo(draft.draft_id, draft.revision, "王")
        graph = reopened(read_back(project, path.parent)).graph
        assert project.draft(draft.draft_id, graph).state == update.draft


@pytest.mark.realdata
@pytest.mark.skipif(not YONGCHUAN.is_file(), reason="../shared/realdata is not here")
def test_a_new_run_beside_the_plan_in_use_leaves_alone_what_has_no_new_count(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    assert main(["plan", str(YONGCHUAN), "--out", str(first), *SOFANG]) == 0
    surveyed(first / "survey.xlsx", tmp_path / "filled.xlsx", 40)
    words = ["--survey", str(tmp_path / "filled.xlsx"), "--existing", str(first / "plan.gpkg")]
    assert main(["plan", str(YONGCHUAN), "--out", str(second), *SOFANG, *words]) == 0
    before, after = read_results(first).communities, read_results(second).communities
    was, now = companies(before), companies(after)
    assert {c for c in was if now[c] != was[c]} == set()
    assert after["area_id"][list(was)].equals(before["area_id"][list(was)])
    assert len(now) > len(was)
