"""How opinions are counted, by place: data/procedures.toml, and which of its profiles a rules file asks for."""

import tomllib
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geo.schema import DataError
from report.tally import Procedure, Profile, Threshold

PROCEDURES = Path(__file__).parent.parent / "data" / "procedures.toml"
UNSPECIFIED = "unspecified"  # consult and report, and say that the rules file asks for nothing else


@cache
def profiles() -> Mapping[str, Profile]:
    """Return all profiles by key, in the order of the file."""
    table = tomllib.loads(PROCEDURES.read_text(encoding="utf-8"))
    return MappingProxyType({row["key"]: _profile(row) for row in table["profile"]})


def profile_of(rules_text: str) -> Profile:
    """Return the profile that a rules file asks for, UNSPECIFIED without one; raises DataError for one that is not known."""
    told = tomllib.loads(rules_text).get("procedure", {})
    asked = str(told.get("profile", UNSPECIFIED))
    if asked not in profiles():
        raise DataError("opinions.unknown_profile", given=asked, known=tuple(profiles()))
    return profiles()[asked]


def _profile(row: Mapping[str, Any]) -> Profile:
    return Profile(
        key=row["key"],
        name=row["name"],
        shown=tuple(row["shown"]),
        head_count=row["head_count"],
        head_count_source=row["head_count_source"],
        head_count_status=row["head_count_status"],
        delimit=_procedure(row["delimit"]),
        adjust=_procedure(row["adjust"]),
    )


def _procedure(row: Mapping[str, Any]) -> Procedure:
    return Procedure(
        tuple(_threshold(one) for one in row.get("threshold", ())),
        tuple(row.get("also", ())),
        row["source"],
        row["status"],
    )


def _threshold(row: Mapping[str, Any]) -> Threshold:
    return Threshold(
        row["of"],
        row["base"],
        row["by"],
        Fraction(row["least"]),
        more=row.get("more", False),
        each=row.get("each", False),
    )
