"""Draws how time and memory grow with the units of the street grid. A script for the environment of requirements-bench.lock."""

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

LINES = ("zutuan, least cost", "zutuan, most areas", "spopt", "pygeoda-greedy", "pygeoda-tabu")
PANELS = (("seconds", "seconds by the wall"), ("memory_mb", "peak memory, MB"))


def main(folder: Path) -> None:
    """Write scaling.svg into the folder of results; where there are no two grids there is nothing to draw."""
    results = [json.loads(file.read_text(encoding="utf-8")) for file in folder.glob("grid-*.json")]
    results.sort(key=lambda result: result["units"])
    if len(results) < 2:
        return
    mpl.rcParams.update({"svg.hashsalt": "zutuan", "font.size": 9})
    figure = Figure(figsize=(9, 4), layout="constrained")
    for axes, (key, label) in zip(figure.subplots(1, 2), PANELS):
        for line in LINES:
            draw(axes, line, key, results)
        axes.set(xscale="log", yscale="log", xlabel="units of the street grid", ylabel=label)
        axes.grid(which="major", alpha=0.3)
        axes.legend(fontsize=7)
    figure.suptitle(
        "Hollow: ended without a proof, and not fitted. In brackets: slope of the fitted line.",
        fontsize=9,
    )
    figure.savefig(folder / "scaling.svg", metadata={"Date": None, "Creator": None})


def draw(axes: Axes, line: str, key: str, results: list[dict[str, Any]]) -> None:
    """Draw one line: filled points that ran to their end, hollow ones of ours without a proof, the slope in the legend."""
    rows = [(r["units"], row) for r in results for row in r["rows"] if row["who"] == line and row["judged"]]
    if not rows:
        return
    units, values = np.array([u for u, _ in rows], float), np.array([row[key] for _, row in rows], float)
    ended = np.array([key != "seconds" or not row["ours"] or row["status"] == "optimal" for _, row in rows])
    slope = ""
    if ended.sum() > 1:
        slope = f" ({np.polyfit(np.log(units[ended]), np.log(values[ended]), 1)[0]:.2f})"
    (drawn,) = axes.plot(units, values, lw=1, label=line + slope)
    colour = drawn.get_color()
    axes.scatter(
        units, values, s=22, zorder=3, edgecolors=colour, facecolors=[colour if e else "white" for e in ended]
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
