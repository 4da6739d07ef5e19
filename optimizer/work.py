"""How much work is spent on one part of the graph."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Effort:
    """How much work is spent on the most areas of one piece, in counts; `*_a_set`, `*_a_unit`: steps for each."""

    sets: int = 60_000  # pieces with more minimal sets are shifted unit by unit
    listing: int = 3_000_000  # steps of listing
    conflicts: int = 40_000_000
    rounds: int = 12  # times that rows are added to the relaxed problem
    steps_a_set: tuple[int, ...] = (100, 1_000, 4_000)
    steps_a_unit: tuple[int, ...] = (3_000, 30_000, 150_000)
    nodes: int = 2_000  # branchings in the search for one more area


@dataclass(frozen=True)
class Work:
    """How much work is spent on one part; all in counts, so that the plan does not depend on the machine."""

    listed: int = 500  # parts with no more lawful groups are solved from the whole list
    candidates: int = 40  # groups for each unit in the last, proving problem
    listing: int = 20_000  # but so many at least
    columns: int = 3_000  # groups in the problem that gives the first plan
    nodes: int = 50  # branchings of one whole-number problem
    tightenings: int = 8  # times that rows are added to the relaxed problem
    first_moves: int = 100  # moves for each unit that make the first plan better,
    least_moves: int = 20_000  # but so many at least,
    moves: int = 3_000  # and for each unit where the bound stays loose
    ascent: int = 3_000_000  # steps in which prices settle where pricing does not; a step is a unit
    balls: tuple[int, ...] = (4, 8, 16)  # areas that are grouped again at a time
    tries: int = 4  # balls for each unit
    packing: Effort = field(default_factory=Effort)
