"""Traits: what communities of one area may differ in at a price: committees, grids, and kinds of housing."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from optimizer.rules import Rules


def trait_prices(rules: Rules) -> dict[str, float]:
    """Return the price of each further value of a trait in an area, in household-metres; free traits stay away."""
    prices = {"committee": rules.prices.committee, "grid": rules.prices.grid, **rules.prices.unlike}
    return {trait: price for trait, price in prices.items() if price > 0}


def values_of(node: Mapping[str, Any], trait: str, rules: Rules) -> tuple[str, ...]:
    """Return the known values that a community has of a trait, none where it is unknown.

    A community merged from unlike rows, or in several grids, has several; the age band is that of its oldest building.
    """
    if trait == "grid":
        return tuple(node.get("grids") or ())
    if trait == "age_band":
        year = node.get("built_year")
        return (str(bisect_right(rules.age_bands, year)),) if year else ()
    return tuple(value for value in (node.get(trait) or "").split("、") if value)
