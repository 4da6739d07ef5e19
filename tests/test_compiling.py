"""The search compiled ahead of the first plan."""

import importlib
import pkgutil

import optimizer
from optimizer.clock import Clock
from optimizer.compiling import compile_ahead
from optimizer.instance import prepare
from optimizer.lagrangian import lagrangian_bound
from optimizer.rules import Prices, Rules
from optimizer.solving import SolveOptions, solve
from optimizer.work import Work
from tests.towns import town


def kinds() -> dict[str, int]:
    """How many kinds of arguments each function is compiled for that was called so far."""
    return {
        f"{module.__name__}.{name}": len(function.signatures)
        for module in (
            importlib.import_module(f"optimizer.{m.name}") for m in pkgutil.iter_modules(optimizer.__path__)
        )
        for name, function in vars(module).items()
        if getattr(function, "__module__", "") == module.__name__ and hasattr(function, "signatures")
    }


def test_no_plan_has_to_compile_anything_more():
    compile_ahead()
    ahead = kinds()
    streets = town(
        """
        a40 b70 c30 d?
        e20 f30 g600 h55
        i45 j10 k120 l35
        """,
        crosses={("a", "b"): ("支路",)},
        walls={("b", "c"): 12.0},
        scope={"k": "host"},
        apart=(("a", "e"),),
        together=(("i", "j"),),
    )
    rules = Rules(
        upper=150, prices=Prices(join_self_sufficient=30, upper_per_household=2, crossing={"支路": 2_000})
    )
    for listed in (0, 100_000):
        solve(streets, rules, SolveOptions(work=Work(listed=listed)))
    plain = town("a40 b70 c30\ne20 f30 g60")
    lagrangian_bound(prepare(plain, Rules()).parts[0], Rules(), 1e9, rounds=2, clock=Clock(None))
    # Of what lies compiled on the disk, only what Python calls itself is counted.
    assert ahead["optimizer.lagrangian._least"] == ahead["optimizer.search.groups"] == 1
    assert kinds() == ahead
