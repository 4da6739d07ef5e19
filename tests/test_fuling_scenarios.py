"""Three plans of 涪陵 (reach 120, 150, 200 m) compared; skipped where the real input is absent."""

from pathlib import Path

import pandas as pd
import pytest

from geo.wording import say
from jobs.cli import main
from jobs.reopened import reopened
from jobs.versus import Side, compared
from jobs.weighing import Wish, weighed
from report.reopening import read_results
from report.results import Results
from report.versus import figures_table
from store.drafts import Draft

LEDGER = (
    Path(__file__).parent.parent.parent / "shared" / "realdata" / "chongqing" / "district_fuling_beike.csv"
)
OPTIONS = ("--crs", "bd09", "--count", "房屋总数", "--name", "plot_name")
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not LEDGER.is_file(), reason="../shared/realdata is not here"),
]


def planned(folder: Path, reach_m: int) -> Results:
    assert main(["plan", str(LEDGER), "--out", str(folder), *OPTIONS, "--reach-m", str(reach_m)]) == 0
    return read_results(folder)


def told_of(results: Results) -> dict[str, float]:
    """Return every figure as the plan's own summary and tables tell it."""
    table, areas = results.communities, results.areas
    left, grouped = table[table["outcome"] == "exception"], areas[areas["kind"] == "grouped"]
    costs = {column: areas[column].sum() for column in areas.columns if column.startswith("cost_")}
    tables = {
        "exception_households": left["count"].sum(),
        "smallest": areas["count"].min(),
        "largest": areas["count"].max(),
        "near_minimum": areas["near_minimum"].sum(),
        "mean_walk_m": grouped["cost_walk"].sum() / grouped["count"].sum(),
    }
    numbers = {k: v for k, v in results.summary.items() if isinstance(v, (int, float))}
    return {**numbers, **tables, **costs}


@pytest.fixture(scope="module")
def base(tmp_path_factory) -> Results:
    return planned(tmp_path_factory.mktemp("fuling") / "150", 150)


@pytest.mark.parametrize("reach_m", [120, 200])
def test_every_figure_of_the_comparison_is_the_plans_own(base, tmp_path, reach_m):
    draft = Draft(reopened(base).plan)
    tried = weighed(base, draft, Wish(reach_point_m=float(reach_m)))
    run = planned(tmp_path / "run", reach_m)
    for key in ("areas", "exceptions", "cost", "bound", "status", "exceptions_bound"):
        assert tried.summary[key] == run.summary[key], key

    versus = compared(Side("150", base), Side(str(reach_m), tried))
    figures = versus.figures.set_index("key")
    own = pd.DataFrame({"one": told_of(base), "other": told_of(run)})
    assert set(figures.index) <= set(own.index)
    assert figures[["one", "other"]].to_numpy() == pytest.approx(own.loc[figures.index].to_numpy())
    told = figures_table(versus).set_index(say("versus.column.figure"))
    assert told.at["拟划定区域", str(reach_m)] == f"{tried.summary['areas']:,}"
    moved = versus.moved.set_index("community_id")
    for community, row in moved.iterrows():
        assert (
            base.communities["area_id"].fillna("")[community],
            tried.communities["area_id"].fillna("")[community],
        ) == (
            row["one"],
            row["other"],
        )
    assert versus.rules["key"].tolist() == ["reach_point_m"]
