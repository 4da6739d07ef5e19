"""Lines that head every output: what the plan comes to, and what has not been checked."""

from collections.abc import Mapping
from typing import Any

from geo.wording import say


def summary_line(summary: Mapping[str, Any]) -> str:
    """Return "拟划定物业管理区域 N 个(组团 a,单独划定 b,维持现状 c)· 暂未组团 n · 户数待核 m"."""
    keys = ("areas", "groups", "alone", "fixed", "exceptions", "held")
    return say("report.summary_line", **{key: summary[key] for key in keys})


def caveats_line(summary: Mapping[str, Any]) -> str:
    """Return what has not been checked, as one line."""
    words = say("words.semicolon").join(caveat_words(code) for code in summary.get("caveats", ()))
    return say("report.caveats_line", caveats=words or say("report.none"))


def caveat_words(code: str) -> str:
    """Return one caveat in words; "code:detail" fills the detail into the sentence under "report.caveat."."""
    key, _, detail = code.partition(":")
    return say(f"report.caveat.{key}", detail=detail)


def rules_line(summary: Mapping[str, Any]) -> str:
    """Return the minimum and the source heading of the count that is judged."""
    return say("report.rules_line", minimum=summary["minimum"], count=summary["count"])
