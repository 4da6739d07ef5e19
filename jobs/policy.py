"""The rules in use: one file read once, what the planner overrides, and what it says of barriers."""

from dataclasses import dataclass, replace
from pathlib import Path

from geo.adjacency import Reach
from geo.barriers import BarrierRules, barrier_classes
from jobs.request import Request
from jobs.rulesfile import check_number, check_rules_file
from optimizer.rules import CHONGQING, Rules, read_rules_file, rules_from


@dataclass(frozen=True)
class Policy:
    """`rules` for the optimizer, `barriers` for geometry, `text` the file as it stands, for every export."""

    rules: Rules
    barriers: BarrierRules
    text: str
    name: str

    @property
    def reach(self) -> Reach:
        """Return the reach in the words of adjacency."""
        return Reach(self.rules.reach_outline_m, self.rules.reach_point_m)


def read_policy(request: Request) -> Policy:
    """Return the rules of the request's file (default: data/rules/chongqing.toml) with its overrides.

    Raises DataError naming the file and the key that is wrong.
    """
    path: Path = request.rules or CHONGQING
    table = read_rules_file(path)
    check_rules_file(table, file=path.name)
    for key, number in (
        ("--minimum", request.minimum),
        ("--upper", request.upper),
        ("--reach-m", request.reach_m),
    ):
        if number is not None:
            check_number(number, key=key)
    barriers = barrier_classes(table)
    rules = rules_from(table, crossing=barriers.crossing_prices(), never=barriers.never(), file=path.name)
    terrain = tuple(c.name for c in barriers.classes if c.reason == "terrain")
    rules = replace(rules, terrain=terrain).override(
        minimum=request.minimum, upper=request.upper, reach_m=request.reach_m, most_areas=request.most_areas
    )
    return Policy(
        rules,
        barriers,
        path.read_text(encoding="utf-8-sig") + _overridden(request),
        str(table.get("name", "")),
    )


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
