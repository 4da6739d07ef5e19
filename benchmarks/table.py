"""Results as Markdown: one table of plans and one of ratios for each case. Takes results as they lie in JSON."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

NOTHING = "–"
PLANS = (
    "plan",
    "areas",
    "exceptions",
    "cost",
    "peers' measure",
    "smallest",
    "lawful",
    "bound",
    "gap",
    "seconds",
    "MB",
)
RATIOS = ("ours : peer", "areas", "cost", "peers' measure", "seconds", "MB", "ahead after")


def page(results: Iterable[Mapping[str, Any]], bars: Sequence[Sequence[str]]) -> str:
    """Return the whole page: what it was measured on, the bars, then each case."""
    cases = list(results)
    lines = ["# Side by side", "", *_measured_on(cases), ""]
    if bars:
        lines += ["## The bars", "", *markdown(("case", "bar", "measured", "met"), bars), ""]
    for case in cases:
        lines += [*case_lines(case), ""]
    return "\n".join(lines).rstrip() + "\n"


def case_lines(case: Mapping[str, Any]) -> list[str]:
    """Return heading and tables of one case."""
    rows = case["rows"]
    size = f"{case['units']:,} units, {case['links']:,} links"
    most = f"{case['total']:,.0f} in all (at most ⌊W/T⌋ = {int(case['total'] // case['minimum']):,} areas)"
    head = [
        f"## {case['title']}",
        "",
        f"`{case['name']}`: {size}, minimum {case['minimum']:,.0f}, {most}.",
        "",
    ]
    plans = markdown(PLANS, [_plan_row(row, case) for row in rows])
    mine = [row for row in rows if row["ours"] and row["judged"]]
    theirs = [row for row in rows if not row["ours"] and row["judged"]]
    ratios = [_ratio_row(row, peer, case) for row in mine for peer in theirs]
    return head + plans + (["", *markdown(RATIOS, ratios)] if ratios else [])


def ahead_after(
    ours: Mapping[str, Any], peer: Mapping[str, Any], *, walking: bool
) -> tuple[float, bool] | None:
    """Return after how many seconds ours was better than the peer's final plan, and whether only its end tells.

    Better is more areas where that is the goal (or less of the peers' measure at as many, on public instances), less cost otherwise. None where it never was.
    """
    judged, other = ours["judged"], peer["judged"]
    if not walking:
        theirs = (-other["areas"], other["distance"])
        for moment in ours["moments"]:
            if (-moment["areas"], moment["distance"]) < theirs:
                return moment["seconds"], False
        return (ours["seconds"], True) if (-judged["areas"], judged["distance"]) < theirs else None
    name, sign = ("areas", -1) if ours["ours"].startswith("most areas") else ("cost", 1)
    for moment in ours["moments"]:
        if moment[name] is not None and sign * moment[name] < sign * other[name]:
            return moment["seconds"], False
    return (ours["seconds"], True) if sign * judged[name] < sign * other[name] else None


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return the lines of a table, its first column to the left and the others to the right."""
    rule = "|---|" + "---:|" * (len(head) - 1)
    return [_line(head), rule, *(_line(row) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _plan_row(row: Mapping[str, Any], case: Mapping[str, Any]) -> list[str]:
    judged = row["judged"]
    who = f"**{row['who']}**" if row["ours"] else row["who"]
    if judged is None:
        return [who, row["note"], *[NOTHING] * (len(PLANS) - 2)]
    areas = f"{judged['areas']:,}"
    if row["areas_bound"] is not None:
        areas += f" ≤ {row['areas_bound']:,}"
    return [
        who + (f" ({row['note']})" if row["note"] else ""),
        areas,
        f"{judged['exceptions']:,}",
        f"{judged['cost']:,.0f}" if case["walking"] else NOTHING,
        _figure(judged["distance"]),
        f"{judged['smallest']:,.0f}",
        _lawful(judged),
        NOTHING if row["bound"] is None else _figure(row["bound"]),
        _gap(row),
        _seconds(row["seconds"]),
        f"{row['memory_mb']:,.0f}",
    ]


def _ratio_row(ours: Mapping[str, Any], peer: Mapping[str, Any], case: Mapping[str, Any]) -> list[str]:
    mine, other = ours["judged"], peer["judged"]
    ahead = ahead_after(ours, peer, walking=case["walking"])
    return [
        f"{ours['who']} : {peer['who']}",
        _ratio(mine["areas"], other["areas"]),
        _ratio(mine["cost"], other["cost"]) if case["walking"] else NOTHING,
        _ratio(mine["distance"], other["distance"]),
        _ratio(ours["seconds"], peer["seconds"]),
        _ratio(ours["memory_mb"], peer["memory_mb"]),
        "never" if ahead is None else f"{ahead[0]:.2f} s" + (" (at the end)" if ahead[1] else ""),
    ]


def _gap(row: Mapping[str, Any]) -> str:
    if row["gap"] is None:
        return NOTHING
    if row["ours"].startswith("most areas") and row["judged"]["areas"] < row["areas_bound"]:
        return f"areas open, {row['gap']:.2%}"  # whatever the status says: the page believes the numbers
    return "proven" if row["status"] == "optimal" else f"{row['gap']:.2%}"


def _lawful(judged: Mapping[str, Any]) -> str:
    words = {"torn": "not connected", "short": "below minimum", "other": "other breaches"}
    found = [f"{judged[key]} {word}" for key, word in words.items() if judged[key]]
    return ", ".join(found) or "yes"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10_000 else f"{value:,.2f}"


def _seconds(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _ratio(mine: float, other: float) -> str:
    return NOTHING if not other else f"× {mine / other:.3g}"


def _measured_on(cases: Sequence[Mapping[str, Any]]) -> list[str]:
    found: dict[str, list[str]] = {}
    for case in cases:
        m, v = case["machine"], case["versions"]
        if m:
            text = f"{m['processor']}, {m['cores']} cores, {m['memory_gb']} GB, {m['system']}, Python {m['python']}; "
            text += "; ".join(f"{k}: " + ", ".join(f"{p} {n}" for p, n in v[k].items()) for k in v if v[k])
            found.setdefault(text, []).append(case["name"])
    several = len(found) > 1
    return [
        *(f"- {text}" + (f" ({', '.join(names)})" if several else "") for text, names in found.items()),
        "- Seconds are by the wall after a warm-up solve on a small town (imports and compiled code loaded); a peer's begin after its imports and the conversion of the graph. MB is the peak of a process of its own.",
        "- Cost is walking in household-metres; the peers' measure is the sum of city-block distances of their attributes (x and y, or those of the public instance) over all pairs within an area.",
        "- Every plan is judged by `optimizer.checks` on the same graph. Components below the minimum, which no plan can use, are kept from the peers.",
    ]
