"""Rules: hard limits and prices of a city, read from one TOML file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from math import isfinite
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from geo.schema import DataError

CHONGQING = Path(__file__).parent.parent / "data" / "rules" / "chongqing.toml"

# Trait of housing → price of each further value of it in an area (data/rules/chongqing.toml says why).
UNLIKE: Mapping[str, float] = MappingProxyType(
    {"ownership": 1_000.0, "lift": 500.0, "age_band": 500.0, "managed": 2_000.0}
)
_TABLES = ("crossing", "unlike")


@dataclass(frozen=True)
class Prices:
    """Soft rules in household-metres (户·米). Raises DataError where one is below 0: the proof needs prices ≥ 0."""

    join_self_sufficient: float = 5_000.0
    upper_per_household: float = 50.0  # per household above `upper`
    wall_per_m: float = 20.0  # per metre of wall between two linked communities
    crossing: Mapping[str, float] = field(default_factory=dict)  # per crossing of a barrier of this class
    committee: float = 5_000.0  # per further committee in an area
    grid: float = 1_000.0  # per further grid in an area
    unlike: Mapping[str, float] = field(default_factory=lambda: dict(UNLIKE))  # per further value of a trait
    area: float = 0.0  # per area
    change_per_household: float = 50.0  # per household that leaves its area of the existing plan

    def __post_init__(self) -> None:
        """Refuse negative prices and unknown traits, and keep the tables from being changed."""
        for trait in self.unlike:
            if trait not in UNLIKE:
                raise DataError("rules.unlike", given=trait, known=tuple(UNLIKE))
        for table in _TABLES:
            object.__setattr__(self, table, MappingProxyType(dict(getattr(self, table))))
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in _TABLES}
        for name, price in {**own, **self.crossing, **self.unlike}.items():
            if not (isfinite(price) and price >= 0):
                raise DataError("rules.price", name=name, given=price)

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel to another process: a mapping proxy cannot."""
        own = {f.name: getattr(self, f.name) for f in fields(self)}
        return _prices, ({**own, **{table: dict(own[table]) for table in _TABLES}},)


def _prices(own: Mapping[str, Any]) -> Prices:
    return Prices(**own)


@dataclass(frozen=True)
class Rules:
    """What makes a group lawful and what it costs.

    `minimum` and `upper` are in the unit of the count that is judged; `reach_outline_m` and `reach_point_m` are the
    largest gap that still counts, between outlines and between points; `never` are the barrier classes no area
    crosses, `terrain` those that are a step in height; `within` the columns whose values no area mixes;
    `age_bands` the years in which a new band of housing begins, ascending;
    `exception_price`, per household left out, replaces the goals "fewest exceptions". Raises DataError where a value makes no sense.
    """

    minimum: int = 100
    upper: int = 500
    upper_hard: bool = False
    exception_price: float | None = None
    most_areas: bool = False
    near_minimum_share: float = 0.10
    reach_outline_m: float = 30.0
    reach_point_m: float = 150.0
    within: tuple[str, ...] = ("street_town", "committee")
    never: tuple[str, ...] = ()
    terrain: tuple[str, ...] = ()
    age_bands: tuple[int, ...] = (1980, 1990, 2000)
    prices: Prices = Prices()

    def __post_init__(self) -> None:
        """Refuse limits that contradict each other."""
        if self.minimum < 1:
            raise DataError("rules.minimum", given=self.minimum)
        if self.upper < self.minimum:
            raise DataError("rules.upper", given=self.upper, minimum=self.minimum)
        for reach_m in (self.reach_outline_m, self.reach_point_m):
            if not (isfinite(reach_m) and reach_m >= 0):
                raise DataError("rules.reach", given=reach_m)
        if list(self.age_bands) != sorted(set(self.age_bands)):
            raise DataError("rules.age_bands", given=tuple(map(str, self.age_bands)))
        price = self.exception_price
        if price is not None and not (isfinite(price) and price >= 0):
            raise DataError("rules.price", name="exception_price", given=price)

    def override(
        self, *, minimum: int | None, upper: int | None, reach_m: float | None, most_areas: bool
    ) -> Self:
        """Return the rules with what the planner gave on the command line or in the desk.

        A minimum above the upper size, without an upper size of its own, moves the upper size to five minimums, the
        proportion of the plan (100 and 500).
        """
        changed = replace(self, most_areas=self.most_areas or most_areas)
        if minimum is not None:
            room = self.upper if minimum <= self.upper else 5 * minimum
            changed = replace(changed, minimum=minimum, upper=room if upper is None else upper)
        elif upper is not None:
            changed = replace(changed, upper=upper)
        if reach_m is not None:
            changed = replace(changed, reach_outline_m=reach_m, reach_point_m=reach_m)
        return changed


def read_rules_file(path: Path) -> dict[str, Any]:
    """Return the parsed rules file; raises DataError where it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError("rules.unreadable", file=path.name) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DataError("rules.not_toml", file=path.name, detail=error) from error


def rules_from(
    table: Mapping[str, Any], /, *, crossing: Mapping[str, float], never: tuple[str, ...], file: str = ""
) -> Rules:
    """Return the rules of a parsed file, with the prices of crossings and the classes never crossed.

    Raises DataError naming a key that is not known or of the wrong kind.
    """
    limits = {**table.get("group", {}), **{f"reach_{k}": v for k, v in table.get("reach", {}).items()}}
    prices = table.get("prices", {})
    _refuse_wrong(limits, Rules, file)
    _refuse_wrong(prices, Prices, file)
    _refuse_wrong_prices(prices.get("unlike", {}), file)
    for key in ("within", "age_bands"):
        if key in limits:
            limits[key] = tuple(limits[key])
    return Rules(**limits, never=never, prices=Prices(**prices, crossing=crossing))


def _refuse_wrong(given: Mapping[str, Any], kind: type[Rules] | type[Prices], file: str) -> None:
    defaults = {f.name: UNLIKE if f.name == "unlike" else f.default for f in fields(kind)}
    own = {name: default for name, default in defaults.items() if name not in ("never", "prices", "crossing")}
    for key, value in given.items():
        if key not in own:
            raise DataError("rules.unknown_key", file=file, key=key, known=tuple(own))
        if not _same_kind(value, own[key]):
            raise DataError("rules.wrong_kind", file=file, key=key, given=str(value))


def _refuse_wrong_prices(given: Mapping[str, object], file: str) -> None:
    for key, price in given.items():
        if not _same_kind(price, 0.0):
            raise DataError("rules.wrong_kind", file=file, key=f"prices.unlike.{key}", given=str(price))


def _same_kind(value: object, default: object) -> bool:
    if isinstance(default, bool):
        return isinstance(value, bool)
    if isinstance(default, Mapping):
        return isinstance(value, Mapping)
    if isinstance(default, tuple):
        return isinstance(value, list) and all(_same_kind(v, default[0] if default else "") for v in value)
    if isinstance(default, str):
        return isinstance(value, str)
    if isinstance(default, int):
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool)
