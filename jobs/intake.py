"""What was handed in beside what is kept: what it would change, and what has to be asked first.

Rows in are rows taken, rows that say nothing new, rows that wait for a choice, and rows refused: none is left out.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from geo.schema import DataError
from geo.wording import say
from report.handed_in import Entry, HandedIn, RefusedEntry
from store.opinion_people import Person
from store.opinions import FAULTS, OPINIONS, Answer, Change, Form

# What a form is that is kept with another opinion: a second one, or set right.
DIFFERS = ("second", "correct")
# Of an entry: what is known of a form before it comes back.
_SET = ("area_m2", "units", "holder", "sent_on", "way")


@dataclass(frozen=True)
class Differing:
    """A form that is kept with another opinion than its rows say now."""

    form: Form
    answers: tuple[Answer, ...]
    rows: int


@dataclass(frozen=True)
class Intake:
    """What handed-in rows would change; `rows` = rows of `changes` + `same` + rows of `differing` + refused rows.

    `changes` are to be written; those of them that only bring a room or a signature count as `same`.
    """

    rows: int
    changes: tuple[Change, ...]
    changed: int
    same: int
    differing: tuple[Differing, ...]
    refused: tuple[RefusedEntry, ...]

    def overwritten(self) -> Iterator[tuple[str, str, object, object]]:
        """Yield what is known of a form and would be other: its number, the column, before and after."""
        for change in self.forms_changed:
            for key in _SET:
                before, after = getattr(change.before, key), getattr(change.after, key)
                if before != after and before not in ("", None) and (key, before) != ("units", 1):
                    yield change.before.form_no, key, before, after
            days = {_key(a): a.returned_on for a in change.after.answers}
            for answer in change.before.answers:
                if days.get(_key(answer), answer.returned_on) != answer.returned_on:
                    yield change.before.form_no, "returned_on", answer.returned_on, days[_key(answer)]

    @property
    def forms_changed(self) -> tuple[Change, ...]:
        """Return the changes that a count can see."""
        return tuple(change for change in self.changes if change.before != change.after)


# --- what was handed in ----------------------------------------------------------------------------


def intake(
    handed: HandedIn, forms: Sequence[Form], names: Mapping[str, str], *, day: str = "", differs: str = ""
) -> Intake:
    """Return what the rows of a ledger would change of these forms.

    `names` are of communities by id; `day` (ISO) stands in where a form came back and no row says when; `differs` one of
    DIFFERS, or "" to leave open what contradicts what is kept.
    """
    known = {form.form_no: form for form in forms}
    groups: dict[str, list[Entry]] = {}
    refused = list(handed.refused)
    for entry in handed.entries:
        before = groups.get(entry.form_no, [])
        why = _why_refused(entry, known, names, before, day)
        if why:
            refused.append(RefusedEntry(entry.sheet, entry.row, entry.form_no, (why,)))
        else:
            groups.setdefault(entry.form_no, []).append(entry)
    changes, differing, changed, same = [], [], 0, 0
    for form_no, entries in groups.items():
        form = known[form_no]
        answers = _answers(entries, day)
        after = with_answers(_with_set(form, entries), answers, differs=differs)
        if after is None:
            differing.append(Differing(form, answers, len(entries)))
            continue
        changes.append(Change(form, after, _person(entries)))
        changed += len(entries) if after != form else 0
        same += len(entries) if after == form else 0
    told = tuple(change for change in changes if change.before != change.after or change.person != Person())
    rows = len(handed.entries) + len(handed.refused)
    return Intake(rows, told, changed, same, tuple(differing), tuple(refused))


def with_answers(form: Form, answers: Sequence[Answer], *, differs: str = "") -> Form | None:
    """Return the form with these answers; None where it has another one and `differs` does not say what that means.

    What is there already, opinion for opinion, stays as it is decided; days and themes are brought up to date.
    """
    kept = {_key(answer): answer for answer in form.answers}
    told = {_key(answer): answer for answer in answers}
    if kept.keys() <= told.keys() or told.keys() <= kept.keys():
        return replace(form, answers=tuple(_updated(kept.get(key), told.get(key)) for key in kept | told))
    if differs == "correct":
        return replace(form, answers=tuple(told.values()))
    if differs == "second":
        return replace(form, answers=tuple(_updated(kept.get(key), told.get(key)) for key in kept | told))
    return None


def _key(answer: Answer) -> tuple[str, str]:
    """Return what makes an answer another one: of one that does not count, why it does not."""
    return ("", answer.fault) if answer.fault else (answer.opinion, "")


def _updated(kept: Answer | None, told: Answer | None) -> Answer:
    if kept is None or told is None:
        one = kept or told
        assert one is not None
        return one
    return replace(kept, returned_on=told.returned_on or kept.returned_on, themes=told.themes or kept.themes)


def _why_refused(
    entry: Entry, known: Mapping[str, Form], names: Mapping[str, str], before: Sequence[Entry], day: str
) -> str:
    """Return why a row cannot be used with the forms that there are, "" where it can."""
    form = known.get(entry.form_no)
    told = {"row": entry.row, "form": entry.form_no}
    if form is None:
        return say("opinions.refused.unknown_form", **told)
    name = names.get(form.community_id, form.community_id)
    if entry.community not in ("", name):
        return say("opinions.refused.other_community", **told, name=name)
    if entry.holder and entry.holder not in known:
        return say("opinions.refused.unknown_holder", **told, given=entry.holder)
    if entry.answered and not (entry.returned_on or day):
        return say("opinions.refused.no_day", **told)
    for other in before:
        if any(
            _said(entry, key) and _said(other, key) and _said(entry, key) != _said(other, key) for key in _SET
        ):
            return say("opinions.refused.two_ways", **told, other=other.row)
    return ""


def _said(entry: Entry, key: str) -> object:
    return getattr(entry, key)


def _with_set(form: Form, entries: Sequence[Entry]) -> Form:
    told = {key: _said(entry, key) for entry in entries for key in _SET if _said(entry, key)}
    if told.get("holder") == form.form_no:
        told["holder"] = ""
    return replace(form, **told)  # type: ignore[arg-type]


def _answers(entries: Sequence[Entry], day: str) -> tuple[Answer, ...]:
    """Return what came back; what says the same twice is one, of the earlier day."""
    told = [Answer(e.opinion, e.returned_on or day, e.fault, e.themes) for e in entries if e.answered]
    first: dict[tuple[str, str], Answer] = {}
    for answer in sorted(told, key=lambda a: a.returned_on):
        first.setdefault(_key(answer), answer)
    return tuple(first.values())


def _person(entries: Sequence[Entry]) -> Person:
    def joined(column: str) -> str:
        return "、".join(dict.fromkeys(filter(None, (getattr(entry, column) for entry in entries))))

    return Person(*(joined(column) for column in ("room", "signer", "handler", "words")))


# --- one form, typed -------------------------------------------------------------------------------

# What is typed after the number of a form: 1 to 3 an opinion, 01 and on a reason why it does not count.
TYPED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        **{str(n): (opinion, "") for n, opinion in enumerate(OPINIONS, start=1)},
        **{f"0{n}": ("", fault) for n, fault in enumerate(FAULTS, start=1)},
    }
)


def typed_answer(line: str, forms: Sequence[Form], *, day: str) -> tuple[Form, Answer]:
    """Return the form and the answer that a line means: "45 1" is form 45 of the area, and agrees.

    Raises DataError where the line is none, or its number is no form, or of several.
    """
    parts = unicodedata.normalize("NFKC", line).split()
    if len(parts) != 2 or parts[1] not in TYPED:
        raise DataError("opinions.typed", given=line.strip())
    number, code = parts
    found = [form for form in forms if form.form_no == number] or [
        form for form in forms if form.form_no.rpartition("-")[2].lstrip("0") == number.lstrip("0")
    ]
    if len(found) != 1:
        raise DataError("opinions.typed_several" if found else "opinions.no_such_form", form=number)
    opinion, fault = TYPED[code]
    return found[0], Answer(opinion, day, fault)
