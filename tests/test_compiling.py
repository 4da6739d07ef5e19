"""The search compiled ahead of the first plan."""

from optimizer import search, splitting
from optimizer.compiling import compile_ahead
from optimizer.rules import Prices, Rules
from optimizer.solving import SolveOptions, solve
from optimizer.work import Work
from tests.towns import town


def kinds() -> dict[str, int]:
    """How many kinds of arguments each function is compiled for that was called so far."""
    return {
        f"{module.__name__}.{name}": len(function.signatures)
        for module in (search, splitting)
        for name, function in vars(module).items()
        if getattr(function, "signatures", ())
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
    rules = Rules(upper=150, prices=Prices(crossing={"支路": 2_000.0}))
    for listed in (0, 100_000):
        solve(streets, rules, SolveOptions(work=Work(listed=listed)))
    assert len(ahead) > 2
    assert kinds() == ahead
