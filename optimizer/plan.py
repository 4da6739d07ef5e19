"""Plan: which community belongs to which area. Frozen: every change returns a new plan."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Area:
    """One property-management area; `members` sorted; `center_id` the member for which the walking sum is least."""

    area_id: str
    members: tuple[str, ...]
    center_id: str
    locked: bool = False


@dataclass(frozen=True)
class Plan:
    """Areas in order of their id, and the outcome of every community of the graph (one of OUTCOMES).

    `next_number` is the number the next new area gets: ids are kept while their centre stays, never reused.
    """

    areas: tuple[Area, ...]
    outcomes: Mapping[str, str]
    below_min_groups: tuple[tuple[str, ...], ...] = ()
    next_number: int = 1

    def area_of(self) -> dict[str, str]:
        """Return the area id of every community that has one."""
        return {m: a.area_id for a in self.areas for m in a.members}
