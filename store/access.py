"""Who may do what: roles, the lowest of them that each write needs, and the part of the office a planner is limited to.

A file says who has which role (`read_access`). Without one the desk is in single-user mode: everybody may do everything.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from geo.schema import DataError
from geo.wording import say

Ids = tuple[str, ...]
ROLES_FILE = (
    "ZUTUAN_ROLES"  # of the environment: the file that says who has which role; without it, single-user mode
)
ROLES = ("viewer", "planner", "approver", "administrator")  # each may do what those before it may
ANYBODY = ROLES[0]  # the role of who is not in the file

# What is done → the lowest role that may. First the writes of a project, by the names of its methods.
NEEDS: Mapping[str, str] = MappingProxyType(
    {
        "append": "planner",
        "undo": "planner",
        "redo": "planner",
        "add_draft": "planner",
        "copy": "planner",
        "proceed": "planner",
        "put_dispute": "planner",
        "prepare_forms": "planner",
        "put_forms": "planner",
        "put_theme": "planner",
        "put_follow_up": "planner",
        "freeze": "approver",
        "settle": "approver",  # a step of `proceed` that decides, files, or ends what was decided or asked
        "decide": "approver",
        "put_filing": "approver",
        "forget_people": "approver",
        "set_office": "administrator",
        "set_rules": "administrator",
        # Beside the file: runs and what they leave, a new project of new data, what may speak of persons.
        "run": "planner",
        "update": "planner",
        "read_opinions": "planner",
        "take_project": "planner",
    }
)
SETTLING = ("decided", "filed", "withdrawn", "cancelled")  # states that bring an area into force or end it
# What concerns the whole office: not for a planner who is limited to a part of it.
WHOLE = frozenset({"add_draft", "put_dispute", "put_follow_up", "update", "take_project"})
_FILE = ("header", "member")
_MEMBER = ("name", "account", "role", "committees", "grids")
_TEXTS, _LISTS = ("name", "account", "role"), ("committees", "grids")
_POST = re.compile(r"\s*[(（][^()（）]*[)）]$")  # written behind a name


@dataclass(frozen=True)
class Member:
    """Somebody with a role; `account` is what the proxy calls them; a planner may be limited to committees and grids."""

    name: str
    role: str
    account: str = ""
    committees: Ids = ()
    grids: Ids = ()

    @property
    def limited(self) -> bool:
        """Tell whether only a part of the office is theirs."""
        return bool(self.committees or self.grids)

    def covers(self, committee: str, grids: Iterable[str]) -> bool:
        """Tell whether a community of this committee, in these grids, is in their part."""
        return not self.limited or committee in self.committees or not set(grids).isdisjoint(self.grids)


@dataclass(frozen=True)
class Access:
    """Who may do what. `header` is where a proxy says who signed in; "" where nobody's name is proven."""

    members: tuple[Member, ...] = ()
    header: str = ""

    @property
    def single(self) -> bool:
        """Tell whether this is single-user mode: no file, everybody may do everything."""
        return not self.members

    def member(self, who: str) -> Member:
        """Return who this is, by name with or without a post in brackets; a stranger may only look."""
        known = {one.name: one for one in self.members}
        stranger = Member(who, ROLES[-1] if self.single else ANYBODY)
        return known.get(who) or known.get(_POST.sub("", who), stranger)

    def named(self, account: str) -> str:
        """Return the name of whom the proxy calls so, the account itself where the file does not know it."""
        return next((one.name for one in self.members if one.account == account), account)

    def allows(self, who: str, act: str) -> bool:
        """Tell whether they may do it."""
        return self._refusal(self.member(who), act) is None

    def require(self, who: str, act: str) -> Member:
        """Return who this is; raises DataError where they may not do it."""
        member = self.member(who)
        if refusal := self._refusal(member, act):
            raise refusal
        return member

    def able(self, act: str) -> Ids:
        """Return the names of those to ask for it: of the lowest role that allows it and that somebody has."""
        found = [one for one in self.members if _reaches(one.role, NEEDS[act])]
        lowest = min((ROLES.index(one.role) for one in found), default=0)
        return tuple(one.name for one in found if ROLES.index(one.role) == lowest)

    def _refusal(self, member: Member, act: str) -> DataError | None:
        told = {"who": member.name, "act": act_words(act)}
        if not _reaches(member.role, NEEDS[act]):
            needed = say(f"access.role.{NEEDS[act]}")
            return DataError(
                "access.role",
                **told,
                role=say(f"access.role.{member.role}"),
                needed=needed,
                names=self.able(act),
            )
        if member.limited and act in WHOLE:
            return DataError("access.whole", **told, part=part_words(member))
        return None


EVERYBODY = Access()


def act_of(state: str) -> str:
    """Return what bringing an area into a state is."""
    return "settle" if state in SETTLING else "proceed"


def act_words(act: str) -> str:
    """Return in words what is done."""
    return say(f"access.act.{act}")


def part_words(member: Member) -> str:
    """Return in words the part of the office that is theirs."""
    kinds = (("committees", member.committees), ("grids", member.grids))
    return say("words.semicolon").join(
        say(f"access.part.{kind}", names=names) for kind, names in kinds if names
    )


def _reaches(role: str, needed: str) -> bool:
    return ROLES.index(role) >= ROLES.index(needed)


# --- the file --------------------------------------------------------------------------------------


def read_access(path: Path) -> Access:
    """Return who may do what by a TOML file: `header`, and a table `member` for each person.

    Raises DataError with every fault of the file at once.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise DataError("access.unreadable", file=str(path)) from error
    except tomllib.TOMLDecodeError as error:
        raise DataError("access.not_toml", file=path.name, detail=str(error)) from error
    if faults := tuple(dict.fromkeys(_faults(told))):
        raise DataError("access.faults", file=path.name, faults="\n".join(faults), number=len(faults))
    members = tuple(
        Member(
            one["name"].strip(),
            one["role"],
            one.get("account", "").strip(),
            **{key: tuple(name.strip() for name in one.get(key, ())) for key in _LISTS},
        )
        for one in told["member"]
    )
    return Access(members, told.get("header", "").strip())


def _faults(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a file, in sentences."""
    yield from _unknown(told, _FILE, "")
    header, rows = told.get("header", ""), told.get("member", [])
    if not isinstance(header, str):
        yield say("access.fault.text", key="header", given=str(header))
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        yield say("access.fault.nobody")
        return
    for number, row in enumerate(rows, start=1):
        yield from _member_faults(row, say("access.member", number=number))
    if not any(row.get("role") == ROLES[-1] for row in rows):
        yield say("access.fault.no_administrator")
    for key in ("name", "account"):
        given = [row[key].strip() for row in rows if isinstance(row.get(key), str) and row[key].strip()]
        for twice in sorted({one for one in given if given.count(one) > 1}):
            yield say("access.fault.twice", key=key, given=twice)


def _member_faults(row: Mapping[str, Any], place: str) -> Iterator[str]:
    yield from _unknown(row, _MEMBER, place)
    for key in _TEXTS:
        if not isinstance(row.get(key, ""), str):
            yield say("access.fault.text", key=f"{place} {key}", given=str(row[key]))
    if not str(row.get("name", "")).strip():
        yield say("access.fault.no_name", place=place)
    if row.get("role") not in ROLES:
        yield say("access.fault.role", place=place, given=str(row.get("role", "")), known=ROLES)
    for key in _LISTS:
        names = row.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) and name.strip() for name in names):
            yield say("access.fault.texts", key=f"{place} {key}", given=str(names))
        elif names and row.get("role") != "planner":
            yield say("access.fault.part", place=place, key=key)


def _unknown(table: Mapping[str, Any], known: Ids, place: str) -> Iterator[str]:
    for key in table:
        if key not in known:
            yield say("access.fault.key", key=f"{place} {key}".strip(), known=known)
