"""Which papers there are: by key, who may see them, and what makes them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from geo.wording import say
from report.documents.boards import answered, board, leaflet
from report.documents.case import Case, Office, PlanCase, Version
from report.documents.filing import filing_form, materials_list
from report.documents.forms import ledger, opinion_form
from report.documents.meeting import explanation, minutes
from report.documents.model import Paper
from report.documents.notices import consultation, decision, publicity
from report.documents.phrases import version_words
from report.documents.summary import summary
from report.papers import Imprint


@dataclass(frozen=True)
class Document:
    """A paper of one area. `public`: it may leave the office. `state` is the one of an area that it leads to or tells of."""

    key: str
    public: bool
    state: str
    build: Callable[[Case], Paper]


@dataclass(frozen=True)
class PlanDocument:
    """A paper of the whole plan; none of them is public."""

    key: str
    build: Callable[[PlanCase], Paper]


def _by_key(*documents: Document) -> Mapping[str, Document]:
    return MappingProxyType({one.key: one for one in documents})


DOCUMENTS = _by_key(
    Document("D2", True, "consulting", consultation),
    Document("D3", True, "consulting", opinion_form),
    Document("D4", False, "consulting", ledger),
    Document("D5", False, "summarised", summary),
    Document("D7", True, "notice", publicity),
    Document("D8", True, "decided", decision),
    Document("D9", False, "filed", filing_form),
    Document("D10", False, "filed", materials_list),
    Document("D13", False, "decided", board),
    Document("leaflet", True, "consulting", leaflet),
)
PLAN_DOCUMENTS: Mapping[str, PlanDocument] = MappingProxyType(
    {"D1": PlanDocument("D1", explanation), "D6": PlanDocument("D6", minutes)}
)
_DECIDED = ("D8", "D9", "D10", "D13")  # drafts of these are no longer drafts to comment on


def documents_of(case: Case) -> tuple[Document, ...]:
    """Return the papers an area can have: a sketch is not filed, a page with open questions is not handed out unless as a draft."""
    left_out = {"D9"} if case.area.sketch else set()
    if not (case.draft or answered(case)):
        left_out.add("leaflet")
    return tuple(one for key, one in DOCUMENTS.items() if key not in left_out)


def name_of(key: str) -> str:
    """Return what a paper is called."""
    return say(f"documents.name.{key}")


def imprint_of(key: str, paper: Paper, *, office: Office, version: Version, draft: bool) -> Imprint:
    """Return what stands on every page of a paper: version and hash, and on a draft its mark."""
    mark = say(f"documents.mark.{'draft' if key in _DECIDED else 'consult'}") if draft else ""
    return Imprint(paper.title.replace("\n", ""), office.name, version.on, version_words(version), mark)
