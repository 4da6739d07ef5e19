"""The rules in use: one file read once, what the planner overrides, and what it says of barriers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from geo.adjacency import Reach
from geo.barriers import BarrierRules, barrier_classes
from jobs.request import Request
from jobs.rulesfile import check_number, check_rules_file
from optimizer.rules import CHONGQING, Rules, read_rules_file, rules_from


@dataclass(frozen=True)
class Given:
    """What the planner gave beside the rules file; None where the file holds."""

    minimum: int | None = None
    upper: int | None = None
    reach_m: float | None = None
    most_areas: bool = False


@dataclass(frozen=True)
class Policy:
    """`rules` for the optimizer, `barriers` for geometry, `text` the file as it stands, for every export."""

    rules: Rules
    barriers: BarrierRules
    text: str
    name: str
    given: Given

    @property
    def reach(self) -> Reach:
        """Return the reach in the words of adjacency."""
        return Reach(self.rules.reach_outline_m, self.rules.reach_point_m)


def read_policy(request: Request) -> Policy:
    """Return the rules of the request's file (default: data/rules/chongqing.toml) with its overrides.

    Raises DataError naming the file and the key that is wrong.
    """
    path: Path = request.rules or CHONGQING
    given = Given(request.minimum, request.upper, request.reach_m, request.most_areas)
    table = read_rules_file(path)
    text = path.read_text(encoding="utf-8-sig") + _overridden(request)
    return policy_from(table, given, text=text, file=path.name)


def policy_from(table: Mapping[str, Any], given: Given, *, text: str, file: str) -> Policy:
    """Return the rules of a parsed file with what was given beside it; raises DataError as `read_policy`."""
    check_rules_file(table, file=file)
    for key, number in (
        ("--minimum", given.minimum),
        ("--upper", given.upper),
        ("--reach-m", given.reach_m),
    ):
        if number is not None:
            check_number(number, key=key)
    barriers = barrier_classes(table)
    rules = rules_from(table, crossing=barriers.crossing_prices(), never=barriers.never(), file=file)
    terrain = tuple(c.name for c in barriers.classes if c.reason == "terrain")
    rules = replace(rules, terrain=terrain).override(
        minimum=given.minimum, upper=given.upper, reach_m=given.reach_m, most_areas=given.most_areas
    )
    return Policy(rules, barriers, text, str(table.get("name", "")), given)


def _overridden(request: Request) -> str:
    """Return what was given beside the file, as lines for the copy that goes with the plan."""
    given = {
        "minimum": request.minimum,
        "upper": request.upper,
        "reach_m": request.reach_m,
        "most_areas": request.most_areas or None,
        "within": "、".join(request.within) or None,
    }
    lines = [f"# --{key} {value}".replace("_", "-", 1) for key, value in given.items() if value is not None]
    return "\n# ---- 本次运行另行给出 ----\n" + "\n".join(lines) + "\n" if lines else ""
