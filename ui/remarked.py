"""What jobs.remarks found, as rows of the checks: what it is, how much, and the page where it is settled."""

from collections.abc import Sequence
from types import MappingProxyType

from geo.wording import listed, say
from jobs.remarks import GAP, GRID_CUT, HOLE, LACKING, OVERLAP, PARTS
from jobs.reopened import Reopened
from optimizer.checks import Violation
from store.drafts import Draft
from ui.checking import CheckRow, rule_words, sources_of
from ui.selection import called, name_of

NAMED = 3  # of the places of one remark
_UNITS = MappingProxyType(
    {
        LACKING: "areas",
        GRID_CUT: "grid_number",
        GAP: "communities",
        PARTS: "pieces",
        OVERLAP: "square_metres",
        HOLE: "square_metres",
    }
)
# The page of the desk where a remark is settled, by what is lacking, else by its rule.
_PAGES = MappingProxyType(
    {
        LACKING: "duties",
        GRID_CUT: "meeting",
        GAP: "import",
        f"{GAP}:count": "survey",
        OVERLAP: "import",
        PARTS: "duties",
        HOLE: "duties",
    }
)


def remark_rows(
    found: Sequence[Violation], draft: Draft, town: Reopened, *, rules_text: str
) -> list[CheckRow]:
    """Return a row for each remark."""
    sources = sources_of(rules_text)
    return [_row(one, draft, town, say(f"checks.source.{_rule(one)}", **sources)) for one in found]


def _row(remark: Violation, draft: Draft, town: Reopened, source: str) -> CheckRow:
    rule, unit = _rule(remark), _UNITS[_rule(remark)]
    return CheckRow(
        violation=remark,
        place=remark.place,
        head=_head(remark, draft, town),
        text=_text(remark, draft, town),
        says=rule_words(rule, town),
        source=source,
        value=say(f"checks.{unit}", number=remark.value),
        limit=say(f"checks.{unit}", number=remark.limit),
        accepted="",
        mark="note",
        page=_PAGES.get(remark.rule, _PAGES[rule]),
    )


def _rule(remark: Violation) -> str:
    return remark.rule.partition(":")[0]


def _head(remark: Violation, draft: Draft, town: Reopened) -> str:
    if what := _what(remark):
        return say("checks.missing", what=what)
    return called(draft, remark.area_id) if remark.area_id else name_of(town, remark.community_id)


def _what(remark: Violation) -> str:
    """Return what is lacking, "" where the remark is of another kind."""
    rule, _, kind = remark.rule.partition(":")
    if not kind:
        return ""
    return say(f"duties.role.{kind}") if rule == LACKING else say(f"checks.lacks.{kind}")


def _text(remark: Violation, draft: Draft, town: Reopened) -> str:
    """Return the sentence; of many places the first are named."""
    match _rule(remark):
        case "lacking":
            names = [called(draft, area_id) for area_id in remark.members]
        case "grid_cut":
            names = list(remark.members)
        case _:
            names = [name_of(town, community) for community in remark.members]
    few = listed(names[:NAMED])
    return say(
        f"checks.text.{_rule(remark)}",
        what=_what(remark),
        names=say("checks.more", names=few, number=len(names)) if len(names) > NAMED else few,
        first=names[0] if names else "",
        number=remark.value,
    )
