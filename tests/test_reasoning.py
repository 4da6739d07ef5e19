"""Reasons, repairs and violations in words a planner reads."""

import re
from pathlib import Path

import pytest

from geo.wording import catalogue
from optimizer.blocks import Waiver
from optimizer.checks import Violation
from optimizer.reasons import Reason, Repair
from report.reasoning import (
    entered_reasons,
    offered_repairs,
    reason_label,
    reason_sentence,
    repair_sentence,
    violation_sentence,
)

OPTIMIZER = Path(__file__).parent.parent / "optimizer"
NAMES = {"a": "河东一村", "b": "{0}楼", "c": "机械厂宿舍"}
GROUP = {"group_ids": ("a", "c"), "communities": 2, "total": 130}
LINKS = (Waiver("a", "c", 12.4, "barrier:河流"), Waiver("a", "zz", 45.0, "reach"))


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        (Reason("no_neighbour", {"case": "none"}), "没有相邻小区，表中也没有其他有位置的小区。"),
        (
            Reason("no_neighbour", {"case": "far", "nearest_id": "a", "distance_m": 212.6, "cause": "reach"}),
            "没有相邻小区：最近的河东一村相距 213 米。",
        ),
        (
            Reason(
                "no_neighbour",
                {"case": "between", "nearest_id": "a", "distance_m": 20.0, "cause": "barrier:河流"},
            ),
            "没有相邻小区：与河东一村（20 米）之间隔着河流。",
        ),
        (Reason("no_place", {}), "表中没有位置，无法判断与谁相邻。"),
        (
            Reason("too_few_within_reach", {"communities": 2, "total": 70, "minimum": 100, "short": 30}),
            "相邻的 2 个小区合计 70 户，距最低 100 户还差 30 户。",
        ),
        (Reason("other_street", GROUP), "只因跨镇街未能组团：河东一村、机械厂宿舍合在一起有 130 户。"),
        (
            Reason("other_committee", GROUP),
            "只因跨社区（党组织）未能组团：河东一村、机械厂宿舍合在一起有 130 户。",
        ),
        (
            Reason("other_bound", {**GROUP, "column": "片区"}),
            "只因不得跨越“片区”未能组团：河东一村、机械厂宿舍合在一起有 130 户。",
        ),
        (Reason("terrain", GROUP), "只因高差阻隔未能组团：河东一村、机械厂宿舍合在一起有 130 户。"),
        (
            Reason("neighbour_held", {"neighbour_id": "b", "need": 40, "total": 60, "minimum": 100}),
            "相邻的{0}楼户数待核，若不少于 40 户即可组团（现有 60 户，最低 100 户）。",
        ),
        (
            Reason("upper_size", {**GROUP, "upper": 120}),
            "能组成的区域有 130 户（河东一村、机械厂宿舍），超过 120 户的硬性上限。",
        ),
        (
            Reason("traded_off", {**GROUP, "price": 5100, "exception_price": 900}),
            "并入的代价高于留作例外的代价：合为 河东一村、机械厂宿舍 要增加 5100 户·米，留作例外计 900 户·米。",
        ),
        (Reason("could_join", GROUP), "没有规则阻拦，由人工留出：河东一村、机械厂宿舍可合为 130 户。"),
        (
            Reason("blocked_by_rule", {"case": "apart", "pairs": (("a", "c"),), "total": 130}),
            "受规则限制：河东一村与机械厂宿舍不得同区，否则可合为 130 户。",
        ),
        (
            Reason(
                "count_unknown", {"case": "completes_and_frees", "need": 40, "frees": 1, "freed_ids": ("a",)}
            ),
            "户数待核：不少于 40 户即可与相邻小区组团，并带上 1 个暂未组团的小区（河东一村）。",
        ),
    ],
)
def test_reasons(reason, sentence):
    assert reason_sentence(reason, NAMES) == sentence


@pytest.mark.parametrize(
    ("repair", "sentence"),
    [
        (None, ""),
        (
            Repair("open_links", {"links": LINKS, "total": 130}),
            "放开以下相邻关系即可合为 130 户：河东一村—机械厂宿舍（间距 12 米，隔着河流）；河东一村—zz（间距 45 米，超出相邻距离上限）。",
        ),
        (
            Repair("survey_counts", {"community_ids": ("a", "b"), "need": 10}),
            "补录户数：河东一村、{0}楼，合计不少于 10 户即可划定区域。",
        ),
        (
            Repair("open_bound", {"links": (Waiver("a", "c", 3.0, "within:committee"),), "total": 130}),
            "提请联席会议放开界线，即可合为 130 户：河东一村—机械厂宿舍（间距 3 米，不得跨越社区）。",
        ),
        (Repair("give_place"), "在表中补上坐标或轮廓。"),
    ],
)
def test_repairs(repair, sentence):
    assert repair_sentence(repair, NAMES) == sentence


@pytest.mark.parametrize(
    ("violation", "sentence"),
    [
        (
            Violation("minimum", "PMA-001", value=50, limit=100, members=("a", "c")),
            "区域 PMA-001 合计 50 户，不足最低 100 户。请并入相邻小区，或按例外说明理由。",
        ),
        (
            Violation("within", "PMA-001", value="甲、乙", limit="committee", members=("a", "c")),
            "区域 PMA-001 跨越了社区界线（甲、乙）：河东一村、机械厂宿舍。请调整，或逐对放开并写明理由。",
        ),
        (
            Violation("center", "PMA-001", value="a", limit="c"),
            "区域 PMA-001 的中心应为 机械厂宿舍，方案中是 河东一村。请重新生成方案。",
        ),
        (
            Violation("scope", "PMA-001", value="held", limit="none", members=("a",)),
            "河东一村 户数待核，却放进了区域 PMA-001。请先补录户数，或调出。",
        ),
        (
            Violation("cover", community_id="a", value=2, limit=1, members=("PMA-001", "PMA-002")),
            "小区 河东一村 同时在 2 个区域中。请只留一个。",
        ),
        (
            Violation("outcome", community_id="a", value="", limit="held"),
            "小区 河东一村 在方案中没有结果，应为“户数待核”。请重新生成方案。",
        ),
    ],
)
def test_violations(violation, sentence):
    assert violation_sentence(violation, NAMES) == sentence


def test_a_long_list_of_names_is_cut():
    reason = Reason("could_join", {"group_ids": tuple("abcdefgh"), "total": 800})
    assert "河东一村、{0}楼、机械厂宿舍、d、e、f等 8 个小区可合为" in reason_sentence(reason, NAMES)


def test_every_code_of_the_optimizer_has_its_words():
    source = (OPTIMIZER / "reasons.py").read_text(encoding="utf-8")
    known = catalogue()
    for code in {
        *re.findall(r'Reason\("(\w+)"', source),
        "other_street",
        "other_committee",
        "other_bound",
        "terrain",
    }:
        assert f"reasons.short.{code}" in known
        assert reason_label(Reason(code, {}))
        assert any(key == f"reasons.{code}" or key.startswith(f"reasons.{code}.") for key in known)
    offered = re.findall(r'Repair\("(\w+)"', source) + re.findall(
        r'"(open_bound|open_links|unlock|open_as_host|include)"', source
    )
    assert {f"repairs.{code}" for code in offered} <= set(known)


def test_entered_reasons_say_who_decides_on_what_evidence():
    entered = {reason.code: reason for reason in entered_reasons()}
    assert list(entered) == [
        "owner_unit_refuses", "public_housing", "clearance", "renovation_fixed",
        "assembly_exists", "owners_oppose", "boundary_dispute", "fee_gap",
    ]  # fmt: skip
    assert entered["fee_gap"].name == "收费差距"
    assert all(reason.evidence and reason.decides for reason in entered.values())


def test_offered_repairs_wait_for_a_deadline_and_a_post():
    names = [repair.name for repair in offered_repairs()]
    assert names[:3] == ["打包服务（不合并）", "社区代管", "管一带一（仅合同）"]
    assert len(names) == 8
    assert all((repair.deadline, repair.post) == ("", "") for repair in offered_repairs())
